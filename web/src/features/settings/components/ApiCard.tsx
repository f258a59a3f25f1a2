/* A shop that is read at night: the last reading, what no webhook had brought, and why one waits or failed. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { FormError } from '@ui/FormError';
import { Await } from '@ui/states';
import { apiDrop, apiRead, useApiChange, useApis, type ShopApi, type ShopReading } from '../api/apis';
import type { HookVendor } from '../api/hooks';
import { ApiForm } from './ApiForm';
import { VENDORS } from './HookForm';

function Reading({ run }: { run: ShopReading }) {
  const { t, f } = useText();
  const time = f.dateTime(run.ended_at ?? run.started_at);
  if (run.state === 'failed') return <p className="bad" role="alert">{t('apis.failed', { time, reason: run.reason ?? '–' })}</p>;
  if (run.state === 'running' && run.tries > 0) return <p className="bad" role="alert">{t('apis.waits', { n: run.tries })}</p>;
  if (run.state === 'running') return <p className="why">{t('apis.running', { n: run.orders })}</p>;
  return (
    <div>
      <p>{t('apis.done', { time })} {t('apis.new', { n: run.orders_new })}{run.orders_changed ? ` ${t('apis.changed', { n: run.orders_changed })}` : ''}</p>
      {run.refused ? <p className="small">{t('apis.refused', { n: run.refused })}</p> : null}
      {run.reason ? <p className="small anywhere">{t('apis.left', { reason: run.reason })}</p> : null}
    </div>
  );
}

function ApiCard({ shop, api }: { shop: string; api: ShopApi }) {
  const { t, f } = useText();
  const [changing, setChanging] = useState(false);
  const [dropping, setDropping] = useState(false);
  const drop = useApiChange(shop, apiDrop(shop));
  const read = useApiChange(shop, apiRead(shop));
  const run = api.runs[0];
  const { name } = VENDORS[api.vendor];
  return (
    <section className="stack api">
      <div><h3>{t('apis.title', { vendor: name })}</h3><p className="small mono anywhere">{api.url}</p></div>
      {run ? <Reading run={run} /> : <p className="why">{t('apis.soon')}</p>}
      <FormError error={read.error} />
      {changing ? <ApiForm shop={shop} vendor={api.vendor} url={api.url} onDone={() => setChanging(false)} /> : (
        <div className="row">
          <Button size="xs" loading={read.isPending} onClick={() => read.mutate(api.vendor)}>{t('apis.now')}</Button>
          <Button size="xs" onClick={() => setChanging(true)}>{t('apis.change')}</Button>
          <Button size="xs" onClick={() => setDropping(true)}>{t('apis.drop')}</Button>
          {run?.state === 'running' ? null : <span className="small">{t('apis.next', { time: f.dateTime(api.next_at) })}</span>}
        </div>
      )}
      <Confirm opened={dropping} onClose={() => setDropping(false)} title={t('apis.drop_title', { vendor: name })} act={t('apis.drop_act')} danger busy={drop.isPending} onConfirm={() => drop.mutate(api.vendor, { onSuccess: () => setDropping(false) })}>
        <p>{t('apis.drop_say')}</p><FormError error={drop.error} />
      </Confirm>
    </section>
  );
}

function Add({ shop, known }: { shop: string; known: HookVendor[] }) {
  const { t } = useText();
  const [adding, setAdding] = useState<HookVendor | null>(null);
  const free = (Object.keys(VENDORS) as HookVendor[]).filter((vendor) => !known.includes(vendor));
  if (free.length === 0) return null;
  return (
    <section className="stack tight api-new">
      <h3>{adding && !known.includes(adding) ? t('apis.title', { vendor: VENDORS[adding].name }) : t('apis.head')}</h3>
      <p className="why">{t('apis.say')}</p>
      {adding && !known.includes(adding) ? <ApiForm shop={shop} vendor={adding} url="" onDone={() => setAdding(null)} /> : (
        <div className="row">{free.map((vendor) => <Button key={vendor} onClick={() => setAdding(vendor)}>{t('apis.add', { vendor: VENDORS[vendor].name })}</Button>)}</div>
      )}
    </section>
  );
}

export function Apis({ shop }: { shop: string }) {
  const query = useApis(shop);
  return (
    <Await query={query}>
      {({ apis }) => <>{apis.map((api) => <ApiCard key={api.vendor} shop={shop} api={api} />)}<Add shop={shop} known={apis.map(({ vendor }) => vendor)} /></>}
    </Await>
  );
}
