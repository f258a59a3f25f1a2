/* What must be true before a list may be written to; what is missing has the way to mend it. */
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import type { MailReadiness } from '../api/mailings';

const STEPS = [
  { key: 'postal_address', to: '/settings/sending' },
  { key: 'sender_test', to: '/settings/sending' },
  { key: 'address', to: '/settings/sending' },
  { key: 'round_trip', to: null },
] as const;

export function ReadyCard({ ready }: { ready: MailReadiness }) {
  const { t } = useText();
  if (ready.ready) return <section className="card ready-done"><p className="good row"><IconCircleCheckFilled size={20} aria-hidden /><span className="grow">{t('needs.ready')}</span></p></section>;
  return (
    <section className="card stack tight">
      <h2>{t('needs.title')}</h2>
      <ol className="bare needs">
        {STEPS.filter(({ key }) => !ready.local || (key !== 'sender_test' && key !== 'address')).map(({ key, to }) => (
          <li key={key} className={ready[key] ? 'done' : ''}>
            {ready[key] ? <IconCircleCheckFilled size={20} aria-label={t('steps.is_done')} /> : <IconCircle size={20} aria-hidden />}
            <div>
              <p>{ready[key] || !to ? t(`needs.${key}`) : <Link className="lnk" to={to}>{t(`needs.${key}`)}</Link>}</p>
              {ready[key] ? null : <p className="small">{t(`needs.${key}_say`)}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
