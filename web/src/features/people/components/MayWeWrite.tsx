/* The ledger of permissions: what holds now per channel and topic, how we know, and a way to note a new one. */
import { Button, Popover, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import { isKey, type Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { consentAdd, usePersonChange, type NewConsent } from '../api/people';
import type { Consent, Person } from '../api/types';
import { currentConsents } from '../model/consent';

const STATE_KEYS: Record<string, Key> = { granted: 'consent.granted', pending: 'consent.pending', denied: 'consent.denied' };
const STATE_CLASS: Record<string, string> = { granted: 'good', pending: 'warn', denied: 'bad' };

function Answer({ consent }: { consent: Consent }) {
  const { t, f } = useText();
  const expired = consent.expires_at != null && consent.expires_at < Date.now();
  return (
    <tr>
      <td>
        {t(isKey(`channel.${consent.channel}`) ? (`channel.${consent.channel}` as Key) : 'channel.other', { channel: consent.channel })}
        {consent.topic ? <span className="why">, {consent.topic}</span> : null}
        <div className="small">{[consent.basis, consent.source, consent.address].filter(Boolean).join(' · ')}</div>
        {consent.text ? <div className="small">“{consent.text}”</div> : null}
      </td>
      <td className={`num ${expired ? 'why' : STATE_CLASS[consent.state] ?? ''}`}>{expired ? t('consent.expired') : t(STATE_KEYS[consent.state] ?? 'consent.denied', { day: f.day(consent.occurred_at) })}</td>
    </tr>
  );
}

const CHANNELS = ['email', 'sms', 'post', 'phone'] as const;
const STATES = ['granted', 'denied'] as const;

function ConsentForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [form, setForm] = useState<NewConsent>({ channel: 'email', topic: 'newsletter', state: 'granted', basis: 'consent', text: '' });
  const add = usePersonChange(person.id, (input: NewConsent) => consentAdd(person.id, input));
  const address = form.channel === 'email' ? person.email : form.channel === 'sms' || form.channel === 'phone' ? person.phone : null;
  const send = () => add.mutate(address ? { ...form, address } : form, { onSuccess: onDone });
  return (
    <div className="stack tight">
      <Select label={t('consent.channel')} data={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))} value={form.channel} comboboxProps={{ withinPortal: false }} onChange={(channel) => setForm({ ...form, channel: channel ?? 'email' })} />
      <Select label={t('consent.answer')} data={STATES.map((value) => ({ value, label: t(`consent.form_${value}`) }))} value={form.state} comboboxProps={{ withinPortal: false }} onChange={(state) => setForm({ ...form, state: state ?? 'granted' })} />
      <Textarea label={t('consent.how')} placeholder={t('consent.how_example')} value={form.text} autosize minRows={2} onChange={(event) => setForm({ ...form, text: event.currentTarget.value })} />
      {add.error ? <p className="bad" role="alert">{words(add.error)}</p> : null}
      <Button variant="filled" loading={add.isPending} disabled={form.text.trim() === ''} onClick={send}>{t('consent.save')}</Button>
    </div>
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
        <Popover width={300} position="bottom-end" opened={open} onChange={setOpen} trapFocus>
          <Popover.Target><button type="button" className="lnk small" onClick={() => setOpen(!open)}>{t('consent.note')}</button></Popover.Target>
          <Popover.Dropdown><ConsentForm person={person} onDone={() => setOpen(false)} /></Popover.Dropdown>
        </Popover>
      </div>
      {now.length === 0 ? <p className="why mt8">{t('consent.none')}</p> : (
        <table className="plain mt8">
          <tbody>{(all ? person.consents : now).map((consent, index) => <Answer key={index} consent={consent} />)}</tbody>
        </table>
      )}
      {older > 0 ? <button type="button" className="lnk small" onClick={() => setAll(!all)}>{t(all ? 'consent.hide_older' : 'consent.show_older', { n: older })}</button> : null}
    </section>
  );
}
