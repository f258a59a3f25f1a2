/* The people behind one reason, each a link to their page. */
import { useCallback } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useNarrow } from '@lib/hooks';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, ErrorState } from '@ui/states';
import { VirtualTable, type Column } from '@ui/VirtualTable';
import { usePermissionPeople, type PermissionPerson } from '../api/permission';
import './permission.css';

function useColumns(mixed: boolean): Column<PermissionPerson>[] {
  const { t, f } = useText();
  const columns: Column<PermissionPerson>[] = [
    { key: 'name', label: t('people.name'), width: 'minmax(0, 2fr)', cell: (row) => <div className="clip"><b className="semi">{row.name || row.email || t('person.unnamed')}</b></div> },
    { key: 'email', label: t('person.email'), width: 'minmax(0, 2fr)', cell: (row) => <div className="clip">{row.email ?? '–'}</div> },
    { key: 'country', label: t('people.country'), width: 'minmax(0, 1fr)', cell: (row) => <div className="clip">{row.country ? f.country(row.country) : ''}</div> },
    { key: 'until', label: t('permission.until'), width: '140px', number: true, cell: (row) => (row.expires_at ? f.day(row.expires_at) : '–') },
  ];
  if (mixed) columns.splice(3, 0, { key: 'reason', label: t('reconcile.why'), width: 'minmax(0, 2fr)', cell: (row) => <div className="clip">{t(`may.${row.reason}`)}</div> });
  return columns;
}

export function PermissionPeoplePage() {
  const { t } = useText();
  const [search] = useSearchParams();
  const narrow = useNarrow();
  const reason = search.get('reason') ?? 'may_not';
  const mixed = reason === 'may' || reason === 'may_not';
  const columns = useColumns(mixed);
  const query = usePermissionPeople(reason);
  const rows = query.data?.pages.flatMap((page) => page.people) ?? [];
  const total = query.data?.pages[0]?.total ?? null;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const end = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [label, say] = [`may.${reason}`, `may.${reason}.say`];
  const group = isKey(label) ? t(label) : reason;
  return (
    <Page
      title={total === null ? group : t('groups.members', { n: total, group })} tab={t('nav.permission')}
      sub={<>{isKey(say) ? `${t(say)} ` : ''}<Link className="lnk" to="/permission">{t('permission.back')}</Link></>}
    >
      {query.error && !query.data ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <Bones lines={10} height={52} /> : null}
      {total === 0 ? <p className="card">{t('permission.none')}</p> : null}
      {rows.length > 0 && total ? (
        <VirtualTable
          label={group} rows={rows} total={total} columns={columns} narrow={narrow} rowKey={(row) => row.id} rowLink={(row) => `/people/${row.id}`}
          sort={{ by: '', order: 'desc' }} onSort={() => undefined} onEnd={end} foot={t('people.count', { n: total })}
          narrowCell={(row) => (
            <div className="vt-two">
              <b className="semi clip">{row.name || row.email || t('person.unnamed')}</b>
              <span className="small clip">{mixed ? t(`may.${row.reason}`) : row.name ? row.email : ''}</span>
            </div>
          )}
        />
      ) : null}
    </Page>
  );
}
