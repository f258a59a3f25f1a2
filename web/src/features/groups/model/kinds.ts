/* The conditions that menus can say, one form each: from JSON and back. Pure. */
import { dict, isDict, isNumber, isText, only, pathOf, type Dict, type Json } from './json';
import { nothing, readHappening, readSteps, writeHappening, writeSteps, type Happening, type Then } from './happening';
import { blankMeasure, readMeasure, writeMeasure, type Measure } from './measures';
import { blankTest, readTest, writeTest, type Test } from './test';
import { readWindow, writeWindow, type Window } from './window';

export type { Happening, Then } from './happening';

export const TIMES = ['any', 'at_least', 'at_most', 'exactly', 'between'] as const;
export interface Times {
  kind: (typeof TIMES)[number];
  low: number | null;
  high: number | null;
}
export const AMOUNTS = ['sum', 'average', 'minimum', 'maximum', 'distinct', 'count'] as const;
export type Amount = (typeof AMOUNTS)[number];

export type Form =
  | { kind: 'did'; what: Happening; times: Times; window: Window; steps: Then[] }
  | { kind: 'trait'; test: Test }
  | { kind: 'amount'; amount: Amount; path: string[]; what: Happening; test: Test; window: Window }
  | { kind: 'moment'; nth: number | null; what: Happening; window: Window }
  | { kind: 'birthday'; window: Window }
  | { kind: 'anniversary'; nth: number | null; what: Happening; window: Window }
  | { kind: 'silent'; times: number | null; what: Happening | null }
  | { kind: 'top'; number: number | null; percent: boolean; path: string[] }
  | { kind: 'consent'; channel: string; topic: string | null }
  | { kind: 'bounced'; channel: string }
  | { kind: 'tag'; tag: string }
  | { kind: 'segment'; name: string }
  | { kind: 'random'; percent: number | null; seed: string }
  | { kind: 'everybody' }
  | Measure
  /** What no menu can say: kept as it is, shown and changed as text. */
  | { kind: 'text'; node: Json };

/* ---- events ---- */

function readTimes(json: Json | undefined): Times | null {
  if (json === undefined) return { kind: 'any', low: null, high: null };
  if (!isDict(json) || Object.keys(json).length !== 1) return null;
  for (const kind of ['at_least', 'at_most', 'exactly'] as const) {
    const low = json[kind];
    if (isNumber(low)) return { kind, low, high: null };
  }
  const between = json.between;
  return isDict(between) && isNumber(between.from) && isNumber(between.to) ? { kind: 'between', low: between.from, high: between.to } : null;
}

function writeTimes({ kind, low, high }: Times): Dict | undefined | null {
  if (kind === 'any') return undefined;
  if (kind === 'between') return low === null || high === null ? null : { between: { from: low, to: high } };
  return low === null ? null : { [kind]: low };
}

function readDid(json: Dict): Form | null {
  if (!only(json, 'did', 'times', 'window', 'then', 'not_then')) return null;
  const [what, times, window, steps] = [readHappening(json.did), readTimes(json.times), readWindow(json.window), readSteps(json)];
  return what && times && window && steps ? { kind: 'did', what, times, window, steps } : null;
}

function writeDid(form: Extract<Form, { kind: 'did' }>): Json | null {
  const [did, times, window] = [writeHappening(form.what), writeTimes(form.times), writeWindow(form.window)];
  const steps = writeSteps(form.steps);
  if (did === null || times === null || window === null || steps === null) return null;
  return dict({ did, times, window, ...steps });
}

/* ---- amounts, moments ---- */

function readAmount(json: Dict): Form | null {
  if (!only(json, 'amount', 'of', 'field', 'is', 'value', 'values', 'window')) return null;
  const amount = AMOUNTS.find((one) => one === json.amount);
  const [what, window, path] = [readHappening(json.of), readWindow(json.window), json.field === undefined ? [] : pathOf(json.field)];
  const test = readTest({ ...dict({ is: json.is, value: json.value, values: json.values }), field: path?.length ? path : ['x'] });
  return amount && what && window && path && test ? { kind: 'amount', amount, path, what, test: { ...test, path: [] }, window } : null;
}

function writeAmount(form: Extract<Form, { kind: 'amount' }>): Json | null {
  const counts = form.amount === 'count';
  const [of, window, test] = [writeHappening(form.what), writeWindow(form.window), writeTest({ ...form.test, path: ['x'] })];
  if (of === null || window === null || test === null || (!counts && form.path.length === 0)) return null;
  return dict({ ...test, field: counts ? undefined : form.path, amount: form.amount, of, window });
}

function readMoment(json: Dict, kind: 'moment' | 'anniversary'): Form | null {
  const inner = kind === 'moment' ? json : json.anniversary;
  if (!isDict(inner) || !isNumber(inner.nth) || !only(json, 'nth', 'of', 'window', 'anniversary')) return null;
  const [what, window] = [readHappening(inner.of), readWindow(json.window)];
  return what && window && window.kind !== 'always' ? { kind, nth: inner.nth, what, window } : null;
}

function writeMoment({ kind, nth, what, window }: Extract<Form, { kind: 'moment' | 'anniversary' }>): Json | null {
  const [of, when] = [writeHappening(what), writeWindow(window)];
  if (of === null || !when || nth === null) return null;
  return kind === 'moment' ? { nth, of, window: when } : { anniversary: { nth, of }, window: when };
}

