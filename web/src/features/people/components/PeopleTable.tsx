import { useCallback } from 'react';
import { useNarrow } from '@lib/hooks';
import { useText } from '@lib/text';
import { VirtualTable, type Column, type Sort } from '@ui/VirtualTable';
import type { PersonRow } from '../api/types';
import { ExportFoot } from './ExportFoot';
import { PersonState } from './PersonState';
import type { PeopleFilter } from '../api/people';

interface Props {
  rows: PersonRow[];
  total: number;
  filter: PeopleFilter;
  onSort: (sort: Sort) => void;
  onEnd: () => void;
  hasMore: boolean;
}

function useColumns(): Column<PersonRow>[] {
  const { t, f } = useText();
  const now = Date.now();
  return [
    {
      key: 'name', label: t('people.name'), width: 'minmax(0, 2.2fr)', sort: 'name',
      cell: (row) => (
        <>
          <div className="clip"><b className="semi">{row.name || row.email || t('person.unnamed')}</b></div>
          {row.name && row.email ? <div className="small clip">{row.email}</div> : null}
        </>
      ),
    },
    { key: 'country', label: t('people.country'), width: 'minmax(0, 1fr)', cell: (row) => <div className="clip">{row.country ? f.country(row.country) : ''}</div> },
    { key: 'orders', label: t('people.orders'), width: '70px', number: true, sort: 'orders', cell: (row) => f.number(row.orders) },
    { key: 'spent', label: t('people.spent'), width: '120px', number: true, sort: 'spent', cell: (row) => (row.orders > 0 ? f.money(row.spent) : '–') },
    { key: 'last', label: t('people.last'), width: '120px', number: true, sort: 'last_order', cell: (row) => (row.last_order_at ? f.ago(row.last_order_at, now) : '–') },
    { key: 'gap', label: t('people.gap'), width: '110px', number: true, cell: (row) => (row.usual_gap_days ? t('unit.days', { n: Math.round(row.usual_gap_days) }) : '–') },
    { key: 'state', label: t('people.state'), width: 'minmax(0, 1.4fr)', sort: 'quiet', cell: (row) => <PersonState row={row} /> },
  ];
}

export function PeopleTable({ rows, total, filter, onSort, onEnd, hasMore }: Props) {
  const { t, f } = useText();
  const narrow = useNarrow();
  const columns = useColumns();
  const end = useCallback(() => { if (hasMore) onEnd(); }, [hasMore, onEnd]);
  return (
    <VirtualTable
      label={t('nav.people')} rows={rows} total={total} columns={columns} narrow={narrow}
      rowKey={(row) => row.id} rowLink={(row) => `/people/${row.id}`}
      sort={{ by: filter.sort, order: filter.order === 'asc' ? 'asc' : 'desc' }} onSort={onSort} onEnd={end}
      narrowCell={(row) => (
        <div className="vt-two">
          <b className="semi clip">{row.name || row.email || t('person.unnamed')}</b>
          <span className="num">{row.orders > 0 ? f.money(row.spent) : ''}</span>
          <span className="small clip">{t('people.orders_n', { n: row.orders })}{row.last_order_at ? ` · ${f.day(row.last_order_at)}` : ''}</span>
          <PersonState row={row} />
        </div>
      )}
      foot={<ExportFoot total={total} filter={filter} />}
    />
  );
}
