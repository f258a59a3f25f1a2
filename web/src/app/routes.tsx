/* One table of pages; each is its own chunk. */
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Broken } from './Broken';
import { Lost } from './Lost';
import { Shell } from './Shell';

const pages: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import('@features/home/pages/HomePage')).HomePage }) },
  { path: 'people', lazy: async () => ({ Component: (await import('@features/people/pages/PeoplePage')).PeoplePage }) },
  { path: 'people/:id', lazy: async () => ({ Component: (await import('@features/people/pages/PersonPage')).PersonPage }) },
  { path: '*', Component: Lost },
];

export const router = createBrowserRouter([
  { path: '/', Component: Shell, ErrorBoundary: Broken, HydrateFallback: () => null, children: pages },
]);
