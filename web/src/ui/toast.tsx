/* A short word after an act, at most one at a time, with an undo where there is one. */
import { CloseButton } from '@mantine/core';
import { useEffect, useSyncExternalStore } from 'react';
import { useText } from '@lib/text';

interface Toast {
  id: number;
  say: string;
  bad?: boolean;
  undo?: () => void;
}

const SHOWN_MS = 8_000;
let current: Toast | null = null;
let counter = 0;
const listeners = new Set<() => void>();

function set(toast: Toast | null): void {
  current = toast;
  listeners.forEach((listener) => listener());
}

export function toast(say: string, options: { bad?: boolean; undo?: () => void } = {}): void {
  counter += 1;
  set({ id: counter, say, ...options });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toaster() {
  const { t } = useText();
  const shown = useSyncExternalStore(subscribe, () => current);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <div className="toaster" role="status" aria-live="polite">
      {shown ? (
        <div className={shown.bad ? 'toast bad' : 'toast'} key={shown.id}>
          <span>{shown.say}</span>
          {shown.undo ? (
            <button className="lnk" type="button" onClick={() => { shown.undo?.(); set(null); }}>{t('act.undo')}</button>
          ) : null}
          <CloseButton size="sm" aria-label={t('act.close')} onClick={() => set(null)} />
        </div>
      ) : null}
    </div>
  );
}
