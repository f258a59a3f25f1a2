/* Time zones and currencies to choose from, as the browser knows them. */

export function zones(): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return known.includes('UTC') ? known : ['UTC', ...known];
}

const COMMON = ['EUR', 'GBP', 'USD', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'AUD', 'CAD', 'NZD', 'JPY'];

/** Common currencies first, each with its name in the reader's language. */
export function currencies(locale: string): { value: string; label: string }[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('currency') : COMMON;
  const names = new Intl.DisplayNames([locale], { type: 'currency' });
  const all = [...COMMON, ...known.filter((code) => !COMMON.includes(code))];
  return all.map((value) => ({ value, label: `${value} · ${names.of(value) ?? value}` }));
}

const CURRENCY_OF_ZONE: [RegExp, string][] = [
  [/^Europe\/(London|Belfast|Jersey|Guernsey|Isle_of_Man)$/, 'GBP'],
  [/^Europe\/(Zurich|Vaduz)$/, 'CHF'],
  [/^Europe\/Stockholm$/, 'SEK'],
  [/^Europe\/Oslo$/, 'NOK'],
  [/^Europe\/Copenhagen$/, 'DKK'],
  [/^Europe\/Warsaw$/, 'PLN'],
  [/^Europe\/Prague$/, 'CZK'],
  [/^Europe\//, 'EUR'],
  [/^Australia\//, 'AUD'],
  [/^America\/(Toronto|Vancouver|Edmonton|Winnipeg|Halifax|St_Johns)$/, 'CAD'],
  [/^America\/(New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise)$/, 'USD'],
  [/^Pacific\/Auckland$/, 'NZD'],
  [/^Asia\/Tokyo$/, 'JPY'],
];

/** A first guess to be confirmed, from where the browser is. */
export function guessCurrency(zone: string): string {
  return CURRENCY_OF_ZONE.find(([pattern]) => pattern.test(zone))?.[1] ?? 'EUR';
}

export const LANGUAGES = [{ value: 'en', label: 'English' }, { value: 'de', label: 'Deutsch' }];
