import { expect, it } from 'vitest';
import { mended, placeOf } from './place';

it.each([
  { why: 'a word', rule: 'contry = "DE"', line: 1, column: 1, want: ['', 'contry', ' = "DE"'] },
  { why: 'a name in quotes', rule: 'did "Ordr" ever', line: 1, column: 5, want: ['did ', '"Ordr"', ' ever'] },
  { why: 'the end', rule: 'country =', line: 1, column: 10, want: ['country =', ' ', ''] },
  { why: 'another line', rule: 'country = "DE"\nand city', line: 2, column: 5, want: ['and ', 'city', ''] },
  { why: 'letters beyond the first plane count once', rule: 'name = "😀" or x', line: 1, column: 15, want: ['name = "😀" or ', 'x', ''] },
  { why: 'beyond the end', rule: '', line: 3, column: 9, want: ['', ' ', ''] },
])('$why', ({ rule, line, column, want }) => {
  const { before, wrong, after } = placeOf(rule, { line, column });
  expect([before, wrong, after]).toEqual(want);
});

it('puts the name that was meant in its place', () => {
  expect(mended('did "Ordr" ever', { line: 1, column: 5, suggestion: 'Order Completed' })).toBe('did "Order Completed" ever');
  expect(mended('contry = "DE"', { line: 1, column: 1, suggestion: 'country' })).toBe('country = "DE"');
});
