/* Month cohorts: of those who first bought in a month, how many bought in each month after it. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import type { Cohorts, CohortCell } from '../api/figures';

type Show = 'share' | 'buyers';

function Cell({ cell, show, most }: { cell: CohortCell | undefined; show: Show; most: number }) {
  const { t, f } = useText();
  if (!cell) return <td className="cell" />;
  const strength = most > 0 ? Math.round(((cell.share ?? 0) / most) * 60) : 0;
  const text = show === 'share' ? cell.share == null ? '–' : f.number(cell.share * 100) : f.number(cell.buyers);
  return (
    <td
      className={cell.complete ? 'cell num' : 'cell num open'} title={cell.complete ? undefined : t('cohort.open')}
      style={{ background: `color-mix(in srgb, var(--info-bg) ${strength + (cell.buyers > 0 ? 25 : 0)}%, var(--card))` }}
    >
      {text}{cell.complete ? null : <span className="sr"> {t('cohort.open')}</span>}
    </td>
  );
}

export function CohortTable({ cohorts }: { cohorts: Cohorts }) {
  const { t, f } = useText();
  const [show, setShow] = useState<Show>('share');
  const width = Math.max(0, ...cohorts.rows.map((row) => row.cells.length));
  const most = Math.max(0, ...cohorts.rows.flatMap((row) => row.cells.slice(1).map((cell) => cell.share ?? 0)));
  if (cohorts.rows.length === 0) return null;
  return (
    <section className="card">
      <div className="row sp top">
        <div><h2>{t('cohort.title')}</h2><p className="why">{t('cohort.say')}</p></div>
        <SegmentedControl size="xs" aria-label={t('cohort.show')} value={show} onChange={(value) => setShow(value === 'buyers' ? 'buyers' : 'share')} data={[{ value: 'share', label: t('cohort.share') }, { value: 'buyers', label: t('cohort.buyers') }]} />
      </div>
      <div className="scroll-x mt8" tabIndex={0} role="region" aria-label={t('cohort.title')}>
        <table className="cohorts">
          <thead>
            <tr>
              <th scope="col">{t('cohort.first')}</th><th scope="col" className="num">{t('nav.people')}</th>
              {Array.from({ length: width }, (_, index) => <th scope="col" className="num" key={index}>{index === 0 ? t('cohort.same') : f.number(index)}</th>)}
            </tr>
          </thead>
          <tbody>
            {cohorts.rows.map((row) => (
              <tr key={row.month}>
                <th scope="row">{f.monthOf(row.month)}</th><td className="num">{f.number(row.size)}</td>
                {Array.from({ length: width }, (_, index) => <Cell key={index} cell={row.cells[index]} show={show} most={most} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small mt8">{t('cohort.note')}</p>
    </section>
  );
}
