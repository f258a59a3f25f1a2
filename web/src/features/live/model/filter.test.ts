import { expect, it } from 'vitest';
import type { LiveItem } from '../api/live';
import { matches } from './filter';

const item: LiveItem = { number: 1, visitor: true, at: 0, type: 'track', name: 'Order Completed', person: null, who: 'anon-7', source: 'website', key: null, status: 'refused', reason: 'no such currency', properties: { total: 7 } };

it.each([
  ['all', '', true], ['accepted', '', false], ['refused', '', true], ['all', 'CURRENCY', true], ['all', 'anon-7', true], ['all', '"total":7', true], ['all', 'refund', false],
] as const)('%s %s', (status, text, want) => expect(matches(item, status, text)).toBe(want));
