/* The whole rule as text: read while it is typed, its mistakes shown at their place. */
import { Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect } from 'react';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { useRuleCheck } from '../../api/groups';
import { readRule, type Group } from '../../model/form';
import type { Json } from '../../model/json';
import { RuleProblem } from '../RuleProblem';

const TYPING_MS = 350;

/** `onRead`: the tree of a text that is a rule, null while it is none. */
export function TextMode({ text, onText, onRead }: { text: string; onText: (text: string) => void; onRead: (root: Group | null) => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [settled] = useDebouncedValue(text.trim(), TYPING_MS);
  const check = useRuleCheck(settled);
  const fresh = settled === text.trim() && !check.isPlaceholderData;
  const json = fresh && check.data?.valid ? check.data.json : undefined;
  useEffect(() => onRead(json === undefined || json === null ? null : readRule(json as Json)), [json]);
  return (
    <div className="stack tight">
      <Textarea label={t('rule.label')} value={text} autosize minRows={3} spellCheck={false} classNames={{ input: 'mono' }} onChange={(event) => onText(event.currentTarget.value)} />
      {check.error ? <p className="bad" role="alert">{words(check.error)}</p> : null}
      {fresh && settled && check.data?.problem ? <RuleProblem rule={settled} problem={check.data.problem} onChange={onText} /> : null}
    </div>
  );
}
