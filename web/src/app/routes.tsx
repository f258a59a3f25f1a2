/* One table of pages; each is its own chunk. */
import type { ComponentType } from 'react';
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { Broken } from './Broken';
import { Lost } from './Lost';
import { Shell } from './Shell';

function page(path: string | null, load: () => Promise<ComponentType>): RouteObject {
  const lazy = async () => ({ Component: await load() });
  return path === null ? { index: true, lazy } : { path, lazy };
}

const pages: RouteObject[] = [
  page(null, async () => (await import('@features/home/pages/HomePage')).HomePage),
  page('people', async () => (await import('@features/people/pages/PeoplePage')).PeoplePage),
  page('people/:id', async () => (await import('@features/people/pages/PersonPage')).PersonPage),
  page('groups', async () => (await import('@features/groups/pages/GroupsPage')).GroupsPage),
  page('groups/new', async () => (await import('@features/groups/pages/BuildPage')).BuildPage),
  page('groups/:id', async () => (await import('@features/groups/pages/GroupPage')).GroupPage),
  page('groups/:id/change', async () => (await import('@features/groups/pages/BuildPage')).ChangePage),
  page('groups/people', async () => (await import('@features/groups/pages/MembersPage')).MembersPage),
  page('mailings', async () => (await import('@features/mailings/pages/MailingsPage')).MailingsPage),
  page('mailings/new', async () => (await import('@features/mailings/pages/NewMailingPage')).NewMailingPage),
  page('mailings/:id', async () => (await import('@features/mailings/pages/MailingPage')).MailingPage),
  page('permission', async () => (await import('@features/permission/pages/PermissionPage')).PermissionPage),
  page('permission/people', async () => (await import('@features/permission/pages/PermissionPeoplePage')).PermissionPeoplePage),
  page('inbox', async () => (await import('@features/inbox/pages/InboxPage')).InboxPage),
  page('inbox/:id', async () => (await import('@features/inbox/pages/ConversationPage')).ConversationPage),
  page('figures', async () => (await import('@features/figures/pages/FiguresPage')).FiguresPage),
  page('import', async () => (await import('@features/imports/pages/ImportsPage')).ImportsPage),
  page('import/:id', async () => (await import('@features/imports/pages/ImportPage')).ImportPage),
  page('reconcile', async () => (await import('@features/reconcile/pages/ReconcilePage')).ReconcilePage),
  page('live', async () => (await import('@features/live/pages/LivePage')).LivePage),
  page('start', async () => (await import('@features/session/pages/StartPage')).StartPage),
  { path: 'settings', element: <Navigate to="/settings/business" replace /> },
  page('settings/:tab', async () => (await import('@features/settings/pages/SettingsPage')).SettingsPage),
  { path: '*', Component: Lost },
];

/** Pages without the menu, for those who are not signed in yet. */
const outside: RouteObject[] = [
  page('signin', async () => (await import('@features/session/pages/SignInPage')).SignInPage),
  page('setup/:step?', async () => (await import('@features/session/pages/SetupPage')).SetupPage),
  ...['link/:token?', 'links/:token?'].map((path) => page(path, async () => (await import('@features/session/pages/LinkPage')).LinkPage)),
];

const frame = { ErrorBoundary: Broken, HydrateFallback: () => null };

export const router = createBrowserRouter([
  { path: '/', Component: Shell, children: pages, ...frame },
  { path: '/', children: outside, ...frame },
]);
