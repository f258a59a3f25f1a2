/* The local mailbox: what Kith would have sent, had a sender been set up. */
import { Button, SegmentedControl, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { MailboxMail, MailboxMailWhole } from '@generated/api';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { Await, Bones, Empty, ErrorState } from '@ui/states';
import { useMail, useMailbox, useMailboxEmpty } from '../api/sending';
import './sending.css';

type Look = 'html' | 'text' | 'headers';

/** Where a mail's own "unsubscribe" leads; null when it has none. */
const wayOut = (mail: MailboxMailWhole) => /<(https?:[^>]+)>/.exec(mail.headers.find(({ name }) => name.toLowerCase() === 'list-unsubscribe')?.value ?? '')?.[1] ?? null;

/** The frame may do nothing: its own policy and the sandbox both say so. */
function Body({ mail, look }: { mail: MailboxMailWhole; look: Look }) {
  const { t } = useText();
  if (look === 'html' && mail.html) return <iframe className="mail-frame" title={t('mailbox.frame')} sandbox="" src={`/api/mailbox/${mail.id}/html`} />;
  if (look === 'headers') return <pre className="mono dialogue" tabIndex={0}>{mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}</pre>;
  return <p className="letter-text">{mail.text ?? ''}</p>;
}

function Mail({ mail, onBack }: { mail: MailboxMailWhole; onBack: () => void }) {
  const { t, f } = useText();
  const [look, setLook] = useState<Look>(mail.html ? 'html' : 'text');
  const looks = (['html', 'text', 'headers'] as const).filter((one) => one !== 'html' || mail.html).map((value) => ({ value, label: t(`mailbox.look_${value}`) }));
  return (
    <article className="card stack">
      <div><Button size="xs" onClick={onBack}>{t('mailbox.back')}</Button></div>
      <div>
        <h2>{mail.subject}</h2>
        <p className="small anywhere">{t('mailbox.line', { from: mail.from, to: mail.to })}</p>
        <p className="small">{f.dateTime(mail.at)}</p>
      </div>
      <div className="row sp">
        <SegmentedControl size="xs" data={looks} value={look} onChange={(value) => setLook(looks.find((one) => one.value === value)?.value ?? 'text')} />
        <span className="row">
          {wayOut(mail) ? <a className="lnk" href={wayOut(mail) ?? ''} target="_blank" rel="noreferrer">{t('mailbox.unsubscribe')}</a> : null}
          <a className="lnk" href={`/api/mailbox/${mail.id}/raw`} download>{t('mailbox.raw')}</a>
        </span>
      </div>
      <Body mail={mail} look={look} />
    </article>
  );
}

function OneMail({ id, onBack }: { id: string; onBack: () => void }) {
  const query = useMail(id);
  return <Await query={query}>{(mail) => <Mail key={mail.id} mail={mail} onBack={onBack} />}</Await>;
}

function MailLine({ mail, onOpen }: { mail: MailboxMail; onOpen: () => void }) {
  const { f } = useText();
  return (
    <li>
      <UnstyledButton className="mail-line" onClick={onOpen}>
        <span className="row sp nowrap-row"><b className="clip">{mail.subject}</b><span className="small nowrap">{f.dateTime(mail.at)}</span></span>
        <span className="small clip">{mail.to}</span>
      </UnstyledButton>
    </li>
  );
}

function MailList({ onOpen }: { onOpen: (id: string) => void }) {
  const { t } = useText();
  const query = useMailbox();
  const empty = useMailboxEmpty();
  const [asking, setAsking] = useState(false);
  if (query.isPending) return <Bones lines={5} />;
  if (query.error && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const mails = query.data?.pages.flatMap((page) => page.mails) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  if (mails.length === 0) return <Empty say={t('mailbox.empty')} />;
  return (
    <div className="stack">
      <ul className="card flush mail-list">{mails.map((mail) => <MailLine key={mail.id} mail={mail} onOpen={() => onOpen(mail.id)} />)}</ul>
      <div className="row sp">
        <span className="small">{t('mailbox.total', { n: total })}</span>
        <span className="row">
          {query.hasNextPage ? <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('audit.older')}</Button> : null}
          <Button onClick={() => setAsking(true)}>{t('mailbox.clear')}</Button>
        </span>
      </div>
      <Confirm opened={asking} onClose={() => setAsking(false)} title={t('mailbox.clear_title', { n: total })} act={t('mailbox.clear')} danger busy={empty.isPending} onConfirm={() => empty.mutate(undefined, { onSuccess: () => setAsking(false) })}>
        <p>{t('mailbox.clear_say')}</p>
      </Confirm>
    </div>
  );
}

export function MailboxTab() {
  const { t } = useText();
  const [params, setParams] = useSearchParams();
  const open = params.get('mail');
  return (
    <div className="stack">
      <p className="why lead">{t('mailbox.say')}</p>
      {open ? <OneMail id={open} onBack={() => setParams({})} /> : <MailList onOpen={(mail) => setParams({ mail })} />}
    </div>
  );
}
