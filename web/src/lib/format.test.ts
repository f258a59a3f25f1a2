import { describe, expect, it } from 'vitest';
import { csvCell, csvText } from './download';
import { formatFor, kpiNumber, minorPerUnit, roundEstimate } from './format';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const en = formatFor('en', 'Europe/London');
const de = formatFor('de', 'Europe/Berlin');
const midnight = Date.UTC(2026, 6, 1, 22, 30);

describe('money', () => {
  it.each([
    ['GBP', 891_140_790, '£8,911,407.90', '8.911.407,90 £'], ['EUR', -1_450, '-€14.50', '-14,50 €'], ['JPY', 500, 'JP¥500', '500 ¥'], ['XXQ', 100, 'XXQ 1.00', '1,00 XXQ'],
  ])('%s %i', (currency, minor, english, german) => {
    expect(plain(en.money({ minor, currency }))).toBe(english);
    expect(plain(de.money({ minor, currency }))).toBe(german);
  });
  it('survives a currency that is none', () => expect(plain(en.money({ minor: 100, currency: '??' }))).toBe('1 ??'));
  it('knows the minor units', () => expect([minorPerUnit('GBP'), minorPerUnit('JPY'), minorPerUnit('KWD'), minorPerUnit('')]).toEqual([100, 1, 1000, 100]));
  it.each([[412_345, 410_000], [9_950, 10_000], [12_399, 12_000], [-412_345, -410_000], [0, 0]])('estimates %i as %i', (minor, want) => expect(roundEstimate(minor, 100)).toBe(want));
});

describe('days', () => {
  it('belong to the zone of the business', () => expect([en.dayKey(midnight), de.dayKey(midnight)]).toEqual(['2026-07-01', '2026-07-02']));
  it.each([[0, 'today'], [1, 'yesterday'], [3, '3 days ago'], [6, '6 days ago'], [7, '24 Jun 2026']])('%i days ago', (days, want) => {
    expect(en.ago(midnight - days * 86_400_000, midnight)).toBe(want);
  });
  it('are written as the locale writes them', () => expect([en.dayOf('2011-12-09'), de.dayOf('2011-12-09'), en.monthOf('2010-12')]).toEqual(['9 Dec 2011', '9. Dez. 2011', 'Dec 2010']));
  it('survives a zone that is none', () => expect(formatFor('en', '../../etc/passwd').time(0)).toBe('00:00'));
});

describe('figures', () => {
  it.each([['share', 0.52, '52'], ['share', 0.043, '4.3'], ['count', 4338, '4,338'], ['per_person', 4.271, '4.27'], ['money', 48_087, '£480.87']] as const)('%s %d', (unit, value, want) => {
    expect(kpiNumber(en, unit, value, 'GBP')).toBe(want);
  });
});

describe('CSV', () => {
  it.each([['a,b', '"a,b"'], ['say "hi"', '"say ""hi"""'], ['=1+1', "'=1+1"], ['@x', "'@x"], ['two\nlines', '"two\nlines"'], [null, ''], [-4, '-4']])('%s', (value, want) => expect(csvCell(value)).toBe(want));
  it('ends every line as RFC 4180 says', () => expect(csvText(['a'], [['1']])).toBe('a\r\n1\r\n'));
});
