import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';

export function Lost() {
  const { t } = useText();
  return <Page title={t('lost.title')} sub={<Link className="lnk" to="/">{t('lost.home')}</Link>} />;
}
