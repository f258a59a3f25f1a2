/* Why somebody does not get it; every reason opens its people. */
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Link } from 'react-router';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { CampaignNamed } from '../api/mailings';

export function useReasonWords(): (reason: string) => string {
  const { t } = useText();
  return (reason) => {
    const key = `unsent.${reason}`;
    return isKey(key) ? t(key) : reason;
  };
}

export function Names({ people, more }: { people: CampaignNamed[]; more: ReactNode }) {
  const { t } = useText();
  return (
    <ul className="bare names">
      {people.map((one) => <li key={one.id}><Link className="names-link" to={`/people/${one.id}`}>{one.name || one.email || t('person.unnamed')}{one.name && one.email ? <span className="why"> {one.email}</span> : null}</Link></li>)}
      {more ? <li className="small">{more}</li> : null}
    </ul>
  );
}

export function Reason({ words, count, children }: { words: string; count: number; children: (open: boolean) => ReactNode }) {
  const { f } = useText();
  const [open, setOpen] = useState(false);
  return (
    <li className="reason-line">
      <button type="button" className="reason-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="num">{f.number(count)}</span><span>{words}</span><span className="why" aria-hidden>{open ? '−' : '+'}</span>
      </button>
      {open ? children(open) : null}
    </li>
  );
}
