/* All mailings, newest first. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones, Empty } from '@ui/states';
import { useMailings } from '../api/mailings';
import { MailingTable } from '../components/MailingTable';
import './mailings.css';

export function MailingsPage() {
  const { t } = useText();
  const query = useMailings();
  const any = (query.data?.campaigns.length ?? 0) > 0;
  const act = <Button component={Link} to="/mailings/new" variant="filled">{t('mailing.new')}</Button>;
  return (
    <Page title={t('mailings.title')} tab={t('nav.mailings')} sub={t('mailings.sub')} actions={any ? act : null}>
      <Await query={query} bones={<Bones lines={5} height={52} />}>
        {({ campaigns }) => (campaigns.length > 0 ? <MailingTable mailings={campaigns} /> : <Empty say={t('mailings.empty')} action={act} />)}
      </Await>
    </Page>
  );
}
