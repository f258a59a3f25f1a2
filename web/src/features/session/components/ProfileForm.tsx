/* The shop: name, currency, zone, language. The usual gap is proposed once orders are in. */
import { Button, Select, TextInput } from '@mantine/core';
import { useMemo, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { LOCALES } from '@lib/i18n';
import { currencies, guessCurrency, LANGUAGES, zones } from '@lib/places';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { useProfile } from '../api/session';

export function ProfileForm() {
  const { t, language, zone } = useText();
  const fieldError = useFieldError();
  const { business } = useSession();
  const go = useNavigate();
  const save = useProfile();
  const [form, setForm] = useState({
    name: business?.name ?? '', zone: business?.zone || zone, language: business?.language || language, currency: business?.currency || guessCurrency(zone),
  });
  const choices = useMemo(() => ({ zones: zones(), currencies: currencies(LOCALES[language]) }), [language]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form, { onSuccess: () => void go('/setup/begin') });
  };
  const choose = (field: 'currency' | 'zone' | 'language') => ({
    value: form[field], error: fieldError(save.error, field),
    onChange: (value: string | null) => setForm((old) => ({ ...old, [field]: value ?? old[field] })),
  });
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput label={t('business.name')} placeholder="Harbour & Loom" required withAsterisk={false} autoFocus value={form.name}
        error={fieldError(save.error, 'name')} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
      />
      <Select label={t('business.currency')} description={t('business.currency_why')} searchable data={choices.currencies} {...choose('currency')} />
      <Select label={t('business.zone')} description={t('business.zone_why')} searchable data={choices.zones} {...choose('zone')} />
      <Select label={t('business.language')} data={LANGUAGES} {...choose('language')} />
      <FormError error={save.error} />
      <Button type="submit" variant="filled" loading={save.isPending}>{t('setup.go_on')}</Button>
    </form>
  );
}
