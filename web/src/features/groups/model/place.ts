/* Where in a rule a mistake is: the line as it was written, cut in three. Pure. */
import type { RuleProblem } from '../api/groups';

export interface Place {
  before: string;
  /** The word that is wrong; a blank at the end of the line. */
  wrong: string;
  after: string;
}

export function placeOf(rule: string, problem: Pick<RuleProblem, 'line' | 'column'>): Place {
  const letters = [...(rule.split('\n')[problem.line - 1] ?? '')];
  const start = Math.min(Math.max(problem.column - 1, 0), letters.length);
  const rest = letters.slice(start).join('');
  const wrong = /^("[^"]*"?|[\p{L}\p{N}_.]+|.)/u.exec(rest)?.[0] ?? '';
  return { before: letters.slice(0, start).join(''), wrong: wrong || ' ', after: rest.slice(wrong.length) };
}

/** The rule with the wrong word replaced by the name that was probably meant. */
export function mended(rule: string, problem: Pick<RuleProblem, 'line' | 'column' | 'suggestion'>): string {
  const lines = rule.split('\n');
  const { before, wrong, after } = placeOf(rule, problem);
  const quoted = wrong.startsWith('"') && !problem.suggestion?.startsWith('"');
  const word = quoted ? `"${problem.suggestion}"` : (problem.suggestion ?? wrong);
  return lines.map((line, index) => (index === problem.line - 1 ? before + word + after : line)).join('\n');
}
