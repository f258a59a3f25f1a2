/* The conditions that menus can say, one form each: from JSON and back. Pure. */
import { dict, isDict, isNumber, isText, only, pathOf, type Dict, type Json } from './json';
import { blankTest, readTest, readWhere, writeTest, writeWhere, type Test, type Where } from './test';
import { readSpan, readWindow, writeSpan, writeWindow, type Span, type Window } from './window';

export const TIMES = ['any', 'at_least', 'at_most', 'exactly', 'between'] as const;
export interface Times {
  kind: (typeof TIMES)[number];
  low: number | null;
  high: number | null;
}
export interface Happening {
  event: string;
  where: Where;
}
export interface Then extends Happening {
  not: boolean;
  within: Span | null;
}
export const AMOUNTS = ['sum', 'average', 'minimum', 'maximum', 'distinct', 'count'] as const;
export type Amount = (typeof AMOUNTS)[number];

export type Form =
  | { kind: 'did'; what: Happening; times: Times; window: Window; then: Then | null }
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
  /** What no menu can say: kept as it is, shown and changed as text. */
  | { kind: 'text'; node: Json };

/* ---- events ---- */

export function readHappening(json: Json | undefined): Happening | null {
  if (!isDict(json) || !isText(json.event) || !only(json, 'event', 'where')) return null;
  const where = readWhere(json.where);
  return where && { event: json.event, where };
}

function writeHappening({ event, where }: Happening): Dict | null {
  const inner = writeWhere(where);
  return event === '' || inner === null ? null : dict({ event, where: inner });
}

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

/** The only step of a sequence; null: there are more, or it says what no menu has. */
function readStep(step: Json | undefined, not: boolean): Then | null {
  if (!isDict(step) || !isText(step.event) || !only(step, 'event', 'where', 'within')) return null;
  const [where, within] = [readWhere(step.where), step.within === undefined ? undefined : readSpan(step.within)];
  return where && within !== null ? { event: step.event, where, not, within: within ?? null } : null;
}

function readThen(json: Dict): Then | null | undefined {
  if ('not_then' in json) return readStep(json.not_then, true);
  if (!('then' in json)) return undefined;
  return Array.isArray(json.then) && json.then.length === 1 ? readStep(json.then[0], false) : null;
}

function readDid(json: Dict): Form | null {
  if (!only(json, 'did', 'times', 'window', 'then', 'not_then') || ('then' in json && 'not_then' in json)) return null;
  const [what, times, window, then] = [readHappening(json.did), readTimes(json.times), readWindow(json.window), readThen(json)];
  return what && times && window && then !== null ? { kind: 'did', what, times, window, then: then ?? null } : null;
}

function writeThen(then: Then | null): Dict | null {
  if (!then) return {};
  const [next, within] = [writeHappening(then), then.within ? writeSpan(then.within) : undefined];
  if (next === null || within === null) return null;
  const step = dict({ ...next, within });
  return then.not ? { not_then: step } : { then: [step] };
}

function writeDid(form: Extract<Form, { kind: 'did' }>): Json | null {
  const [did, times, window] = [writeHappening(form.what), writeTimes(form.times), writeWindow(form.window)];
  const then = writeThen(form.then);
  if (did === null || times === null || window === null || then === null) return null;
  return dict({ did, times, window, ...then });
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
    case 'text': return form.node;
  }
}

/* ---- new ones ---- */

const nothing = (): Happening => ({ event: '', where: { join: 'and', tests: [] } });
const lately: Window = { kind: 'in_last', span: { number: 30, unit: 'days' } };

/** A condition as it is when somebody adds it. */
export function blank(kind: Exclude<Form['kind'], 'text'>): Form {
  switch (kind) {
    case 'did': return { kind, what: nothing(), times: { kind: 'any', low: null, high: null }, window: { kind: 'always' }, then: null };
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
  }
}

export const blankThen = (): Then => ({ ...nothing(), not: false, within: { number: 7, unit: 'days' } });
export const LATELY = lately;
