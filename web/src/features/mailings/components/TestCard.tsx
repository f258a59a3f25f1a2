/* A test mail to oneself, and what came of it. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { useSender, useTest, useTested, type CampaignTest } from '../api/mailings';

function Outcome({ test, local }: { test: CampaignTest; local: boolean }) {
  const { t, f } = useText();
  if (test.state === 'none') return null;
  if (test.state === 'running' || !test.outcome) return <p className="why" role="status">{t('try.running')}</p>;
  const good = test.outcome === 'accepted';
  return (
    <div className="stack tight" role="status">
      <p className={good ? 'good' : 'bad'}><b>{t(good && local ? 'try.accepted_local' : `try.${test.outcome}`, { to: test.address ?? '' })}</b>{test.at ? <span className="small"> {f.time(test.at)}</span> : null}</p>
      {test.said && !good ? <p className="why">{t('sendtest.said', { text: test.said })}</p> : null}
      {good && local && test.mail_id ? <p><Link className="lnk" to={`/settings/mailbox?mail=${test.mail_id}`}>{t('sendtest.look')}</Link></p> : null}
    </div>
  );
}

export function TestCard({ id, person, ready }: { id: string; person: string; ready: boolean }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [to, setTo] = useState(useSession().user?.email ?? '');
  const tested = useTested(id).data;
  const sender = useSender().data;
  const test = useTest(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(person ? { address: to.trim(), person_id: person } : { address: to.trim() });
  };
  return (
    <section className="card stack tight">
      <h2>{t('try.title')}</h2>
      <p className="why">{t('try.say')}</p>
      <form className="row top" onSubmit={submit}>
        <TextInput className="grow" aria-label={t('sendtest.to')} type="email" value={to} error={fieldError(test.error, 'address')} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button type="submit" loading={test.isPending || tested?.state === 'running'} disabled={!ready || to.trim() === ''}>{t('try.act')}</Button>
      </form>
      <FormError error={test.error} />
      {tested ? <Outcome test={tested} local={sender?.transport === 'mailbox'} /> : null}
    </section>
  );
}
