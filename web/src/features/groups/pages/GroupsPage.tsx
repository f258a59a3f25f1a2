/* Groups: the ready ones as cards, and those that somebody put together. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones, Empty } from '@ui/states';
import { useGroups, useNames, type ReadyGroups } from '../api/groups';
import { GroupCard } from '../components/GroupCard';
import { ListFile } from '../components/ListFile';
import { Saved } from '../components/Saved';
import './groups.css';

const EXAMPLES = [['regulars', 412], ['quiet', 87], ['new_this_month', 63]] as const;

/** What the page looks like with people in it. */
function Example() {
  const { t, f } = useText();
  return (
    <div className="ready-grid">
      {EXAMPLES.map(([key, count]) => <div key={key} className="card ready"><h3>{t(`ready.${key}.name`)}</h3><p className="ready-count"><b>{f.number(count)}</b></p><p className="why">{t(`ready.${key}.say`)}</p></div>)}
    </div>
  );
}

function Cards({ ready }: { ready: ReadyGroups }) {
  const { t, f } = useText();
  const events = (useNames().data?.events ?? []).filter((event) => !event.seen).map((event) => event.name);
  if (ready.people === 0) return <Empty say={t('groups.empty')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>}><Example /></Empty>;
  return (
    <div className="stack">
      <Saved />
      {ready.as_of_reason ? <p className="why">{t('groups.as_of', { day: f.day(ready.as_of) })}</p> : null}
      <div className="ready-head"><h2>{t('ready.title')}</h2><p className="why">{t('ready.sub')}</p></div>
      <div className="ready-grid">
        {ready.groups.map((group) => (
          <GroupCard key={group.key} group={group} people={ready.people} unseen={events.some((name) => group.rule.includes(`"${name}"`))} day={ready.as_of_reason && group.as_of === ready.as_of ? f.dayKey(group.as_of) : ''} />
        ))}
      </div>
    </div>
  );
}

export function GroupsPage() {
  const { t } = useText();
  const query = useGroups();
  const [file, setFile] = useState(false);
  return (
    <Page title={t('groups.title')} tab={t('nav.groups')} sub={t('groups.sub')} actions={query.data && query.data.people > 0 ? <><Button onClick={() => setFile(true)}>{t('list.new')}</Button><Button component={Link} to="/groups/new" variant="filled">{t('b.build')}</Button></> : null}>
      {file ? <ListFile group={null} onClose={() => setFile(false)} /> : null}
      <Await query={query} bones={<Bones lines={3} height={130} />}>{(ready) => <Cards ready={ready} />}</Await>
    </Page>
  );
}
