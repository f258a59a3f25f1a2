/* Queries and changes of the settings pages. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put, withQuery } from '@lib/api';
import { SESSION_KEY } from '@lib/session';
import type {
  Audit, Business, BusinessInput, Disk, KeyInput, KeyMade, Keys, ParkedItems, Retention, RetentionInput, ShopInput, ShopMade, Shops, UserInput, UserLink, UserMade, Users,
} from '@generated/api';

export type { Business, Key, KeyMade, Disk, KeptEvent as RetentionRow, Parked, User, UserLink as Handed } from '@generated/api';

function useList<T>(name: string, path: string) {
  return useQuery({ queryKey: ['settings', name], queryFn: ({ signal }) => get<T>(path, signal) });
}

/** A change after which one list is asked again. */
export function useSettingsChange<I, R = void>(name: string, run: (input: I) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: ['settings', name] }) });
}

export const useBusiness = () => useList<Business>('business', '/api/business');
export const useKeys = () => useList<Keys>('keys', '/api/keys');
export const useUsers = () => useList<Users>('users', '/api/users');
export const useRetention = () => useList<Retention>('retention', '/api/retention');
export const useDisk = () => useList<Disk>('disk', '/api/disk');
export const useParked = () => useList<ParkedItems>('attention', '/api/attention');
export const useShops = () => useList<Shops>('shops', '/api/shops');

export function useAudit() {
  return useInfiniteQuery({
    queryKey: ['settings', 'audit'],
    queryFn: ({ pageParam, signal }) => get<Audit>(withQuery('/api/audit', { cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

export function useBusinessSave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: BusinessInput) => put('/api/business', input),
    onSuccess: () => Promise.all([
      client.invalidateQueries({ queryKey: ['settings', 'business'] }), client.invalidateQueries({ queryKey: SESSION_KEY }),
      client.invalidateQueries({ queryKey: ['home'] }), client.invalidateQueries({ queryKey: ['figures'] }),
    ]),
  });
}

export const keyAdd = (input: KeyInput) => post<KeyMade>('/api/keys', input);
export const keyDrop = (id: string) => del(`/api/keys/${id}`);
export const userAdd = (input: UserInput) => post<UserMade>('/api/users', input);
export const userReset = (id: string) => post<UserLink>(`/api/users/${id}/reset`);
export const userDrop = (id: string) => del(`/api/users/${id}`);
export const retentionSet = (input: RetentionInput) => put('/api/retention', input);
export const parkedDo = ({ id, action }: { id: string; action: 'retry' | 'drop' }) => post(`/api/attention/${id}`, { action });
export const shopAdd = (input: ShopInput) => post<ShopMade>('/api/shops', input);
