/* The profile of the shop, with the usual gap proposed from its own orders, and its named shops. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useMemo, useState, type FormEvent } from 'react';
import { LOCALES } from '@lib/i18n';
import { currencies, LANGUAGES, zones } from '@lib/places';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { Await } from '@ui/states';
import { toast } from '@ui/toast';
import { useBusiness, useBusinessSave, type Business } from '../api/settings';
import { ShopsCard } from './ShopsCard';

function Gap({ form, error, onChange }: { form: Business; error: string | undefined; onChange: (days: number | null) => void }) {
  const { t } = useText();
  const proposed = form.proposed_gap_days ? Math.round(form.proposed_gap_days) : null;
  return (
    <div>
      <NumberInput
        label={t('business.gap')} description={t('business.gap_why')} min={1} max={3650} allowDecimal={false} hideControls suffix={` ${t('business.gap_unit')}`}
        placeholder={proposed ? t('business.gap_auto', { n: proposed }) : t('business.gap_none')} value={form.gap_days || ''} error={error}
        onChange={(value) => onChange(typeof value === 'number' ? value : null)}
      />
      {proposed && form.gap_days !== proposed ? (
        <p className="small mt8">
          {t('business.gap_proposed', { n: proposed })}{' '}
          <button type="button" className="lnk" onClick={() => onChange(proposed)}>{t('business.gap_take')}</button>
        </p>
      ) : null}
    </div>
  );
}

function ProfileForm({ business }: { business: Business }) {
  const { t, language } = useText();
  const fieldError = useFieldError();
  const [form, setForm] = useState<Business>(business);
  const save = useBusinessSave();
  const choices = useMemo(() => ({ zones: zones(), currencies: currencies(LOCALES[language]) }), [language]);
  const changed = JSON.stringify(form) !== JSON.stringify(business);
  const choose = (field: 'currency' | 'zone' | 'language') => ({
    value: form[field], error: fieldError(save.error, field),
    onChange: (value: string | null) => setForm((old) => ({ ...old, [field]: value ?? old[field] })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { proposed_gap_days: _, ...rest } = form;
    save.mutate(rest, { onSuccess: () => toast(t('settings.saved')) });
  };
  return (
    <form className="card stack form-narrow" onSubmit={submit}>
      <h2>{t('settings.business')}</h2>
      <TextInput label={t('business.name')} value={form.name} error={fieldError(save.error, 'name')} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <Select label={t('business.currency')} description={t('business.currency_why')} searchable data={choices.currencies} {...choose('currency')} />
      <Select label={t('business.zone')} description={t('business.zone_why')} searchable data={choices.zones} {...choose('zone')} />
      <Select label={t('business.language')} data={LANGUAGES} {...choose('language')} />
      <Gap form={form} error={fieldError(save.error, 'gap_days')} onChange={(gap_days) => setForm({ ...form, gap_days })} />
      <FormError error={save.error} />
      <div><Button type="submit" variant="filled" loading={save.isPending} disabled={!changed}>{t('act.save')}</Button></div>
    </form>
  );
}

export function BusinessTab() {
  const query = useBusiness();
  return (
    <div className="stack">
      <Await query={query}>{(business) => <ProfileForm key={JSON.stringify(business)} business={business} />}</Await>
      <ShopsCard />
    </div>
  );
}
