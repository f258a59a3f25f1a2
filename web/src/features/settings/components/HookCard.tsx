/* One connection: the address to copy, what to tick in the shop, the last deliveries, and those that were refused. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { CopyField } from '@ui/CopyField';
import { FormError } from '@ui/FormError';
import { hookDrop, useHookChange, type HookDelivery, type ShopHook } from '../api/hooks';
import { HookForm, VENDORS } from './HookForm';

const CHIPS: Record<HookDelivery['state'], string> = { taken: 'good', old: '', ignored: '', refused: 'bad', asks: 'warn' };

function Deliveries({ hook }: { hook: ShopHook }) {
  const { t, f } = useText();
  if (hook.deliveries.length === 0) return <p className="why">{t('hooks.nothing')}</p>;
  return (
    <table className="plain">
      <thead><tr><th>{t('hooks.what')}</th><th>{t('hooks.became')}</th><th className="num">{t('audit.when')}</th></tr></thead>
      <tbody>
        {hook.deliveries.map((one, index) => (
          <tr key={index}>
            <td className="mono anywhere">{one.topic}</td>
            <td><span className={`chip ${CHIPS[one.state]}`}>{t(`hooks.s_${one.state}`)}</span>{one.reason ? <div className="small anywhere">{one.reason}</div> : null}</td>
            <td className="num why">{f.dateTime(one.at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function HookCard({ shop, hook }: { shop: string; hook: ShopHook }) {
  const { t, f } = useText();
  const [changing, setChanging] = useState(false);
  const [dropping, setDropping] = useState(false);
  const drop = useHookChange(shop, hookDrop(shop));
  const vendor = VENDORS[hook.vendor];
  const newest = hook.refusals[0];
  return (
    <section className="stack hook">
      <h3>{vendor.name}</h3>
      <div><p className="small">{t('hooks.address')}</p><CopyField label={t('hooks.address')} value={hook.url} /></div>
      <p className="why">{t(`hooks.where_${hook.vendor}`)}</p>
      <details className="how-to"><summary>{t('hooks.topics', { n: vendor.topics.length })}</summary><ul className="hook-topics mono">{vendor.topics.map((topic) => <li key={topic}>{topic}</li>)}</ul></details>
      {newest ? <p className="bad" role="alert">{t('hooks.refused', { n: hook.refusals.length, time: f.dateTime(newest.at) })}</p> : null}
      <Deliveries hook={hook} />
      {changing ? <HookForm shop={shop} vendor={hook.vendor} onDone={() => setChanging(false)} /> : (
        <div className="row">
          <Button size="xs" onClick={() => setChanging(true)}>{t('hooks.change')}</Button>
          <Button size="xs" onClick={() => setDropping(true)}>{t('hooks.drop')}</Button>
          <span className="small">{t('hooks.since', { day: f.day(hook.changed_at) })}</span>
        </div>
      )}
      <Confirm opened={dropping} onClose={() => setDropping(false)} title={t('hooks.drop_title', { vendor: vendor.name })} act={t('hooks.drop_act')} danger busy={drop.isPending} onConfirm={() => drop.mutate(hook.vendor, { onSuccess: () => setDropping(false) })}>
        <p>{t('hooks.drop_say')}</p><FormError error={drop.error} />
      </Confirm>
    </section>
  );
}
