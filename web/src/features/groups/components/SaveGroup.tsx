/* Keeps a rule under a name, or changes the name or the rule of one that is kept. A mistake is shown at its place. */
import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { savedAdd, savedChange, useRuleCheck, useSavedChange, type SavedSegment, type SegmentInput } from '../api/groups';
import { RuleProblem } from './RuleProblem';

const TYPING_MS = 350;

/** `group`: null for a new one, which starts with `rule`. */
export function SaveGroup({ group, rule: first, onClose }: { group: SavedSegment | null; rule: string; onClose: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const list = group?.kind === 'list';
  const [name, setName] = useState(group?.name ?? '');
  const [rule, setRule] = useState(first);
  const [settled] = useDebouncedValue(rule.trim(), TYPING_MS);
  const check = useRuleCheck(settled);
  const save = useSavedChange((input: SegmentInput) => (group ? savedChange(group.id)(input) : savedAdd(input)));
  const problem = check.data?.problem;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(list ? { name: name.trim() } : { name: name.trim(), rule: rule.trim() }, { onSuccess: (kept) => { toast(t('saved.kept', { name: kept.name })); onClose(); } });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t(group ? 'saved.change_title' : 'saved.keep_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <form className="stack" onSubmit={submit}>
        <TextInput label={t('saved.name')} placeholder={t('saved.name_example')} value={name} error={fieldError(save.error, 'name')} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        {list ? null : <Textarea label={t('rule.label')} value={rule} autosize minRows={2} spellCheck={false} classNames={{ input: 'mono' }} error={problem ? undefined : fieldError(save.error, 'rule')} onChange={(event) => setRule(event.currentTarget.value)} />}
        {problem && settled === rule.trim() ? <RuleProblem rule={settled} problem={problem} onChange={setRule} /> : null}
        <FormError error={save.error} />
        <div className="row acts-end">
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button type="submit" variant="filled" loading={save.isPending} disabled={name.trim() === '' || rule.trim() === '' || Boolean(problem)}>{t('act.save')}</Button>
        </div>
      </form>
    </Modal>
  );
}
