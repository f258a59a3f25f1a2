/* The phone's bar: three pages and the rest. */
import { Drawer, UnstyledButton } from '@mantine/core';
import { IconDots, IconHome, IconTableImport, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { NavLink, useLocation } from 'react-router';
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { MENU } from './menu';
import type { RunningImport } from './running';
import { openSearch } from './searchState';
import { UserMenu } from './SideMenu';

const TABS: { to: string; label: Key; icon: typeof IconHome }[] = [
  { to: '/', label: 'nav.home', icon: IconHome },
  { to: '/people', label: 'nav.people', icon: IconUsers },
  { to: '/import', label: 'nav.import', icon: IconTableImport },
];

export function BottomBar({ running }: { running: RunningImport | null }) {
  const { t, f } = useText();
  const { pathname } = useLocation();
  const [openAt, setOpenAt] = useState<string | null>(null);
  const rest = MENU.filter((item) => !TABS.some((tab) => tab.to === item.to));
  const close = () => setOpenAt(null);
  return (
    <>
      <nav className="tabs phone-only" aria-label={t('nav.label')}>
        {TABS.map(({ to, label, icon: Icon }) => (
          <NavLink key={to} to={to} end={to === '/'}><Icon size={20} aria-hidden />{to === '/import' && running ? t('import.tab_running', { value: f.number(running.share * 100) }) : t(label)}</NavLink>
        ))}
        <UnstyledButton onClick={() => setOpenAt(pathname)} aria-haspopup="dialog"><IconDots size={20} aria-hidden />{t('nav.more')}</UnstyledButton>
      </nav>
      <Drawer
        opened={openAt === pathname} onClose={close} position="bottom" size="auto" title={t('nav.more')}
        closeButtonProps={{ 'aria-label': t('act.close') }}
      >
        <nav className="more" aria-label={t('nav.more')}>
          <UnstyledButton onClick={() => { close(); openSearch(); }}>{t('nav.search')}</UnstyledButton>
          {rest.map((item) => <NavLink key={item.to} to={item.to} onClick={close}>{t(item.label)}</NavLink>)}
          <UserMenu />
        </nav>
      </Drawer>
    </>
  );
}
