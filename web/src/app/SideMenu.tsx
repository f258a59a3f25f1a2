import { Menu, Progress, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSearch, IconSelector, IconSun } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Fragment } from 'react';
import { Link, NavLink } from 'react-router';
import { del } from '@lib/api';
import type { Key } from '@lib/i18n';
import { SESSION_KEY, useSession } from '@lib/session';
import { useText } from '@lib/text';
import { MENU } from './menu';
import type { RunningImport } from './running';
import { openSearch } from './searchState';

const LOOKS: { value: 'light' | 'dark' | 'auto'; label: Key; icon: typeof IconSun }[] = [
  { value: 'light', label: 'look.light', icon: IconSun },
  { value: 'dark', label: 'look.dark', icon: IconMoon },
  { value: 'auto', label: 'look.auto', icon: IconDeviceDesktop },
];

export function useSignOut(): () => void {
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => del('/api/session'),
    onSuccess: async () => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
      await client.invalidateQueries({ queryKey: SESSION_KEY });
    },
  });
  return () => leave.mutate();
}

export function UserMenu() {
  const { t } = useText();
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  return (
    <Menu position="top-start" width={200}>
      <Menu.Target>
        <UnstyledButton className="me"><span className="clip">{user?.name || user?.email}</span><IconSelector size={16} aria-hidden /></UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('look.title')}</Menu.Label>
        {LOOKS.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value} leftSection={<Icon size={16} aria-hidden />} role="menuitemradio"
            aria-checked={colorScheme === value} rightSection={colorScheme === value ? '✓' : null}
            onClick={() => setColorScheme(value)}
          >
            {t(label)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={signOut}>{t('nav.sign_out')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A thin bar beneath "Import" while a file comes in. */
function Running({ running }: { running: RunningImport }) {
  const { t, f } = useText();
  const say = t('import.menu_running', { value: f.number(running.share * 100) });
  return (
    <Link to={`/import/${running.id}`} className="side-running">
      <span>{say}</span>
      <Progress value={running.share * 100} size="xs" aria-label={say} />
    </Link>
  );
}

export function SideMenu({ people, running }: { people: number | null; running: RunningImport | null }) {
  const { t, f } = useText();
  const { business } = useSession();
  return (
    <nav className="side wide-only" aria-label={t('nav.label')}><div className="side-in">
      <NavLink to="/" className="brand" aria-label={`kith, ${t('nav.home')}`}>{'kith'}</NavLink>
      {business?.name ? <p className="small clip side-shop">{business.name}</p> : null}
      <UnstyledButton className="side-search" onClick={openSearch}>
        <IconSearch size={16} aria-hidden /><span>{t('nav.search')}</span><kbd>{'⌘K'}</kbd>
      </UnstyledButton>
      <div className="side-nav">
        {MENU.map((item) => (
          <Fragment key={item.to}>
            <NavLink to={item.to} end={item.to === '/'} className={item.apart ? 'apart' : ''}>
              <span>{t(item.label)}</span>
              {item.to === '/people' && people ? <span className="count">{f.number(people)}</span> : null}
            </NavLink>
            {item.to === '/import' && running ? <Running running={running} /> : null}
          </Fragment>
        ))}
      </div>
      <div className="side-foot"><UserMenu /></div>
    </div></nav>
  );
}
