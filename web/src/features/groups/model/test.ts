/* A comparison of a trait or property with values. Pure. */
import { dict, isDict, isNumber, isText, only, pathOf, type Dict, type Json } from './json';
import { readWindow, writeWindow, type Window } from './window';

export const OPS = ['=', '!=', '<', '<=', '>', '>=', 'contains', 'starts with', 'ends with', 'matches', 'in', 'between', 'exists', 'is missing', 'lies'] as const;
export type Op = (typeof OPS)[number];
export type FieldType = 'text' | 'number' | 'flag' | 'date';

/** `values`: as JSON; empty while nothing is chosen. `window`: of `lies`. */
export interface Test {
  path: string[];
  is: Op;
  values: Json[];
  window?: Window;
  /** Of an event's context (its page, its campaign), not of its own details. */
  context?: boolean;
}
export interface Where {
  join: 'and' | 'or';
  tests: Test[];
}

/** Operators that make sense for a type, the usual one first. */
export const OPS_OF: Record<FieldType, readonly Op[]> = {
  text: ['=', '!=', 'in', 'contains', 'starts with', 'ends with', 'matches', 'exists', 'is missing'],
  number: ['>=', '<=', '>', '<', '=', '!=', 'between', 'exists', 'is missing'],
  flag: ['=', '!=', 'exists', 'is missing'],
  date: ['lies', '=', '<', '>', '<=', '>=', 'exists', 'is missing'],
};

export const needed = (is: Op): 'none' | 'one' | 'two' | 'many' | 'window' =>
  is === 'exists' || is === 'is missing' ? 'none' : is === 'in' ? 'many' : is === 'between' ? 'two' : is === 'lies' ? 'window' : 'one';

export function valueType(value: Json | undefined): FieldType | null {
  if (typeof value === 'boolean') return 'flag';
  if (isNumber(value)) return 'number';
  if (isText(value)) return 'text';
  if (!isDict(value)) return null;
  if (isText(value.date) && only(value, 'date')) return 'date';
  return isNumber(value.number) && only(value, 'number', 'currency') ? 'number' : null;
}

export const blankTest = (): Test => ({ path: [], is: '=', values: [] });

export function readTest(json: Json): Test | null {
  if (!isDict(json) || !only(json, 'field', 'context', 'is', 'value', 'values', 'window')) return null;
  const context = json.context !== undefined;
  const path = pathOf(context ? json.context : json.field);
  if (context && json.field !== undefined) return null;
  const of = context ? { context } : {};
  const is = OPS.find((op) => op === json.is);
  const values = json.value === undefined ? (Array.isArray(json.values) ? json.values : []) : [json.value];
  if (!path || !is || values.some((value) => valueType(value) === null)) return null;
  if (is !== 'lies') return { path, is, values, ...of };
  const window = readWindow(json.window);
  return window && window.kind !== 'always' ? { path, is, values, window, ...of } : null;
}

function writeValues(is: Op, values: Json[]): Dict | null {
  switch (needed(is)) {
    case 'none': case 'window': return {};
    case 'one': return values.length === 1 ? dict({ value: values[0] }) : null;
    case 'two': return values.length === 2 ? { values } : null;
    case 'many': return values.length > 0 ? { values } : null;
  }
}

export function writeTest({ path, is, values, window, context }: Test): Dict | null {
  const said = values.includes(null) || values.includes('') ? null : writeValues(is, values);
  const when = is === 'lies' && window ? writeWindow(window) : undefined;
  if (path.length === 0 || said === null || when === null || (is === 'lies' && !when)) return null;
  return dict({ [context ? 'context' : 'field']: path, is, ...said, window: when });
}

/* ---- where ---- */

export function readWhere(json: Json | undefined): Where | null {
  if (json === undefined) return { join: 'and', tests: [] };
  if (!isDict(json)) return null;
  const join = 'or' in json ? 'or' : 'and';
  const items = json[join];
  const tests = (Array.isArray(items) && only(json, join) ? items : [json]).map(readTest);
  return tests.every((test) => test !== null) ? { join, tests } : null;
}

/** undefined: nothing is asked; null: something is not filled in yet. */
export function writeWhere({ join, tests }: Where): Json | undefined | null {
  const items = tests.map(writeTest);
  if (items.includes(null)) return null;
  return items.length > 1 ? { [join]: items } : (items[0] ?? undefined);
}

/** Another name was chosen: what cannot be said of its type any more is let go. */
export function withType(test: Test, path: string[], type: FieldType, context = false): Test {
  const is = OPS_OF[type].includes(test.is) && needed(test.is) !== 'window' ? test.is : (OPS_OF[type][0] ?? '=');
  const values = test.values.every((value) => valueType(value) === type) ? test.values : [];
  const window: Window = test.window ?? { kind: 'in_next', span: { number: 7, unit: 'days' } };
  return { path, is, values: needed(is) === 'none' || needed(is) === 'window' ? [] : values, ...(is === 'lies' ? { window } : {}), ...(context ? { context } : {}) };
}

/** Another comparison was chosen. */
export function withOp(test: Test, is: Op): Test {
  const count = { none: 0, window: 0, one: 1, two: 2, many: 500 }[needed(is)];
  return { path: test.path, ...(test.context ? { context: true } : {}), is, values: test.values.slice(0, count), ...(is === 'lies' ? { window: test.window ?? { kind: 'in_next', span: { number: 7, unit: 'days' } } } : {}) };
}
