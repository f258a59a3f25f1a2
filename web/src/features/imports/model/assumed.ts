/* What Kith assumed about a file, as choices the reader can change. Pure. */
import type { Key } from '@lib/i18n';
import type { ImportSummary } from '../api/imports';

export const KINDS = ['orders', 'customers', 'products', 'events', 'rates', 'consents', 'suppressions'] as const;
/** Files about permission; those that say what a row says have a word of their own for it. */
export const isList = (kind: string) => kind === 'consents' || kind === 'suppressions';
export const SAYS: Record<'consents' | 'suppressions', string[]> = {
  consents: ['subscribed', 'unsubscribed'],
  suppressions: ['unsubscribed', 'bounced', 'complaint', 'cleaned', 'manual'],
};
export const DELIMITERS: { value: string; label: Key }[] = [
  { value: ',', label: 'import.comma' }, { value: ';', label: 'import.semicolon' }, { value: '\t', label: 'import.tab' }, { value: '|', label: 'import.pipe' },
];
export const DATE_ORDERS: { value: string; label: Key }[] = [
  { value: 'ymd', label: 'import.ymd' }, { value: 'dmy', label: 'import.dmy' }, { value: 'mdy', label: 'import.mdy' },
  { value: 'epoch_s', label: 'import.epoch_s' }, { value: 'epoch_ms', label: 'import.epoch_ms' },
];

/** Share of the file that was read, 0 to 1. */
export function shareOf(one: Pick<ImportSummary, 'bytes_done' | 'bytes_total' | 'state'>): number {
  if (one.state === 'done') return 1;
  return one.bytes_total > 0 ? Math.min(1, (one.bytes_done ?? 0) / one.bytes_total) : 0;
}

/** Fields that must be mapped and are not. */
export function missingFields(fields: { name: string; required: boolean }[], mapping: Record<string, string | null>): string[] {
  return fields.filter((field) => field.required && !mapping[field.name]).map((field) => field.name);
}

/** Seconds as "about 2 minutes": parts for the catalogue. */
export function durationOf(seconds: number): { key: Key; n: number } {
  if (seconds < 90) return { key: 'import.seconds', n: Math.max(1, Math.round(seconds)) };
  if (seconds < 5400) return { key: 'import.minutes', n: Math.round(seconds / 60) };
  return { key: 'import.hours', n: Math.round(seconds / 3600) };
}
