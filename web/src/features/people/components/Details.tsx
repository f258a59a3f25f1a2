/* Details and addresses: each with where it came from and how far it is trusted. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { traitSet, usePersonChange } from '../api/people';
import type { Identity, Person, Trait } from '../api/types';
import { isRepeated, sourceWords } from '../model/source';

const plain = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));

function TraitRow({ trait }: { trait: Trait }) {
  const { t, f } = useText();
  const key = `trait.${trait.name}`;
  return (
    <tr>
      <td className="why">{isKey(key) ? t(key) : trait.name}</td>
      <td>
        <span className="anywhere">{trait.name === 'country' ? f.country(plain(trait.value)) : plain(trait.value)}</span>{' '}
        {trait.unconfirmed ? <span className="chip warn">{t('happening.unconfirmed')}</span> : null}
        <div className="small">{[sourceWords(t, trait.source, trait.trust), f.day(trait.occurred_at)].filter(Boolean).join(' · ')}</div>
      </td>
    </tr>
  );
}

function IdentityRow({ identity }: { identity: Identity }) {
  const { t, f } = useText();
  const key = `identity.${identity.kind}`;
  return (
    <tr>
      <td className="why">{isKey(key) ? t(key) : identity.kind}</td>
      <td>
        <span className="anywhere">{identity.value}</span>{' '}
        {identity.state === 'unconfirmed' ? <span className="chip warn">{t('happening.unconfirmed')}</span> : null}
        <div className="small">{[sourceWords(t, identity.source), t('details.since', { day: f.day(identity.first_seen_at) })].filter(Boolean).join(' · ')}</div>
      </td>
    </tr>
  );
}

function TraitForm({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [form, setForm] = useState({ name: '', value: '' });
  const save = usePersonChange(id, (input: { name: string; value: string }) => traitSet(id, input));
  return (
    <form className="stack tight" onSubmit={(event) => { event.preventDefault(); save.mutate(form, { onSuccess: onDone }); }}>
      <TextInput label={t('details.name')} placeholder={t('details.name_example')} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <TextInput label={t('details.value')} placeholder={t('details.value_example')} value={form.value} onChange={(event) => setForm({ ...form, value: event.currentTarget.value })} />
      {save.error ? <p className="bad" role="alert">{words(save.error)}</p> : null}
      <Button type="submit" variant="filled" loading={save.isPending} disabled={!form.name.trim() || !form.value.trim()}>{t('act.save')}</Button>
    </form>
  );
}

export function Details({ person }: { person: Person }) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  return (
    <section className="card">
      <div className="row sp">
        <h2>{t('details.title')}</h2>
        <button type="button" className="lnk small" aria-haspopup="dialog" onClick={() => setOpen(true)}>{t('details.add')}</button>
        <Modal opened={open} onClose={() => setOpen(false)} title={t('details.add_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
          <TraitForm id={person.id} onDone={() => setOpen(false)} />
        </Modal>
      </div>
      {person.traits.length + person.identities.length === 0 ? <p className="why mt8">{t('details.none')}</p> : null}
      <table className="plain mt8 details">
        <tbody>
          {person.identities.map((identity) => <IdentityRow key={`${identity.kind}:${identity.value}`} identity={identity} />)}
          {person.traits.filter((trait) => !isRepeated(trait, person.identities)).map((trait) => <TraitRow key={trait.name} trait={trait} />)}
        </tbody>
      </table>
    </section>
  );
}
