/* Who may be written to by mail and why not, and what the business confirmed for its customers. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Attestations, Attested, AttestInput, Laws, PermissionCount, PermissionPeople } from '@generated/api';
import { del, get, post, withQuery } from '@lib/api';
import type { Language } from '@lib/i18n';
import { askAgain } from '@lib/query';

export type { Attestation, Attested, AttestInput, Law, Laws, PermissionCount, PermissionPerson, PermissionReason } from '@generated/api';

const PAGE = 100;

export function usePermission() {
  return useQuery({ queryKey: ['permission', 'count'], queryFn: ({ signal }) => get<PermissionCount>('/api/permission', signal) });
}

/** `reason`: one of the reasons, `may` or `may_not`. */
export function usePermissionPeople(reason: string) {
  return useInfiniteQuery({
    queryKey: ['permission', 'people', reason],
    queryFn: ({ pageParam, signal }) => get<PermissionPeople>(withQuery('/api/permission/people', { reason, cursor: pageParam, limit: PAGE }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

export function useLaws(language: Language) {
  return useQuery({ queryKey: ['permission', 'laws', language], queryFn: ({ signal }) => get<Laws>(withQuery('/api/permission/laws', { language }), signal) });
}

export function useAttestations() {
  return useQuery({ queryKey: ['permission', 'attestations'], queryFn: ({ signal }) => get<Attestations>('/api/permission/attestations', signal) });
}

/** What a confirmation would change: only counted, nothing is kept. */
export function useAttestTry(input: AttestInput | null) {
  return useQuery({
    queryKey: ['permission', 'try', input], enabled: input !== null,
    queryFn: () => post<Attested>('/api/permission/attest', { ...input, dry_run: true }),
  });
}

/** A change of what is permitted: every count is asked again. */
export function usePermissionChange<I, R>(run: (input: I) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => askAgain(client, ['permission'], ['home'], ['people', 'one']) });
}

export const attest = (input: AttestInput) => post<Attested>('/api/permission/attest', input);
export const attestationEnd = (id: string) => del(`/api/permission/attestations/${id}`);
