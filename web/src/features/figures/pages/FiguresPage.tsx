/* How it is going: every figure of any period, return curves, month cohorts. */
import { Button } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { CurvesChart } from '@ui/CurvesChart';
import { curvesAnswer } from '@ui/curvesAnswer';
import { periodText } from '@ui/kpi';
import { Page } from '@ui/Page';
import { Await, Bones, Empty } from '@ui/states';
import { useCohorts, useCurves, useFigures, type Kpis } from '../api/figures';
import { CohortTable } from '../components/CohortTable';
import { KpiTable } from '../components/KpiTable';
import { RangeBar } from '../components/RangeBar';
import { presetOf, rangeOf } from '../model/range';
import './figures.css';

/** The newest quarters: more lines than colours could not be told apart. */
const CURVES_MAX = 5;

function Curves() {
  const { t, f } = useText();
  const query = useCurves();
  return (
    <Await query={query} bones={<Bones lines={1} height={300} />}>
      {({ curves: all }) => {
        const curves = all.slice(-CURVES_MAX);
        return curves.length === 0 ? null : (
        <section className="card">
          <h2>{t('curve.title')}</h2>
          <p className="why">{curvesAnswer(t, f, curves)}</p>
          <CurvesChart curves={curves} label={`${t('curve.title')} ${curvesAnswer(t, f, curves)}`} height={320} />
        </section>
        );
      }}
    </Await>
  );
}

function useSub(data: Kpis | undefined): string {
  const { t, f, currency } = useText();
  if (!data) return '';
  const stale = data.as_of !== null && data.as_of_reason ? ` ${t('home.as_of', { day: f.day(data.as_of) })}` : '';
  const period = periodText(t, f, data);
  return `${period.charAt(0).toUpperCase()}${period.slice(1)}. ${t('home.amounts', { currency: data.currency || currency })}${stale}`;
}

/** No orders at all: nothing to count yet, whatever the period. */
function isEmpty(data: Kpis | undefined): boolean {
  return data !== undefined && !data.from && !data.to && (data.kpis.length === 0 || data.kpis.every((kpi) => !kpi.value));
}

export function FiguresPage() {
  const { t, f } = useText();
  const [search, setSearch] = useSearchParams();
  const preset = presetOf(search);
  const today = f.dayKey(Date.now());
  const days = preset === 'own' ? { from: search.get('from') ?? '', to: search.get('to') ?? '' } : rangeOf(preset, today);
  const zone = search.get('zone') ?? '';
  const query = useFigures({ ...days, zone });
  const cohorts = useCohorts();
  const sub = useSub(query.data);
  const change = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    setSearch(next, { replace: true });
  };
  if (isEmpty(query.data)) {
    return (
      <Page title={t('figures.title')} tab={t('nav.figures')}>
        <Empty say={t('figures.empty')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>} />
      </Page>
    );
  }
  return (
    <Page title={t('figures.title')} tab={t('nav.figures')} sub={sub} actions={<Button component={Link} to="/reconcile">{t('import.compare')}</Button>}>
      <div className="stack">
        <RangeBar preset={preset} from={days.from} to={days.to} zone={zone} onChange={change} />
        <Await query={query} bones={<Bones lines={10} />}>{(data) => <KpiTable kpis={data.kpis} period={data} />}</Await>
        <Curves />
        <Await query={cohorts} bones={<Bones lines={8} />}>{(data) => <CohortTable cohorts={data} />}</Await>
      </div>
    </Page>
  );
}
