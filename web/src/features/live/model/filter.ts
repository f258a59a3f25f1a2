/* Which of the arrived rows are shown. Pure. */
import type { LiveItem } from '../api/live';

export const STATUSES = ['all', 'accepted', 'refused', 'duplicate'] as const;
export type Status = (typeof STATUSES)[number];

export function matches(item: LiveItem, status: Status, text: string): boolean {
  if (status !== 'all' && item.status !== status) return false;
  const wish = text.trim().toLowerCase();
  if (!wish) return true;
  const all = [item.name, item.type, item.source, item.key, item.reason, item.who, JSON.stringify(item.properties ?? {})];
  return all.some((part) => part?.toLowerCase().includes(wish));
}
