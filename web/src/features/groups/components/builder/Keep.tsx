/* A name, and the group is kept. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { savedAdd, savedChange, useSavedChange, type SavedSegment, type SegmentInput } from '../../api/groups';

export function Keep({ saved, name: first, rule, nobody }: { saved: SavedSegment | null; name: string; rule: string | null; nobody: boolean }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const go = useNavigate();
  const [name, setName] = useState(saved?.name ?? first);
  const save = useSavedChange((input: SegmentInput) => (saved ? savedChange(saved.id)(input) : savedAdd(input)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rule === null) return;
    save.mutate({ name: name.trim(), rule }, { onSuccess: (kept) => { toast(t('saved.kept', { name: kept.name })); void go(`/groups/${kept.id}`); } });
  };
  return (
    <form className="stack tight" onSubmit={submit}>
      <TextInput label={t('b.name')} placeholder={t('saved.name_example')} value={name} error={fieldError(save.error, 'name')} onChange={(event) => setName(event.currentTarget.value)} />
      <FormError error={save.error} />
      <div className="row">
        <Button type="submit" variant="filled" loading={save.isPending} disabled={rule === null || name.trim() === ''}>{t(saved ? 'b.keep_change' : 'b.keep')}</Button>
        {rule !== null && !nobody ? <Link className="lnk" to={`/groups/people?${new URLSearchParams({ rule, title: name }).toString()}`}>{t('attention.quiet.act')}</Link> : null}
      </div>
    </form>
  );
}
