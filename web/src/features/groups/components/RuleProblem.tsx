/* Where a rule stops being one: its line with the wrong word marked, and the name that was probably meant. */
import { useText } from '@lib/text';
import type { RuleProblem as Problem } from '../api/groups';
import { mended, placeOf } from '../model/place';
import { problemWords } from '../model/problem';

export function RuleProblem({ rule, problem, onChange }: { rule: string; problem: Problem; onChange: (rule: string) => void }) {
  const { t } = useText();
  const { before, wrong, after } = placeOf(rule, problem);
  return (
    <div role="alert">
      <p className="mono rule-place"><span className="why">{before}</span><mark>{wrong}</mark><span className="why">{after}</span></p>
      <p className="bad">{t('rule.problem', { line: problem.line, column: problem.column, what: problemWords(t, problem) })}</p>
      {problem.suggestion ? <button type="button" className="lnk" onClick={() => onChange(mended(rule, problem))}>{t('rule.meant', { name: problem.suggestion })}</button> : null}
    </div>
  );
}
