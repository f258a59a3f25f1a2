import { describe, expect, it } from 'vitest';
import type { Happening, Note } from '../api/types';
import { monthsOf } from './fold';

const monthKey = (at: number) => new Date(at).toISOString().slice(0, 7);
let counter = 0;

function item(name: string, day: string, family: Happening['family'] = 'visit'): Happening {
  counter += 1;
  const at = Date.parse(`${day}T12:00:00Z`) - counter;
  return {
    id: String(counter), name, family, occurred_at: at, received_at: at, source: 'web', trust: 'track', confirmed: true, text: '', properties: {}, order: null, money: null,
    type: 'track', imported: false, visitor: false, context: {},
  };
}

const kinds = (items: Happening[], notes: Note[] = []) =>
  monthsOf(items, notes, monthKey).map((month) => [month.key, ...month.lines.map((line) => (line.kind === 'run' ? `${line.items.length}×` : line.kind))].join(' '));

describe('the folded timeline', () => {
  const views = (count: number, day: string) => Array.from({ length: count }, () => item('Product Viewed', day));
  it.each([
    { why: 'two of a kind are shown as they are', items: () => views(2, '2026-03-02'), want: ['2026-03 one one'] },
    { why: 'three become one line', items: () => views(3, '2026-03-02'), want: ['2026-03 3×'] },
    { why: 'orders are never folded', items: () => Array.from({ length: 4 }, () => item('Order Completed', '2026-03-02', 'order')), want: ['2026-03 one one one one'] },
    { why: 'something between ends a run', items: () => [...views(3, '2026-03-05'), item('Order Completed', '2026-03-04', 'order'), ...views(3, '2026-03-02')], want: ['2026-03 3× one 3×'] },
    { why: 'a run does not cross months', items: () => [...views(3, '2026-03-01'), ...views(3, '2026-02-28')], want: ['2026-03 3×', '2026-02 3×'] },
    { why: 'nothing is nothing', items: () => [], want: [] },
  ])('$why', ({ items, want }) => expect(kinds(items())).toEqual(want));

  it('puts notes where they were written', () => {
    const note: Note = { id: 'n', body: 'called', author: '', at: Date.parse('2026-03-03T12:00:00Z') };
    expect(kinds([item('A', '2026-03-04'), item('B', '2026-03-02')], [note])).toEqual(['2026-03 one note one']);
  });

  it('shows a month that has only a note', () => {
    const note: Note = { id: 'n', body: 'called', author: '', at: Date.parse('2026-05-03T12:00:00Z') };
    expect(kinds([item('A', '2026-03-04')], [note])).toEqual(['2026-05 note', '2026-03 one']);
  });
});
