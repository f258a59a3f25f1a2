/* The rule that is being built: its tree, what the server says of it, how many it means. */
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { ruleCheck, useTreeCheck, useTreePreview, type RuleProblem } from '../../api/groups';
import { group, isComplete, conditions, readRule, rename, writeRule, type Group } from '../../model/form';
import type { Json } from '../../model/json';
import type { Wrong } from './Builder';

const TYPING_MS = 300;

/** Starts from a text; `broken` is that text when it is no rule (any more). */
export function useStart(text: string) {
  const [root, setRoot] = useState<Group | null>(text === '' ? group([]) : null);
  const [broken, setBroken] = useState<{ text: string; problem: RuleProblem | null } | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    if (text === '') return undefined;
    const stop = new AbortController();
    ruleCheck({ rule: text }, stop.signal).then(({ valid, json, problem }) => {
      if (valid && json !== undefined && json !== null) setRoot(readRule(json as Json));
      else { setBroken({ text, problem: problem ?? null }); setRoot(group([])); }
    }, (error: unknown) => { if (!stop.signal.aborted) setFailed(error); });
    return () => stop.abort();
  }, [text]);
  return { root, setRoot, broken, failed };
}

/** The name nobody knows, which the sentence that bears it can be found by. */
const nameIn = ({ reason }: RuleProblem) => (/^rule-(event|segment)/.test(reason?.code ?? '') ? (reason?.values[0] ?? '') : '');

export function useJudged(root: Group, onChange: (root: Group) => void) {
  const json = useMemo(() => writeRule(root), [root]);
  const [settled] = useDebouncedValue(json, TYPING_MS);
  const check = useTreeCheck(settled);
  const fresh = settled === json && !check.isPlaceholderData && check.data !== undefined;
  const valid = fresh && check.data?.valid === true;
  const preview = useTreePreview(settled, check.data?.valid === true && !check.isPlaceholderData);
  const problem = json !== null && fresh ? (check.data?.problem ?? null) : null;
  const name = problem ? nameIn(problem) : '';
  const wrong: Wrong | null = problem && {
    problem, name,
    onMend: () => { if (json !== null && problem.suggestion) onChange(readRule(rename(json, name, problem.suggestion))); },
  };
  return {
    json, wrong, empty: root.parts.length === 0,
    open: json === null && root.parts.length > 0 && (conditions(root).some((one) => !isComplete(one)) || conditions(root).length === 0 || hasEmpty(root)),
    /** The canonical text of what is shown, once it is known and right. */
    text: valid ? (check.data?.rule ?? null) : null,
    preview: preview.data, old: preview.isPlaceholderData || settled !== json || (problem !== null), error: check.error ?? preview.error,
  };
}

const hasEmpty = (list: Group): boolean => list.parts.length === 0 || list.parts.some((part) => part.kind === 'list' && hasEmpty(part));
