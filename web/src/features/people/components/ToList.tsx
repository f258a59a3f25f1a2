/* Everybody of a list as it is filtered, put on a list that is kept. */
import { Autocomplete, Button, Modal } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { listPut, useListChange, useLists } from '../api/groups';
import { allPeople, type PeopleFilter } from '../api/people';

export function ToList({ total, filter, onClose }: { total: number; filter: PeopleFilter; onClose: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const lists = useLists();
  const [name, setName] = useState('');
  const put = useListChange(async (to: { id: string } | { name: string }) => {
    const rows = await allPeople(filter, () => undefined);
    return listPut(to, rows.map((row) => row.id));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const known = lists.find((list) => list.name.toLowerCase() === name.trim().toLowerCase());
    put.mutate(known ? { id: known.id } : { name: name.trim() }, { onSuccess: (n) => { toast(t('list.added', { n })); onClose(); } });
  };
  return (
    <Modal opened onClose={onClose} title={t('people.to_list_title', { n: total })} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <form className="stack" onSubmit={submit}>
        <Autocomplete label={t('people.to_list_name')} description={t('people.to_list_say')} data={lists.map((list) => list.name)} value={name} error={fieldError(put.error, 'name')} data-autofocus onChange={setName} />
        <FormError error={put.error} />
        <div className="row acts-end"><Button onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" variant="filled" loading={put.isPending} disabled={name.trim() === ''}>{t('list.put', { n: total })}</Button></div>
      </form>
    </Modal>
  );
}
