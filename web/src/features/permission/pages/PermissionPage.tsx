/* Who may be written to by mail: the answer, the reasons, and the three ways to say why somebody may. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, Empty, ErrorState } from '@ui/states';
import { usePermission, type PermissionCount } from '../api/permission';
import { Answer } from '../components/Answer';
import { Customers } from '../components/Customers';
import { Files } from '../components/Files';
import { Sworn } from '../components/Sworn';
import './permission.css';

function useTitle(count: PermissionCount | undefined): string {
  const { t } = useText();
  if (!count || count.total === 0) return t('permission.title_empty');
  return count.may_not === 0 ? t('permission.title_all', { n: count.may }) : t('permission.title', { n: count.may, not: count.may_not });
}

function Body({ count }: { count: PermissionCount }) {
  const { t } = useText();
  const customers = count.reasons.find((line) => line.reason === 'existing_customer')?.count ?? 0;
  return (
    <div className="stack">
      {count.total > 0 ? <Answer count={count} /> : (
        <Empty say={t('permission.empty')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>} />
      )}
      <div className="permission-how"><h2>{t('permission.how')}</h2><p className="why lead">{t('permission.how_say')}</p></div>
      <Files />
      {count.total > 0 ? <Customers /> : null}
      <Sworn customers={customers} />
    </div>
  );
}

export function PermissionPage() {
  const { t } = useText();
  const query = usePermission();
  return (
    <Page title={useTitle(query.data)} tab={t('nav.permission')} sub={t('permission.sub')}>
      {query.data ? <Body count={query.data} /> : query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Bones lines={5} height={64} />}
    </Page>
  );
}
