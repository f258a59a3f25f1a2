/* Looking at one group: why somebody is in it, who came and went, whom it shares, what they have in common. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PeoplePage, SegmentBreakdown, SegmentCount, SegmentFlow, SegmentOverlap, SegmentSteps, SegmentWhy, WatchedSegments } from '@generated/api';
import { get, post, put, withQuery } from '@lib/api';

export type { SegmentBreakdown, SegmentFlow, SegmentOverlap, SegmentWhy, SegmentWhyPart } from '@generated/api';

const FOUND = 8;
const OTHERS = 12;

export function useWhy(rule: string, person: string) {
  return useQuery({ queryKey: ['groups', 'why', rule, person], enabled: person !== '', queryFn: ({ signal }) => post<SegmentWhy>('/api/segments/why', { rule, person }, signal) });
}

/** People of a name or an address, while it is typed. */
export function useFound(search: string) {
  return useQuery({
    queryKey: ['groups', 'found', search], enabled: search.length > 1, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<PeoplePage>(withQuery('/api/people', { q: search, limit: FOUND }), signal),
  });
}

export function useFlow(rule: string, days: number) {
  return useQuery({ queryKey: ['groups', 'flow', rule, days], queryFn: ({ signal }) => post<SegmentFlow>('/api/segments/flow', { rule, days }, signal) });
}

export function useOverlap(rule: string, others: string[]) {
  const asked = others.slice(0, OTHERS);
  return useQuery({ queryKey: ['groups', 'overlap', rule, asked], enabled: asked.length > 0, queryFn: ({ signal }) => post<SegmentOverlap>('/api/segments/overlap', { rule, others: asked }, signal) });
}

export function useBreakdown(rule: string, by: string[]) {
  return useQuery({ queryKey: ['groups', 'breakdown', rule, by], enabled: by.length > 0, queryFn: ({ signal }) => post<SegmentBreakdown>('/api/segments/breakdown', { rule, by }, signal) });
}

const PAST_MS = 3_600_000;

/** How many it was at days of the past, as far as that is known today; `days` as 2026-01-31. One day is asked after the
 * other: each looks at the whole past of the shop. */
export function useHistory(rule: string, days: string[]) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['groups', 'history', rule, days], staleTime: PAST_MS,
    queryFn: async ({ signal }) => {
      const counts: number[] = [];
      for (const at of days) {
        const one = await client.fetchQuery({ queryKey: ['groups', 'count', rule, at], staleTime: PAST_MS, queryFn: () => post<SegmentCount>('/api/segments/count', { rule, at }, signal) });
        counts.push(one.count);
      }
      return counts;
    },
  });
}

const WATCHED = ['groups', 'watched'] as const;
const WATCHED_AGAIN_MS = 5_000;
const STEPS_AGAIN_MS = 2_000;
const STEPS = 6;

/** The groups of which a record is kept, and how far it has come. */
export function useWatched() {
  return useQuery({ queryKey: WATCHED, refetchInterval: WATCHED_AGAIN_MS, queryFn: ({ signal }) => get<WatchedSegments>('/api/segments/watched', signal) });
}

export function useWatch(id: string) {
  const client = useQueryClient();
  return useMutation({ mutationFn: (watched: boolean) => put(`/api/segments/${id}/watch`, { watched }), onSuccess: () => client.invalidateQueries({ queryKey: WATCHED }) });
}

/** Who came in or left last, followed while one looks. */
export function useSteps(id: string) {
  return useQuery({ queryKey: ['groups', 'steps', id], refetchInterval: STEPS_AGAIN_MS, queryFn: ({ signal }) => get<SegmentSteps>(withQuery(`/api/segments/${id}/steps`, { limit: STEPS }), signal) });
}
