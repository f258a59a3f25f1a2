/* Whether the search box is open: asked for by the menu, the phone and ⌘K. */
import { useSyncExternalStore } from 'react';

let opened = false;
const listeners = new Set<() => void>();

export function setSearch(open: boolean): void {
  opened = open;
  listeners.forEach((listener) => listener());
}

export const openSearch = () => setSearch(true);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSearchOpen = () => useSyncExternalStore(subscribe, () => opened);
