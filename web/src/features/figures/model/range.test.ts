import { describe, expect, it } from 'vitest';
import { presetOf, rangeOf } from './range';

describe('periods', () => {
  it.each([
    ['all', { from: '', to: '' }], ['last_90', { from: '2011-09-11', to: '2011-12-10' }], ['last_365', { from: '2010-12-10', to: '2011-12-10' }],
    ['this_year', { from: '2011-01-01', to: '2012-01-01' }], ['last_year', { from: '2010-01-01', to: '2011-01-01' }],
  ] as const)('%s', (preset, want) => expect(rangeOf(preset, '2011-12-10')).toEqual(want));
  it('are read from the address bar', () => {
    const of = (search: string) => presetOf(new URLSearchParams(search));
    expect([of(''), of('period=last_90'), of('from=2011-01-01'), of('period=nonsense')]).toEqual(['all', 'last_90', 'own', 'all']);
  });
});
