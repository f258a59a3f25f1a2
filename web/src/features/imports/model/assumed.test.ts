import { expect, it } from 'vitest';
import { durationOf, missingFields, shareOf } from './assumed';

it.each([[0.2, 'import.seconds', 1], [89, 'import.seconds', 89], [90, 'import.minutes', 2], [3_600, 'import.minutes', 60], [9_000, 'import.hours', 3]])('%d seconds', (seconds, key, n) => {
  expect(durationOf(seconds)).toEqual({ key, n });
});
it('knows how far a file is', () => {
  expect(shareOf({ bytes_done: 5, bytes_total: 10, state: 'running' })).toBe(0.5);
  expect(shareOf({ bytes_done: 0, bytes_total: 0, state: 'running' })).toBe(0);
  expect(shareOf({ bytes_done: 0, bytes_total: 0, state: 'done' })).toBe(1);
});
it('names needed fields without a column', () => {
  expect(missingFields([{ name: 'a', required: true }, { name: 'b', required: false }, { name: 'c', required: true }], { a: 'A', c: null })).toEqual(['c']);
});
