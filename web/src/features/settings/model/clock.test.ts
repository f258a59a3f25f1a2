import { expect, it } from 'vitest';
import { clockOf, minutesOf } from './clock';

it('reads and writes minutes of the day', () => {
  expect([clockOf(0), clockOf(1260), clockOf(485)]).toEqual(['00:00', '21:00', '08:05']);
  expect([minutesOf('21:00'), minutesOf('08:05'), minutesOf('24:00'), minutesOf('')]).toEqual([1260, 485, null, null]);
});
