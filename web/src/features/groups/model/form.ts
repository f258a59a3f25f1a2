/* A rule as the builder holds it: lists of conditions, each a form that menus fill. Pure.
 *
 *     const part = readRule(json);      every JSON is read; what no menu can say becomes a form `text`
 *     const json = writeRule(part);     null while something is not filled in; read and written again is the same
 */
import { isDict, isText, only, type Dict, type Json } from './json';
import { readForm, writeForm, type Form } from './kinds';

export type { Form } from './kinds';

export interface Condition {
  kind: 'one';
  id: number;
  not: boolean;
  form: Form;
}
export interface Group {
  kind: 'list';
  id: number;
  not: boolean;
  join: 'and' | 'or';
  parts: Part[];
}
export type Part = Condition | Group;

let lastId = 0;
export const newId = (): number => ++lastId;

export const condition = (form: Form, not = false): Condition => ({ kind: 'one', id: newId(), not, form });
export const group = (parts: Part[], join: 'and' | 'or' = 'and', not = false): Group => ({ kind: 'list', id: newId(), not, join, parts });

function readList(json: Dict, not: boolean): Group | null {
  for (const join of ['and', 'or'] as const) {
    const items = json[join];
    if (Array.isArray(items) && only(json, join) && items.length > 0) return group(items.map((item) => readPart(item)), join, not);
  }
  return null;
}

function readPart(json: Json, not = false): Part {
  if (isDict(json)) {
    const inner = json.not;
    if (inner !== undefined && only(json, 'not') && !not && !(isDict(inner) && 'not' in inner)) return readPart(inner, true);
    const list = readList(json, not);
    if (list) return list;
    const form = readForm(json);
    if (form) return condition(form, not);
  }
  return condition({ kind: 'text', node: json }, not);
}

/** The whole: always a list, so that there is a place for one more. */
export function readRule(json: Json): Group {
  const part = readPart(json);
  return part.kind === 'list' && !part.not ? part : group([part]);
}

function writePart(part: Part): Json | null {
  const inner = part.kind === 'one' ? writeForm(part.form) : writeList(part);
  return inner !== null && part.not ? { not: inner } : inner;
}

function writeList(list: Group): Json | null {
  const items = list.parts.map(writePart);
  if (items.length === 0 || items.includes(null)) return null;
  return items.length === 1 ? (items[0] ?? null) : { [list.join]: items };
}

/** null: something is empty yet. Lists of one are that one. */
export const writeRule = (root: Group): Json | null => writePart(root);

/** Every condition, from top to bottom. */
export function conditions(part: Part): Condition[] {
  return part.kind === 'one' ? [part] : part.parts.flatMap(conditions);
}

export const isComplete = (one: Condition): boolean => writeForm(one.form) !== null;

/** Puts another name in the place of one that nobody knows: events and groups. */
export function rename(json: Json, from: string, to: string): Json {
  if (Array.isArray(json)) return json.map((item) => rename(item, from, to));
  if (!isDict(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([member, value]) => {
    const named = (member === 'event' || member === 'segment') && isText(value) && value === from;
    return [member, named ? to : rename(value, from, to)];
  }));
}
