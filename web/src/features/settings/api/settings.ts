/* Queries and changes of the settings pages. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, withQuery } from '@lib/api';
import { SESSION_KEY } from '@lib/session';
import type { Business } from '@lib/types';

export interface Key {
  id: string;
  name: string;
  scope: 'track' | 'ingest' | 'api';
  prefix: string;
  shop?: string | null;
  created_at?: number | null;
  used_at?: number | null;
}

export interface Person {
  id: string;
  name: string | null;
  email: string;
  role: string;
  created_at?: number | null;
  invited: boolean;
}

export interface AuditEntry {
  id?: string;
  at: number;
  actor: string | null;
  action: string;
  subject?: string | null;
  detail?: unknown;
}

export interface RetentionRow {
  name: string;
  count: number | null;
  days: number | null;
  oldest_at: number | null;
}

export interface Disk {
  data_bytes: number;
  free_bytes: number;
  days_left: number | null;
  parts: { name: string; bytes: number }[];
}

export interface Parked {
  id: string;
  stage: string;
  reason: string;
  at: number;
}

export interface Shop {
  id: string;
  name: string;
}

function useList<T>(name: string, path: string) {
  return useQuery({ queryKey: ['settings', name], queryFn: ({ signal }) => get<T>(path, signal) });
}

/** A change after which one list is asked again. */
export function useSettingsChange<I, R = void>(name: string, run: (input: I) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: ['settings', name] }) });
}

export const useBusiness = () => useList<Business>('business', '/api/business');
export const useKeys = () => useList<{ keys: Key[] }>('keys', '/api/keys');
export const useUsers = () => useList<{ users: Person[] }>('users', '/api/users');
export const useRetention = () => useList<{ events: RetentionRow[] }>('retention', '/api/retention');
export const useDisk = () => useList<Disk>('disk', '/api/disk');
export const useParked = () => useList<{ parked: Parked[] }>('attention', '/api/attention');
export const useShops = () => useList<{ shops: Shop[] }>('shops', '/api/shops');

export function useAudit() {
  return useInfiniteQuery({
    queryKey: ['settings', 'audit'],
    queryFn: ({ pageParam, signal }) => get<{ entries: AuditEntry[]; next: string | null }>(withQuery('/api/audit', { cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export function useBusinessSave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Business) => put('/api/business', input),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: ['settings', 'business'] }), client.invalidateQueries({ queryKey: SESSION_KEY }),
      client.invalidateQueries({ queryKey: ['home'] }), client.invalidateQueries({ queryKey: ['figures'] }),
    ]),
  });
}

export const keyAdd = (input: { name: string; scope: string; shop?: string }) => post<{ key: Key; secret: string }>('/api/keys', input);
export const keyDrop = (id: string) => del(`/api/keys/${id}`);
export const userAdd = (input: { email: string; name: string; role: string }) => post<{ user: Person; link: string }>('/api/users', input);
export const userReset = (id: string) => post<{ link: string }>(`/api/users/${id}/reset`);
export const userDrop = (id: string) => del(`/api/users/${id}`);
export const retentionSet = (input: { name: string; days: number | null }) => put('/api/retention', input);
export const parkedDo = ({ id, action }: { id: string; action: 'retry' | 'drop' }) => post(`/api/attention/${id}`, { action });
export const shopAdd = (input: { name: string }) => post<{ id: string }>('/api/shops', input);
