/* All figures of the period, each with its change and how sure it is. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import type { Kpi, Period } from '@lib/types';
import { HowSure } from '@ui/Figure';
import { kpiChange, kpiText, kpiValue, periodOf } from '@ui/kpi';
import { groupKpis } from '../model/groups';

function Row({ kpi, period }: { kpi: Kpi; period: Period }) {
  const { t, f, currency } = useText();
  const change = kpiChange(t, f, kpi);
  const value = kpiValue(t, f, kpi, period.currency || currency);
  const people = new URLSearchParams({ kpi: kpi.name });
  if (period.from) people.set('from', period.from);
  if (period.to) people.set('to', period.to);
  return (
    <tr>
      <td>{kpiText(t, kpi).label}</td>
      <td className="num">{kpi.people && kpi.enough ? <Link className="kpi-value" to={`/people?${people}`}>{value}</Link> : <b className="semi">{value}</b>}</td>
      <td className={`wide-only ${change.good === null ? 'why' : change.good ? 'good' : 'bad'}`}>{kpi.previous === null ? '' : change.say}</td>
      <td className="num why wide-only">{f.number(kpi.n)}</td>
      <td className="num"><HowSure kpi={kpi} period={periodOf(kpi, period)} /></td>
    </tr>
  );
}

export function KpiTable({ kpis, period }: { kpis: Kpi[]; period: Period }) {
  const { t } = useText();
  return (
    <section className="card kpis">
      <table className="plain">
        <thead><tr><th>{t('figures.figure')}</th><th className="num">{t('figures.value')}</th><th className="wide-only">{t('figures.change')}</th><th className="num wide-only">{t('figure.n')}</th><th><span className="sr">{t('figure.how')}</span></th></tr></thead>
        {groupKpis(kpis).map((group) => (
          <tbody key={group.title}>
            <tr><th colSpan={5} scope="rowgroup" className="kpi-group">{t(group.title)}</th></tr>
            {group.kpis.map((kpi) => <Row key={kpi.name} kpi={kpi} period={period} />)}
          </tbody>
        ))}
      </table>
    </section>
  );
}
