/* The frame around every page: menu at the left, a bar at the foot on a phone, search on ⌘K. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Navigate, Outlet, useLocation, useNavigation } from 'react-router';
import { get } from '@lib/api';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { BottomBar } from './BottomBar';
import { useRunningImport } from './running';
import { SearchBox } from './SearchBox';
import { SideMenu } from './SideMenu';

/** Number of people for the menu; null until known. */
function usePeopleCount(): number | null {
  const query = useQuery({
    queryKey: ['people', 'total'], staleTime: 60_000,
    queryFn: ({ signal }) => get<{ total: number }>('/api/people?limit=1', signal),
  });
  return query.data?.total ?? null;
}

/** A new page starts at its top, with the focus on its heading for those who do not see it. */
function useFreshPage(): void {
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [pathname]);
}

/** The frame of who is signed in. */
function Frame() {
  const { t } = useText();
  const navigation = useNavigation();
  const people = usePeopleCount();
  const running = useRunningImport();
  useFreshPage();
  return (
    <div className="shell">
      <a className="skip" href="#main">{t('nav.skip')}</a>
      {navigation.state === 'loading' ? <div className="going" role="presentation" /> : null}
      <SideMenu people={people} running={running} />
      <main id="main" className="page"><Outlet /></main>
      <BottomBar running={running} />
      <SearchBox />
    </div>
  );
}

export function Shell() {
  const session = useSession();
  const location = useLocation();
  if (session.needs_setup) return <Navigate to={`/setup${location.search}${location.hash}`} replace />;
  if (!session.user) return <Navigate to={`/signin?to=${encodeURIComponent(location.pathname + location.search)}`} replace />;
  if (!session.business?.name && !session.demo) return <Navigate to="/setup/business" replace />;
  return <Frame />;
}
