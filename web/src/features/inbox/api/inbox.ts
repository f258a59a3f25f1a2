/* What people wrote, and what can be done about it. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Inbox, InboxConversationWhole, PeoplePage } from '@generated/api';
import { get, post, put, withQuery } from '@lib/api';

export type { InboxConversation, InboxConversationWhole, InboxMail } from '@generated/api';

export type View = 'open' | 'done' | 'apart';

const LIST = ['inbox', 'list'];
const one = (id: string) => ['inbox', 'one', id];

/** Mail comes in by itself: asked again every half minute. */
export function useInbox(view: View) {
  return useInfiniteQuery({
    queryKey: [...LIST, view],
    queryFn: ({ pageParam, signal }) => get<Inbox>(withQuery('/api/inbox', { state: view, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    refetchInterval: 30_000,
  });
}

const onItsWay = (whole: InboxConversationWhole | undefined) => whole?.mails.some(({ state }) => state === 'waiting' || state === 'handing');

/** Asked again each second while an answer is on its way. */
export function useConversation(id: string) {
  return useQuery({
    queryKey: one(id), queryFn: ({ signal }) => get<InboxConversationWhole>(`/api/inbox/${id}`, signal),
    refetchInterval: (query) => (onItsWay(query.state.data) ? 1_000 : 30_000),
  });
}

function useChange<I>(id: string, run: (input: I) => Promise<InboxConversationWhole>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (whole) => {
      client.setQueryData(one(id), whole);
      return client.invalidateQueries({ queryKey: LIST });
    },
  });
}

export interface AnswerText {
  text: string;
  seen: string;
  done: boolean;
}

export const useAnswer = (id: string) => useChange(id, (input: AnswerText) => post<InboxConversationWhole>(`/api/inbox/${id}/answers`, input));
export const useStateChange = (id: string) => useChange(id, (state: 'open' | 'done') => put<InboxConversationWhole>(`/api/inbox/${id}/state`, { state }));
export const useLink = (id: string) => useChange(id, (person: string) => put<InboxConversationWhole>(`/api/inbox/${id}/person`, { person_id: person }));
export const useStop = (id: string) => useChange(id, () => post<InboxConversationWhole>(`/api/inbox/${id}/stop`));

export const findPeople = (q: string) => get<PeoplePage>(withQuery('/api/people', { q, limit: 8 }));
