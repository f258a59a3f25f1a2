/* One mail of a conversation, as plain text whatever it was; what it quotes is folded away. */
import { useText } from '@lib/text';
import type { Key } from '@lib/i18n';
import { isKey } from '@lib/i18n';
import type { InboxMail } from '../api/inbox';

function Fate({ mail }: { mail: InboxMail }) {
  const { t } = useText();
  if (mail.direction === 'in') return null;
  const reason = mail.reason ? `inbox.reason_${mail.reason}` : '';
  const bad = mail.state === 'refused' || mail.state === 'unknown';
  return (
    <p className={bad ? 'bad small' : 'small'} role="status">
      {t(`inbox.fate_${mail.state}` as Key)}{isKey(reason) ? ` ${t(reason)}` : ''}
    </p>
  );
}

export function MailCard({ mail, who }: { mail: InboxMail; who: string }) {
  const { t, f } = useText();
  const ours = mail.direction === 'out';
  return (
    <li className={ours ? 'talk-mail card ours' : 'talk-mail card'}>
      <div className="row sp">
        <b className="clip">{ours ? t('inbox.us') : who}</b>
        <span className="small nowrap">{f.dateTime(mail.at)}</span>
      </div>
      <p className="talk-text">{mail.text || <span className="why">{t('inbox.no_words')}</span>}</p>
      {mail.cut ? <p className="why">{t('inbox.cut')}</p> : null}
      {mail.quoted ? <details><summary className="lnk small">{t('inbox.quoted')}</summary><p className="talk-text why">{mail.quoted}</p></details> : null}
      <Fate mail={mail} />
    </li>
  );
}
