/* The title of Home is the answer: how many things are worth the reader's time. Pure. */
import type { Key } from '@lib/i18n';

/** Greeting by the hour of the day in the business's zone, "HH:MM". */
export function greetingKey(clock: string): Key {
  const hour = Number.parseInt(clock.slice(0, 2), 10);
  if (hour >= 4 && hour < 12) return 'home.morning';
  if (hour >= 12 && hour < 18) return 'home.day';
  return 'home.evening';
}

/** Numbers up to twelve are words in a title. */
export function numberWordKey(n: number): Key | null {
  const words: Key[] = ['word.1', 'word.2', 'word.3', 'word.4', 'word.5', 'word.6'];
  return words[n - 1] ?? null;
}

/** First steps that this version has a page for, in order. */
export const STEP_LINKS: Record<string, string> = {
  shop_in: '/import',
  business: '/settings/business',
  first_group: '/people?group=quiet',
  live: '/settings/keys',
  reconciled: '/reconcile',
  permissions: '/permission',
};
