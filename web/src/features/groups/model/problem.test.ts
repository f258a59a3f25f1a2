import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isKey, translator } from '@lib/i18n';
import { problemWords } from './problem';

const german = translator('de');

it.each([
  { why: 'what belongs there is said', problem: { message: 'expected last or next, not lest: did you mean last?', reason: { code: 'rule-expected-near', values: ['last or next', 'lest', 'last'] }, expected: 'last-next' }, want: 'Hier gehört last oder next hin, nicht lest' },
  { why: 'a word of the language stays', problem: { message: 'the rule ends where ")" was expected', reason: { code: 'rule-ends', values: ['")"'] }, expected: 'word' }, want: 'Die Regel hört zu früh auf: Es fehlt ")"' },
  { why: 'no expectation', problem: { message: 'there is no date 2023-02-29', reason: { code: 'rule-date', values: ['2023-02-29'] }, expected: null }, want: 'Den Tag 2023-02-29 gibt es nicht' },
  { why: 'a name that nobody knows, without the suggestion', problem: { message: 'unknown event "A": did you mean "B"?', reason: { code: 'rule-event-near', values: ['A', 'B'] }, expected: null }, want: 'Nichts heißt „A“' },
  { why: 'a server that gives no code', problem: { message: 'odd: did you mean even?', reason: null }, want: 'odd' },
])('$why', ({ problem, want }) => expect(problemWords(german, problem)).toBe(want));

it('every expectation of the server has words', () => {
  const table = readFileSync(new URL('../../../../../src/segments/parse_expect.c', import.meta.url), 'utf8');
  const codes = [...table.matchAll(/\[EXPECT_\w+\] = \{"([a-z-]+)",/g)].map(([, code]) => code).filter((code) => code !== 'word');
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !isKey(`expect.${code}`))).toEqual([]);
});
