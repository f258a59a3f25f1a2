/* Where something we know came from, in words. Pure. */
import { isKey, type Translate } from '@lib/i18n';
import type { Identity, Trait } from '../api/types';

const FILES = 'Files';
const HAND = 'hand';

/** "from a file", "by hand", "Web shop (server)". `trust` is absent where the API does not say it. */
export function sourceWords(t: Translate, source: string | null | undefined, trust?: string): string {
  if (source === FILES || trust === 'file') return t('trust.file');
  if (source === HAND || trust === HAND) return t('trust.hand');
  const key = `trust.${trust ?? ''}`;
  return isKey(key) ? t(key, { source: source ?? '' }) : (source ?? '');
}

/** An address is listed once: as what names the person, not again as a detail of the same value. */
export function isRepeated(trait: Trait, identities: Identity[]): boolean {
  return identities.some(({ kind, value }) => kind === trait.name && value === trait.value);
}
