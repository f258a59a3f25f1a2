/* Ready groups, and rules as people write them. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReadyGroups, RuleChecked, SavedSegment, SavedSegments, SegmentCount, SegmentInput, SegmentNames, SegmentPeople, SegmentPreview, SegmentProperties } from '@generated/api';
import { del, get, post, put, withQuery } from '@lib/api';
import type { Json } from '../model/json';

export type { GroupFace, PersonRow, ReadyGroup, ReadyGroups, RuleProblem, SavedSegment, SegmentInput, SegmentNames, SegmentCost, SegmentPreview, SuggestedEvent, SuggestedField } from '@generated/api';

const PAGE = 100;
const SAVED = ['groups', 'saved'] as const;

export function useGroups() {
  return useQuery({ queryKey: ['groups', 'ready'], queryFn: ({ signal }) => get<ReadyGroups>('/api/groups', signal), staleTime: 60_000 });
}

/** Whether a text is a rule, and if not where it stops being one. */
export function useRuleCheck(rule: string) {
  return useQuery({
    queryKey: ['groups', 'check', rule], enabled: rule !== '', placeholderData: keepPreviousData,
    queryFn: () => post<RuleChecked>('/api/segments/check', { rule }),
  });
}

export function useRuleCount(rule: string, enabled: boolean) {
  return useQuery({
    queryKey: ['groups', 'count', rule], enabled, placeholderData: keepPreviousData,
    queryFn: () => post<SegmentCount>('/api/segments/count', { rule }),
  });
}

/** `at`: a day as 2026-01-31, or empty: this moment. */
export function useMembers(rule: string, at: string) {
  return useInfiniteQuery({
    queryKey: ['groups', 'people', rule, at], enabled: rule !== '',
    queryFn: ({ pageParam, signal }) => get<SegmentPeople>(withQuery('/api/segments/people', { rule, at, cursor: pageParam, limit: PAGE }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

export function useSaved() {
  return useQuery({ queryKey: SAVED, queryFn: ({ signal }) => get<SavedSegments>('/api/segments', signal) });
}

export function useSavedOne(id: string) {
  return useQuery({ queryKey: ['groups', 'one', id], queryFn: ({ signal }) => get<SavedSegment>(`/api/segments/${id}`, signal) });
}

/** A change of the saved groups; all of them are asked again, because one may name another. */
export function useSavedChange<I, R>(run: (input: I) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: ['groups'] }) });
}

export const savedAdd = (input: SegmentInput) => post<SavedSegment>('/api/segments', input);
export const savedChange = (id: string) => (input: SegmentInput) => put<SavedSegment>(`/api/segments/${id}`, input);
export const savedDrop = (id: string) => del(`/api/segments/${id}`);

const NAMES_FRESH_MS = 300_000;

/** The events, traits and tags that exist in this shop. */
export function useNames() {
  return useQuery({ queryKey: ['groups', 'names'], queryFn: ({ signal }) => get<SegmentNames>('/api/segments/names', signal), staleTime: NAMES_FRESH_MS });
}

export function useProperties(event: string) {
  return useQuery({
    queryKey: ['groups', 'properties', event], enabled: event !== '', staleTime: NAMES_FRESH_MS, retry: false,
    queryFn: ({ signal }) => get<SegmentProperties>(`/api/segments/names/${encodeURIComponent(event)}/properties`, signal),
  });
}

/** A text or a tree as the server understands it: the other form, and where it is wrong. */
export const ruleCheck = (input: { rule: string } | { json: Json }, signal?: AbortSignal) => post<RuleChecked>('/api/segments/check', input, signal);

/** A tree checked; an answer to an older one is given up when another is asked. */
export function useTreeCheck(json: Json | null) {
  return useQuery({
    queryKey: ['groups', 'check', json], enabled: json !== null, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ruleCheck({ json }, signal),
  });
}

export function usePreview(rule: string) {
  return useQuery({ queryKey: ['groups', 'preview', rule], queryFn: ({ signal }) => post<SegmentPreview>('/api/segments/preview', { rule }, signal) });
}

export function useTreePreview(json: Json | null, enabled: boolean) {
  return useQuery({
    queryKey: ['groups', 'preview', json], enabled: enabled && json !== null, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => post<SegmentPreview>('/api/segments/preview', { json }, signal),
  });
}
