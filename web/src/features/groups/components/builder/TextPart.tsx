/* A part that no menu can say: its text, to be changed as text. */
import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { ruleCheck, type RuleProblem as Problem } from '../../api/groups';
import type { Json } from '../../model/json';
import { RuleProblem } from '../RuleProblem';

function Change({ text: first, onTake, onClose }: { text: string; onTake: (node: Json) => void; onClose: () => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [text, setText] = useState(first);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const take = () => {
    ruleCheck({ rule: text }).then(({ json, problem: wrong }) => {
      setProblem(wrong ?? null);
      if (!wrong && json !== undefined) onTake(json as Json);
    }, setFailed);
  };
  return (
    <div className="stack tight grow">
      <Textarea aria-label={t('b.text_label')} classNames={{ input: 'mono' }} autosize minRows={1} spellCheck={false} value={text} onChange={(event) => { setText(event.currentTarget.value); setProblem(null); }} />
      {problem ? <RuleProblem rule={text} problem={problem} onChange={(next) => { setText(next); setProblem(null); }} /> : null}
      {failed ? <p className="bad" role="alert">{words(failed)}</p> : null}
      <div className="row"><Button size="xs" onClick={take} disabled={text.trim() === ''}>{t('b.text_take')}</Button><Button size="xs" variant="subtle" onClick={onClose}>{t('act.cancel')}</Button></div>
    </div>
  );
}

export function TextPart({ node, onTake }: { node: Json; onTake: (node: Json) => void }) {
  const { t } = useText();
  const [changing, setChanging] = useState(false);
  const text = useQuery({ queryKey: ['groups', 'check', node], queryFn: ({ signal }) => ruleCheck({ json: node }, signal) }).data?.rule ?? JSON.stringify(node);
  if (changing) return <div className="b-line"><Change text={text} onTake={(next) => { setChanging(false); onTake(next); }} onClose={() => setChanging(false)} /></div>;
  return (
    <div className="b-line">
      <code className="b-text mono" title={t('b.text_part')}>{text}</code>
      <button type="button" className="lnk small" onClick={() => setChanging(true)}>{t('b.text_change')}</button>
    </div>
  );
}
