/* Why the server refused something, in the reader's language: by its code, else the server's own sentence. Pure. */
import type { Reason } from '@generated/api';
import { isKey, type Translate } from './i18n';

/** Values that are names of import fields are said as the fields are called here. */
function valueWords(t: Translate, value: string): string {
  const key = `field.${value}`;
  return isKey(key) ? t(key) : value;
}

export function reasonWords(t: Translate, reason: Reason | null | undefined, sentence: string): string {
  const key = `reason.${reason?.code ?? ''}`;
  if (!reason || !isKey(key)) return sentence;
  const values = reason.values.map((value, index) => [String(index + 1), index === 0 ? valueWords(t, value) : value]);
  return t(key, Object.fromEntries(values) as Record<string, string>);
}
