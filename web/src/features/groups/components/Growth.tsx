/* How a group grew, recomputed for days of the past with what is known of them today. */
import { useState } from 'react';
import { useText } from '@lib/text';
import { Bones, ErrorState } from '@ui/states';
import { useHistory } from '../api/looks';
import { growthDays, growthLine, type Point } from '../model/growth';

function Line({ points }: { points: Point[] }) {
  const { t, f } = useText();
  const line = growthLine(points);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  return (
    <>
      <svg className="growth" viewBox="0 -4 100 108" preserveAspectRatio="none" role="img" aria-label={points.map((point) => `${f.dayOf(point.day)}: ${f.number(point.count)}`).join(', ')}>
        <path className="growth-base" d="M0 100H100" />
        <path className="growth-line" d={line.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`).join('')} />
      </svg>
      <div className="row sp small"><span>{t('growth.at', { n: first.count, day: f.dayOf(first.day) })}</span><span>{t('growth.now', { n: last.count })}</span></div>
    </>
  );
}

export function Growth({ rule, count }: { rule: string; count: number }) {
  const { t } = useText();
  const [now] = useState(() => Date.now());
  const days = growthDays(now);
  const history = useHistory(rule, days);
  const counts = history.data ?? [];
  const points: Point[] = [...days.map((day, index) => ({ day, count: counts[index] ?? 0 })), { day: new Date(now).toISOString().slice(0, 10), count }];
  const change = count - (counts[0] ?? 0);
  return (
    <section className="card stack tight">
      <h2>{t('growth.title')}</h2>
      {history.error ? <ErrorState error={history.error} /> : null}
      {history.isPending ? <Bones lines={1} height={120} /> : null}
      {history.data && points.every((point) => point.count === 0) ? <p className="why">{t('growth.none')}</p> : history.data ? <><p className="why">{t(change > 0 ? 'growth.more' : change < 0 ? 'growth.fewer' : 'growth.same', { n: Math.abs(change) })}</p><Line points={points} /></> : null}
    </section>
  );
}
