/* The ledger of answers in words: what holds now, on what it rests, and where it can be seen. Pure. */
import { isKey, type Translate } from '@lib/i18n';
import type { Consent } from '../api/types';

/** What holds now: the newest entry per channel, topic and address. */
export function currentConsents(consents: Consent[]): Consent[] {
  const newest = new Map<string, Consent>();
  for (const consent of consents) {
    const key = `${consent.channel}\n${consent.topic}\n${consent.address ?? ''}`;
    const known = newest.get(key);
    if (!known || consent.occurred_at >= known.occurred_at) newest.set(key, consent);
  }
  return [...newest.values()].sort((a, b) => a.channel.localeCompare(b.channel) || a.topic.localeCompare(b.topic));
}

/** "given elsewhere" in the reader's words; a basis that somebody typed stays as it is. */
export function basisWords(t: Translate, basis: string): string {
  const key = `basis.${basis.replaceAll(/[^a-z]+/g, '_')}`;
  return isKey(key) ? t(key) : basis;
}

/** The import an answer came with, its line, and what the file itself said of its proof. */
export interface FromFile {
  id: string;
  line: string;
  proof: string;
}

export function fromFile(proof: string | null | undefined): FromFile | null {
  const [, id, line, rest] = /^import (\d+), line (\d+)(?:: (.*))?$/s.exec(proof ?? '') ?? [];
  return id && line ? { id, line, proof: rest ?? '' } : null;
}
