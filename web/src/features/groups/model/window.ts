/* When something happened, as a choice of a menu: JSON of a window to a choice and back. Pure. */
import { dict, isDict, isNumber, isText, only, type Dict, type Json } from './json';

export const UNITS = ['minutes', 'hours', 'days', 'weeks', 'months', 'years'] as const;
export type Unit = (typeof UNITS)[number];
export interface Span {
  number: number | null;
  unit: Unit;
}

export const SPANS = ['in_last', 'in_next', 'more_than_ago', 'less_than_ago'] as const;
export const DAYS = ['on', 'since', 'before', 'after'] as const;
export const PERIODS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Period = (typeof PERIODS)[number];

export type Window =
  | { kind: 'always' }
  | { kind: (typeof SPANS)[number]; span: Span }
  | { kind: 'between_ago'; from: number | null; to: number | null; unit: Unit }
  | { kind: (typeof DAYS)[number]; date: string }
  | { kind: 'between'; from: string; to: string }
  | { kind: 'period'; unit: Period; step: number };

const isUnit = (json: Json | undefined): json is Unit => UNITS.some((unit) => unit === json);

export function readSpan(json: Json | undefined): Span | null {
  if (!isDict(json) || !only(json, 'number', 'unit') || !isNumber(json.number) || !isUnit(json.unit)) return null;
  return { number: json.number, unit: json.unit };
}

export const writeSpan = ({ number, unit }: Span): Json | null => (number === null ? null : { number, unit });

function readPeriod(json: Json | undefined): Window | null {
  if (!isDict(json) || !only(json, 'unit', 'step') || !isNumber(json.step)) return null;
  const unit = PERIODS.find((period) => period === json.unit);
  return unit && Math.abs(json.step) <= 1 ? { kind: 'period', unit, step: json.step } : null;
}

function readBetweenAgo(json: Json | undefined): Window | null {
  if (!isDict(json) || !isNumber(json.from) || !isNumber(json.to) || !isUnit(json.unit)) return null;
  return { kind: 'between_ago', from: json.from, to: json.to, unit: json.unit };
}

function readBetween(json: Json | undefined): Window | null {
  return isDict(json) && isText(json.from) && isText(json.to) ? { kind: 'between', from: json.from, to: json.to } : null;
}

/** The window of a condition; null when no menu has it. */
export function readWindow(json: Json | undefined): Window | null {
  if (json === undefined) return { kind: 'always' };
  if (!isDict(json) || Object.keys(json).length !== 1) return null;
  for (const kind of SPANS) {
    const span = kind in json ? readSpan(json[kind]) : null;
    if (span) return { kind, span };
  }
  for (const kind of DAYS) {
    const date = json[kind];
    if (isText(date)) return { kind, date };
  }
  if ('period' in json) return readPeriod(json.period);
  return 'between_ago' in json ? readBetweenAgo(json.between_ago) : readBetween(json.between);
}

/** undefined: always; null: something is not filled in yet. */
export function writeWindow(window: Window): Dict | undefined | null {
  switch (window.kind) {
    case 'always': return undefined;
    case 'in_last': case 'in_next': case 'more_than_ago': case 'less_than_ago': {
      const span = writeSpan(window.span);
      return span ? { [window.kind]: span } : null;
    }
    case 'between_ago':
      return window.from === null || window.to === null ? null : { between_ago: { from: window.from, to: window.to, unit: window.unit } };
    case 'on': case 'since': case 'before': case 'after':
      return window.date ? { [window.kind]: window.date } : null;
    case 'between':
      return window.from && window.to ? { between: { from: window.from, to: window.to } } : null;
    case 'period':
      return { period: dict({ unit: window.unit, step: window.step }) };
  }
}
