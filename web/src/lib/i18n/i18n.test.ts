import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';
import { languageOf, richParts, translator, type Entry, type Key } from './index';

const forms = (entry: Entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).filter((text) => text !== undefined));
const slots = (entry: Entry) => [...new Set(forms(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].filter((slot) => slot !== '{n}').sort();

describe('catalogues', () => {
  const keys = Object.keys(en) as Key[];
  it('has the same places to fill in both languages', () => {
    for (const key of keys) expect([key, slots(de[key])]).toEqual([key, slots(en[key])]);
  });
  it('has a form for one wherever German and English need one', () => {
    for (const key of keys) expect([key, typeof de[key]]).toEqual([key, typeof en[key]]);
  });
  it('closes every bold run', () => {
    for (const key of keys) for (const text of [...forms(en[key]), ...forms(de[key])]) expect(text.split('<b>').length).toBe(text.split('</b>').length);
  });
  it('has no empty text', () => {
    for (const key of keys) for (const text of [...forms(en[key]), ...forms(de[key])]) expect(text.trim()).not.toBe('');
  });
});

describe('translator', () => {
  const english = translator('en');
  const german = translator('de');
  it.each([
    [english('people.count', { n: 1 }), '1 person'], [english('people.count', { n: 1204 }), '1,204 people'], [german('people.count', { n: 1204 }), '1.204 Menschen'],
    [english('people.orders_n', { n: 0 }), 'no orders'], [german('unit.days', { n: 1 }), '1 Tag'], [english('search.order', { number: '0042' }), 'Order 0042'],
  ])('%s', (got, want) => expect(got).toBe(want));
  it('leaves what is not given', () => expect(english('search.order')).toBe('Order {number}'));
  it('speaks English where it knows nothing better', () => expect([languageOf('fr'), languageOf('de-AT'), languageOf(null)]).toEqual(['en', 'de', 'en']));
});

describe('bold runs', () => {
  it('never become HTML', () => expect(richParts('<b>41</b> are <i>quiet</i>')).toEqual([{ bold: true, text: '41' }, { bold: false, text: ' are <i>quiet</i>' }]));
});
