/* The timeline as it is read: by month, runs of the same small thing folded into one line. Pure. */
import type { Happening, Note } from '../api/types';

export type Line =
  | { kind: 'one'; at: number; item: Happening }
  | { kind: 'run'; at: number; name: string; items: Happening[] }
  | { kind: 'note'; at: number; note: Note };

export interface Month {
  key: string;
  at: number;
  lines: Line[];
}

/** From this many equal neighbours on, a run is folded. */
export const RUN_MIN = 3;

const foldable = (item: Happening) => item.family !== 'order' && item.order === null;

function foldRuns(items: Happening[]): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < items.length) {
    const first = items[start];
    if (!first) break;
    let end = start + 1;
    while (end < items.length && foldable(first) && items[end]?.name === first.name) end += 1;
    const run = items.slice(start, end);
    if (run.length >= RUN_MIN) lines.push({ kind: 'run', at: first.occurred_at, name: first.name, items: run });
    else lines.push(...run.map((item): Line => ({ kind: 'one', at: item.occurred_at, item })));
    start = end;
  }
  return lines;
}

function groupBy<T>(values: T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group) group.push(value);
    else groups.set(keyOf(value), [value]);
  }
  return groups;
}

/** Newest month first; within one month notes stand where they were written. */
export function monthsOf(items: Happening[], notes: Note[], monthKey: (at: number) => string): Month[] {
  const happenings = groupBy([...items].sort((a, b) => b.occurred_at - a.occurred_at), (item) => monthKey(item.occurred_at));
  const written = groupBy(notes, (note) => monthKey(note.at));
  const keys = [...new Set([...happenings.keys(), ...written.keys()])].sort().reverse();
  return keys.map((key) => {
    const lines = foldRuns(happenings.get(key) ?? []);
    lines.push(...(written.get(key) ?? []).map((note): Line => ({ kind: 'note', at: note.at, note })));
    lines.sort((a, b) => b.at - a.at);
    return { key, at: lines[0]?.at ?? 0, lines };
  });
}
