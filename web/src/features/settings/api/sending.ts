/* The sender, its test, the local mailbox and the weekly letter. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, withQuery } from '@lib/api';
import type { Letter, Mailbox, MailboxMailWhole, Sender, SenderAddress, SenderInput } from '@generated/api';

const SENDER = ['settings', 'sender'];
const MAILBOX = ['settings', 'mailbox'];
const ADDRESS = ['settings', 'address'];
const LETTER = ['settings', 'letter'];

/** Asked again each second while a test is under way. */
export function useSender() {
  return useQuery({
    queryKey: SENDER, queryFn: ({ signal }) => get<Sender>('/api/sender', signal),
    refetchInterval: (query) => (query.state.data?.test.state === 'running' ? 1_000 : false),
  });
}

function useSenderChange<I>(run: (input: I) => Promise<Sender>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (sender) => {
      client.setQueryData(SENDER, sender);
      return Promise.all([LETTER, ADDRESS].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

export const useSenderSave = () => useSenderChange((input: SenderInput) => put<Sender>('/api/sender', input));
export const useSenderTest = () => useSenderChange((to: string) => post<Sender>('/api/sender/test', { to }));

/** Asked again each second while a check is under way. */
export function useAddress() {
  return useQuery({
    queryKey: ADDRESS, queryFn: ({ signal }) => get<SenderAddress>('/api/address', signal),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 1_000 : false),
  });
}

function useAddressChange<I>(run: (input: I) => Promise<SenderAddress>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: (address) => client.setQueryData(ADDRESS, address) });
}

export const useAddressCheck = () => useAddressChange(() => post<SenderAddress>('/api/address/check'));
export const useAddressMail = () => useAddressChange((source: string) => post<SenderAddress>('/api/address/mail', { source }));

export function useMailbox() {
  return useInfiniteQuery({
    queryKey: MAILBOX,
    queryFn: ({ pageParam, signal }) => get<Mailbox>(withQuery('/api/mailbox', { cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

export function useMail(id: string) {
  return useQuery({ queryKey: [...MAILBOX, id], queryFn: ({ signal }) => get<MailboxMailWhole>(`/api/mailbox/${id}`, signal) });
}

export function useMailboxEmpty() {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => del('/api/mailbox'), onSuccess: () => client.invalidateQueries({ queryKey: MAILBOX }) });
}

export function useLetter() {
  return useQuery({ queryKey: LETTER, queryFn: ({ signal }) => get<Letter>('/api/letter', signal) });
}

export function useLetterWant() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: boolean) => put<Letter>('/api/letter', { wanted }),
    onSuccess: (letter) => client.setQueryData(LETTER, letter),
  });
}
