import { useState } from 'react';
import { Link } from 'react-router';
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import type { LiveItem, LiveRow } from '../api/live';

const STATUS: Record<LiveItem['status'], { key: Key; chip: string }> = {
  accepted: { key: 'live.accepted', chip: 'good' },
  refused: { key: 'live.refused', chip: 'bad' },
  duplicate: { key: 'live.duplicate', chip: '' },
};

function Who({ row }: { row: LiveItem }) {
  const { t } = useText();
  if (row.person) return <Link className="lnk" to={`/people/${row.person}`}>{row.who ?? t('live.see_person')}</Link>;
  return <span className="why">{t('live.visitor')}{row.who ? ` (${row.who})` : ''}</span>;
}

function Row({ row }: { row: LiveRow }) {
  const { t, f } = useText();
  const [open, setOpen] = useState(false);
  const properties = Object.entries(row.properties ?? {});
  return (
    <li className="live-row">
      <button type="button" className="live-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="small live-at">{f.seconds(row.at)}</span>
        <span className="grow clip"><b className="semi">{row.name ?? row.type}</b>{' '}<span className="why">{[row.name ? row.type : '', row.source].filter(Boolean).join(' · ')}</span></span>
        <span className={`chip ${STATUS[row.status].chip}`}>{t(STATUS[row.status].key)}</span>
      </button>
      {row.reason ? <p className={row.status === 'refused' ? 'bad live-why' : 'why live-why'}>{row.reason}</p> : null}
      {open ? (
        <div className="live-more">
          <p className="small">{t('live.who')} <Who row={row} />{row.key ? ` · ${t('live.key', { name: row.key })}` : ''}</p>
          {properties.length > 0 ? <pre className="mono">{JSON.stringify(row.properties, null, 2)}</pre> : null}
        </div>
      ) : null}
    </li>
  );
}

export function LiveList({ rows }: { rows: LiveRow[] }) {
  return <ul className="bare card live">{rows.map((row) => <Row key={row.id} row={row} />)}</ul>;
}
