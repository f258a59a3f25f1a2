/* The inbox: who waits for an answer, who had one, and what nobody wrote. */
import { Button, SegmentedControl } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, Empty, ErrorState } from '@ui/states';
import { useInbox, type View } from '../api/inbox';
import { ConversationLine } from '../components/ConversationLine';
import './inbox.css';

const VIEWS: View[] = ['open', 'done', 'apart'];

function NothingHere({ view, reads }: { view: View; reads: boolean }) {
  const { t } = useText();
  const owner = useSession().user?.role === 'owner';
  if (reads) return <Empty say={t(`inbox.empty_${view}`)} />;
  const act = owner ? <Button component={Link} to="/settings/inbox" variant="filled">{t('inbox.set_up')}</Button> : undefined;
  return <Empty say={t(owner ? 'inbox.no_source' : 'inbox.no_source_staff')} action={act} />;
}

function List({ view }: { view: View }) {
  const { t } = useText();
  const query = useInbox(view);
  if (query.isPending) return <Bones lines={6} />;
  if (query.error && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const talks = query.data?.pages.flatMap(({ conversations }) => conversations) ?? [];
  const reads = query.data?.pages[0]?.reads ?? false;
  if (talks.length === 0) return <NothingHere view={view} reads={reads} />;
  return (
    <div className="stack">
      {view === 'apart' ? <p className="why">{t('inbox.apart_say')}</p> : null}
      <ul className="card flush talk-list">{talks.map((talk) => <ConversationLine key={talk.id} talk={talk} />)}</ul>
      {query.hasNextPage ? <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('audit.older')}</Button></div> : null}
    </div>
  );
}

export function InboxPage() {
  const { t, f } = useText();
  const [params, setParams] = useSearchParams();
  const view = VIEWS.find((one) => one === params.get('view')) ?? 'open';
  const counts = useInbox(view).data?.pages[0]?.counts;
  const title = !counts ? t('nav.inbox') : counts.open > 0 ? t('inbox.title', { n: counts.open }) : t('inbox.title_none');
  const label = (one: View) => `${t(`inbox.view_${one}`)}${counts ? ` ${f.number(counts[one])}` : ''}`;
  return (
    <Page title={title} tab={t('nav.inbox')} sub={t('inbox.sub')}>
      <div className="stack">
        <div><SegmentedControl data={VIEWS.map((value) => ({ value, label: label(value) }))} value={view} onChange={(value) => setParams(value === 'open' ? {} : { view: value })} /></div>
        <List key={view} view={view} />
      </div>
    </Page>
  );
}
