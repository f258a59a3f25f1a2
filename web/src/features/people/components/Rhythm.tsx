/* The person's own figures. */
import { useText } from '@lib/text';
import type { Person } from '../api/types';

export function Rhythm({ person }: { person: Person }) {
  const { t, f } = useText();
  const { figures } = person;
  if (!figures || figures.orders === 0) return null;
  const refunded = figures.spent.minor !== figures.net.minor;
  return (
    <section className="card">
      <h2>{t('rhythm.title')}</h2>
      <table className="plain mt8">
        <tbody>
          <tr><td>{t('people.orders')}</td><td className="num">{f.number(figures.orders)}</td></tr>
          <tr><td>{t('rhythm.spent')}</td><td className="num">{f.money(figures.spent)}</td></tr>
          {refunded ? <tr><td>{t('rhythm.net')}</td><td className="num">{f.money(figures.net)}</td></tr> : null}
          {figures.first_order_at != null ? <tr><td>{t('rhythm.first')}</td><td className="num">{f.day(figures.first_order_at)}</td></tr> : null}
          {figures.last_order_at != null ? <tr><td>{t('rhythm.last')}</td><td className="num">{f.day(figures.last_order_at)}</td></tr> : null}
          <tr>
            <td>{t('people.gap')}</td>
            <td className="num">{figures.median_gap_days == null ? <span className="why">{t('rhythm.no_gap')}</span> : t('unit.days', { n: Math.round(figures.median_gap_days) })}</td>
          </tr>
          {figures.quiet && figures.quiet_days != null ? <tr><td>{t('rhythm.quiet')}</td><td className="num warn">{t('unit.days', { n: Math.round(figures.quiet_days) })}</td></tr> : null}
        </tbody>
      </table>
    </section>
  );
}
