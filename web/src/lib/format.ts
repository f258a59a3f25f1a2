/* Numbers, money and time as the reader's locale and the business's zone write them. Pure. */
import { LOCALES, type Language } from './i18n';
import type { KpiUnit, Money } from './types';

export interface Format {
  number: (value: number, digits?: number) => string;
  /** With as many decimals as it has, at most six. */
  exact: (value: number) => string;
  money: (money: Money) => string;
  /** Rounded to whole units, for estimates: "£4,100". */
  moneyRound: (money: Money) => string;
  bytes: (value: number) => string;
  day: (at: number) => string;
  dayShort: (at: number) => string;
  month: (at: number) => string;
  monthOf: (iso: string) => string;
  dayOf: (iso: string) => string;
  time: (at: number) => string;
  seconds: (at: number) => string;
  dateTime: (at: number) => string;
  /** "today", "yesterday", "3 days ago", else the day. */
  ago: (at: number, now: number) => string;
  dayKey: (at: number) => string;
  monthKey: (at: number) => string;
  clockIn: (zone: string, at: number) => string;
  /** "GB" becomes "United Kingdom"; anything that is no code stays. */
  country: (code: string) => string;
}

const DAY_MS = 86_400_000;

/** Minor units of one whole unit: 100 for GBP, 1 for JPY, 1000 for KWD. */
export function minorPerUnit(currency: string): number {
  try {
    const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    return 10 ** (options.maximumFractionDigits ?? 2);
  } catch {
    return 100;
  }
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function moneyWith(locale: string, money: Money, digits?: number): string {
  const value = money.minor / minorPerUnit(money.currency);
  const extra = digits === undefined ? {} : { maximumFractionDigits: digits, minimumFractionDigits: digits };
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency: money.currency, ...extra }).format(value);
  } catch {
    return `${new Intl.NumberFormat(locale).format(value)} ${money.currency}`;
  }
}

/** Two significant digits, so that an estimate does not pretend to be exact. */
export function roundEstimate(minor: number, perUnit: number): number {
  const units = minor / perUnit;
  if (Math.abs(units) < 100) return Math.round(units) * perUnit;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(units))) - 1);
  return Math.round(units / step) * step * perUnit;
}

function bytesText(locale: string, value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  const digits = power > 1 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: 'unit', unit: units[power] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: digits,
  }).format(value / 1000 ** power);
}

function dayKeyWith(zone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit',
  });
  return (at) => format.format(at);
}

const utcOf = (iso: string) => Date.UTC(Number(iso.slice(0, 4)), Number(iso.slice(5, 7)) - 1, Number(iso.slice(8, 10) || 1));

/** Formats for one language and zone; made once per change of either. */
export function formatFor(language: Language, zone: string): Format {
  const locale = LOCALES[language];
  const timeZone = isZone(zone) ? zone : 'UTC';
  const dates = (options: Intl.DateTimeFormatOptions, where = timeZone) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: where, ...options });
    return (at: number) => format.format(at);
  };
  const day = dates({ day: 'numeric', month: 'short', year: 'numeric' });
  const utcMonth = dates({ month: 'short', year: 'numeric' }, 'UTC');
  const utcDay = dates({ day: 'numeric', month: 'short', year: 'numeric' }, 'UTC');
  const dayKey = dayKeyWith(timeZone);
  const regions = new Intl.DisplayNames([locale], { type: 'region', fallback: 'code' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  const exact = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  return {
    number,
    exact: (value) => exact.format(value),
    money: (money) => moneyWith(locale, money),
    moneyRound: (money) => {
      const minor = roundEstimate(money.minor, minorPerUnit(money.currency));
      return moneyWith(locale, { ...money, minor }, 0);
    },
    bytes: (value) => bytesText(locale, value),
    day,
    dayShort: dates({ day: 'numeric', month: 'short' }),
    month: dates({ month: 'long', year: 'numeric' }),
    monthOf: (iso) => utcMonth(utcOf(iso)),
    dayOf: (iso) => utcDay(utcOf(iso)),
    time: dates({ hour: '2-digit', minute: '2-digit' }),
    seconds: dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    dateTime: dates({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }),
    dayKey,
    monthKey: (at) => dayKey(at).slice(0, 7),
    ago: (at, now) => {
      const days = Math.round((utcOf(dayKey(at)) - utcOf(dayKey(now))) / DAY_MS);
      return days <= 0 && days > -7 ? relative.format(days, 'day') : day(at);
    },
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code),
    clockIn: (where, at) => (isZone(where) ? dates({ hour: '2-digit', minute: '2-digit' }, where)(at) : ''),
  };
}

/** Writes the value of a figure in its unit; `money` and `per_person` values are minor units. */
export function kpiNumber(format: Format, unit: KpiUnit, value: number, currency: string): string {
  switch (unit) {
    case 'count': return format.number(value);
    case 'money': return format.money({ minor: Math.round(value), currency });
    case 'share': return format.number(value * 100, value > 0 && value < 0.1 ? 1 : 0);
    case 'days': return format.number(value);
    case 'per_person': return format.number(value, 2);
  }
}
