/* Home: what is worth doing today, at most three figures, one chart. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { CurvesChart } from '@ui/CurvesChart';
import { curvesAnswer } from '@ui/curvesAnswer';
import { FigureCard } from '@ui/Figure';
import { periodOf } from '@ui/kpi';
import { Page } from '@ui/Page';
import { Await, Bones } from '@ui/states';
import { AttentionList } from '../components/AttentionList';
import { FirstSteps } from '../components/FirstSteps';
import { Welcome } from '../components/Welcome';
import { useHome, type Home } from '../api/home';
import { greetingKey, numberWordKey } from '../model/greeting';
import './home.css';

function DemoBanner() {
  const { t } = useText();
  if (!useSession().demo) return null;
  return (
    <div className="banner">
      <span>{t('demo.banner')}</span>
      <Button component={Link} to="/start">{t('demo.act')}</Button>
    </div>
  );
}

function MatchesShop({ home }: { home: Home }) {
  const { t } = useText();
  const match = home.matches_shop;
  if (!match || match.state === 'none') return null;
  const words = match.state === 'matches' || match.differs === 0 ? t('home.matches') : t('home.differs', { n: match.differs });
  return <>{' '}<Link className="lnk" to="/reconcile">{words}</Link></>;
}

/** No order yet: there is nothing to say about figures. */
function isEmpty(home: Home): boolean {
  return home.attention.length === 0 && (home.customers === 0 || home.figures.length === 0) && !home.steps.some((step) => step.name === 'shop_in' && step.done);
}

function useTitle(home: Home): string {
  const { t, f, zone } = useText();
  const greeting = t(greetingKey(f.clockIn(zone, Date.now())));
  const count = home.attention.length;
  if (isEmpty(home)) return t('home.title_empty', { greeting });
  if (count === 0) return t('home.title_none', { greeting });
  const word = numberWordKey(count);
  const number = word ? t(word) : String(count);
  return t('home.title', { n: count, greeting, number: number.charAt(0).toUpperCase() + number.slice(1) });
}

function Filled({ home }: { home: Home }) {
  const { t, f } = useText();
  return (
    <div className="stack">
      {home.attention.length > 0 ? <AttentionList items={home.attention} /> : null}
      <div className="grid g3">
        {home.figures.slice(0, 3).map((kpi) => <FigureCard key={kpi.name} kpi={kpi} against={kpi.name === 'repeat_rate' ? 'year' : 'period'} period={periodOf(kpi, home)} />)}
      </div>
      <FirstSteps steps={home.steps} />
      {home.curves.length > 0 ? (
        <section className="card">
          <div className="row sp"><h2>{t('curve.title')}</h2><Link className="lnk small" to="/figures">{t('home.all_figures')}</Link></div>
          <p className="why">{curvesAnswer(t, f, home.curves)}</p>
          <CurvesChart curves={home.curves} label={`${t('curve.title')} ${curvesAnswer(t, f, home.curves)}`} />
        </section>
      ) : null}
    </div>
  );
}

function HomeBody({ home }: { home: Home }) {
  const { t, f, currency } = useText();
  const title = useTitle(home);
  const empty = isEmpty(home);
  const stale = home.as_of !== null && Boolean(home.as_of_reason);
  const sub = empty ? t('home.sub_empty') : (
    <>
      {stale && home.as_of !== null
        ? `${t('home.as_of', { day: f.day(home.as_of) })} ${t('home.amounts', { currency: home.currency || currency })}`
        : t('home.up_to_now', { currency: home.currency || currency })}
      <MatchesShop home={home} />
    </>
  );
  return (
    <>
      <Page title={title} tab={t('nav.home')} sub={sub} />
      {empty ? <div className="stack"><Welcome /><FirstSteps steps={home.steps} /></div> : <Filled home={home} />}
    </>
  );
}

export function HomePage() {
  const query = useHome();
  return (
    <>
      <DemoBanner />
      <Await query={query} whole bones={<Bones lines={5} height={90} />}>{(home) => <HomeBody home={home} />}</Await>
    </>
  );
}
