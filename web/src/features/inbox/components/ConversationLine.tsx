/* One conversation in the list: who, what about, how it begins. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import type { InboxConversation } from '../api/inbox';

export function useWho(): (talk: InboxConversation) => string {
  const { t } = useText();
  return (talk) => talk.person?.name || talk.name || talk.address || t('inbox.nobody');
}

export function ConversationLine({ talk }: { talk: InboxConversation }) {
  const { t, f } = useText();
  const who = useWho();
  return (
    <li>
      <Link className="talk-line" to={`/inbox/${talk.id}`}>
        <span className="row sp nowrap-row">
          <b className="clip">{who(talk)}</b>
          <span className="small nowrap">{f.dateTime(talk.last_at)}</span>
        </span>
        <span className="row nowrap-row">
          {talk.kind === 'person' ? null : <span className={talk.kind === 'returned' ? 'chip bad' : 'chip'}>{t(`inbox.kind_${talk.kind}`)}</span>}
          {talk.wish ? <span className="chip warn">{t(`inbox.wish_${talk.wish}`)}</span> : null}
          {talk.kind === 'person' && !talk.person ? <span className="chip">{t('inbox.unknown')}</span> : null}
          <span className="clip">{talk.subject || t('inbox.no_subject')}</span>
        </span>
        <span className="why clip">{talk.snippet}</span>
      </Link>
    </li>
  );
}
