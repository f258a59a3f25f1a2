/* The groups somebody is in, and the lists they are put on by hand. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PersonSegments, SegmentPicked, SavedSegments } from '@generated/api';
import { get, post } from '@lib/api';

export function usePersonGroups(id: string) {
  return useQuery({ queryKey: ['people', 'one', id, 'groups'], queryFn: ({ signal }) => get<PersonSegments>(`/api/people/${id}/segments`, signal) });
}

export function useLists() {
  const lists = useQuery({ queryKey: ['groups', 'saved'], queryFn: ({ signal }) => get<SavedSegments>('/api/segments', signal) });
  return (lists.data?.segments ?? []).filter((group) => group.kind === 'list');
}

const BATCH = 1000;

/** Puts people on a list that exists, or on a new one. */
export async function listPut(to: { id: string } | { name: string }, people: string[]): Promise<number> {
  let added = 0;
  let id = 'id' in to ? to.id : '';
  for (let from = 0; from < people.length || id === ''; from += BATCH) {
    const some = people.slice(from, from + BATCH);
    const done: SegmentPicked = id === '' && 'name' in to ? await post<SegmentPicked>('/api/segments/lists', { name: to.name, people: some }) : await post<SegmentPicked>(`/api/segments/${id}/members`, { add: some });
    id = done.id;
    added += done.added;
  }
  return added;
}

export const listTake = (id: string, person: string) => post<SegmentPicked>(`/api/segments/${id}/members`, { remove: [person] });

export function useListChange<I, R>(run: (input: I) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: async () => { await client.invalidateQueries({ queryKey: ['people', 'one'] }); await client.invalidateQueries({ queryKey: ['groups'] }); } });
}
