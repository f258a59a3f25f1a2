/* Who may come in. Invitations are links to copy until a sender is set up. */
import { Button, Menu, Modal, Select, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { CopyField } from '@ui/CopyField';
import { FormError, useFieldError } from '@ui/FormError';
import { Await, useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { userAdd, userDrop, userReset, useSettingsChange, useUsers, type Handed, type User } from '../api/settings';

/** What came back may be a path: the link to hand on is whole. */
const wholeLink = (link: string) => new URL(link, location.origin).toString();

function Invite({ onDone }: { onDone: (made: Handed) => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const [form, setForm] = useState<{ name: string; email: string; role: User['role'] }>({ name: '', email: '', role: 'staff' });
  const add = useSettingsChange('users', userAdd);
  const roles = [{ value: 'staff', label: t('users.user') }, { value: 'owner', label: t('users.owner') }];
  return (
    <div className="stack">
      <TextInput label={t('person.name')} placeholder="Tom Hughes" value={form.name} error={fieldError(add.error, 'name')} data-autofocus onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <TextInput label={t('person.email')} placeholder="tom@example.com" type="email" value={form.email} error={fieldError(add.error, 'email')} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} />
      <Select label={t('users.role')} data={roles} value={form.role} onChange={(role) => setForm({ ...form, role: role === 'owner' ? 'owner' : 'staff' })} />
      <FormError error={add.error} />
      <div className="row acts-end"><Button variant="filled" loading={add.isPending} disabled={!form.email.trim() || !form.name.trim()} onClick={() => add.mutate(form, { onSuccess: onDone })}>{t('users.invite_act')}</Button></div>
    </div>
  );
}

function UserRow({ user, onReset, onDrop }: { user: User; onReset: () => void; onDrop: () => void }) {
  const { t, f } = useText();
  const me = useSession().user?.id === user.id;
  return (
    <tr>
      <td><b>{user.name || user.email}</b>{me ? <span className="why"> ({t('users.you')})</span> : null}<div className="small">{user.email}</div></td>
      <td>{t(user.role === 'owner' ? 'users.owner' : 'users.user')}</td>
      <td className="wide-only why">{user.invited && !me ? t('users.pending') : user.created_at ? f.day(user.created_at) : ''}</td>
      <td className="num">
        <Menu>
          <Menu.Target><Button size="xs" aria-label={t('users.acts', { name: user.name || user.email })}><IconDots size={16} aria-hidden /></Button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onReset}>{t('users.reset')}</Menu.Item>
            <Menu.Item data-danger disabled={me} onClick={onDrop}>{t('users.drop')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}

function UserList({ users, onLink }: { users: User[]; onLink: (made: Handed) => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [dropping, setDropping] = useState<User | null>(null);
  const drop = useSettingsChange('users', userDrop);
  const reset = useSettingsChange('users', userReset);
  const failed = (error: unknown) => toast(words(error), { bad: true });
  return (
    <section className="card">
      <table className="plain">
        <thead><tr><th>{t('person.name')}</th><th>{t('users.role')}</th><th className="wide-only">{t('users.seen')}</th><th><span className="sr">{t('nav.more')}</span></th></tr></thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} onDrop={() => setDropping(user)} onReset={() => reset.mutate(user.id, { onSuccess: onLink, onError: failed })} />
          ))}
        </tbody>
      </table>
      <Confirm
        opened={dropping !== null} onClose={() => setDropping(null)} title={t('users.drop_title', { name: dropping?.name || dropping?.email || '' })} act={t('users.drop')} danger busy={drop.isPending}
        onConfirm={() => { if (dropping) drop.mutate(dropping.id, { onSuccess: () => setDropping(null), onError: failed }); }}
      >
        <p>{t('users.drop_say')}</p>
      </Confirm>
    </section>
  );
}

export function UsersTab() {
  const { t } = useText();
  const query = useUsers();
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<Handed | null>(null);
  const show = (handed: Handed) => { setMade(handed); setInviting(false); };
  return (
    <div className="stack">
      <div className="row sp top"><p className="why lead grow">{t('users.say')}</p><Button variant="filled" onClick={() => setInviting(true)}>{t('users.invite')}</Button></div>
      {made ? (
        <section className="card secret stack tight">
          <h2>{t('users.link')}</h2>
          <p className="why">{t('users.link_say')}{made.mail === 'none' ? '' : ` ${t(made.mail === 'smtp' ? 'users.link_smtp' : 'users.link_mailbox')}`}</p>
          <CopyField label={t('users.link')} value={wholeLink(made.link)} />
          <div><Button onClick={() => setMade(null)}>{t('keys.secret_done')}</Button></div>
        </section>
      ) : null}
      <Await query={query}>{({ users }) => <UserList users={users} onLink={show} />}</Await>
      <Modal opened={inviting} onClose={() => setInviting(false)} title={t('users.invite')} closeButtonProps={{ 'aria-label': t('act.close') }}><Invite onDone={show} /></Modal>
    </div>
  );
}
