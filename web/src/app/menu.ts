/* The menu. An item appears here with the feature that fills it. */
import type { Key } from '@lib/i18n';

export interface MenuItem {
  to: string;
  label: Key;
  apart?: boolean;
}

export const MENU: MenuItem[] = [
  { to: '/', label: 'nav.home' },
  { to: '/people', label: 'nav.people' },
  { to: '/groups', label: 'nav.groups' },
  { to: '/mailings', label: 'nav.mailings' },
  { to: '/permission', label: 'nav.permission' },
  { to: '/inbox', label: 'nav.inbox' },
  { to: '/figures', label: 'nav.figures' },
  { to: '/import', label: 'nav.import' },
  { to: '/live', label: 'nav.live' },
  { to: '/settings', label: 'nav.settings', apart: true },
];
