import { describe, expect, it } from 'vitest';
import { formatFor } from '@lib/format';
import { translator } from '@lib/i18n';
import type { Curve, Kpi } from '@lib/types';
import { curveLabel, labelHeights } from './curveOption';
import { curvesAnswer, shareAt } from './curvesAnswer';
import { kpiChange, kpiValue, periodText } from './kpi';

const t = translator('en');
const f = formatFor('en', 'UTC');
const base: Kpi = {
  name: 'repeat_rate', label: '', formula: '', unit: 'share', value: 0.52, n: 1912, n_min: 30, enough: true, low: null, high: null, pitfalls: '', previous: 0.5, people: true,
};

describe('a figure in words', () => {
  it.each([
    { why: 'shares are in 100', kpi: base, want: '52 in 100' },
    { why: 'too few is said, not shown', kpi: { ...base, n: 7, enough: false }, want: 'too few to say (7)' },
    { why: 'no value is too few', kpi: { ...base, value: null, n: 0 }, want: 'too few to say (0)' },
    { why: 'money has its pennies', kpi: { ...base, unit: 'money' as const, value: 48_087 }, want: '£480.87' },
    { why: 'days are days', kpi: { ...base, unit: 'days' as const, value: 1 }, want: '1 day' },
  ])('$why', ({ kpi, want }) => expect(kpiValue(t, f, kpi, 'GBP')).toBe(want));

  it.each([
    { why: 'more of a good thing', kpi: base, want: { say: '2 in 100 more than the period before', good: true } },
    { why: 'less churn is good', kpi: { ...base, name: 'churn', previous: 0.6 }, want: { say: '8 in 100 fewer than the period before', good: true } },
    { why: 'nothing to compare', kpi: { ...base, previous: null }, want: { say: 'no earlier period to compare with', good: null } },
    { why: 'the same', kpi: { ...base, previous: 0.52 }, want: { say: 'the same as the period before', good: null } },
    { why: 'percent for counts', kpi: { ...base, unit: 'count' as const, value: 110, previous: 100 }, want: { say: '10 % more than the period before', good: true } },
    { why: 'nothing before is no percentage', kpi: { ...base, unit: 'count' as const, value: 110, previous: 0 }, want: { say: 'no earlier period to compare with', good: null } },
  ])('$why', ({ kpi, want }) => expect(kpiChange(t, f, kpi)).toEqual(want));

  it('says the last day that is counted', () => {
    const period = { from: '2010-12-01', to: '2011-12-10', zone: 'UTC', currency: 'GBP', as_of: 0, as_of_reason: null };
    expect(periodText(t, f, period)).toBe('1 Dec 2010 – 9 Dec 2011');
    expect(periodText(t, f, { ...period, from: null, to: null })).toBe('everything so far');
  });
});

describe('return curves', () => {
  const curve = (label: string, share: number, complete: number): Curve => ({ label, from: '', to: '', size: 100, complete_days: complete, points: [{ day: 0, share: 0 }, { day: 90, share }, { day: 200, share: 0.9 }] });
  it('reads the share at an age', () => expect([shareAt(curve('a', 0.3, 200), 90), shareAt(curve('a', 0.3, 80), 90)]).toEqual([0.3, null]));
  it('compares only what is old enough', () => expect(curvesAnswer(t, f, [curve('2011-Q1', 0.3, 200), curve('2011-Q2', 0.8, 40)])).toBe('After three months 30 have ordered again.'));
  it('names the best', () => expect(curvesAnswer(t, f, [curve('2011-Q1', 0.3, 200), curve('2010-Q4', 0.4, 200)])).toContain('those of Oct – Dec 2010 came back most'));
  it('keeps the labels of lines apart', () => expect([labelHeights([50, 52, 200]), labelHeights([52, 50]), labelHeights([])]).toEqual([[50, 68, 200], [68, 50], []]));
  it('says when it is too early', () => expect(curvesAnswer(t, f, [curve('2011-Q2', 0.8, 40)])).toContain('Too early'));
  it('writes quarters as months', () => expect([curveLabel('2011-Q1', f), curveLabel('2011-02', f), curveLabel('regulars', f)]).toEqual(['Jan – Mar 2011', 'Feb 2011', 'regulars']));
});
