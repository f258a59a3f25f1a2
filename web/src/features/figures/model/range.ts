/* The period of the figures page, kept in the address bar. Days are YYYY-MM-DD, the end not included. Pure. */
import type { Key } from '@lib/i18n';

export const PRESETS = ['all', 'last_90', 'last_365', 'this_year', 'last_year', 'own'] as const;
export type Preset = (typeof PRESETS)[number];
export const PRESET_KEYS: Record<Preset, Key> = {
  all: 'range.all', last_90: 'range.last_90', last_365: 'range.last_365', this_year: 'range.this_year', last_year: 'range.last_year', own: 'range.own',
};

const DAY_MS = 86_400_000;
const addDays = (day: string, days: number) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** First and last-plus-one day of a preset, `today` being the day the figures are as of. */
export function rangeOf(preset: Preset, today: string): { from: string; to: string } {
  const year = Number(today.slice(0, 4));
  switch (preset) {
    case 'all': case 'own': return { from: '', to: '' };
    case 'last_90': return { from: addDays(today, -90), to: today };
    case 'last_365': return { from: addDays(today, -365), to: today };
    case 'this_year': return { from: `${year}-01-01`, to: `${year + 1}-01-01` };
    case 'last_year': return { from: `${year - 1}-01-01`, to: `${year}-01-01` };
  }
}

export function presetOf(search: URLSearchParams): Preset {
  const wish = search.get('period') as Preset | null;
  if (wish && PRESETS.includes(wish)) return wish;
  return search.get('from') || search.get('to') ? 'own' : 'all';
}
