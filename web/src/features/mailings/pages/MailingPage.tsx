/* One mailing: a draft to write, or something on its way and what came of it. */
import { useParams } from 'react-router';
import { Await, Bones } from '@ui/states';
import { useMailing } from '../api/mailings';
import { Draft } from '../components/Draft';
import { Sent } from '../components/Sent';
import './mailings.css';

export function MailingPage() {
  const { id = '' } = useParams();
  const query = useMailing(id);
  return (
    <Await query={query} whole bones={<Bones lines={5} height={90} />}>
      {(mailing) => (mailing.state === 'draft' ? <Draft key={mailing.id} mailing={mailing} /> : <Sent mailing={mailing} />)}
    </Await>
  );
}
