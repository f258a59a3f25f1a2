/* Where the shop's API is and the token for it; the token is never shown again. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { apiSet, useApiChange } from '../api/apis';
import type { HookVendor } from '../api/hooks';

const PLACES: Record<HookVendor, string> = { shopify: 'https://name.myshopify.com', woocommerce: 'https://shop.example' };
const SHORTEST = 8;

export function ApiForm({ shop, vendor, url: known, onDone }: { shop: string; vendor: HookVendor; url: string; onDone: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [url, setUrl] = useState(known);
  const [user, setUser] = useState('');
  const [token, setToken] = useState('');
  const save = useApiChange(shop, apiSet(shop));
  const short = url.trim().length < SHORTEST || token.trim().length < SHORTEST || (vendor === 'woocommerce' && !user.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ vendor, url: url.trim(), user: user.trim(), token: token.trim() }, { onSuccess: onDone });
  };
  return (
    <form className="stack tight form-narrow" onSubmit={submit}>
      <TextInput label={t('apis.url')} placeholder={PLACES[vendor]} value={url} autoComplete="off" error={fieldError(save.error, 'url')} onChange={(event) => setUrl(event.currentTarget.value)} />
      <TextInput label={t(`apis.user_${vendor}`)} description={t(`apis.user_why_${vendor}`)} value={user} autoComplete="off" error={fieldError(save.error, 'user')} onChange={(event) => setUser(event.currentTarget.value)} />
      <PasswordInput
        label={t(`apis.token_${vendor}`)} description={t('apis.token_why')} value={token} autoComplete="off" error={fieldError(save.error, 'token')}
        visibilityToggleButtonProps={{ 'aria-label': t('signin.see') }} onChange={(event) => setToken(event.currentTarget.value)}
      />
      <FormError error={save.error} />
      <div className="row">
        <Button type="submit" variant="filled" loading={save.isPending} disabled={short}>{t('apis.save')}</Button>
        <Button onClick={onDone}>{t('act.cancel')}</Button>
      </div>
    </form>
  );
}
