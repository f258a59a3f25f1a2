/* What the people of a group have in common, and whom it shares with the other groups. */
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Await, Bones } from '@ui/states';
import { useNames, useSaved, type SavedSegment } from '../api/groups';
import { useBreakdown, useOverlap, type SegmentBreakdown } from '../api/looks';
import { fieldLabel, shareOf } from '../model/labels';

/** Of fewer a share says little. */
const FEW = 30;
/** What hardly two people share. */
const ONES_OWN: readonly string[] = ['name', 'first_name', 'last_name', 'email', 'phone'];

function Bars({ data, by }: { data: SegmentBreakdown; by: string[] }) {
  const { t, f } = useText();
  const said = data.values.filter((one) => one.count > 0).sort((one, other) => other.count - one.count)
    .map((one) => ({ name: by[0] === 'country' && typeof one.value === 'string' ? f.country(one.value) : typeof one.value === 'boolean' ? t(one.value ? 'value.yes' : 'value.no') : String(one.value), count: one.count, rest: false }));
  const rows = [...said, { name: t('common.rest'), count: data.rest, rest: true }, { name: t('common.missing'), count: data.missing, rest: true }].filter((row) => row.count > 0);
  if (data.count === 0) return <p className="why">{t('b.live_none')}</p>;
  return (
    <table className="plain common">
      <thead><tr><th>{fieldLabel(t, by, 'trait')}</th><th className="num">{t('common.people')}</th>{data.count < FEW ? null : <th className="num">{t('common.in_100')}</th>}<th aria-hidden /></tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} className={row.rest ? 'why' : ''}>
            <td className="anywhere">{row.name}</td><td className="num">{f.number(row.count)}</td>{data.count < FEW ? null : <td className="num">{shareOf(f, row.count, data.count)}</td>}
            <td className="common-bar"><progress aria-hidden max={data.count} value={row.count} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Breakdown({ rule }: { rule: string }) {
  const { t } = useText();
  const traits = (useNames().data?.traits ?? []).filter((trait) => trait.values.length > 0 && !ONES_OWN.includes(trait.path.join('.')));
  const [chosen, setChosen] = useState('');
  const keys = traits.map((trait) => JSON.stringify(trait.path));
  const key = keys.includes(chosen) ? chosen : (keys.find((one) => one === '["country"]') ?? keys[0] ?? '');
  const by = traits[keys.indexOf(key)]?.path ?? [];
  const breakdown = useBreakdown(rule, by);
  if (traits.length === 0) return null;
  return (
    <section className="card stack tight">
      <div className="row sp"><h2>{t('common.title')}</h2><NativeSelect aria-label={t('common.by')} size="sm" value={key} data={traits.map((trait, index) => ({ value: keys[index] ?? '', label: fieldLabel(t, trait.path, 'trait') }))} onChange={(event) => setChosen(event.currentTarget.value)} /></div>
      <Await query={breakdown} bones={<Bones lines={3} height={28} />}>{(data) => <Bars data={data} by={by} />}</Await>
    </section>
  );
}

export function Overlap({ group }: { group: SavedSegment }) {
  const { t, f } = useText();
  const others = (useSaved().data?.segments ?? []).filter((one) => one.id !== group.id).slice(0, 12);
  const overlap = useOverlap(group.rule, others.map((one) => one.rule));
  if (others.length === 0) return null;
  return (
    <section className="card stack tight">
      <h2>{t('overlap.title')}</h2>
      <Await query={overlap} bones={<Bones lines={3} height={28} />}>
        {(data) => (
          <div className="scroll-x">
            <table className="plain">
              <thead><tr><th>{t('overlap.other')}</th><th className="num">{t('overlap.both')}</th><th className="num wide-only">{t('overlap.this')}</th><th className="num">{t('overlap.that')}</th></tr></thead>
              <tbody>
                {data.others.map((row, index) => (
                  <tr key={others[index]?.id ?? index}>
                    <td><Link className="lnk" to={`/groups/${others[index]?.id ?? ''}`}>{others[index]?.name}</Link></td>
                    <td className="num">{f.number(row.both)}</td><td className="num wide-only">{f.number(data.count - row.both)}</td><td className="num">{f.number(row.count - row.both)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Await>
    </section>
  );
}
