/* A note box on top; the draft keeps itself until it is saved. */
import { Button, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import type { KeyboardEvent } from 'react';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { noteAdd, usePersonChange } from '../api/people';

export function NoteBox({ id }: { id: string }) {
  const { t } = useText();
  const words = useErrorText();
  const [draft, setDraft] = useSessionStorage({ key: `kith-note-${id}`, defaultValue: '', getInitialValueInEffect: false });
  const add = usePersonChange(id, (body: string) => noteAdd(id, body));
  const save = () => {
    const body = draft.trim();
    if (body) add.mutate(body, { onSuccess: () => setDraft('') });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
  };
  return (
    <div className="note-box" id="note">
      <Textarea
        value={draft} autosize minRows={1} maxRows={8} placeholder={t('note.placeholder')} aria-label={t('note.label')}
        onChange={(event) => setDraft(event.currentTarget.value)} onKeyDown={onKey} error={add.error ? words(add.error) : undefined}
      />
      {draft.trim() ? <Button variant="filled" loading={add.isPending} onClick={save}>{t('note.save')}</Button> : null}
    </div>
  );
}
