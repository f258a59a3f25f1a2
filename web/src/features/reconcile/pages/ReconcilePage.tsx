/* Does Kith say what the shop says? Totals side by side, then what differs, line by line. */
import { Button, Select } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { Money } from '@lib/types';
import { Page } from '@ui/Page';
import { Bones, Empty, ErrorState } from '@ui/states';
import { useOrderImports, useReconcile, type Difference, type Reconciled } from '../api/reconcile';

function Totals({ data }: { data: Reconciled }) {
  const { t, f } = useText();
  const gap: Money = { minor: data.kith_total.minor - data.shop_total.minor, currency: data.kith_total.currency };
  const orders = data.kith_orders - data.shop_orders;
  return (
    <section className="card scroll-x" tabIndex={0} aria-label={t('reconcile.title')}>
      <table className="plain">
        <thead><tr><th><span className="sr">{t('reconcile.what')}</span></th><th className="num">{t('reconcile.shop')}</th><th className="num">{t('reconcile.kith')}</th><th className="num">{t('reconcile.gap')}</th></tr></thead>
        <tbody>
          <tr><td>{t('people.orders')}</td><td className="num">{f.number(data.shop_orders)}</td><td className="num">{f.number(data.kith_orders)}</td><td className={`num ${orders ? 'warn' : 'good'}`}>{f.number(orders)}</td></tr>
          <tr><td>{t('reconcile.sum')}</td><td className="num">{f.money(data.shop_total)}</td><td className="num">{f.money(data.kith_total)}</td><td className={`num ${gap.minor ? 'warn' : 'good'}`}>{f.money(gap)}</td></tr>
        </tbody>
      </table>
    </section>
  );
}

function Differences({ rows }: { rows: Difference[] }) {
  const { t } = useText();
  return (
    <section className="card">
      <h2>{t('reconcile.list')}</h2>
      <div className="scroll-x mt8" tabIndex={0} role="region" aria-label={t('reconcile.list')}>
        <table className="plain">
          <thead><tr><th>{t('import.order')}</th><th>{t('reconcile.what')}</th><th className="num">{t('reconcile.shop')}</th><th className="num">{t('reconcile.kith')}</th><th>{t('reconcile.why')}</th></tr></thead>
          <tbody>
            {rows.map((row, index) => {
              const key = `reconcile.w_${row.what}`;
              const why = `reconcile.y_${row.why}`;
              return (
                <tr key={`${row.order_key}:${index}`}>
                  <td>{row.order_key}</td><td>{isKey(key) ? t(key) : row.what}</td>
                  <td className="num">{row.shop ?? '–'}</td><td className="num">{row.kith ?? '–'}</td><td className="why reason">{isKey(why) ? t(why) : row.why}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function titleOf(data: Reconciled | undefined, differs: number): { key: 'reconcile.title' | 'reconcile.yes' | 'reconcile.no'; n: number } {
  if (!data) return { key: 'reconcile.title', n: 0 };
  return differs === 0 && data.shop_total.minor === data.kith_total.minor ? { key: 'reconcile.yes', n: 0 } : { key: 'reconcile.no', n: differs };
}

export function ReconcilePage() {
  const { t } = useText();
  const [search, setSearch] = useSearchParams();
  const imports = useOrderImports();
  const files = imports.data ?? [];
  const chosen = search.get('import') ?? files[0]?.id ?? '';
  const query = useReconcile(chosen);
  const first = query.data?.pages[0];
  const rows = query.data?.pages.flatMap((page) => page.differs) ?? [];
  const { key, n } = titleOf(first, first?.differs_count ?? rows.length);
  const none = imports.data !== undefined && files.length === 0 && (!first || first.shop_orders === 0);
  if (none) {
    return (
      <Page title={t('reconcile.title')}>
        <Empty say={t('reconcile.empty')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>} />
      </Page>
    );
  }
  return (
    <Page
      title={t(key, { n })} tab={t('reconcile.title')} sub={t('reconcile.sub')}
      actions={files.length > 1 ? <Select aria-label={t('reconcile.file')} data={files.map((one) => ({ value: one.id, label: one.name }))} value={chosen} onChange={(id) => id && setSearch({ import: id })} /> : null}
    >
      <div className="stack">
        {query.isPending ? <Bones lines={3} /> : null}
        {query.error && !first ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
        {first ? <Totals data={first} /> : null}
        {rows.length > 0 ? <Differences rows={rows} /> : null}
        {query.hasNextPage ? <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('audit.older')}</Button></div> : null}
      </div>
    </Page>
  );
}
