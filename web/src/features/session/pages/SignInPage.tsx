import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Navigate, useSearchParams } from 'react-router';
import { ApiError } from '@lib/api';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Lone } from '@ui/Lone';
import { useSignIn } from '../api/session';

/** Only paths of this page: never another site. */
function safePath(wish: string | null): string {
  return wish && /^\/(?![/\\])/.test(wish) ? wish : '/';
}

export function SignInPage() {
  const { t } = useText();
  const session = useSession();
  const [search] = useSearchParams();
  const [form, setForm] = useState({ email: '', password: '' });
  const signIn = useSignIn();
  if (session.needs_setup) return <Navigate to="/setup" replace />;
  if (session.user) return <Navigate to={safePath(search.get('to'))} replace />;
  const submit = (event: FormEvent) => { event.preventDefault(); signIn.mutate(form); };
  const wrong = signIn.error instanceof ApiError && signIn.error.status === 401;
  return (
    <Lone title={t('signin.title')} sub={session.business?.name}>
      <form className="stack" onSubmit={submit}>
        <TextInput label={t('person.email')} type="email" autoComplete="username" autoFocus required withAsterisk={false} value={form.email} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} />
        <PasswordInput label={t('signin.password')} autoComplete="current-password" required withAsterisk={false} value={form.password}
          visibilityToggleButtonProps={{ 'aria-label': t('signin.see') }} error={wrong ? t('signin.wrong') : undefined}
          onChange={(event) => setForm({ ...form, password: event.currentTarget.value })}
        />
        {wrong ? null : <FormError error={signIn.error} />}
        <Button type="submit" variant="filled" fullWidth loading={signIn.isPending}>{t('signin.act')}</Button>
        <p className="small">{t('signin.forgot')}</p>
      </form>
    </Lone>
  );
}
