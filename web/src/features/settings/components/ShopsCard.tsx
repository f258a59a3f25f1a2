/* Named shops: every key, import and hand entry belongs to one, so that equal order numbers never mix. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Await } from '@ui/states';
import { shopAdd, useSettingsChange, useShops } from '../api/settings';

export function ShopsCard() {
  const { t } = useText();
  const query = useShops();
  const [name, setName] = useState('');
  const add = useSettingsChange('shops', shopAdd);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ name: name.trim() }, { onSuccess: () => setName('') });
  };
  return (
    <section className="card form-narrow stack tight">
      <h2>{t('shops.title')}</h2>
      <p className="why">{t('shops.say')}</p>
      <Await query={query}>{({ shops }) => <ul className="shops-list">{shops.map((shop) => <li key={shop.id}>{shop.name}</li>)}</ul>}</Await>
      <form className="row" onSubmit={submit}>
        <TextInput className="grow" aria-label={t('shops.name')} placeholder={t('shops.example')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>{t('shops.add')}</Button>
      </form>
      <FormError error={add.error} />
    </section>
  );
}
