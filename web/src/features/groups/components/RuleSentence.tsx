/* A rule as a sentence; as text where some part has no words. */
import { useQuery } from '@tanstack/react-query';
import { useText } from '@lib/text';
import { ruleCheck } from '../api/groups';
import { readRule } from '../model/form';
import type { Json } from '../model/json';
import { isSayable, sayRule } from '../model/say';

export function RuleSentence({ rule }: { rule: string }) {
  const { t, f } = useText();
  const json = useQuery({ queryKey: ['groups', 'read', rule], queryFn: ({ signal }) => ruleCheck({ rule }, signal), staleTime: Infinity }).data?.json;
  const root = json === undefined || json === null ? null : readRule(json as Json);
  if (!root || !isSayable(root)) return <span className="mono anywhere">{rule}</span>;
  const text = sayRule({ t, f }, root);
  return <span className="anywhere">{text.slice(0, 1).toLocaleUpperCase() + text.slice(1)}.</span>;
}
