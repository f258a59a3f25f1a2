/* Two entries, one human: find the other, join, and undo at any time. */
import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { findPeople, mergeUndo, personMerge, usePersonChange } from '../api/people';
import type { Person, PersonRow } from '../api/types';

export function MergeDialog({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const { t, f } = useText();
  const words = useErrorText();
  const [text, setText] = useState('');
  const [slow] = useDebouncedValue(text.trim(), 200);
  const [other, setOther] = useState<PersonRow | null>(null);
  const found = useQuery({ queryKey: ['people', 'find', slow], enabled: opened && slow !== '', queryFn: () => findPeople(slow) });
  const undo = usePersonChange(person.id, mergeUndo);
  const merge = usePersonChange(person.id, (id: string) => personMerge(person.id, id));
  const confirm = () => {
    if (!other) return;
    merge.mutate(other.id, {
      onSuccess: ({ merge_id: id }) => {
        onClose();
        setOther(null);
        toast(t('merge.done'), { undo: () => undo.mutate(id) });
      },
      onError: (error) => toast(words(error), { bad: true }),
    });
  };
  const rows = (found.data?.people ?? []).filter((row) => row.id !== person.id);
  return (
    <Confirm opened={opened} onClose={onClose} title={t('merge.title')} act={t('merge.confirm')} busy={merge.isPending} disabled={!other} onConfirm={confirm}>
      <p className="why">{t('merge.say')}</p>
      <TextInput label={t('merge.find')} placeholder="ana@example.com" value={text} data-autofocus onChange={(event) => { setText(event.currentTarget.value); setOther(null); }} />
      <div role="radiogroup" aria-label={t('merge.find')} className="pick">
        {rows.map((row) => (
          <button key={row.id} type="button" role="radio" aria-checked={other?.id === row.id} onClick={() => setOther(row)}>
            <span className="grow clip"><b>{row.name || row.email || t('person.unnamed')}</b> <span className="why">{row.name ? row.email : ''}</span></span>
            <span className="why">{t('people.orders_n', { n: row.orders })}{row.orders > 0 ? `, ${f.money(row.spent)}` : ''}</span>
          </button>
        ))}
      </div>
      {found.data && rows.length === 0 ? <p className="why" role="status">{t('search.none')}</p> : null}
    </Confirm>
  );
}
