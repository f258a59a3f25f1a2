/* Who is signed in and which business this is; everything else is shown only after this is known. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { get, setCsrf, setSignedOutHandler } from '@lib/api';
import { SESSION_KEY, SessionContext } from '@lib/session';
import { TextProvider } from '@lib/text';
import type { Session } from '@lib/types';
import { Bones, ErrorState } from '@ui/states';

async function loadSession(): Promise<Session> {
  const session = await get<Session>('/api/session');
  setCsrf(session.csrf);
  return session;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: SESSION_KEY, queryFn: loadSession, staleTime: 60_000 });
  useEffect(() => {
    setSignedOutHandler(() => void client.invalidateQueries({ queryKey: SESSION_KEY }));
  }, [client]);
  const session = query.data;
  return (
    <TextProvider
      language={session?.business?.language ?? session?.user?.language}
      zone={session?.business?.zone} currency={session?.business?.currency}
    >
      {session ? <SessionContext value={session}>{children}</SessionContext> : (
        <main className="lone">
          {query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <Bones lines={3} />}
        </main>
      )}
    </TextProvider>
  );
}
