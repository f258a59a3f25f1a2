/* Connections to the shops: each shop tells Kith by webhook what happens, the moment it does. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Await } from '@ui/states';
import { useHooks, type HookVendor } from '../api/hooks';
import { useShops } from '../api/settings';
import { Apis } from './ApiCard';
import { HookCard } from './HookCard';
import { HookForm, VENDORS } from './HookForm';

function Hooks({ shop, hooks }: { shop: string; hooks: HookVendor[] }) {
  const { t } = useText();
  const [adding, setAdding] = useState<HookVendor | null>(null);
  const free = (Object.keys(VENDORS) as HookVendor[]).filter((vendor) => !hooks.includes(vendor));
  if (adding && !hooks.includes(adding)) {
    return <div className="stack tight"><h3>{t('hooks.first', { vendor: VENDORS[adding].name })}</h3><HookForm shop={shop} vendor={adding} onDone={() => setAdding(null)} /></div>;
  }
  return <div className="row">{free.map((vendor) => <Button key={vendor} onClick={() => setAdding(vendor)}>{t('hooks.add', { vendor: VENDORS[vendor].name })}</Button>)}</div>;
}

function ShopCard({ id, name }: { id: string; name: string }) {
  const query = useHooks(id);
  return (
    <section className="card stack">
      <h2>{name}</h2>
      <Await query={query}>
        {({ hooks }) => (
          <>
            {hooks.map((hook) => <HookCard key={hook.vendor} shop={id} hook={hook} />)}
            <Hooks shop={id} hooks={hooks.map(({ vendor }) => vendor)} />
          </>
        )}
      </Await>
      <Apis shop={id} />
    </section>
  );
}

export function ConnectionTab() {
  const { t } = useText();
  const query = useShops();
  return (
    <div className="stack">
      <p className="why lead">{t('hooks.say')}</p>
      <Await query={query}>{({ shops }) => <>{shops.map((shop) => <ShopCard key={shop.id} id={shop.id} name={shop.name} />)}</>}</Await>
    </div>
  );
}
