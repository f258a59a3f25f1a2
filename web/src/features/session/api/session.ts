import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post, put } from '@lib/api';
import { SESSION_KEY } from '@lib/session';

/** After any of these somebody may be signed in: the session is asked again before going on. */
function useSessionChange<T>(run: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.refetchQueries({ queryKey: SESSION_KEY }) });
}

export interface Account {
  token: string;
  name: string;
  email: string;
  password: string;
  language: string;
}

export interface Profile {
  name: string;
  currency: string;
  zone: string;
  language: string;
  gap_days?: number | null;
}

export const useSignIn = () => useSessionChange((input: { email: string; password: string }) => post('/api/session', input));
export const useSetup = () => useSessionChange((input: Account) => post('/api/setup', input));
export const useProfile = () => useSessionChange((input: Profile) => put('/api/business', input));

export interface LinkInfo {
  purpose?: string;
  email?: string;
  name?: string | null;
}

export function useLink(token: string) {
  return useQuery({ queryKey: ['link', token], queryFn: () => get<LinkInfo>(`/api/links/${encodeURIComponent(token)}`), retry: false });
}

export const useLinkUse = (token: string) =>
  useSessionChange((input: { name?: string; password: string }) => post(`/api/links/${encodeURIComponent(token)}`, input));
