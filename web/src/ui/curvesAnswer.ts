/* The sentence above the return curves. Pure. */
import type { Format } from '@lib/format';
import type { Translate } from '@lib/i18n';
import type { Curve } from '@lib/types';
import { curveLabel } from './curveOption';

const AGE_DAYS = 90;

/** Share that came back within `day` days, if the curve is complete that far. */
export function shareAt(curve: Curve, day: number): number | null {
  if (curve.complete_days < day) return null;
  let share: number | null = null;
  for (const point of curve.points) if (point.day <= day) share = point.share;
  return share;
}

/** Compares at equal age: only curves complete to three months take part. */
export function curvesAnswer(t: Translate, f: Format, curves: Curve[]): string {
  const ripe = curves.flatMap((curve) => {
    const share = shareAt(curve, AGE_DAYS);
    return share === null ? [] : [{ curve, share }];
  });
  const people = ripe.reduce((sum, { curve }) => sum + curve.size, 0);
  if (people === 0) return t('curve.early');
  const mean = ripe.reduce((sum, { curve, share }) => sum + share * curve.size, 0) / people;
  const best = ripe.reduce((a, b) => (b.share > a.share ? b : a));
  const value = f.number(mean * 100);
  if (ripe.length < 2) return t('curve.answer', { value });
  return t('curve.answer_best', { value, best: curveLabel(best.curve.label, f) });
}
