/* Keys of programs that send to Kith; the secret is shown once. */
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Key as TextKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { CopyField } from '@ui/CopyField';
import { FormError, useFieldError } from '@ui/FormError';
import { Await, Empty } from '@ui/states';
import { keyAdd, keyDrop, useKeys, useSettingsChange, useShops, type Key } from '../api/settings';

const SCOPES: { value: Key['scope']; label: TextKey; say: TextKey }[] = [
  { value: 'track', label: 'keys.track', say: 'keys.track_say' },
  { value: 'ingest', label: 'keys.ingest', say: 'keys.ingest_say' },
  { value: 'api', label: 'keys.api', say: 'keys.api_say' },
];

function AddKey({ onDone }: { onDone: (secret: string) => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const shops = useShops().data?.shops ?? [];
  const [form, setForm] = useState<{ name: string; scope: Key['scope']; shop: string | null }>({ name: '', scope: 'track', shop: null });
  const add = useSettingsChange('keys', keyAdd);
  const say = SCOPES.find(({ value }) => value === form.scope)?.say;
  const save = () => add.mutate(
    { name: form.name.trim(), scope: form.scope, ...(form.shop ? { shop: form.shop } : {}) }, { onSuccess: ({ secret }) => onDone(secret) },
  );
  return (
    <div className="stack">
      <TextInput label={t('keys.name')} placeholder={t('keys.name_example')} value={form.name} error={fieldError(add.error, 'name')} data-autofocus onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <Select label={t('keys.for')} description={say ? t(say) : ''} data={SCOPES.map(({ value, label }) => ({ value, label: t(label) }))} value={form.scope} onChange={(scope) => setForm({ ...form, scope: (scope ?? 'track') as Key['scope'] })} />
      {shops.length > 1 ? <Select label={t('keys.shop')} data={shops.map((shop) => shop.name)} value={form.shop ?? shops[0]?.name ?? null} onChange={(shop) => setForm({ ...form, shop })} /> : null}
      <FormError error={add.error} />
      <div className="row acts-end"><Button variant="filled" loading={add.isPending} disabled={form.name.trim() === ''} onClick={save}>{t('keys.make')}</Button></div>
    </div>
  );
}

function KeyRow({ entry, onDrop }: { entry: Key; onDrop: () => void }) {
  const { t, f } = useText();
  const scope = SCOPES.find(({ value }) => value === entry.scope);
  return (
    <tr>
      <td><b>{entry.name}</b><div className="small mono">{entry.prefix}…</div></td>
      <td>{scope ? t(scope.label) : entry.scope}</td>
      <td className="wide-only why">{entry.used_at ? t('keys.used', { day: f.ago(entry.used_at, Date.now()) }) : t('keys.unused')}</td>
      <td className="num"><Button size="xs" onClick={onDrop} aria-label={t('keys.drop_one', { name: entry.name })}>{t('keys.drop')}</Button></td>
    </tr>
  );
}

function KeyList({ keys }: { keys: Key[] }) {
  const { t } = useText();
  const [dropping, setDropping] = useState<Key | null>(null);
  const drop = useSettingsChange('keys', keyDrop);
  const confirm = () => { if (dropping) drop.mutate(dropping.id, { onSuccess: () => setDropping(null) }); };
  return (
    <section className="card scroll-x">
      <table className="plain">
        <thead><tr><th>{t('keys.name')}</th><th>{t('keys.for')}</th><th className="wide-only">{t('keys.last')}</th><th><span className="sr">{t('keys.drop')}</span></th></tr></thead>
        <tbody>{keys.map((entry) => <KeyRow key={entry.id} entry={entry} onDrop={() => setDropping(entry)} />)}</tbody>
      </table>
      <Confirm opened={dropping !== null} onClose={() => setDropping(null)} title={t('keys.drop_title', { name: dropping?.name ?? '' })} act={t('keys.drop_act')} danger busy={drop.isPending} onConfirm={confirm}>
        <p>{t('keys.drop_say')}</p><FormError error={drop.error} />
      </Confirm>
    </section>
  );
}

export function KeysTab() {
  const { t } = useText();
  const query = useKeys();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const add = <Button variant="filled" onClick={() => setAdding(true)}>{t('keys.add')}</Button>;
  return (
    <div className="stack">
      <div className="row sp top"><p className="why lead grow">{t('keys.say')}</p>{query.data?.keys.length ? add : null}</div>
      {secret ? <section className="card secret stack tight"><h2>{t('keys.secret')}</h2><p className="why">{t('keys.secret_say')}</p><CopyField label={t('keys.secret')} value={secret} /><div><Button onClick={() => setSecret(null)}>{t('keys.secret_done')}</Button></div></section> : null}
      <Await query={query}>{({ keys }) => (keys.length ? <KeyList keys={keys} /> : <Empty say={t('keys.empty')} action={add} />)}</Await>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t('keys.add')} closeButtonProps={{ 'aria-label': t('act.close') }}>
        <AddKey onDone={(made) => { setSecret(made); setAdding(false); }} />
      </Modal>
    </div>
  );
}
