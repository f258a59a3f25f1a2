/* How mailings look, and the good manners that hold for all of them. */
import { Button, ColorInput, NumberInput, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { Await } from '@ui/states';
import { toast } from '@ui/toast';
import { useDesign, useDesignSave, useManners, useMannersSave, type MailDesign, type Manners } from '../api/mails';
import { clockOf, minutesOf } from '../model/clock';
import './sending.css';

const NIGHT = { quiet_from: 21 * 60, quiet_to: 8 * 60 };

function Night({ form, set }: { form: Manners; set: (change: Partial<Manners>) => void }) {
  const { t } = useText();
  const on = form.quiet_from !== form.quiet_to;
  const time = (field: 'quiet_from' | 'quiet_to') => ({
    type: 'time', value: clockOf(form[field]),
    onChange: (event: { currentTarget: { value: string } }) => { const minutes = minutesOf(event.currentTarget.value); if (minutes !== null) set({ [field]: minutes }); },
  });
  return (
    <div className="stack tight">
      <Switch label={t('manners.night')} description={t('manners.night_why')} checked={on} onChange={(event) => set(event.currentTarget.checked ? NIGHT : { quiet_from: 0, quiet_to: 0 })} />
      {on ? <div className="row"><TextInput label={t('manners.night_from')} {...time('quiet_from')} /><TextInput label={t('manners.night_to')} {...time('quiet_to')} /></div> : null}
    </div>
  );
}

function MannersForm({ manners }: { manners: Manners }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [form, setForm] = useState<Manners>(manners);
  const save = useMannersSave();
  const set = (change: Partial<Manners>) => setForm((old) => ({ ...old, ...change }));
  const number = (field: 'per_week' | 'gap_hours') => ({
    value: form[field], min: 0, allowDecimal: false, error: fieldError(save.error, field), onChange: (value: string | number) => set({ [field]: Number(value) || 0 }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form, { onSuccess: () => toast(t('settings.saved')) });
  };
  return (
    <form className="card stack form-narrow" onSubmit={submit}>
      <h2>{t('manners.title')}</h2>
      <p className="why">{t('manners.say')}</p>
      <Night form={form} set={set} />
      <NumberInput label={t('manners.week')} description={t('manners.none')} max={100} {...number('per_week')} />
      <NumberInput label={t('manners.gap')} description={t('manners.none')} max={336} {...number('gap_hours')} />
      <FormError error={save.error} />
      <div><Button type="submit" variant="filled" loading={save.isPending}>{t('act.save')}</Button></div>
    </form>
  );
}

function Sample({ design }: { design: MailDesign }) {
  const { t } = useText();
  return (
    <figure className="design-sample" style={{ background: design.background ?? '' }} aria-hidden="true">
      <div className="design-paper" style={{ borderTopColor: design.colour ?? '' }}>
        <p className="design-head" style={{ color: design.colour ?? '' }}>{t('design.sample_title')}</p>
        <p>{t('design.sample_text')} <u style={{ color: design.colour ?? '' }}>{t('design.sample_link')}</u></p>
      </div>
    </figure>
  );
}

function DesignForm({ design }: { design: MailDesign }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [form, setForm] = useState<MailDesign>(design);
  const save = useDesignSave();
  const set = (change: Partial<MailDesign>) => setForm((old) => ({ ...old, ...change }));
  const colour = (field: 'colour' | 'background') => ({
    value: form[field] ?? '', error: fieldError(save.error, field), format: 'hex' as const, withEyeDropper: false, onChange: (value: string) => set({ [field]: value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form, { onSuccess: () => toast(t('settings.saved')) });
  };
  return (
    <form className="card stack form-narrow" onSubmit={submit}>
      <h2>{t('design.title')}</h2>
      <TextInput label={t('design.logo')} description={t('design.logo_why')} type="url" placeholder="https://yourshop.com/logo.png" value={form.logo_url ?? ''} error={fieldError(save.error, 'logo_url')} onChange={(event) => set({ logo_url: event.currentTarget.value })} />
      <div className="row top"><ColorInput className="grow" label={t('design.colour')} {...colour('colour')} /><ColorInput className="grow" label={t('design.background')} {...colour('background')} /></div>
      <Sample design={form} />
      <p className="small">{t('design.postal')} <Link className="lnk" to="/settings/sending">{t('settings.sending')}</Link></p>
      <FormError error={save.error} />
      <div><Button type="submit" variant="filled" loading={save.isPending}>{t('act.save')}</Button></div>
    </form>
  );
}

export function MailingsTab() {
  const { t } = useText();
  const [manners, design] = [useManners(), useDesign()];
  return (
    <div className="stack">
      <p className="why lead">{t('settings.mailings_say')}</p>
      <Await query={manners}>{(data) => <MannersForm manners={data} />}</Await>
      <Await query={design}>{(data) => <DesignForm design={data} />}</Await>
    </div>
  );
}
