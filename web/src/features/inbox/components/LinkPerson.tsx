/* Whose is this? A person is found by hand; no mail makes one. */
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { findPeople, useLink, type InboxConversationWhole } from '../api/inbox';

export function LinkPerson({ talk }: { talk: InboxConversationWhole }) {
  const { t } = useText();
  const [text, setText] = useState('');
  const [slow] = useDebouncedValue(text.trim(), 200);
  const link = useLink(talk.id);
  const found = useQuery({ queryKey: ['inbox', 'find', slow], enabled: slow !== '', queryFn: () => findPeople(slow) });
  const { suggested } = talk;
  const rows = found.data?.people ?? [];
  return (
    <section className="card stack">
      <h2>{t('inbox.whose')}</h2>
      <p className="why">{t('inbox.whose_say', { address: talk.address })}</p>
      {suggested ? <div><Button variant="filled" loading={link.isPending} onClick={() => link.mutate(suggested.id)}>{t('inbox.link_to', { name: suggested.name || suggested.id })}</Button></div> : null}
      <TextInput label={t('inbox.find')} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <ul className="talk-find">
        {rows.map((row) => <li key={row.id}><Button size="xs" onClick={() => link.mutate(row.id)}>{t('inbox.link_to', { name: row.name || row.email || row.id })}</Button></li>)}
      </ul>
      {slow !== '' && found.data && rows.length === 0 ? <p className="why" role="status">{t('search.none')}</p> : null}
      <FormError error={link.error} />
    </section>
  );
}
