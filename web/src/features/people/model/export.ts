/* People as CSV rows and as JSON for the footer's export. Pure. */
import { csvText } from '@lib/download';
import { minorPerUnit } from '@lib/format';
import type { PersonRow } from '../api/types';

const HEAD = ['id', 'name', 'email', 'country', 'orders', 'spent', 'currency', 'first_order', 'last_order', 'usual_gap_days', 'quiet', 'tags'];

const iso = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString());

export function peopleCsv(rows: PersonRow[]): string {
  return csvText(HEAD, rows.map((row) => [
    row.id, row.name ?? null, row.email ?? null, row.country ?? null, row.orders, row.spent.minor / minorPerUnit(row.spent.currency), row.spent.currency,
    iso(row.first_order_at), iso(row.last_order_at), row.usual_gap_days ?? null, row.quiet ? 'yes' : 'no', row.tags.join(' '),
  ]));
}

export const peopleJson = (rows: PersonRow[]) => JSON.stringify(rows, null, 2);
