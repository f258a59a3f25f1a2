import { describe, expect, it } from 'vitest';
import { conditions, isComplete, readRule, rename, writeRule } from './form';
import { blank } from './kinds';
import type { Json } from './json';
import { withOp, withType } from './test';

const days = (number: number) => ({ number, unit: 'days' });
const RULES: { why: string; json: Json; kinds: string[] }[] = [
  { why: 'everybody', json: { everybody: true }, kinds: ['everybody'] },
  { why: 'a trait', json: { field: ['country'], is: '=', value: 'DE' }, kinds: ['trait'] },
  { why: 'one of several', json: { field: ['country'], is: 'in', values: ['DE', 'FR'] }, kinds: ['trait'] },
  { why: 'a nested trait', json: { field: ['address', 'city'], is: 'exists' }, kinds: ['trait'] },
  { why: 'money', json: { field: ['spent'], is: '>=', value: { number: 5, currency: 'EUR' } }, kinds: ['trait'] },
  { why: 'a day', json: { field: ['trial_ends'], is: '<=', value: { date: '2024-06-05' } }, kinds: ['trait'] },
  { why: 'a day to come', json: { field: ['trial_ends'], is: 'lies', window: { in_next: days(7) } }, kinds: ['trait'] },
  { why: 'between', json: { field: ['size'], is: 'between', values: [38, 44.5] }, kinds: ['trait'] },
  { why: 'did', json: { did: { event: 'Order Completed' } }, kinds: ['did'] },
  { why: 'did not', json: { not: { did: { event: 'Order Completed' }, window: { in_last: days(90) } } }, kinds: ['did'] },
  { why: 'how often, where, when', json: { did: { event: 'Product Viewed', where: { and: [{ field: ['category'], is: '=', value: 'shoes' }, { field: ['price'], is: '>', value: 40 }] } }, times: { at_least: 3 }, window: { between_ago: { from: 35, to: 25, unit: 'days' } } }, kinds: ['did'] },
  { why: 'a where that no menu says', json: { did: { event: 'A', where: { not: { field: ['x'], is: '=', value: 1 } } } }, kinds: ['text'] },
  { why: 'followed by', json: { did: { event: 'A' }, then: [{ event: 'B', within: { number: 2, unit: 'days' } }] }, kinds: ['did'] },
  { why: 'followed by, some day', json: { did: { event: 'A' }, then: [{ event: 'B', where: { field: ['x'], is: '=', value: 1 } }] }, kinds: ['did'] },
  { why: 'not followed by in time', json: { did: { event: 'A' }, not_then: { event: 'B', within: { number: 2, unit: 'days' } } }, kinds: ['did'] },
  { why: 'three steps', json: { did: { event: 'A' }, then: [{ event: 'B' }, { event: 'C', within: { number: 2, unit: 'days' } }] }, kinds: ['did'] },
  { why: 'a step and what did not follow', json: { did: { event: 'A' }, then: [{ event: 'B' }], not_then: { event: 'C' } }, kinds: ['did'] },
  { why: 'not followed by', json: { did: { event: 'A' }, window: { in_last: days(2) }, not_then: { event: 'B' } }, kinds: ['did'] },
  { why: 'a shape of tomorrow stays as it is', json: { did: { event: 'A' }, steps: [{ event: 'B' }] }, kinds: ['text'] },
  { why: 'an amount', json: { amount: 'sum', field: ['revenue'], of: { event: 'Order Completed' }, is: '>=', value: 200, window: { in_last: days(365) } }, kinds: ['amount'] },
  { why: 'a count', json: { amount: 'count', of: { event: 'A' }, is: 'between', values: [1, 3] }, kinds: ['amount'] },
  { why: 'the last time', json: { nth: 0, of: { event: 'Order Completed' }, window: { more_than_ago: days(60) } }, kinds: ['moment'] },
  { why: 'a calendar month', json: { nth: 1, of: { event: 'Order Completed' }, window: { period: { unit: 'month', step: -1 } } }, kinds: ['moment'] },
  { why: 'a birthday', json: { birthday: true, window: { period: { unit: 'week', step: 0 } } }, kinds: ['birthday'] },
  { why: 'an anniversary', json: { anniversary: { nth: 1, of: { event: 'A' } }, window: { on: '2025-05-02' } }, kinds: ['anniversary'] },
  { why: 'an anniversary of a trait', json: { anniversary: { field: ['x'] }, window: { on: '2025-05-02' } }, kinds: ['yearly'] },
  { why: 'silence', json: { silent: 2.5 }, kinds: ['silent'] },
  { why: 'top', json: { top: 10, percent: true, by: { field: ['spent'] } }, kinds: ['top'] },
  { why: 'top by what was counted', json: { top: 10, percent: true, by: { amount: 'count', of: { event: 'A' } } }, kinds: ['topof'] },
  { why: 'a stage', json: { lifecycle: 'lapsed' }, kinds: ['lifecycle'] },
  { why: 'a stage of tomorrow', json: { lifecycle: 'asleep' }, kinds: ['text'] },
  { why: 'the time between', json: { time_between: 'median', of: { event: 'Order Completed' }, is: 'between', values: [1, 2], unit: 'weeks', window: { in_last: days(25) } }, kinds: ['gap'] },
  { why: 'a ratio', json: { ratio: { event: 'A', where: { field: ['x'], is: '=', value: 1 } }, to: { event: 'B' }, is: '>=', value: 20, percent: true }, kinds: ['ratio'] },
  { why: 'a ratio without percent', json: { ratio: { event: 'A' }, to: { event: 'B' }, is: '=', value: 0.5, window: { in_last: days(25) } }, kinds: ['ratio'] },
  { why: 'the context of an event', json: { did: { event: 'A', where: { context: ['campaign', 'source'], is: '=', value: 'x' } } }, kinds: ['did'] },
  { why: 'top by an amount', json: { top: 3, percent: false, by: { amount: 'sum', field: ['revenue'], of: { event: 'A' }, window: { in_last: days(30) } } }, kinds: ['topof'] },
  { why: 'permission', json: { and: [{ consent: 'email', topic: 'newsletter' }, { not: { bounced: 'email' } }] }, kinds: ['consent', 'bounced'] },
  { why: 'the rest', json: { or: [{ tag: 'x' }, { segment: 'y' }, { random: 10, seed: 's' }] }, kinds: ['tag', 'segment', 'random'] },
  { why: 'lists in lists', json: { and: [{ or: [{ tag: 'a' }, { tag: 'b' }] }, { not: { and: [{ tag: 'c' }, { tag: 'd' }] } }] }, kinds: ['tag', 'tag', 'tag', 'tag'] },
  { why: 'twice not', json: { not: { not: { tag: 'a' } } }, kinds: ['text'] },
  { why: 'none of these', json: { not: { or: [{ tag: 'a' }, { tag: 'b' }] } }, kinds: ['tag', 'tag'] },
  { why: 'something else', json: { later: [1, 2] }, kinds: ['text'] },
];

