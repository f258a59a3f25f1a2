/* Notes an answer about writing that came by word of mouth, on paper or by telephone: what, when, and how we know. */
import { Button, Select, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { consentAdd, usePersonChange, type NewConsent } from '../api/people';
import type { Person } from '../api/types';

const CHANNELS = ['email', 'sms', 'post', 'phone'] as const;
const STATES = ['granted', 'denied'] as const;

export function ConsentForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const { t, f } = useText();
  const words = useErrorText();
  const today = f.dayKey(Date.now());
  const [form, setForm] = useState<NewConsent>({ channel: 'email', topic: 'newsletter', state: 'granted', basis: 'consent', source: '' });
  const [day, setDay] = useState(today);
  const add = usePersonChange(person.id, (input: NewConsent) => consentAdd(person.id, input));
  const address = form.channel === 'email' ? person.email : form.channel === 'sms' || form.channel === 'phone' ? person.phone : null;
  const send = () => add.mutate(
    { ...form, ...(address ? { address } : {}), ...(day && day < today ? { occurred_at: Date.parse(`${day}T12:00:00Z`) } : {}) },
    { onSuccess: onDone },
  );
  return (
    <div className="stack tight">
      <Select label={t('consent.channel')} data={CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) }))} value={form.channel} onChange={(channel) => setForm({ ...form, channel: channel ?? 'email' })} />
      <Select label={t('consent.answer')} data={STATES.map((value) => ({ value, label: t(`consent.form_${value}`) }))} value={form.state} onChange={(state) => setForm({ ...form, state: state ?? 'granted' })} />
      <Textarea label={t('consent.how')} placeholder={t('consent.how_example')} value={form.source} autosize minRows={2} onChange={(event) => setForm({ ...form, source: event.currentTarget.value })} />
      <TextInput type="date" label={t('consent.day')} value={day} max={today} onChange={(event) => setDay(event.currentTarget.value)} />
      {form.state === 'denied' ? <p className="small">{t('consent.denied_stays')}</p> : null}
      {add.error ? <p className="bad" role="alert">{words(add.error)}</p> : null}
      <Button variant="filled" loading={add.isPending} disabled={form.source.trim() === ''} onClick={send}>{t('consent.save')}</Button>
    </div>
  );
}
