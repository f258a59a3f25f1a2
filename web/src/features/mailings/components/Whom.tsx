/* To whom: a ready group, a saved one, or a rule of one's own; how many that are now. */
import { Select, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { useCount, useGroups, useSaved } from '../api/mailings';
import { choices, nameOf, type Choice } from '../model/whom';

const TYPING_MS = 400;
const OWN = 'own rule';

export function useChoices(): Choice[] {
  const { t } = useText();
  const [ready, saved] = [useGroups().data, useSaved().data];
  return choices(t, ready, saved?.segments ?? []);
}

export function useWhomName(): (rule: string) => string {
  const { t } = useText();
  const all = useChoices();
  return (rule) => nameOf(t, all, rule);
}

function Size({ rule }: { rule: string }) {
  const { t } = useText();
  const words = useErrorText();
  const count = useCount(rule);
  if (count.error) return <p className="small bad" role="alert">{words(count.error)}</p>;
  if (!count.data) return <p className="small">{t('state.loading')}</p>;
  return <p className="small">{t('mailing.in_group', { n: count.data.count })} · <Link className="lnk" to={`/groups/people?${new URLSearchParams({ rule }).toString()}`}>{t('mailing.see_group')}</Link></p>;
}

export function Whom({ rule, error, onChange }: { rule: string; error: string | undefined; onChange: (rule: string) => void }) {
  const { t } = useText();
  const all = useChoices();
  const own = !all.some((one) => one.rule === rule);
  const [settled] = useDebouncedValue(rule.trim(), TYPING_MS);
  const data = [...all.map(({ rule: value, name }) => ({ value, label: name })), { value: OWN, label: t('mailing.own_rule') }];
  return (
    <div className="stack tight">
      <Select label={t('mailing.whom')} data={data} value={own ? OWN : rule} onChange={(value) => onChange(value === OWN ? ' ' : (value ?? rule))} />
      {own ? (
        <Textarea
          aria-label={t('rule.label')} classNames={{ input: 'mono' }} autosize minRows={2} spellCheck={false} value={rule.trimStart()} error={error}
          placeholder={'last "Order Completed" more than 60 days ago'} onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : null}
      {settled ? <Size rule={settled} /> : null}
    </div>
  );
}
