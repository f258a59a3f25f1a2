/* Queries and changes of people. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PersonPermission } from '@generated/api';
import { del, get, post, put, withQuery } from '@lib/api';
import { askAgain } from '@lib/query';
import type { PeoplePage, Person, TimelinePage } from './types';

export interface PeopleFilter {
  q: string;
  sort: string;
  order: string;
  group: string;
  kpi: string;
  from: string;
  to: string;
}

const PAGE = 100;

function peoplePath(filter: PeopleFilter, cursor: string | null, limit: number): string {
  const order = filter.sort ? filter.order : '';
  const group = filter.group === 'all' ? '' : filter.group;
  return withQuery('/api/people', { ...filter, group, order, cursor, limit });
}

export function usePeople(filter: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: ['people', 'list', filter],
    queryFn: ({ pageParam, signal }) => get<PeoplePage>(peoplePath(filter, pageParam, PAGE), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    placeholderData: keepPreviousData,
  });
}

/** Every row of the list, page by page, for the export in the footer. */
export async function allPeople(filter: PeopleFilter, onRows: (count: number) => void): Promise<PeoplePage['people']> {
  const rows: PeoplePage['people'] = [];
  let cursor: string | null = null;
  do {
    const page: PeoplePage = await get<PeoplePage>(peoplePath(filter, cursor, 200));
    rows.push(...page.people);
    onRows(rows.length);
    cursor = page.next ?? null;
  } while (cursor);
  return rows;
}

export function usePersonPermission(id: string) {
  return useQuery({ queryKey: ['people', 'one', id, 'permission'], queryFn: ({ signal }) => get<PersonPermission>(`/api/people/${id}/permission`, signal) });
}

const personKey = (id: string) => ['people', 'one', id] as const;

export function usePerson(id: string) {
  return useQuery({ queryKey: personKey(id), queryFn: ({ signal }) => get<Person>(`/api/people/${id}`, signal) });
}

export function useTimeline(id: string, family: string) {
  return useInfiniteQuery({
    queryKey: [...personKey(id), 'timeline', family],
    queryFn: ({ pageParam, signal }) =>
      get<TimelinePage>(withQuery(`/api/people/${id}/timeline`, { before: pageParam, limit: 100, family }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

/** A change of one person: afterwards everything about people is asked again. */
export function usePersonChange<T, R = void>(id: string, run: (input: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run, onSuccess: () => askAgain(client, personKey(id), ['people', 'list'], ['home'], ['permission']),
  });
}

export interface NewPerson {
  name?: string;
  email?: string;
  phone?: string;
  note?: string;
}

export interface NewOrder {
  at?: number;
  currency?: string;
  items: { name: string; quantity: number; price_minor: number }[];
  total_minor?: number;
  note?: string;
}

export interface NewConsent {
  channel: string;
  topic: string;
  state: string;
  basis: string;
  /** How we know. */
  source: string;
  occurred_at?: number;
  address?: string;
}

export const personAdd = (input: NewPerson) => post<{ id: string }>('/api/people', input);
export const noteAdd = (id: string, body: string) => post(`/api/people/${id}/notes`, { body });
export const noteDrop = (id: string, note: string) => del(`/api/people/${id}/notes/${note}`);
export const tagsSet = (id: string, tags: string[]) => put(`/api/people/${id}/tags`, { tags });
export const traitSet = (id: string, input: { name: string; value: string }) => put(`/api/people/${id}/traits`, input);
export const consentAdd = (id: string, input: NewConsent) => post(`/api/people/${id}/consents`, input);
export const orderAdd = (id: string, input: NewOrder) => post<{ id: string }>(`/api/people/${id}/orders`, input);
export const personMerge = (id: string, other: string) => post<{ merge_id: string }>(`/api/people/${id}/merge`, { other });
export const mergeUndo = (merge: string) => post(`/api/merges/${merge}/undo`);
export const personErase = (id: string) => del(`/api/people/${id}`);
export const findPeople = (q: string) => get<PeoplePage>(withQuery('/api/people', { q, limit: 8 }));
