/* One figure as the reader meets it: label, number, change in words, and "how sure?". */
import { Popover, UnstyledButton } from '@mantine/core';
import { Link } from 'react-router';
import { kpiNumber } from '@lib/format';
import { useText } from '@lib/text';
import type { Kpi, Period } from '@lib/types';
import { kpiChange, kpiText, kpiValue, periodText, type Against } from './kpi';

export function HowSure({ kpi, period }: { kpi: Kpi; period: Period }) {
  const { t, f, currency } = useText();
  const text = kpiText(t, kpi);
  const money = period.currency || currency;
  const between = kpi.enough && kpi.low !== null && kpi.high !== null;
  const people = new URLSearchParams({ kpi: kpi.name });
  if (period.from) people.set('from', period.from);
  if (period.to) people.set('to', period.to);
  return (
    <Popover width={340} position="bottom-start" shadow="md" hideDetached={false} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className="how" aria-label={t('figure.how_of', { name: text.label })}>{t('figure.how')}</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={text.label}>
        <h3>{text.label}</h3>
        <dl className="facts mt8">
          <dt>{t('figure.formula')}</dt><dd>{text.formula}</dd>
          <dt>{t('figure.period')}</dt><dd>{periodText(t, f, period)}</dd>
          <dt>{t('figure.n')}</dt><dd>{f.number(kpi.n)}</dd>
          {between ? (
            <>
              <dt>{t('figure.interval')}</dt>
              <dd>
                {t('figure.between', {
                  low: kpiNumber(f, kpi.unit, kpi.low ?? 0, money), high: kpiNumber(f, kpi.unit, kpi.high ?? 0, money),
                })}
              </dd>
            </>
          ) : null}
          {text.pitfalls ? (<><dt>{t('figure.pitfalls')}</dt><dd>{text.pitfalls}</dd></>) : null}
        </dl>
        {kpi.people ? <Link className="lnk mt8 block" to={`/people?${people}`}>{t('figure.people')}</Link> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

export function FigureCard({ kpi, period, against }: { kpi: Kpi; period: Period; against?: Against }) {
  const { t, f, currency } = useText();
  const change = kpiChange(t, f, kpi, against);
  return (
    <section className="card fig">
      <h2 className="fig-label">{kpiText(t, kpi).label}</h2>
      <p className="v">{kpiValue(t, f, kpi, period.currency || currency)}</p>
      {kpi.enough
        ? <p className={change.good === null ? 'why' : change.good ? 'good' : 'bad'}>{change.say}</p>
        : <p className="why">{t('figure.needed', { n: kpi.n_min })}</p>}
      <p className="small fig-foot">
        {periodText(t, f, period)}{' · '}<HowSure kpi={kpi} period={period} />
      </p>
    </section>
  );
}
