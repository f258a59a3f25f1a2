/* Texts of the UI: one catalogue per language, plural forms by Intl.PluralRules.
 *
 *     text('people.count', { n: 1204 })          "1,204 people"
 *     richParts('home.quiet', { n: 41 })         [{ bold: true, text: '41 …' }, { bold: false, text: ' …' }]
 *
 * A key missing in German does not compile. A number among the parameters is written as the locale
 * writes numbers; the one named `n` selects the plural form. */
import { de } from './de';
import { en } from './en';

export interface Plural {
  zero?: string;
  one?: string;
  other: string;
}
export type Entry = string | Plural;
export type Key = keyof typeof en;
export type Catalogue = Record<Key, Entry>;
export type Language = 'en' | 'de';
export type Params = Record<string, string | number>;
export type Translate = (key: Key, params?: Params) => string;

const CATALOGUES: Record<Language, Catalogue> = { en, de };
export const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };

export function languageOf(wish: string | null | undefined): Language {
  return wish?.toLowerCase().startsWith('de') ? 'de' : 'en';
}

function formOf(entry: Entry, language: Language, n: number | string | undefined): string {
  if (typeof entry === 'string') return entry;
  if (typeof n !== 'number') return entry.other;
  if (n === 0 && entry.zero !== undefined) return entry.zero;
  const form = new Intl.PluralRules(LOCALES[language]).select(n);
  return form === 'one' && entry.one !== undefined ? entry.one : entry.other;
}

export function translator(language: Language): Translate {
  const numbers = new Intl.NumberFormat(LOCALES[language]);
  return (key, params = {}) =>
    formOf(CATALOGUES[language][key], language, params.n).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? numbers.format(value) : value;
    });
}

/** True when the catalogue has a text for this key made at run time (event and figure names). */
export function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}

/** Splits "<b>41 people</b> are quiet" into runs, so that no text ever becomes HTML. */
export function richParts(text: string): { bold: boolean; text: string }[] {
  return text
    .split(/(<b>.*?<\/b>)/)
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^<b>(.*)<\/b>$/.exec(part);
      return match ? { bold: true, text: match[1] ?? '' } : { bold: false, text: part };
    });
}