/* ---- the small ones ---- */

function readSilent(json: Dict): Form | null {
  const what = json.of === undefined ? null : readHappening(json.of);
  if (!only(json, 'silent', 'of') || !isNumber(json.silent) || (json.of !== undefined && !what)) return null;
  return { kind: 'silent', times: json.silent, what };
}

function readTop(json: Dict): Form | null {
  const by = json.by;
  if (!only(json, 'top', 'percent', 'by') || !isNumber(json.top) || !isDict(by) || !only(by, 'field')) return null;
  const path = pathOf(by.field);
  return path && { kind: 'top', number: json.top, percent: json.percent === true, path };
}

function readSmall(json: Dict): Form | null {
  if (json.everybody === true) return { kind: 'everybody' };
  if (isText(json.tag)) return { kind: 'tag', tag: json.tag };
  if (isText(json.segment)) return { kind: 'segment', name: json.segment };
  if (isText(json.bounced)) return { kind: 'bounced', channel: json.bounced };
  if (isText(json.consent)) return { kind: 'consent', channel: json.consent, topic: isText(json.topic) ? json.topic : null };
  if (isNumber(json.random) && isText(json.seed)) return { kind: 'random', percent: json.random, seed: json.seed };
  return null;
}

function readBirthday(json: Dict): Form | null {
  const window = readWindow(json.window);
  return only(json, 'birthday', 'window') && window && window.kind !== 'always' ? { kind: 'birthday', window } : null;
}

function readAny(json: Dict): Form | null {
  const measure = readMeasure(json);
  if (measure) return measure;
  if ('did' in json) return readDid(json);
  if ('amount' in json) return readAmount(json);
  if ('anniversary' in json) return readMoment(json, 'anniversary');
  if ('nth' in json) return readMoment(json, 'moment');
  if ('birthday' in json) return readBirthday(json);
  if ('silent' in json) return readSilent(json);
  if ('top' in json) return readTop(json);
  if ('field' in json) {
    const test = readTest(json);
    return test && { kind: 'trait', test };
  }
  return readSmall(json);
}

const sameJson = (one: Json | null, other: Json): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  return isDict(json) ? Object.fromEntries(Object.keys(json).sort().map((member) => [member, sorted(json[member] ?? null)])) : json;
}

/** The form of a condition; null when writing it again would lose anything. */
export function readForm(json: Dict): Form | null {
  const form = readAny(json);
  return form && sameJson(writeForm(form), json) ? form : null;
}

export function writeForm(form: Form): Json | null {
  switch (form.kind) {
    case 'did': return writeDid(form);
    case 'trait': return writeTest(form.test);
    case 'amount': return writeAmount(form);
    case 'moment': case 'anniversary': return writeMoment(form);
    case 'birthday': { const window = writeWindow(form.window); return window ? { birthday: true, window } : null; }
    case 'silent': { const of = form.what ? writeHappening(form.what) : undefined; return of === null || !form.times ? null : dict({ silent: form.times, of }); }
    case 'top': return form.number === null || form.path.length === 0 ? null : { top: form.number, percent: form.percent, by: { field: form.path } };
    case 'consent': return dict({ consent: form.channel, topic: form.topic ?? undefined });
    case 'bounced': return { bounced: form.channel };
    case 'tag': return form.tag ? { tag: form.tag } : null;
    case 'segment': return form.name ? { segment: form.name } : null;
    case 'random': return form.percent === null ? null : { random: form.percent, seed: form.seed };
    case 'everybody': return { everybody: true };
    case 'lifecycle': case 'gap': case 'ratio': case 'topof': case 'yearly': return writeMeasure(form);
    case 'text': return form.node;
  }
}

/* ---- new ones ---- */

const lately: Window = { kind: 'in_last', span: { number: 30, unit: 'days' } };

/** A condition as it is when somebody adds it. */
export function blank(kind: Exclude<Form['kind'], 'text'>): Form {
  switch (kind) {
    case 'did': return { kind, what: nothing(), times: { kind: 'any', low: null, high: null }, window: { kind: 'always' }, steps: [] };
    case 'trait': return { kind, test: blankTest() };
    case 'amount': return { kind, amount: 'sum', path: [], what: nothing(), test: { path: [], is: '>=', values: [] }, window: { kind: 'always' } };
    case 'moment': return { kind, nth: 0, what: nothing(), window: { kind: 'more_than_ago', span: { number: 60, unit: 'days' } } };
    case 'birthday': return { kind, window: { kind: 'in_next', span: { number: 7, unit: 'days' } } };
    case 'anniversary': return { kind, nth: 1, what: nothing(), window: { kind: 'in_next', span: { number: 7, unit: 'days' } } };
    case 'silent': return { kind, times: 2.5, what: null };
    case 'top': return { kind, number: 10, percent: true, path: ['lifetime_value'] };
    case 'consent': return { kind, channel: 'email', topic: null };
    case 'bounced': return { kind, channel: 'email' };
    case 'tag': return { kind, tag: '' };
    case 'segment': return { kind, name: '' };
    case 'random': return { kind, percent: 10, seed: 'draw' };
    case 'everybody': return { kind };
    case 'lifecycle': case 'gap': case 'ratio': case 'topof': case 'yearly': return blankMeasure(kind);
  }
}

export const LATELY = lately;
