/* Files brought in before, newest first. */
import { Link } from 'react-router';
import { isKey, type Key } from '@lib/i18n';
import { useText } from '@lib/text';
import type { ImportState, ImportSummary } from '../api/imports';
import { shareOf } from '../model/assumed';

const STATES: Record<ImportState, { key: Key; chip: string }> = {
  uploaded: { key: 'import.s_uploaded', chip: 'info' },
  ready: { key: 'import.s_ready', chip: 'warn' },
  running: { key: 'import.s_running', chip: 'info' },
  done: { key: 'import.s_done', chip: 'good' },
  failed: { key: 'import.s_failed', chip: 'bad' },
  stopped: { key: 'import.s_stopped', chip: 'warn' },
};

function Row({ one }: { one: ImportSummary }) {
  const { t, f } = useText();
  const kind = `import.kind_${one.kind}`;
  const at = one.ended_at ?? one.started_at ?? one.created_at;
  return (
    <li>
      <Link to={`/import/${one.id}`} className="history-row">
        <span className="grow">
          <b className="anywhere">{one.name}</b>
          <span className="small history-sub">
            {[isKey(kind) ? t(kind) : one.kind, f.dateTime(at), t('import.rows_n', { n: one.rows }), one.rejected > 0 ? t('import.rejected_short', { n: one.rejected }) : ''].filter(Boolean).join(' · ')}
          </span>
        </span>
        <span className={`chip ${STATES[one.state].chip}`}>
          {one.state === 'running' ? `${f.number(shareOf(one) * 100)} %` : t(STATES[one.state].key)}
        </span>
      </Link>
    </li>
  );
}

export function History({ imports }: { imports: ImportSummary[] }) {
  const { t } = useText();
  if (imports.length === 0) return null;
  return (
    <section className="card">
      <h2>{t('import.history')}</h2>
      <ul className="bare history">{imports.map((one) => <Row key={one.id} one={one} />)}</ul>
    </section>
  );
}
