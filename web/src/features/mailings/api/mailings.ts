/* Mailings: drafts, previews, test mails, dry runs, sending and what came of it. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  Campaign, CampaignDryRun, CampaignInput, CampaignPeople, CampaignPreview, CampaignResult, CampaignTest, Campaigns, MailReadiness, PeoplePage, ReadyGroups, SavedSegments, SegmentCount,
  SegmentPeople, Sender,
} from '@generated/api';
import { del, get, post, put, withQuery } from '@lib/api';

export type { Campaign, CampaignDryRun, CampaignInput, CampaignNamed, CampaignResult, CampaignTest, MailReadiness, ReadyGroups, SavedSegment } from '@generated/api';

const LIST = ['mailings', 'list'];
const one = (id: string) => ['mailings', 'one', id];
const MOVING = ['scheduled', 'planning', 'sending'];
const isMoving = (mailing: Campaign | undefined) => mailing !== undefined && MOVING.includes(mailing.state);

/** Asked again every few seconds while one of them is on its way. */
export function useMailings() {
  return useQuery({
    queryKey: LIST, queryFn: ({ signal }) => get<Campaigns>('/api/campaigns', signal),
    refetchInterval: (query) => (query.state.data?.campaigns.some(isMoving) ? 3_000 : false),
  });
}

export function useMailing(id: string) {
  return useQuery({
    queryKey: one(id), queryFn: ({ signal }) => get<Campaign>(`/api/campaigns/${id}`, signal),
    refetchInterval: (query) => (isMoving(query.state.data) ? 1_000 : false),
  });
}

/** A change that answers with the mailing as it is now. */
function useStep<I>(run: (input: I) => Promise<Campaign>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (mailing) => {
      client.setQueryData(one(mailing.id), mailing);
      void client.invalidateQueries({ queryKey: LIST });
    },
    onError: () => void client.invalidateQueries({ queryKey: ['mailings'] }),
  });
}

export const useDraftAdd = () => useStep((input: CampaignInput) => post<Campaign>('/api/campaigns', input));
export const useSend = (id: string) => useStep(() => post<Campaign>(`/api/campaigns/${id}/send`, {}));
export const useUndo = (id: string) => useStep(() => post<Campaign>(`/api/campaigns/${id}/undo`));
export const useStop = (id: string) => useStep(() => post<Campaign>(`/api/campaigns/${id}/stop`));

/** A draft that is being typed: a failure asks for nothing anew, so that no letter is lost. */
export function useDraftSave(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: CampaignInput) => put<Campaign>(`/api/campaigns/${id}`, input), scope: { id: `draft ${id}` },
    onSuccess: (mailing) => client.setQueryData(one(id), mailing),
  });
}

export function useDraftDrop(id: string) {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => del(`/api/campaigns/${id}`), onSuccess: () => client.invalidateQueries({ queryKey: LIST }) });
}

/** `version` changes with every change of the draft. */
export function usePreview(id: string, version: number, person: string) {
  return useQuery({
    queryKey: [...one(id), 'preview', version, person], placeholderData: keepPreviousData, retry: false,
    queryFn: () => post<CampaignPreview>(`/api/campaigns/${id}/preview`, person ? { person_id: person } : {}),
  });
}

export function useTested(id: string) {
  return useQuery({
    queryKey: [...one(id), 'test'], queryFn: ({ signal }) => get<CampaignTest>(`/api/campaigns/${id}/test`, signal),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 700 : false),
  });
}

export function useTest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: { address: string; person_id?: string }) => post(`/api/campaigns/${id}/test`, input),
    onSuccess: () => client.invalidateQueries({ queryKey: [...one(id), 'test'] }),
  });
}

/** `version`: what of the draft decides who gets it. */
export function useDryRun(id: string, version: string) {
  return useQuery({
    queryKey: [...one(id), 'dry', version], placeholderData: keepPreviousData, retry: false, staleTime: 5_000,
    queryFn: () => post<CampaignDryRun>(`/api/campaigns/${id}/dry-run`),
  });
}

/** Counts grow for days: asked again every `againMs` while somebody looks. */
export function useResult(id: string, enabled: boolean, againMs: number) {
  return useQuery({ queryKey: [...one(id), 'result'], enabled, staleTime: 2_000, refetchInterval: againMs, queryFn: ({ signal }) => get<CampaignResult>(`/api/campaigns/${id}/result`, signal) });
}

/** People of a mailing in one state and for one reason, in pages. */
export function useReached(id: string, state: string, reason: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: [...one(id), 'people', state, reason], enabled,
    queryFn: ({ pageParam, signal }) => get<CampaignPeople>(withQuery(`/api/campaigns/${id}/people`, { state, reason, after: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

/** Somebody comes back from another page or tab having mended what was missing: asked at each look. */
export function useReadiness() {
  return useQuery({ queryKey: ['mailings', 'readiness'], staleTime: 0, refetchInterval: 5_000, queryFn: ({ signal }) => get<MailReadiness>('/api/mail/readiness', signal) });
}

export const useSender = () => useQuery({ queryKey: ['settings', 'sender'], queryFn: ({ signal }) => get<Sender>('/api/sender', signal) });

/* ---- whom ---- */

export const useGroups = () => useQuery({ queryKey: ['groups', 'ready'], queryFn: ({ signal }) => get<ReadyGroups>('/api/groups', signal), staleTime: 60_000 });
export const useSaved = () => useQuery({ queryKey: ['groups', 'saved'], queryFn: ({ signal }) => get<SavedSegments>('/api/segments', signal) });

export function useCount(rule: string) {
  return useQuery({ queryKey: ['groups', 'count', rule], enabled: rule !== '', placeholderData: keepPreviousData, retry: false, queryFn: () => post<SegmentCount>('/api/segments/count', { rule }) });
}

/** People to preview as: those of the group, or who is searched for. */
export function useFaces(rule: string, q: string) {
  return useQuery({
    queryKey: ['mailings', 'faces', rule, q], placeholderData: keepPreviousData, retry: false,
    queryFn: async ({ signal }) => (q
      ? (await get<PeoplePage>(withQuery('/api/people', { q, limit: 8 }), signal)).people
      : (await get<SegmentPeople>(withQuery('/api/segments/people', { rule, limit: 8 }), signal)).people),
  });
}
