/* Who did something, as the server notes it ("account 7", "command line"), by their name. */
import { useQuery } from '@tanstack/react-query';
import type { Users } from '@generated/api';
import { get } from './api';
import { useText } from './text';

export function useActor(): (actor: string | null | undefined) => string {
  const { t } = useText();
  const users = useQuery({ queryKey: ['settings', 'users'], queryFn: ({ signal }) => get<Users>('/api/users', signal) }).data?.users ?? [];
  return (actor) => {
    if (!actor || actor === 'kith') return t('audit.nobody');
    if (actor === 'command line') return t('audit.commandline');
    const user = users.find(({ id }) => actor === `account ${id}`);
    return user ? user.name || user.email : actor;
  };
}
