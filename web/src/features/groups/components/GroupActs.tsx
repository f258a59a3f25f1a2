/* What can be done with a group that is kept: change it, write to its people, take them as a file or a list. */
import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { useSavedChange, type SavedSegment } from '../api/groups';
import { listFreeze } from '../api/lists';
import { ExportGroup } from './ExportGroup';
import { ListFile } from './ListFile';

function Freeze({ group, onClose }: { group: SavedSegment; onClose: () => void }) {
  const { t, f } = useText();
  const fieldError = useFieldError();
  const go = useNavigate();
  const [name, setName] = useState(t('list.freeze_name', { name: group.name, day: f.day(Date.now()) }));
  const save = useSavedChange(listFreeze);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name: name.trim(), rule: group.rule }, { onSuccess: ({ id, added }) => { toast(t('list.added', { n: added })); onClose(); void go(`/groups/${id}`); } });
  };
  return (
    <Modal opened onClose={onClose} title={t('list.freeze_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <form className="stack" onSubmit={submit}>
        <p>{t('list.freeze_say')}</p>
        <TextInput label={t('saved.name')} value={name} error={fieldError(save.error, 'name')} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        <FormError error={save.error} />
        <div className="row acts-end"><Button onClick={onClose}>{t('act.cancel')}</Button><Button type="submit" variant="filled" loading={save.isPending} disabled={name.trim() === ''}>{t('list.freeze_act')}</Button></div>
      </form>
    </Modal>
  );
}

/** `nobody`: there is nobody in it to see or to write to. */
export function GroupActs({ group, nobody }: { group: SavedSegment; nobody: boolean }) {
  const { t } = useText();
  const [open, setOpen] = useState<'file' | 'freeze' | 'export' | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      {group.kind === 'list' ? <Button onClick={() => setOpen('file')}>{t('list.more')}</Button> : <Button component={Link} to={`/groups/${group.id}/change`}>{t('groups.change_act')}</Button>}
      {nobody ? null : <Button component={Link} to={`/groups/people?${new URLSearchParams({ rule: group.rule, title: group.name }).toString()}`}>{t('attention.quiet.act')}</Button>}
      {nobody ? null : <Button component={Link} variant="filled" to={`/mailings/new?${new URLSearchParams({ rule: group.rule }).toString()}`}>{t('groups.write')}</Button>}
      <Menu position="bottom-end" width={260}>
        <Menu.Target><ActionIcon variant="subtle" size="lg" aria-label={t('saved.acts', { name: group.name })}><IconDots size={18} aria-hidden /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('export')}>{t('export.open')}</Menu.Item>
          <Menu.Item onClick={() => setOpen('freeze')}>{t('list.freeze_open')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'file' ? <ListFile group={group} onClose={close} /> : null}
      {open === 'export' ? <ExportGroup name={group.name} rule={group.rule} onClose={close} /> : null}
      {open === 'freeze' ? <Freeze group={group} onClose={close} /> : null}
    </>
  );
}
