/* What is wrong with a rule, in the reader's language; the name that was probably meant is not part of it. Pure. */
import { isKey, type Translate } from '@lib/i18n';
import { reasonWords } from '@lib/reason';
import type { RuleProblem } from '../api/groups';

type Told = Pick<RuleProblem, 'message' | 'reason' | 'expected'>;

/** A word of the language, or what kind of thing belongs where something else stands. */
function belongs(t: Translate, problem: Told, first: string): string {
  const key = `expect.${problem.expected ?? ''}`;
  return isKey(key) ? t(key) : first;
}

export function problemWords(t: Translate, problem: Told): string {
  const sentence = problem.message.replace(/: did you mean [^:]*\?$/, '');
  if (!problem.reason) return sentence;
  const [first = '', ...rest] = problem.reason.values;
  return reasonWords(t, { code: problem.reason.code.replace(/-near$/, ''), values: [belongs(t, problem, first), ...rest] }, sentence);
}
