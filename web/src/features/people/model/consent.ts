/* What holds now: the newest entry per channel, topic and address. Pure. */
import type { Consent } from '../api/types';

export function currentConsents(consents: Consent[]): Consent[] {
  const newest = new Map<string, Consent>();
  for (const consent of consents) {
    const key = `${consent.channel}\n${consent.topic}\n${consent.address ?? ''}`;
    const known = newest.get(key);
    if (!known || consent.occurred_at >= known.occurred_at) newest.set(key, consent);
  }
  return [...newest.values()].sort((a, b) => a.channel.localeCompare(b.channel) || a.topic.localeCompare(b.topic));
}
