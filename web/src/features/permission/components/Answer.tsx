/* Two lists: for whom the answer is yes and why, for whom it is no and why. Each line opens the people behind it. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import type { PermissionCount, PermissionReason } from '../api/permission';

function Line({ line, most }: { line: PermissionReason; most: number }) {
  const { t, f } = useText();
  return (
    <li>
      <Link to={`/permission/people?reason=${line.reason}`} className="why-row">
        <span className="grow"><b className="semi">{t(`may.${line.reason}`)}</b><span className="small why-say">{t(`may.${line.reason}.say`)}</span></span>
        <span className="why-count num">{f.number(line.count)}</span>
        <span className={`why-bar ${line.may ? 'yes' : ''}`} aria-hidden><span style={{ width: `${(line.count / most) * 100}%` }} /></span>
      </Link>
    </li>
  );
}

export function Answer({ count }: { count: PermissionCount }) {
  const { t } = useText();
  const most = Math.max(...count.reasons.map((line) => line.count), 1);
  const lines = (may: boolean) => count.reasons.filter((line) => line.may === may).sort((a, b) => b.count - a.count);
  const [yes, no] = [lines(true), lines(false)];
  return (
    <div className="grid g11">
      <section className="card">
        <h2>{t('permission.yes', { n: count.may })}</h2>
        {yes.length > 0 ? <ul className="bare why-list">{yes.map((line) => <Line key={line.reason} line={line} most={most} />)}</ul> : <p className="why mt8">{t('permission.yes_none')}</p>}
      </section>
      <section className="card">
        <h2>{t('permission.no', { n: count.may_not })}</h2>
        {no.length > 0 ? <ul className="bare why-list">{no.map((line) => <Line key={line.reason} line={line} most={most} />)}</ul> : <p className="why mt8">{t('permission.no_none')}</p>}
      </section>
    </div>
  );
}
