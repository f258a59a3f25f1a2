/* A group put together from sentences, or written as text: a new one, or one that is kept. */
import { useEffect, useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones, ErrorState } from '@ui/states';
import { useSavedOne, type SavedSegment } from '../api/groups';
import { List } from '../components/builder/Builder';
import { Keep } from '../components/builder/Keep';
import { Live } from '../components/builder/Live';
import { NamesProvider } from '../components/builder/names';
import { TextMode } from '../components/builder/TextMode';
import { useJudged, useStart } from '../components/builder/useRule';
import type { Group } from '../model/form';
import { problemWords } from '../model/problem';
import './groups.css';

interface Shape {
  saved: SavedSegment | null;
  name: string;
  root: Group;
  broken: string | null;
  setRoot: (root: Group) => void;
}

function Built({ saved, name, root, broken, setRoot }: Shape) {
  const { t } = useText();
  const [, setSearch] = useSearchParams();
  const [text, setText] = useState<string | null>(broken);
  const judged = useJudged(root, setRoot);
  const rule = judged.text;
  useEffect(() => {
    if (rule !== null && !saved) setSearch((old) => new URLSearchParams({ ...Object.fromEntries(old), rule }), { replace: true, preventScrollReset: true });
  }, [rule, saved]);
  const [readable, setReadable] = useState(broken === null);
  const read = (next: Group | null) => { setReadable(next !== null); if (next) setRoot(next); };
  return (
    <div className="grid g21">
      <section className="card stack">
        {text === null ? <List list={root} depth={0} wrong={judged.wrong} onChange={setRoot} /> : <TextMode text={text} onText={setText} onRead={read} />}
        {text === null && judged.wrong && !judged.wrong.name ? <p className="bad" role="alert">{problemWords(t, judged.wrong.problem)}</p> : null}
        <div>
          {text === null ? <button type="button" className="lnk small" disabled={rule === null && !judged.empty} onClick={() => setText(rule ?? '')}>{t('b.as_text')}</button>
            : <button type="button" className="lnk small" disabled={!readable && text.trim() !== ''} onClick={() => setText(null)}>{t('b.as_menus')}</button>}
        </div>
      </section>
      <aside className="card stack b-live" aria-label={t('b.live')}>
        <Live open={judged.open} empty={judged.empty} wrong={text !== null && text.trim() !== '' && !readable} preview={judged.preview} old={judged.old} error={judged.error} />
        <Keep saved={saved} name={name} rule={text === null || readable ? rule : null} nobody={judged.preview?.count === 0} />
      </aside>
    </div>
  );
}

function Start({ saved, text, name }: { saved: SavedSegment | null; text: string; name: string }) {
  const { root, setRoot, broken, failed } = useStart(text);
  if (failed) return <ErrorState error={failed} />;
  if (!root) return <Bones lines={4} height={64} />;
  return <NamesProvider><Built saved={saved} name={name} root={root} broken={broken?.text ?? null} setRoot={setRoot} /></NamesProvider>;
}

export function BuildPage() {
  const { t } = useText();
  const [search] = useSearchParams();
  const [first] = useState(search.get('rule') ?? '');
  return (
    <Page title={t('b.title')} tab={t('nav.groups')} sub={t('b.sub')}>
      <Start saved={null} text={first} name={search.get('title') ?? ''} />
    </Page>
  );
}

export function ChangePage() {
  const { t } = useText();
  const { id = '' } = useParams();
  const query = useSavedOne(id);
  return (
    <Page title={query.data ? t('b.title_change', { name: query.data.name }) : t('b.title')} tab={t('nav.groups')} sub={t('b.sub')}>
      <Await query={query}>{(saved) => <Start key={saved.id} saved={saved} text={saved.rule} name={saved.name} />}</Await>
    </Page>
  );
}
