/* The secret that both sides know: Shopify shows its own, for WooCommerce it is chosen. */
import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { hookSecret, useHookChange, type HookVendor } from '../api/hooks';

export const VENDORS: Record<HookVendor, { name: string; topics: string[] }> = {
  shopify: {
    name: 'Shopify',
    topics: [
      'orders/create', 'orders/updated', 'orders/paid', 'orders/cancelled', 'refunds/create', 'customers/create', 'customers/update',
      'customers_email_marketing_consent/update', 'checkouts/create', 'checkouts/update', 'products/create', 'products/update',
    ],
  },
  woocommerce: {
    name: 'WooCommerce',
    topics: ['Order created', 'Order updated', 'Order deleted', 'Customer created', 'Customer updated', 'Product created', 'Product updated'],
  },
};

const SECRET_MIN = 8;

export function HookForm({ shop, vendor, onDone }: { shop: string; vendor: HookVendor; onDone: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [secret, setSecret] = useState('');
  const save = useHookChange(shop, hookSecret(shop));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ vendor, secret: secret.trim() }, { onSuccess: onDone });
  };
  return (
    <form className="stack tight form-narrow" onSubmit={submit}>
      <PasswordInput
        label={t('hooks.secret')} description={t(`hooks.secret_${vendor}`)} value={secret} autoComplete="off" error={fieldError(save.error, 'secret')}
        visibilityToggleButtonProps={{ 'aria-label': t('signin.see') }} onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <FormError error={save.error} />
      <div className="row">
        <Button type="submit" variant="filled" loading={save.isPending} disabled={secret.trim().length < SECRET_MIN}>{t('hooks.save')}</Button>
        <Button onClick={onDone}>{t('act.cancel')}</Button>
      </div>
    </form>
  );
}
