/* Which mailbox of the business is read, and how the last look went. */
import { Button, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import type { InboundSource, InboundSourceInput } from '@generated/api';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { Await } from '@ui/states';
import { toast } from '@ui/toast';
import { useInbound, useInboundLook, useInboundSave } from '../api/inbound';
import './sending.css';

const SECURITIES = ['tls', 'starttls', 'plain'] as const;

function SourceForm({ source }: { source: InboundSource }) {
  const { t } = useText();
  const { host, port, security, user } = source;
  const [form, setForm] = useState<InboundSourceInput>({ host, port, security, user });
  const save = useInboundSave();
  const fieldError = useFieldError();
  const set = (change: Partial<InboundSourceInput>) => setForm((old) => ({ ...old, ...change }));
  const data = SECURITIES.map((value) => ({ value, label: t(`inbound.security_${value}`) }));
  const keep = (input: InboundSourceInput) => save.mutate(input, { onSuccess: () => { set({ password: '' }); toast(t('settings.saved')); } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { password, ...rest } = form;
    keep(password ? { ...rest, password } : rest);
  };
  const off = () => {
    setForm({ host: '', port, security, user: '' });
    keep({ host: '' });
  };
  return (
    <form className="card stack form-narrow" onSubmit={submit}>
      <h2>{t('inbound.title')}</h2>
      <TextInput label={t('inbound.host')} placeholder="imap.provider.com" value={form.host ?? ''} error={fieldError(save.error, 'host')} onChange={(event) => set({ host: event.currentTarget.value })} />
      <div className="row top">
        <NumberInput className="port-input" label={t('sender.port')} min={1} max={65535} allowDecimal={false} hideControls value={form.port ?? 993} error={fieldError(save.error, 'port')} onChange={(value) => set({ port: Number(value) || 993 })} />
        <Select className="grow" label={t('sender.security')} data={data} value={form.security ?? 'tls'} error={fieldError(save.error, 'security')} onChange={(value) => set({ security: SECURITIES.find((one) => one === value) ?? 'tls' })} />
      </div>
      <TextInput label={t('sender.user')} placeholder="hello@yourshop.com" autoComplete="off" value={form.user ?? ''} error={fieldError(save.error, 'user')} onChange={(event) => set({ user: event.currentTarget.value })} />
      <PasswordInput
        label={t('sender.password')} description={t('sender.password_why')} autoComplete="new-password" placeholder={source.password_set ? t('sender.password_kept') : ''}
        visibilityToggleButtonProps={{ 'aria-label': t('sender.password_show') }}
        value={form.password ?? ''} error={fieldError(save.error, 'password')} onChange={(event) => set({ password: event.currentTarget.value })}
      />
      <FormError error={save.error} />
      <div className="row">
        <Button type="submit" variant="filled" disabled={!form.host} loading={save.isPending}>{t('inbound.save')}</Button>
        {source.host ? <Button disabled={save.isPending} onClick={off}>{t('inbound.off')}</Button> : null}
      </div>
    </form>
  );
}

function Outcome({ source }: { source: InboundSource }) {
  const { t } = useText();
  if (!source.checked_at) return <p className="why">{t('inbound.looking')}</p>;
  if (source.outcome === 'ok') return <p className="good"><b>{t('inbound.ok')}</b></p>;
  return (
    <>
      <p className="bad"><b>{t(source.outcome === 'refused' ? 'inbound.refused' : 'inbound.later')}</b></p>
      {source.phase ? <p>{t(`inbound.at_${source.phase}`)}</p> : null}
      {source.text ? <p className="why anywhere">{t('sendtest.said', { text: source.text })}</p> : null}
    </>
  );
}

function StateCard({ source }: { source: InboundSource }) {
  const { t, f } = useText();
  const look = useInboundLook();
  if (!source.host) return null;
  return (
    <section className="card stack">
      <h2>{t('inbound.state')}</h2>
      <div className="stack tight" role="status"><Outcome source={source} /></div>
      {source.checked_at ? <p className="small">{t('inbound.checked', { time: f.dateTime(source.checked_at) })}</p> : null}
      {source.since ? <p className="small">{t('inbound.since', { n: source.taken, time: f.dateTime(source.since) })}</p> : null}
      <div className="row">
        <Button loading={look.isPending} onClick={() => look.mutate(source.checked_at ?? 0)}>{t('inbound.look')}</Button>
        <Link className="lnk" to="/inbox">{t('inbound.see')}</Link>
      </div>
      <FormError error={look.error} />
    </section>
  );
}

export function InboxTab() {
  const { t } = useText();
  const query = useInbound();
  return (
    <div className="stack">
      <p className="why lead">{t('inbound.say')}</p>
      <Await query={query}>
        {(source) => (
          <>
            <SourceForm source={source} />
            <StateCard source={source} />
          </>
        )}
      </Await>
    </div>
  );
}
