import { expect, it } from 'vitest';
import { translator } from '@lib/i18n';
import { basisWords, fromFile } from './consent';

it.each([
  { why: 'a line of a file', proof: 'import 12, line 3', want: { id: '12', line: '3', proof: '' } },
  { why: 'and what the file says', proof: 'import 12, line 3: 192.0.2.1', want: { id: '12', line: '3', proof: '192.0.2.1' } },
  { why: 'by hand', proof: 'at the till', want: null },
  { why: 'none', proof: null, want: null },
])('knows where an answer came from: $why', ({ proof, want }) => expect(fromFile(proof)).toEqual(want));

it('says what an answer rests on, or leaves the words of whoever typed them', () => {
  expect(basisWords(translator('de'), 'given elsewhere')).toBe('anderswo gegeben');
  expect(basisWords(translator('de'), 'by contract')).toBe('by contract');
});
