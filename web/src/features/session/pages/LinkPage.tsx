/* An invitation or a new password, by a one-time link. */
import { useState } from 'react';
import { Link, Navigate, useLocation, useParams } from 'react-router';
import { useSession } from '@lib/session';
import { useText } from '@lib/text';
import { Lone } from '@ui/Lone';
import { Await } from '@ui/states';
import { useLink, useLinkUse } from '../api/session';
import { AccountForm } from '../components/AccountForm';

export function LinkPage() {
  const { t } = useText();
  const { hash } = useLocation();
  const params = useParams();
  const token = params.token ?? hash.slice(1);
  const session = useSession();
  const query = useLink(token);
  const use = useLinkUse(token);
  const [done, setDone] = useState(false);
  if (done) return <Navigate to={session.user ? '/' : '/signin'} replace />;
  if (query.error) {
    return <Lone title={t('link.gone')} sub={t('link.gone_say')}><Link className="lnk" to="/signin">{t('signin.act')}</Link></Lone>;
  }
  const reset = query.data?.purpose === 'reset';
  return (
    <Lone title={t(reset ? 'link.reset' : 'link.invite')} sub={session.business?.name}>
      <Await query={query}>
        {(link) => (
          <AccountForm
            act={t(reset ? 'link.reset_act' : 'link.invite_act')} busy={use.isPending} error={use.error} fixedEmail={Boolean(link.email)}
            start={{ name: link.name ?? '', email: link.email ?? '' }}
            onSubmit={({ name, password }) => use.mutate({ name, password }, { onSuccess: () => setDone(true) })}
          />
        )}
      </Await>
    </Lone>
  );
}
