/* A page without the menu: sign-in, set-up, invitation. */
import { useEffect, type ReactNode } from 'react';

export function Lone({ title, sub, wide, children }: { title: string; sub?: ReactNode; wide?: boolean; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Kith`;
  }, [title]);
  return (
    <main className={wide ? 'lone wide' : 'lone'}>
      <p className="brand lone-brand">{'kith'}</p>
      <h1>{title}</h1>
      {sub ? <p className="why mt8">{sub}</p> : null}
      <div className="mt24">{children}</div>
    </main>
  );
}
