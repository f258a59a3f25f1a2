/* Who changed what, newest first. */
import { Button } from '@mantine/core';
import { useActor } from '@lib/actor';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Bones, ErrorState } from '@ui/states';
import { useAudit } from '../api/settings';

/** Details are small JSON objects: "name: Web shop, scope: track". */
function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return '';
  if (typeof detail !== 'object') return String(detail);
  return Object.entries(detail).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');
}

export function AuditTab() {
  const { t, f } = useText();
  const nameOf = useActor();
  const query = useAudit();
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  if (query.isPending) return <Bones lines={6} />;
  if (query.error && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return (
    <div className="stack">
      <p className="why lead">{t('audit.say')}</p>
      <section className="card scroll-x">
        <table className="plain">
          <thead><tr><th>{t('audit.when')}</th><th>{t('audit.who')}</th><th>{t('audit.what')}</th></tr></thead>
          <tbody>
            {entries.map((entry, index) => {
              const key = `audit.${entry.action.replace(/[^a-z0-9]+/g, '_')}`;
              return (
                <tr key={entry.id ?? index}>
                  <td className="nowrap">{f.dateTime(entry.at)}</td>
                  <td>{nameOf(entry.actor)}</td>
                  <td>{isKey(key) ? t(key) : entry.action}<div className="small anywhere">{[entry.subject, detailText(entry.detail)].filter(Boolean).join(' · ')}</div></td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {entries.length === 0 ? <p className="why">{t('audit.none')}</p> : null}
      </section>
      {query.hasNextPage ? <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('audit.older')}</Button> : null}
    </div>
  );
}
