/* A group of one's own as a rule: read while it is typed, its mistakes shown at their place. */
import { Button, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { useRuleCheck, useRuleCount } from '../api/groups';
import { RuleProblem } from './RuleProblem';
import { SaveGroup } from './SaveGroup';

const TYPING_MS = 350;
const EXAMPLES = [
  'last "Order Completed" more than 60 days ago',
  'did "Order Completed" at least 3 times in last 90 days',
  'sum(revenue) of "Order Completed" >= 200 in last 365 days and country = "DE"',
  'silent longer than 2.5 times usual and top 10 % by lifetime_value',
];

function Answer({ rule, onChange }: { rule: string; onChange: (rule: string) => void }) {
  const { t } = useText();
  const [saving, setSaving] = useState(false);
  const words = useErrorText();
  const check = useRuleCheck(rule);
  const valid = check.data?.valid === true && !check.isPlaceholderData;
  const count = useRuleCount(rule, valid);
  const failed = check.error ?? count.error;
  if (failed) return <p className="bad" role="alert">{words(failed)}</p>;
  if (check.data?.problem) return <RuleProblem rule={rule} problem={check.data.problem} onChange={onChange} />;
  if (!count.data) return <p className="why" role="status">{t('state.loading')}</p>;
  return (
    <div className="row" role="status">
      <p><b>{t('people.count', { n: count.data.count })}</b> <span className="why">{t('rule.of', { n: count.data.people })}</span></p>
      {count.data.count > 0 ? <Button component={Link} to={`/groups/people?${new URLSearchParams({ rule }).toString()}`}>{t('attention.quiet.act')}</Button> : null}
      <Button onClick={() => setSaving(true)}>{t('saved.keep')}</Button>
      {saving ? <SaveGroup group={null} rule={rule} onClose={() => setSaving(false)} /> : null}
    </div>
  );
}

export function Advanced() {
  const { t } = useText();
  const [search, setSearch] = useSearchParams();
  const rule = search.get('rule') ?? '';
  const [opened] = useState(rule !== '');
  const set = (text: string) => setSearch(text ? { rule: text } : {}, { replace: true, preventScrollReset: true });
  const [settled] = useDebouncedValue(rule.trim(), TYPING_MS);
  return (
    <details className="card fold" open={opened}>
      <summary><h2>{t('rule.title')}</h2><span className="why">{t('rule.say')}</span></summary>
      <div className="stack mt16">
        <Textarea
          label={t('rule.label')} value={rule} autosize minRows={2} spellCheck={false} classNames={{ input: 'mono' }}
          placeholder={EXAMPLES[0] ?? ''} onChange={(event) => set(event.currentTarget.value)}
        />
        {settled ? <Answer rule={settled} onChange={set} /> : null}
        <div>
          <p className="small">{t('rule.examples')}</p>
          <ul className="bare rule-examples">
            {EXAMPLES.map((example) => <li key={example}><button type="button" className="mono" onClick={() => set(example)}>{example}</button></li>)}
          </ul>
        </div>
      </div>
    </details>
  );
}
