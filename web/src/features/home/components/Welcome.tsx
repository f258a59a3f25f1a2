/* Home before the first order: what it will answer, a greyed example, one button. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Empty } from '@ui/states';

export function Welcome() {
  const { t, f, currency } = useText();
  const pounds = (minor: number) => f.moneyRound({ minor, currency });
  return (
    <Empty
      say={t('home.empty')}
      action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>}
    >
      <ul className="bare todo card todo-card">
        <li>
          <div><b>{t('home.example_quiet')}</b><br /><span className="why">{t('home.example_why', { money: pounds(410_000) })}</span></div>
          <div className="num"><b>{t('home.about', { money: pounds(410_000) })}</b></div>
        </li>
      </ul>
      <div className="grid g3 mt16">
        {([['kpi.repeat_rate.label', t('figure.in_100', { value: '52' })], ['kpi.customers.label', f.number(4338)],
          ['kpi.aov.label', f.money({ minor: 48_090, currency })]] as const).map(([key, value]) => (
            <div className="card fig" key={key}><p className="why">{t(key)}</p><p className="v">{value}</p></div>
        ))}
      </div>
    </Empty>
  );
}
