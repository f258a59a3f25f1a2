/* From whom, and by which way. A preset fills in what its provider documents. */
import { Button, NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Sender, SenderInput } from '@generated/api';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { useSenderSave } from '../api/sending';

const LOCAL = 'mailbox';

/** What is sent: everything but the password, which is only sent when it was typed. */
function inputOf(sender: Sender): SenderInput {
  const { transport, preset, host, port, security, user, from_name, from_address, reply_to, postal_address, dkim_selector, daily_limit } = sender;
  return { transport, preset, host, port, security, user, from_name, from_address, reply_to, postal_address, dkim_selector, daily_limit };
}

interface PartProps {
  form: SenderInput;
  error: unknown;
  set: (change: Partial<SenderInput>) => void;
}

function FromFields({ form, error, set }: PartProps) {
  const { t } = useText();
  const fieldError = useFieldError();
  const text = (field: 'from_name' | 'from_address' | 'reply_to') => ({
    value: form[field] ?? '', error: fieldError(error, field),
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  return (
    <>
      <TextInput label={t('sender.from_name')} placeholder={t('sender.from_name_example')} {...text('from_name')} />
      <TextInput label={t('sender.from_address')} type="email" placeholder="hello@yourshop.com" {...text('from_address')} />
      <TextInput label={t('sender.reply_to')} description={t('sender.reply_to_why')} type="email" {...text('reply_to')} />
      <Textarea
        label={t('sender.postal')} description={t('sender.postal_why')} autosize minRows={2} value={form.postal_address ?? ''}
        error={fieldError(error, 'postal_address')} onChange={(event) => set({ postal_address: event.currentTarget.value })}
      />
    </>
  );
}

function ServerFields({ form, error, set, passwordSet }: PartProps & { passwordSet: boolean }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const securities = (['starttls', 'tls', 'plain'] as const).map((value) => ({ value, label: t(`sender.security_${value}`) }));
  return (
    <>
      <TextInput label={t('sender.host')} placeholder="smtp.provider.com" value={form.host ?? ''} error={fieldError(error, 'host')} onChange={(event) => set({ host: event.currentTarget.value })} />
      <div className="row top">
        <NumberInput className="port-input" label={t('sender.port')} min={1} max={65535} allowDecimal={false} hideControls value={form.port ?? 587} error={fieldError(error, 'port')} onChange={(port) => set({ port: Number(port) || 587 })} />
        <Select
          className="grow" label={t('sender.security')} data={securities} value={form.security ?? 'starttls'} error={fieldError(error, 'security')}
          onChange={(security) => set({ security: securities.find(({ value }) => value === security)?.value ?? 'starttls' })}
        />
      </div>
      <TextInput label={t('sender.user')} autoComplete="off" value={form.user ?? ''} error={fieldError(error, 'user')} onChange={(event) => set({ user: event.currentTarget.value })} />
      <PasswordInput
        label={t('sender.password')} description={t('sender.password_why')} autoComplete="new-password" placeholder={passwordSet ? t('sender.password_kept') : ''}
        visibilityToggleButtonProps={{ 'aria-label': t('sender.password_show') }}
        value={form.password ?? ''} error={fieldError(error, 'password')} onChange={(event) => set({ password: event.currentTarget.value })}
      />
      <TextInput label={t('sender.selector')} description={t('sender.selector_why')} value={form.dkim_selector ?? ''} error={fieldError(error, 'dkim_selector')} onChange={(event) => set({ dkim_selector: event.currentTarget.value })} />
      <NumberInput label={t('sender.daily')} description={t('sender.daily_why')} min={0} allowDecimal={false} hideControls value={form.daily_limit || ''} onChange={(limit) => set({ daily_limit: Number(limit) || 0 })} />
    </>
  );
}

export function SenderForm({ sender }: { sender: Sender }) {
  const { t } = useText();
  const [form, setForm] = useState<SenderInput>(inputOf(sender));
  const save = useSenderSave();
  const set = (change: Partial<SenderInput>) => setForm((old) => ({ ...old, ...change }));
  const smtp = form.transport === 'smtp';
  const ways = [{ value: LOCAL, label: t('sender.way_local') }, ...sender.presets.map(({ name, label }) => ({ value: name, label: label || t('sender.way_other') }))];
  const choose = (name: string | null) => {
    const preset = sender.presets.find((one) => one.name === name);
    if (!preset) return set({ transport: 'mailbox' });
    const { host, port, security, daily_limit, dkim_selector } = preset;
    return set({ transport: 'smtp', preset: preset.name, host, port, security, daily_limit, dkim_selector });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { password, ...rest } = form;
    save.mutate(password ? { ...rest, password } : rest, { onSuccess: () => toast(t('settings.saved')) });
  };
  const page = smtp ? sender.presets.find(({ name }) => name === form.preset)?.page : '';
  const part = { form, error: save.error, set };
  return (
    <form className="card stack form-narrow" onSubmit={submit}>
      <h2>{t('sender.title')}</h2>
      <Select label={t('sender.way')} description={t(smtp ? 'sender.way_smtp_why' : 'sender.way_local_why')} data={ways} allowDeselect={false} value={smtp ? (form.preset ?? 'other') : LOCAL} onChange={choose} />
      {page ? <p className="small"><a className="lnk" href={page} target="_blank" rel="noreferrer">{t('sender.page')}</a></p> : null}
      {smtp ? <ServerFields {...part} passwordSet={sender.password_set} /> : null}
      <FromFields {...part} />
      <FormError error={save.error} />
      <div><Button type="submit" variant="filled" loading={save.isPending}>{t('act.save')}</Button></div>
    </form>
  );
}
