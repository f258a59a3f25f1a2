import { expect, it } from 'vitest';
import { groupParts } from './disk';

it('sums the files of one kind, largest first', () => {
  const parts = [{ name: 'kith.db', bytes: 5 }, { name: 'kith.db-wal', bytes: 4 }, { name: 'kith.db-shm', bytes: 3 }, { name: 'lock', bytes: 1 }, { name: 'never.log', bytes: 1 }];
  expect(groupParts(parts)).toEqual([{ name: 'wal', bytes: 7 }, { name: 'database', bytes: 5 }, { name: 'other', bytes: 2 }]);
});
