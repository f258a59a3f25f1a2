/* A table of any length: only the rows in sight exist. A row is a link; one column sorts. */
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';

export interface Column<T> {
  key: string;
  label: string;
  /** CSS grid track. */
  width: string;
  number?: boolean;
  sort?: string;
  cell: (row: T) => ReactNode;
}

export interface Sort {
  by: string;
  order: 'asc' | 'desc';
}

interface Props<T> {
  label: string;
  rows: T[];
  total: number;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  rowLink: (row: T) => string;
  /** Accessible name of the link in the first column. */
  narrow: boolean;
  narrowCell: (row: T) => ReactNode;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onEnd: () => void;
  foot: ReactNode;
}

const ROW_PX = 52;
const NARROW_PX = 64;

function Head<T>({ columns, sort, onSort, template }: Pick<Props<T>, 'columns' | 'sort' | 'onSort'> & { template: string }) {
  const flip = (by: string) => onSort({ by, order: sort.by === by && sort.order === 'desc' ? 'asc' : 'desc' });
  return (
    <div className="vt-head" role="row" style={{ gridTemplateColumns: template }}>
      {columns.map((column) => {
        const active = column.sort !== undefined && sort.by === column.sort;
        const Arrow = sort.order === 'asc' ? IconArrowUp : IconArrowDown;
        return (
          <div
            key={column.key} role="columnheader" className={column.number ? 'num' : ''}
            aria-sort={active ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
          >
            {column.sort
              ? <button type="button" onClick={() => flip(column.sort ?? '')}>{column.label}{active ? <Arrow size={14} aria-hidden /> : null}</button>
              : column.label}
          </div>
        );
      })}
    </div>
  );
}

export function VirtualTable<T>(props: Props<T>) {
  const { rows, columns, narrow, total, onEnd } = props;
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [rows.length, narrow]);
  const size = narrow ? NARROW_PX : ROW_PX;
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => size, overscan: 12, scrollMargin: top });
  useEffect(() => virtual.measure(), [size, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length < total && last >= rows.length - 30) onEnd();
  }, [last, rows.length, total, onEnd]);
  const template = columns.map((column) => column.width).join(' ');
  return (
    <div className="vt">
      <div role="table" aria-label={props.label} aria-rowcount={total}>
        {narrow ? null : <Head columns={columns} sort={props.sort} onSort={props.onSort} template={template} />}
        <div className="vt-body" ref={body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={props.rowKey(row)} role="row" aria-rowindex={item.index + 1} className="vt-row"
                style={{ height: size, transform: `translateY(${item.start - top}px)`, gridTemplateColumns: narrow ? '1fr' : template }}
              >
                {narrow ? <div role="cell" className="main"><Link to={props.rowLink(row)}>{props.narrowCell(row)}</Link></div> : columns.map((column, index) => (
                  <div key={column.key} role="cell" className={column.number ? 'num' : index === 0 ? 'main' : ''}>
                    {index === 0 ? <Link to={props.rowLink(row)}>{column.cell(row)}</Link> : column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      <div className="vt-foot">{props.foot}</div>
    </div>
  );
}
