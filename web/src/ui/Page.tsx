/* A page: its title is the answer or the question it answers, with a line beneath and acts beside. */
import { useEffect, type ReactNode } from 'react';

interface Props {
  title: string;
  /** What the browser tab says; the title when absent. */
  tab?: string;
  sub?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Page({ title, tab, sub, actions, children }: Props) {
  useEffect(() => {
    document.title = `${tab ?? title} · Kith`;
  }, [tab, title]);
  return (
    <>
      <header className="row sp top page-head">
        <div className="grow">
          <h1 tabIndex={-1}>{title}</h1>
          {sub ? <div className="why page-sub">{sub}</div> : null}
        </div>
        {actions ? <div className="row page-acts">{actions}</div> : null}
      </header>
      {children}
    </>
  );
}
