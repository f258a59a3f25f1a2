/* Which groups somebody is in just now, each with why; the lists are changed here. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { PersonSegment } from '@generated/api';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Await, Bones } from '@ui/states';
import { listPut, listTake, useListChange, usePersonGroups } from '../api/groups';

function Row({ group, person, onTake }: { group: PersonSegment; person: string; onTake: () => void }) {
  const { t, f } = useText();
  return (
    <li>
      <span className="grow">
        <Link className="lnk anywhere" to={`/groups/${group.id}?person=${person}`}>{group.name}</Link>
        {group.since ? <span className="small"> {t('pgroups.since', { day: f.day(group.since) })}</span> : null}
      </span>
      {group.kind === 'list' ? <ActionIcon variant="subtle" size="sm" aria-label={t('pgroups.take', { name: group.name })} onClick={onTake}><IconX size={14} aria-hidden /></ActionIcon>
        : <Link className="lnk small" aria-label={t('pgroups.why_of', { name: group.name })} to={`/groups/${group.id}?person=${person}`}>{t('pgroups.why')}</Link>}
    </li>
  );
}

function Body({ person, groups }: { person: string; groups: PersonSegment[] }) {
  const { t } = useText();
  const put = useListChange((id: string) => listPut({ id }, [person]));
  const take = useListChange((id: string) => listTake(id, person));
  const inside = groups.filter((group) => group.holds);
  const lists = groups.filter((group) => group.kind === 'list' && !group.holds);
  return (
    <>
      {inside.length > 0 ? <ul className="bare pgroups">{inside.map((group) => <Row key={group.id} group={group} person={person} onTake={() => take.mutate(group.id)} />)}</ul>
        : <p className="why">{t(groups.length > 0 ? 'pgroups.none' : 'pgroups.no_groups')}</p>}
      <FormError error={put.error ?? take.error} />
      {lists.length > 0 ? (
        <Menu position="bottom-start" width={260} styles={{ dropdown: { maxHeight: 320, overflowY: 'auto' } }}>
          <Menu.Target><Button size="xs" mt={8} loading={put.isPending}>{t('pgroups.put')}</Button></Menu.Target>
          <Menu.Dropdown>{lists.map((list) => <Menu.Item key={list.id} onClick={() => put.mutate(list.id)}>{list.name}</Menu.Item>)}</Menu.Dropdown>
        </Menu>
      ) : null}
    </>
  );
}

export function PersonGroups({ id }: { id: string }) {
  const { t } = useText();
  return (
    <section className="card">
      <h2>{t('pgroups.title')}</h2>
      <Await query={usePersonGroups(id)} bones={<Bones lines={2} height={24} />}>{(data) => <Body person={id} groups={data.segments} />}</Await>
    </section>
  );
}
