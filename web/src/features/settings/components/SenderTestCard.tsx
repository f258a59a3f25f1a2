/* A test mail, and in plain words how it went. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import type { Sender, SenderTest } from '@generated/api';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { useSenderTest } from '../api/sending';

function Result({ test, local }: { test: SenderTest; local: boolean }) {
  const { t, f } = useText();
  if (test.state === 'running') return <p className="why" role="status">{t('sendtest.running')}</p>;
  if (test.state === 'none' || !test.outcome) return <p className="why">{t('sendtest.none')}</p>;
  const good = test.outcome === 'delivered';
  const said = [test.code || '', test.text].filter(Boolean).join(' ');
  return (
    <div className="stack tight" role="status">
      <p className={good ? 'good' : 'bad'}><b>{t(good && local ? 'sendtest.delivered_local' : `sendtest.${test.outcome}`)}</b></p>
      {test.at ? <p className="small">{t('sendtest.when', { to: test.to ?? '', time: f.dateTime(test.at) })}</p> : null}
      {good && local && test.id ? <p><Link className="lnk" to={`/settings/mailbox?mail=${test.id}`}>{t('sendtest.look')}</Link></p> : null}
      {!good && said ? <p>{t('sendtest.said', { text: said })}</p> : null}
      {!good && test.phase ? <p className="why">{t(`sendtest.at_${test.phase}`)}</p> : null}
      {test.dialogue ? <details><summary className="lnk">{t('sendtest.dialogue')}</summary><pre className="mono dialogue" tabIndex={0}>{test.dialogue}</pre></details> : null}
    </div>
  );
}

export function SenderTestCard({ sender }: { sender: Sender }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [to, setTo] = useState(useSession().user?.email ?? '');
  const send = useSenderTest();
  const running = sender.test.state === 'running';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(to.trim());
  };
  return (
    <section className="card stack">
      <h2>{t('sendtest.title')}</h2>
      <p className="why">{t('sendtest.say')}</p>
      <form className="row top" onSubmit={submit}>
        <TextInput className="grow" aria-label={t('sendtest.to')} type="email" value={to} error={fieldError(send.error, 'to')} onChange={(event) => setTo(event.currentTarget.value)} />
        <Button type="submit" variant="filled" loading={send.isPending || running} disabled={!to.trim() || !sender.from_address}>{t('sendtest.act')}</Button>
      </form>
      {!sender.from_address ? <p className="small">{t('sendtest.needs_from')}</p> : null}
      <FormError error={send.error} />
      <Result test={sender.test} local={sender.transport === 'mailbox'} />
    </section>
  );
}
