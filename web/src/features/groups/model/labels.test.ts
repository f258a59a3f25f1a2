import { describe, expect, it } from 'vitest';
import { formatFor } from '@lib/format';
import { translator } from '@lib/i18n';
import { readRule } from './form';
import type { Json } from './json';
import { fieldSaid, shareOf } from './labels';
import { sayRule } from './say';

const WORDS = { en: { t: translator('en'), f: formatFor('en', 'UTC') }, de: { t: translator('de'), f: formatFor('de', 'UTC') } };

describe('a share', () => {
  it.each([
    [4, 20_000, '< 0.1', 'somebody is not nobody'],
    [0, 20_000, '0', 'nobody'],
    [147, 20_000, '0.7', 'few: a decimal'],
    [7_301, 20_000, '37', 'many: none'],
    [5, 0, '0', 'of no one'],
  ])('%i of %i is %s: %s', (count, people, said) => expect(shareOf(WORDS.en.f, count, people)).toBe(said));
});

describe('a rule in a sentence', () => {
  const rule = readRule({ and: [
    { did: { event: 'Order Completed' }, times: { at_least: 3 }, window: { in_last: { number: 365, unit: 'days' } } },
    { field: ['country'], is: 'in', values: ['DE', 'AT'] },
  ] } as Json);
  it('names things as one does within a sentence', () => {
    expect(fieldSaid(WORDS.en.t, ['country'], 'trait')).toBe('country');
    expect(fieldSaid(WORDS.en.t, ['shoe_size'], 'trait')).toBe('shoe size');
    expect(sayRule(WORDS.en, rule)).toBe('has placed an order at least 3 times in the last 365 days and country is Germany or Austria');
    expect(sayRule(WORDS.de, rule)).toBe('hat mindestens 3-mal in den letzten 365 Tagen bestellt und Land ist Deutschland oder Österreich');
  });
});
