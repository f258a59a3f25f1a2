/* Name, address and password of a new user. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';

export interface AccountInput {
  name: string;
  email: string;
  password: string;
}

interface Props {
  act: string;
  busy: boolean;
  error: unknown;
  start?: Partial<AccountInput>;
  /** The address is fixed by the invitation. */
  fixedEmail?: boolean;
  onSubmit: (input: AccountInput) => void;
}

export const PASSWORD_MIN = 10;

export function AccountForm({ act, busy, error, start, fixedEmail, onSubmit }: Props) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [form, setForm] = useState<AccountInput>({ name: start?.name ?? '', email: start?.email ?? '', password: '' });
  const bind = (field: keyof AccountInput) => ({
    value: form[field], error: fieldError(error, field), required: true, withAsterisk: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((old) => ({ ...old, [field]: value }));
    },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); onSubmit(form); };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput label={t('setup.your_name')} placeholder="Mara Quinn" autoComplete="name" autoFocus {...bind('name')} />
      <TextInput label={t('person.email')} placeholder="mara@example.com" type="email" autoComplete="username" readOnly={fixedEmail ?? false} {...bind('email')} />
      <PasswordInput label={t('signin.password')} description={t('setup.password_rule', { n: PASSWORD_MIN })} autoComplete="new-password" minLength={PASSWORD_MIN}
        visibilityToggleButtonProps={{ 'aria-label': t('signin.see') }} {...bind('password')}
      />
      <FormError error={error} />
      <Button type="submit" variant="filled" loading={busy}>{act}</Button>
    </form>
  );
}
