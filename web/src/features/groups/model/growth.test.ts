import { expect, it } from 'vitest';
import { growthDays, growthLine } from './growth';

it('looks at some days of the last half year, oldest first', () => {
  const days = growthDays(Date.parse('2024-03-01T10:00:00Z'));
  expect(days.at(-1)).toBe('2024-02-23');
  expect([...days].sort()).toEqual(days);
});

it('draws from zero, in even time', () => {
  expect(growthLine([{ day: '2024-01-01', count: 0 }, { day: '2024-01-04', count: 5 }, { day: '2024-01-05', count: 10 }])).toEqual([{ x: 0, y: 100 }, { x: 75, y: 50 }, { x: 100, y: 0 }]);
  expect(growthLine([{ day: '2024-01-01', count: 0 }])).toEqual([{ x: 100, y: 100 }]);
});
