/* The API of a shop, read each night: its address and token, and what the readings found. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ShopApiSettings, ShopApis } from '@generated/api';
import { del, get, post, put } from '@lib/api';
import type { HookVendor } from './hooks';

export type { ShopApi, ShopReading } from '@generated/api';

const NEWS_MS = 5_000;

export function useApis(shop: string) {
  return useQuery({
    queryKey: ['settings', 'apis', shop], refetchInterval: NEWS_MS,
    queryFn: ({ signal }) => get<ShopApis>(`/api/shops/${shop}/apis`, signal),
  });
}

export function useApiChange<I>(shop: string, run: (input: I) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: ['settings', 'apis', shop] }) });
}

export const apiSet = (shop: string) => ({ vendor, ...input }: ShopApiSettings & { vendor: HookVendor }) => put(`/api/shops/${shop}/apis/${vendor}`, input);
export const apiDrop = (shop: string) => (vendor: HookVendor) => del(`/api/shops/${shop}/apis/${vendor}`);
export const apiRead = (shop: string) => (vendor: HookVendor) => post(`/api/shops/${shop}/apis/${vendor}/reconcile`, {});
