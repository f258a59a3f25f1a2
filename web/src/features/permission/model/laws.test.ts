import { expect, it } from 'vitest';
import type { Law } from '../api/permission';
import { lawsWithPeople } from './laws';

const law = (country: string, people: number, id: string | null = country): Law => ({ country, people, law: id, citation: null, expires_days: null, text: null });

it('lists countries with people, those without such a law last', () => {
  const laws = [law('AT', 3), law('DE', 0), law('GB', 12), law('PL', 40, null)];
  expect(lawsWithPeople(laws).map(({ country }) => country)).toEqual(['GB', 'AT', 'PL']);
});
