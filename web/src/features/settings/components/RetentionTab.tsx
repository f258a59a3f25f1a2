/* How long each kind of happening is kept; beyond, only daily counts remain. */
import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { FormError } from '@ui/FormError';
import { Await, Empty } from '@ui/states';
import { toast } from '@ui/toast';
import { retentionSet, useRetention, useSettingsChange, type RetentionRow } from '../api/settings';

function Row({ row, counted }: { row: RetentionRow; counted: boolean }) {
  const { t, f } = useText();
  const [days, setDays] = useState<number | null>(row.days ?? null);
  const [asking, setAsking] = useState(false);
  const set = useSettingsChange('retention', retentionSet);
  const save = () => set.mutate({ name: row.name, days }, { onSuccess: () => { setAsking(false); toast(t('settings.saved')); } });
  const shorter = days != null && (row.days == null || days < row.days);
  return (
    <tr>
      <td><b>{row.name}</b></td>
      {counted ? <td className="num">{row.count == null ? '–' : f.number(row.count)}</td> : null}
      <td className="num why wide-only">{row.oldest_at == null ? '–' : f.day(row.oldest_at)}</td>
      <td className="num">
        <div className="row keep">
          <NumberInput
            className="days-input" size="xs" min={1} max={36_500} allowDecimal={false} hideControls aria-label={t('retention.days_of', { name: row.name })}
            placeholder={t('retention.ever')} suffix={` ${t('business.gap_unit')}`} value={days ?? ''} onChange={(value) => setDays(typeof value === 'number' ? value : null)}
          />
          {days !== row.days ? <Button size="xs" loading={set.isPending} onClick={() => (shorter ? setAsking(true) : save())}>{t('act.save')}</Button> : null}
        </div>
        <Confirm opened={asking} onClose={() => setAsking(false)} title={t('retention.title', { n: days ?? 0 })} act={t('retention.act')} danger busy={set.isPending} onConfirm={save}>
          <p>{t('retention.ask', { name: row.name, n: days ?? 0 })}</p><FormError error={set.error} />
        </Confirm>
      </td>
    </tr>
  );
}

export function RetentionTab() {
  const { t } = useText();
  const query = useRetention();
  return (
    <div className="stack">
      <p className="why lead">{t('retention.say')}</p>
      <Await query={query}>
        {({ events }) => (events.length === 0 ? <Empty say={t('retention.empty')} /> : (
          <section className="card">
            <table className="plain">
              <thead><tr><th>{t('retention.what')}</th>{events.some((row) => row.count != null) ? <th className="num">{t('retention.count')}</th> : null}<th className="num wide-only">{t('retention.oldest')}</th><th className="num">{t('retention.keep')}</th></tr></thead>
              <tbody>{events.map((row) => <Row key={`${row.name}:${row.days ?? ''}`} row={row} counted={events.some((one) => one.count != null)} />)}</tbody>
            </table>
          </section>
        ))}
      </Await>
    </div>
  );
}