describe('a rule in forms', () => {
  it.each(RULES)('$why: nothing is lost', ({ json, kinds }) => {
    const root = readRule(json);
    expect(conditions(root).map((one) => one.form.kind)).toEqual(kinds);
    expect(writeRule(root)).toEqual(json);
  });

  it('says what is not filled in yet', () => {
    const open = ['did', 'trait', 'amount', 'moment', 'anniversary', 'tag', 'segment'] as const;
    for (const kind of open) expect(isComplete({ kind: 'one', id: 1, not: false, form: blank(kind) }), kind).toBe(false);
    const done = ['birthday', 'silent', 'top', 'consent', 'bounced', 'random', 'everybody'] as const;
    for (const kind of done) expect(isComplete({ kind: 'one', id: 1, not: false, form: blank(kind) }), kind).toBe(true);
  });

  it('is nothing while a value is empty', () => {
    expect(writeRule(readRule({ and: [] }))).toEqual({ and: [] });
    const root = readRule({ field: ['a'], is: '=', value: 'x' });
    const one = conditions(root)[0];
    if (one?.form.kind === 'trait') one.form.test = { ...one.form.test, values: [''] };
    expect(writeRule(root)).toBeNull();
  });

  it('puts the name that was meant in its place, and nowhere else', () => {
    expect(rename({ and: [{ did: { event: 'Oder' } }, { tag: 'Oder' }, { segment: 'Oder' }] }, 'Oder', 'Order'))
      .toEqual({ and: [{ did: { event: 'Order' } }, { tag: 'Oder' }, { segment: 'Order' }] });
  });
});

describe('a comparison', () => {
  const text = { path: ['country'], is: '=' as const, values: ['DE'] };
  it('keeps what still makes sense when another name is chosen', () => {
    expect(withType(text, ['city'], 'text')).toEqual({ path: ['city'], is: '=', values: ['DE'] });
    expect(withType(text, ['size'], 'number')).toEqual({ path: ['size'], is: '=', values: [] });
    expect(withType({ ...text, is: 'contains' }, ['size'], 'number')).toEqual({ path: ['size'], is: '>=', values: [] });
    expect(withType(text, ['trial'], 'date')).toMatchObject({ is: '=', values: [] });
  });
  it('keeps as many values as fit', () => {
    expect(withOp({ ...text, is: 'in', values: ['a', 'b'] }, '=')).toMatchObject({ values: ['a'] });
    expect(withOp(text, 'in')).toMatchObject({ values: ['DE'] });
    expect(withOp(text, 'exists')).toMatchObject({ values: [] });
    expect(withOp(text, 'lies')).toMatchObject({ values: [], window: { kind: 'in_next' } });
  });
});
