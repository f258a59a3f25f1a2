/* Conditions that measure: the time between, ratios, ranks by what was counted; stages and yearly days. Pure. */
import { readHappening, nothing, writeHappening, type Happening } from './happening';
import { dict, isDict, isNumber, only, pathOf, type Dict, type Json } from './json';
import { readTest, writeTest, type Test } from './test';
import { readWindow, writeWindow, type Window } from './window';

export const STAGES = ['lead', 'new', 'active', 'lapsed'] as const;
export type Stage = (typeof STAGES)[number];
export const GAPS = ['average', 'median', 'minimum', 'maximum'] as const;
export const GAP_UNITS = ['minutes', 'hours', 'days', 'weeks'] as const;
export const TOP_AMOUNTS = ['count', 'sum', 'average', 'minimum', 'maximum', 'distinct'] as const;

export type Measure =
  | { kind: 'lifecycle'; stage: Stage }
  | { kind: 'gap'; gap: (typeof GAPS)[number]; what: Happening; test: Test; unit: (typeof GAP_UNITS)[number]; window: Window }
  | { kind: 'ratio'; what: Happening; to: Happening; test: Test; percent: boolean; window: Window }
  | { kind: 'topof'; number: number | null; percent: boolean; amount: (typeof TOP_AMOUNTS)[number]; path: string[]; what: Happening; window: Window }
  | { kind: 'yearly'; path: string[]; window: Window };

/** A comparison whose left side is told by the rest of its object. */
export function readBare(json: Dict): Test | null {
  const test = readTest({ ...dict({ is: json.is, value: json.value, values: json.values }), field: ['x'] });
  return test && { ...test, path: [] };
}
export const writeBare = (test: Test): Dict | null => {
  const said = writeTest({ ...test, path: ['x'] });
  return said && dict({ ...said, field: undefined });
};

function readGap(json: Dict): Measure | null {
  const gap = GAPS.find((one) => one === json.time_between);
  const unit = GAP_UNITS.find((one) => one === json.unit);
  const [what, test, window] = [readHappening(json.of), readBare(json), readWindow(json.window)];
  return gap && unit && what && test && window ? { kind: 'gap', gap, what, test, unit, window } : null;
}

function readRatio(json: Dict): Measure | null {
  const [what, to, test, window] = [readHappening(json.ratio), readHappening(json.to), readBare(json), readWindow(json.window)];
  return what && to && test && window ? { kind: 'ratio', what, to, test, percent: json.percent === true, window } : null;
}

function readTopOf(json: Dict): Measure | null {
  const by = json.by;
  if (!isDict(by) || !isNumber(json.top)) return null;
  const amount = TOP_AMOUNTS.find((one) => one === by.amount);
  const [what, window, path] = [readHappening(by.of), readWindow(by.window), by.field === undefined ? [] : pathOf(by.field)];
  return amount && what && window && path ? { kind: 'topof', number: json.top, percent: json.percent === true, amount, path, what, window } : null;
}

function readYearly(json: Dict): Measure | null {
  const [what, window] = [json.anniversary, readWindow(json.window)];
  const path = isDict(what) && only(what, 'field') ? pathOf(what.field) : null;
  return path && window && window.kind !== 'always' ? { kind: 'yearly', path, window } : null;
}

export function readMeasure(json: Dict): Measure | null {
  if ('time_between' in json) return readGap(json);
  if ('ratio' in json) return readRatio(json);
  if ('lifecycle' in json) {
    const stage = STAGES.find((one) => one === json.lifecycle);
    return stage ? { kind: 'lifecycle', stage } : null;
  }
  if (isDict(json.by) && 'amount' in json.by) return readTopOf(json);
  return isDict(json.anniversary) && 'field' in json.anniversary ? readYearly(json) : null;
}

export function writeMeasure(form: Measure): Json | null {
  if (form.kind === 'lifecycle') return { lifecycle: form.stage };
  const window = writeWindow(form.window);
  if (window === null) return null;
  if (form.kind === 'yearly') return form.path.length > 0 && window ? { anniversary: { field: form.path }, window } : null;
  const of = writeHappening(form.what);
  if (of === null) return null;
  if (form.kind === 'topof') {
    const counts = form.amount === 'count';
    if (form.number === null || (!counts && form.path.length === 0)) return null;
    return { top: form.number, percent: form.percent, by: dict({ amount: form.amount, of, field: counts ? undefined : form.path, window }) };
  }
  const test = writeBare(form.test);
  if (test === null) return null;
  if (form.kind === 'gap') return dict({ ...test, time_between: form.gap, of, unit: form.unit, window });
  const to = writeHappening(form.to);
  return to && dict({ ...test, ratio: of, to, percent: form.percent ? true : undefined, window });
}

const lately: Window = { kind: 'in_last', span: { number: 90, unit: 'days' } };
const compared = (is: Test['is'], value: number): Test => ({ path: [], is, values: [value] });

export function blankMeasure(kind: Measure['kind']): Measure {
  switch (kind) {
    case 'lifecycle': return { kind, stage: 'new' };
    case 'gap': return { kind, gap: 'average', what: { ...nothing(), event: 'Order Completed' }, test: compared('<=', 30), unit: 'days', window: { kind: 'always' } };
    case 'ratio': return { kind, what: nothing(), to: nothing(), test: compared('>=', 20), percent: true, window: lately };
    case 'topof': return { kind, number: 10, percent: true, amount: 'count', path: [], what: nothing(), window: lately };
    case 'yearly': return { kind, path: [], window: { kind: 'in_next', span: { number: 7, unit: 'days' } } };
  }
}
