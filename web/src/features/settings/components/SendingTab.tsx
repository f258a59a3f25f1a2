/* How mails leave this Kith, and the letter it writes to its owner. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Await } from '@ui/states';
import { useSender } from '../api/sending';
import { AddressCard } from './AddressCard';
import { LetterCard } from './LetterCard';
import { SenderForm } from './SenderForm';
import { SenderTestCard } from './SenderTestCard';
import './sending.css';

export function SendingTab() {
  const { t } = useText();
  const query = useSender();
  return (
    <div className="stack">
      <p className="why lead">{t('sender.say')} <Link className="lnk" to="/settings/mailbox">{t('sender.see_mailbox')}</Link></p>
      <Await query={query}>
        {(sender) => (
          <>
            <SenderForm sender={sender} />
            <SenderTestCard sender={sender} />
            <AddressCard />
          </>
        )}
      </Await>
      <LetterCard />
    </div>
  );
}
