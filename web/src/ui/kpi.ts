/* Words of a figure: label, formula and pitfalls in the reader's language, value and change. Pure. */
import { kpiNumber, type Format } from '@lib/format';
import { isKey, type Translate } from '@lib/i18n';
import type { Kpi, Period } from '@lib/types';

/** Figures of which less is better. */
const LESS_IS_BETTER = new Set(['churn', 'churn_rate', 'quiet', 'quiet_unusually', 'refunds', 'refunded']);

function catalogueText(t: Translate, name: string, part: string, fallback: string): string {
  const key = `kpi.${name}.${part}`;
  return isKey(key) ? t(key) : fallback;
}

export function kpiText(t: Translate, kpi: Kpi): { label: string; formula: string; pitfalls: string } {
  const days = kpi.repeat_days && kpi.name === 'repeat_rate' ? t('figure.again_within', { n: kpi.repeat_days }) : null;
  return {
    label: days ?? catalogueText(t, kpi.name, 'label', kpi.label),
    formula: catalogueText(t, kpi.name, 'formula', kpi.formula),
    pitfalls: catalogueText(t, kpi.name, 'pitfalls', kpi.pitfalls),
  };
}

export function kpiValue(t: Translate, f: Format, kpi: Kpi, currency: string): string {
  if (kpi.value == null || !kpi.enough) return t('figure.too_few', { n: kpi.n });
  const number = kpiNumber(f, kpi.unit, kpi.value, currency);
  if (kpi.unit === 'share') return t('figure.in_100', { value: number });
  if (kpi.unit === 'days') return t('unit.days', { n: Math.round(kpi.value) });
  return number;
}

interface Change {
  say: string;
  /** null: neither good nor bad. */
  good: boolean | null;
}

/** What a figure is compared with. */
export type Against = 'period' | 'year';

function shareChange(t: Translate, f: Format, delta: number, than: string): string {
  const tenths = Math.round(Math.abs(delta) * 1000);
  const points = f.number(tenths / 10, tenths % 10 === 0 || tenths > 100 ? 0 : 1);
  return t(delta > 0 ? 'figure.points_more' : 'figure.points_less', { value: points, than });
}

/** The change against an earlier period of equal length and age, in words. */
export function kpiChange(t: Translate, f: Format, kpi: Kpi, against: Against = 'period'): Change {
  const than = t(against === 'year' ? 'figure.than_year' : 'figure.than_period');
  if (kpi.previous == null || kpi.value == null) return { say: t('figure.no_previous'), good: null };
  const delta = kpi.value - kpi.previous;
  const good = delta === 0 ? null : delta > 0 !== LESS_IS_BETTER.has(kpi.name);
  if (kpi.unit === 'share') {
    if (Math.abs(delta) < 0.0005) return { say: t('figure.same', { than }), good: null };
    return { say: shareChange(t, f, delta, than), good };
  }
  if (kpi.previous === 0) return { say: t('figure.no_previous'), good: null };
  const percent = Math.round((Math.abs(delta) / Math.abs(kpi.previous)) * 100);
  if (percent === 0) return { say: t('figure.same', { than }), good: null };
  return { say: t(delta > 0 ? 'figure.more' : 'figure.less', { value: f.number(percent), than }), good };
}

/** A figure may have looked at days of its own. */
export function periodOf(kpi: Kpi, period: Period): Period {
  return kpi.from || kpi.to ? { ...period, from: kpi.from ?? null, to: kpi.to ?? null } : period;
}

/** The day before, as the end of a period is the first day no longer counted. */
function lastDay(to: string): string {
  return new Date(Date.parse(`${to}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

export function periodText(t: Translate, f: Format, period: Period): string {
  if (!period.from && !period.to) return t('period.all');
  if (period.from && period.to) return t('period.between', { from: f.dayOf(period.from), to: f.dayOf(lastDay(period.to)) });
  return period.from ? t('period.since', { from: f.dayOf(period.from) }) : t('period.until', { to: f.dayOf(lastDay(period.to ?? '')) });
}
