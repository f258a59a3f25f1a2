import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isKey, translator } from './i18n';
import { reasonWords } from './reason';

it.each([
  { why: 'a field is said by its name here', reason: { code: 'number-comma', values: ['price', 'x'] }, want: 'Einzelpreis: „x“ ist keine Zahl mit Dezimalkomma' },
  { why: 'an unknown code is said as the server says it', reason: { code: 'brand-new', values: [] }, want: 'as the server says' },
  { why: 'no code', reason: null, want: 'as the server says' },
])('$why', ({ reason, want }) => expect(reasonWords(translator('de'), reason, 'as the server says')).toBe(want));

it('every code of the server has words', () => {
  const table = readFileSync(new URL('../../../src/net/reason.c', import.meta.url), 'utf8');
  const list = table.slice(0, table.indexOf('reason_fields'));
  const codes = [...list.matchAll(/^ {4}\{"([a-z0-9-]+)",/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((code) => !isKey(`reason.${code}`))).toEqual([]);
});
