import { describe, expect, it } from 'vitest';
import { emptyItem, minorOf, orderOf, totalOf } from './purchase';

describe('amounts as people write them', () => {
  it.each([
    ['4.50', 100, 450], ['4,50', 100, 450], ['1.234,50', 100, 123_450], ['1,234.50', 100, 123_450], ['1,234', 100, 123_400], ['£ 12', 100, 1_200],
    ['12,5', 100, 1_250], ['0', 100, 0], ['500', 1, 500], ['', 100, null], ['free', 100, null],
  ])('%s at %i per unit is %s', (text, perUnit, want) => expect(minorOf(text, perUnit)).toBe(want));
});

describe('a purchase by hand', () => {
  const coffee = { name: 'Flat white', quantity: '2', price: '4.50' };
  it('sums its lines', () => expect(totalOf([coffee, { ...coffee, quantity: '1' }], 100)).toBe(1_350));
  it('leaves out empty lines', () => expect(orderOf([coffee, emptyItem()], 100, 'GBP', 5)?.items).toEqual([{ name: 'Flat white', quantity: 2, price_minor: 450 }]));
  it.each([
    ['no line', [emptyItem()]], ['no price', [{ ...coffee, price: '' }]], ['no name', [{ ...coffee, name: ' ' }]], ['half a thing', [{ ...coffee, quantity: '0.5' }]], ['none of it', [{ ...coffee, quantity: '0' }]],
  ])('is not sent with %s', (_, items) => expect(orderOf(items, 100, 'GBP', 5)).toBeNull());
});
