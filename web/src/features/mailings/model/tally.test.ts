import { expect, it } from 'vitest';
import { formOf, inserted } from './draft';
import { shareDone, tally } from './tally';
import { savedRule } from './whom';

it('counts by what became of each', () => {
  const counts = [
    { state: 'accepted', reason: null, count: 80 }, { state: 'refused', reason: 'no_such_mailbox', count: 2 }, { state: 'unknown', reason: null, count: 1 },
    { state: 'waiting', reason: 'quiet_hours', count: 7 }, { state: 'planned', reason: null, count: 10 }, { state: 'dropped', reason: 'left_alone', count: 9 },
    { state: 'dropped', reason: 'no_basis', count: 30 }, { state: 'cancelled', reason: 'unsubscribed', count: 3 },
  ];
  const got = tally(counts);
  expect(got).toMatchObject({ delivered: 80, refused: 2, unknown: 1, open: 17, waiting: 7, leftAlone: 9, withheld: 33 });
  expect(got.reasons.map(({ reason, count }) => `${reason} ${count}`)).toEqual(['no_basis 30', 'unsubscribed 3', 'no_such_mailbox 2', 'unknown 1']);
  expect(shareDone(got)).toBeCloseTo(0.83);
  expect(shareDone(tally([]))).toBe(0);
});

it('sends what the form holds and nothing the server adds', () => {
  const mailing = {
    id: '1', name: 'News', subject: 's', preheader: 'p', body: 'b', rule: 'everybody', topic: 'newsletter', purpose: 'value' as const, holdout: 100, compare_days: 14,
    state: 'draft' as const, created_at: 1, changed_at: 2, counts: [],
  };
  expect(Object.keys(formOf(mailing)).sort()).toEqual(['body', 'compare_days', 'holdout', 'name', 'preheader', 'purpose', 'rule', 'subject', 'topic']);
});

it('puts a field in place of what is selected', () => expect(inserted('Dear X,', 5, 6, '{{ a }}')).toBe('Dear {{ a }},'));
it('names a saved group as the language of rules does', () => expect(savedRule('My "best"')).toBe('in segment "My \\"best\\""'));
