/* Set-up in three short steps: you, your shop, where to begin. */
import { Navigate, useLocation, useParams, useSearchParams } from 'react-router';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { Lone } from '@ui/Lone';
import { useSetup } from '../api/session';
import { AccountForm } from '../components/AccountForm';
import { BeginChoice } from '../components/BeginChoice';
import { ProfileForm } from '../components/ProfileForm';

function Steps({ at }: { at: number }) {
  const { t } = useText();
  return <p className="small setup-steps">{t('setup.step', { at, all: 3 })}</p>;
}

function AccountStep({ token }: { token: string }) {
  const { t, language } = useText();
  const setup = useSetup();
  if (!token) {
    return <Lone title={t('setup.title')} sub={t('setup.no_token')} />;
  }
  return (
    <Lone title={t('setup.title')} sub={t('setup.sub')}>
      <Steps at={1} />
      <AccountForm act={t('setup.go_on')} busy={setup.isPending} error={setup.error} onSubmit={(input) => setup.mutate({ token, language, ...input })} />
    </Lone>
  );
}

export function SetupPage() {
  const { t } = useText();
  const session = useSession();
  const { step } = useParams();
  const { hash } = useLocation();
  const [search] = useSearchParams();
  const token = hash.slice(1) || search.get('token') || (step && !['business', 'begin'].includes(step) ? step : '');
  if (session.needs_setup) return <AccountStep token={token} />;
  if (!session.user) return <Navigate to="/signin" replace />;
  if (step === 'begin') {
    return <Lone wide title={t('begin.title')} sub={t('begin.sub')}><Steps at={3} /><BeginChoice /></Lone>;
  }
  if (session.business?.name && step !== 'business') return <Navigate to="/setup/begin" replace />;
  return <Lone title={t('setup.shop')} sub={t('setup.shop_sub')}><Steps at={2} /><ProfileForm /></Lone>;
}
