/* What arrives right now, and what was refused and why. */
import { Button, TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, Empty, ErrorState } from '@ui/states';
import { useLive } from '../api/live';
import { LiveList } from '../components/LiveList';
import { matches, STATUSES, type Status } from '../model/filter';
import './live.css';

const STATUS_KEYS: Record<Status, Key> = { all: 'family.all', accepted: 'live.accepted', refused: 'live.refused', duplicate: 'live.duplicate' };

function statusOf(search: URLSearchParams): Status {
  const wish = search.get('status') as Status | null;
  return wish && STATUSES.includes(wish) ? wish : 'all';
}

function Example() {
  const { t } = useText();
  return (
    <div className="card">
      <p><b>{'Order Completed'}</b> <span className="chip">{t('live.accepted')}</span></p>
      <p className="mt8"><b>{'Product Viewed'}</b> <span className="chip">{t('live.accepted')}</span></p>
    </div>
  );
}

export function LivePage() {
  const { t } = useText();
  const [search, setSearch] = useSearchParams();
  const [paused, setPaused] = useState(false);
  const { rows, waiting, lost, connected, loading, error } = useLive(paused);
  const status = statusOf(search);
  const text = search.get('q') ?? '';
  const shown = rows.filter((row) => matches(row, status, text));
  const set = (name: string, value: string) => setSearch((old) => {
    const next = new URLSearchParams(old);
    if (value && value !== 'all') next.set(name, value);
    else next.delete(name);
    return next;
  }, { replace: true });
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  const sub = <span className="live-state" data-on={connected || undefined}>{t(paused ? 'live.paused' : connected ? 'live.on' : 'live.off')}{lost > 0 ? ` · ${t('live.lost', { n: lost })}` : ''}</span>;
  return (
    <Page
      title={t('live.title')} tab={t('nav.live')} sub={sub}
      actions={<Button leftSection={<Icon size={16} aria-hidden />} onClick={() => setPaused(!paused)}>{paused ? t('live.go_on', { n: waiting }) : t('live.pause')}</Button>}
    >
      <div className="stack">
        {error ? <ErrorState error={error} /> : null}
        {rows.length > 0 || text || status !== 'all' ? (
          <div className="people-bar">
            <TextInput className="people-search" type="search" aria-label={t('live.filter')} placeholder={t('live.filter')} value={text} onChange={(event) => set('q', event.currentTarget.value)} />
            <div className="groups" role="group" aria-label={t('people.state')}>
              {STATUSES.map((one) => <button key={one} type="button" className="group" aria-pressed={status === one} onClick={() => set('status', one)}>{t(STATUS_KEYS[one])}</button>)}
            </div>
          </div>
        ) : null}
        {loading ? <Bones lines={6} /> : null}
        {shown.length > 0 ? <LiveList rows={shown} /> : null}
        {!loading && rows.length > 0 && shown.length === 0 ? <p className="card">{t('live.none_shown')}</p> : null}
        {!loading && !error && rows.length === 0 ? (
          <Empty say={t('live.empty')} action={<Button component={Link} to="/settings/keys" variant="filled">{t('live.empty_act')}</Button>}><Example /></Empty>
        ) : null}
      </div>
    </Page>
  );
}
