/* May we write? The answer for mail with its reason, the ledger it rests on, and a way to note a new answer. */
import { Modal } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { isKey, type Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { usePersonPermission } from '../api/people';
import type { Consent, Person } from '../api/types';
import { basisWords, currentConsents, fromFile } from '../model/consent';
import { ConsentForm } from './ConsentForm';

const STATE_KEYS: Record<string, Key> = { granted: 'consent.granted', pending: 'consent.pending', denied: 'consent.denied', declined: 'consent.declined' };
const STATE_CLASS: Record<string, string> = { granted: 'good', pending: 'warn', denied: 'bad' };

/** How we know: a line of a file, or what somebody wrote down. */
function Proof({ proof }: { proof: string }) {
  const { t } = useText();
  const file = fromFile(proof);
  if (!file) return <>{proof}</>;
  return <><Link className="lnk" to={`/import/${file.id}`}>{t('consent.from_file', { line: file.line })}</Link>{file.proof ? `: ${file.proof}` : ''}</>;
}

function Answer({ consent }: { consent: Consent }) {
  const { t, f } = useText();
  const channel = `channel.${consent.channel}`;
  const expired = consent.state === 'granted' && consent.expires_at != null && consent.expires_at < Date.now();
  const topic = consent.topic === 'newsletter' || consent.topic === '*' ? '' : consent.topic;
  return (
    <tr>
      <td>
        {isKey(channel) ? t(channel) : t('channel.other', { channel: consent.channel })}
        {topic ? <span className="why">, {topic}</span> : null}
        <div className="small anywhere">{[consent.state === 'declined' ? '' : basisWords(t, consent.basis), fromFile(consent.proof) ? '' : consent.source, consent.address].filter(Boolean).join(' · ')}</div>
        {consent.text ? <div className="small anywhere">“{consent.text}”</div> : null}
        {consent.proof ? <div className="small anywhere"><Proof proof={consent.proof} /></div> : null}
      </td>
      <td className={`num ${expired ? 'why' : STATE_CLASS[consent.state] ?? 'why'}`}>
        {expired ? t('consent.expired') : t(STATE_KEYS[consent.state] ?? 'consent.denied', { day: f.day(consent.occurred_at) })}
        {consent.expires_at != null && !expired && consent.state === 'granted' ? <div className="small">{t('consent.until', { day: f.day(consent.expires_at) })}</div> : null}
      </td>
    </tr>
  );
}

/** What would happen if a mail with news were to go now. */
function Verdict({ person }: { person: Person }) {
  const { t, f } = useText();
  const { data } = usePersonPermission(person.id);
  if (!data) return null;
  return (
    <p className="mt8">
      <span className={`chip ${data.may ? 'good' : ''}`}>{t(data.may ? 'consent.may' : 'consent.may_not')}</span>{' '}
      {t(`why.${data.reason}`)}{data.may && data.expires_at ? <span className="why"> {t('consent.until', { day: f.day(data.expires_at) })}</span> : null}
    </p>
  );
}

export function MayWeWrite({ person }: { person: Person }) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  const now = currentConsents(person.consents);
  const older = person.consents.length - now.length;
  const [all, setAll] = useState(false);
  return (
    <section className="card">
      <div className="row sp">
        <h2>{t('consent.title')}</h2>
        <button type="button" className="lnk small" aria-haspopup="dialog" onClick={() => setOpen(true)}>{t('consent.note')}</button>
        <Modal opened={open} onClose={() => setOpen(false)} title={t('consent.note_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
          <ConsentForm person={person} onDone={() => setOpen(false)} />
        </Modal>
      </div>
      <Verdict person={person} />
      {now.length === 0 ? <p className="why mt8">{t('consent.none')}</p> : (
        <table className="plain mt8">
          <tbody>{(all ? person.consents : now).map((consent) => <Answer key={consent.id} consent={consent} />)}</tbody>
        </table>
      )}
      {older > 0 ? <button type="button" className="lnk small" onClick={() => setAll(!all)}>{t(all ? 'consent.hide_older' : 'consent.show_older', { n: older })}</button> : null}
    </section>
  );
}
