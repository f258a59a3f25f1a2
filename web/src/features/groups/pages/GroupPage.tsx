/* One group that is kept: who is in it, and everything about it. */
import { useParams, useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones } from '@ui/states';
import { usePreview, useSavedOne, type SavedSegment } from '../api/groups';
import { Counted } from '../components/builder/Live';
import { Breakdown, Overlap } from '../components/Common';
import { Flow } from '../components/Flow';
import { GroupActs } from '../components/GroupActs';
import { Growth } from '../components/Growth';
import { RuleSentence } from '../components/RuleSentence';
import { Watch } from '../components/Watch';
import { Why } from '../components/Why';
import '../components/builder/builder.css';
import './groups.css';

function Body({ group, person }: { group: SavedSegment; person: string }) {
  const preview = usePreview(group.rule);
  return (
    <div className="grid g21">
      <div className="stack">
        <section className="card"><Await query={preview} bones={<Bones lines={3} height={28} />}>{(data) => <Counted preview={data} old={false} />}</Await></section>
        <Flow rule={group.rule} />
        {preview.data ? <Growth rule={group.rule} count={preview.data.count} /> : preview.error ? null : <section className="card"><Bones lines={1} height={200} /></section>}
        <Overlap group={group} />
      </div>
      <div className="stack">
        <Why key={person} rule={group.rule} start={person} />
        <Breakdown rule={group.rule} />
        <Watch id={group.id} />
      </div>
    </div>
  );
}

function Acts({ group }: { group: SavedSegment }) {
  return <GroupActs group={group} nobody={usePreview(group.rule).data?.count === 0} />;
}

export function GroupPage() {
  const { t, f } = useText();
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  const query = useSavedOne(id);
  const group = query.data;
  return (
    <Page title={group?.name ?? t('groups.title')} tab={t('nav.groups')} sub={group ? group.kind === 'list' ? t('list.sub', { day: f.day(group.changed_at) }) : <RuleSentence rule={group.rule} /> : null} actions={group ? <Acts group={group} /> : null}>
      <Await query={query}>{(one) => <Body key={one.id} group={one} person={search.get('person') ?? ''} />}</Await>
    </Page>
  );
}
