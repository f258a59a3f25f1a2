/* Everybody a rule means, each a link to their page. */
import { Button } from '@mantine/core';
import { useCallback } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useNarrow } from '@lib/hooks';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, ErrorState } from '@ui/states';
import { VirtualTable, type Column } from '@ui/VirtualTable';
import { useMembers, type PersonRow } from '../api/groups';
import { RuleSentence } from '../components/RuleSentence';
import './groups.css';

function useColumns(): Column<PersonRow>[] {
  const { t, f } = useText();
  return [
    {
      key: 'name', label: t('people.name'), width: 'minmax(0, 2.2fr)',
      cell: (row) => (
        <>
          <div className="clip"><b className="semi">{row.name || row.email || t('person.unnamed')}</b></div>
          {row.name && row.email ? <div className="small clip">{row.email}</div> : null}
        </>
      ),
    },
    { key: 'country', label: t('people.country'), width: 'minmax(0, 1fr)', cell: (row) => <div className="clip">{row.country ? f.country(row.country) : ''}</div> },
    { key: 'orders', label: t('people.orders'), width: '110px', number: true, cell: (row) => f.number(row.orders) },
    { key: 'spent', label: t('people.spent'), width: '140px', number: true, cell: (row) => (row.orders > 0 ? f.money(row.spent) : '–') },
    { key: 'last', label: t('people.last'), width: '140px', number: true, cell: (row) => (row.last_order_at ? f.day(row.last_order_at) : '–') },
  ];
}

export function MembersPage() {
  const { t, f } = useText();
  const [search] = useSearchParams();
  const narrow = useNarrow();
  const columns = useColumns();
  const [rule, name, at] = [search.get('rule') ?? '', `ready.${search.get('name') ?? ''}.name`, search.get('at') ?? ''];
  const query = useMembers(rule, at);
  const rows = query.data?.pages.flatMap((page) => page.people) ?? [];
  const total = query.data?.pages[0]?.total ?? null;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const end = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const group = isKey(name) ? t(name) : search.get('title') || t('groups.own');
  return (
    <Page
      actions={total ? <Button component={Link} to={`/mailings/new?${new URLSearchParams({ rule }).toString()}`}>{t('groups.write')}</Button> : null}
      title={total === null ? group : t('groups.members', { n: total, group })} tab={t('nav.groups')}
      sub={<><RuleSentence rule={rule} />{at ? ` (${t('groups.at', { day: f.dayOf(at) })})` : ''} <Link className="lnk" to={`/groups/new?${new URLSearchParams({ rule }).toString()}`}>{t('groups.change')}</Link></>}
    >
      {query.error && !query.data ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending && rule ? <Bones lines={10} height={52} /> : null}
      {total === 0 ? <p className="card">{t('people.none_group')}</p> : null}
      {rows.length > 0 && total ? (
        <VirtualTable
          label={group} rows={rows} total={total} columns={columns} narrow={narrow} rowKey={(row) => row.id} rowLink={(row) => `/people/${row.id}`}
          sort={{ by: '', order: 'desc' }} onSort={() => undefined} onEnd={end} foot={t('people.count', { n: total })}
          narrowCell={(row) => (
            <div className="vt-two">
              <b className="semi clip">{row.name || row.email || t('person.unnamed')}</b>
              <span className="num">{row.orders > 0 ? f.money(row.spent) : ''}</span>
              <span className="small clip">{t('people.orders_n', { n: row.orders })}{row.last_order_at ? ` · ${f.day(row.last_order_at)}` : ''}</span>
            </div>
          )}
        />
      ) : null}
    </Page>
  );
}
