/* One conversation: what was written to and fro, and the answer. */
import { Button } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await } from '@ui/states';
import { useConversation, useStateChange, useStop, type InboxConversationWhole } from '../api/inbox';
import { AnswerBox } from '../components/AnswerBox';
import { useWho } from '../components/ConversationLine';
import { LinkPerson } from '../components/LinkPerson';
import { MailCard } from '../components/MailCard';
import './inbox.css';

function About({ talk }: { talk: InboxConversationWhole }) {
  const { t } = useText();
  const who = useWho();
  const person = talk.person;
  return (
    <>
      {person ? <Link className="lnk" to={`/people/${person.id}`}>{who(talk)}</Link> : who(talk)}
      {talk.address && talk.address !== who(talk) ? <span className="anywhere"> · {talk.address}</span> : null}
      {talk.campaign ? <span> · {t('inbox.of_mailing', { name: talk.campaign })}</span> : null}
    </>
  );
}

/** They ask for no more mail: done already, or one click away. */
function Wish({ talk }: { talk: InboxConversationWhole }) {
  const { t } = useText();
  const stop = useStop(talk.id);
  if (!talk.wish) return null;
  if (talk.wish === 'stopped') return <p className="card" role="status">{t('inbox.stopped_say', { address: talk.address })}</p>;
  return (
    <section className="card stack">
      <p>{t('inbox.stop_say', { address: talk.address })}</p>
      <div><Button variant="filled" loading={stop.isPending} onClick={() => stop.mutate(undefined)}>{t('inbox.stop_act')}</Button></div>
    </section>
  );
}

function Apart({ talk }: { talk: InboxConversationWhole }) {
  const { t } = useText();
  if (talk.kind === 'person') return null;
  return <p className="card" role="status">{t(`inbox.apart_${talk.kind}`)}{talk.status ? ` ${t('inbox.status', { status: talk.status })}` : ''}</p>;
}

function Conversation({ talk }: { talk: InboxConversationWhole }) {
  const { t } = useText();
  const who = useWho();
  const state = useStateChange(talk.id);
  const open = talk.state === 'open';
  const person = talk.kind === 'person';
  const act = person ? <Button loading={state.isPending} onClick={() => state.mutate(open ? 'done' : 'open')}>{t(open ? 'inbox.done_act' : 'inbox.reopen')}</Button> : null;
  return (
    <Page title={talk.subject || t('inbox.no_subject')} tab={t('nav.inbox')} sub={<About talk={talk} />} actions={act}>
      <div className="stack talk">
        <p><Link className="lnk" to={open ? '/inbox' : `/inbox?view=${talk.state}`}>{t('inbox.back')}</Link></p>
        <Apart talk={talk} />
        <ol className="talk-mails">{talk.mails.map((mail) => <MailCard key={mail.id} mail={mail} who={who(talk)} />)}</ol>
        <Wish talk={talk} />
        {person && talk.address ? <AnswerBox talk={talk} who={who(talk)} /> : null}
        {person && !talk.person ? <LinkPerson talk={talk} /> : null}
      </div>
    </Page>
  );
}

export function ConversationPage() {
  const { id = '' } = useParams();
  const query = useConversation(id);
  return <Await query={query} whole>{(talk) => <Conversation key={talk.id} talk={talk} />}</Await>;
}
