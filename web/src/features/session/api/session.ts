import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { BusinessInput, Link, LinkInput, LoginInput, SetupInput } from '@generated/api';
import { get, post, put } from '@lib/api';
import { SESSION_KEY } from '@lib/session';

/** After any of these somebody may be signed in: the session is asked again before going on. */
function useSessionChange<T>(run: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.refetchQueries({ queryKey: SESSION_KEY }) });
}

export const useSignIn = () => useSessionChange((input: LoginInput) => post('/api/session', input));
export const useSetup = () => useSessionChange((input: SetupInput) => post('/api/setup', input));
export const useProfile = () => useSessionChange((input: BusinessInput) => put('/api/business', input));

export function useLink(token: string) {
  return useQuery({ queryKey: ['link', token], queryFn: () => get<Link>(`/api/links/${encodeURIComponent(token)}`), retry: false });
}

export const useLinkUse = (token: string) =>
  useSessionChange((input: LinkInput) => post(`/api/links/${encodeURIComponent(token)}`, input));
