/* What came in, what did not and why, and where to go from here. */
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';
import type { Key } from '@lib/i18n';
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';
import { importStart, useImportChange, type Import } from '../api/imports';
import { isList } from '../model/assumed';

type Count = 'orders' | 'refunds' | 'customers' | 'items' | 'updated' | 'unchanged';
const COUNTS: { field: Count; label: Key }[] = [
  { field: 'orders', label: 'import.c_orders' },
  { field: 'updated', label: 'import.c_updated' },
  { field: 'refunds', label: 'import.c_refunds' },
  { field: 'customers', label: 'import.c_customers' },
  { field: 'items', label: 'import.c_items' },
  { field: 'unchanged', label: 'import.c_unchanged' },
];

export function Rejected({ one }: { one: Import }) {
  const { t } = useText();
  if (one.rejected === 0) return null;
  return (
    <section className="card row sp rejected">
      <div className="grow"><b>{t('import.rejected_n', { n: one.rejected })}</b><p className="why">{t('import.rejected_say')}</p></div>
      <Button component="a" href={`/api/imports/${one.id}/rejected`} download={`${one.name.replace(/\.csv$/i, '')}.rejected.csv`}>{t('import.rejected_get')}</Button>
    </section>
  );
}

/** What hangs on the rows that came in is asked anew, however short the import was. */
function useFresh(one: Import): void {
  const client = useQueryClient();
  useEffect(() => {
    for (const key of ['permission', 'home', 'groups', 'people']) void client.invalidateQueries({ queryKey: [key] });
  }, [client, one.id, one.state]);
}

export function Finished({ one }: { one: Import }) {
  const { t, f } = useText();
  const again = useImportChange(one.id, importStart(one.id));
  useFresh(one);
  const list = isList(one.kind);
  const broken = one.state === 'failed' || one.state === 'stopped';
  return (
    <div className="stack">
      {broken ? (
        <section className="card row sp error-state">
          <p className="grow">{one.error ? reasonWords(t, one.reason, one.error) : t('import.stopped_say')}</p>
          <Button variant="filled" loading={again.isPending} onClick={() => again.mutate(undefined)}>{t('import.resume')}</Button>
        </section>
      ) : null}
      <div className="counts">
        {COUNTS.filter(({ field }) => (one[field] ?? 0) > 0).map(({ field, label }) => (
          <section className="card fig" key={field}><p className="why">{t(list && field === 'items' ? 'list.c_items' : label)}</p><p className="v">{f.number(one[field] ?? 0)}</p></section>
        ))}
      </div>
      <Rejected one={one} />
      {broken ? null : (
        <div className="row">
          {one.kind === 'orders' ? <Button component={Link} to="/people?kpi=quiet_good" variant="filled">{t('import.see_quiet')}</Button> : null}
          {one.kind === 'orders' ? <Button component={Link} to={`/reconcile?import=${one.id}`}>{t('import.compare')}</Button> : null}
          {list || one.kind === 'customers' ? <Button component={Link} to="/permission" variant={list ? 'filled' : 'default'}>{t('list.see')}</Button> : null}
          <Button component={Link} to="/">{t('lost.home')}</Button>
        </div>
      )}
    </div>
  );
}
