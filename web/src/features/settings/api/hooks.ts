/* Webhooks of a shop: the address to enter there, the secret both know, and what came. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ShopHook, ShopHooks } from '@generated/api';
import { del, get, put } from '@lib/api';

export type { HookDelivery, ShopHook } from '@generated/api';
export type HookVendor = ShopHook['vendor'];

const NEWS_MS = 10_000;

export function useHooks(shop: string) {
  return useQuery({
    queryKey: ['settings', 'hooks', shop], refetchInterval: NEWS_MS,
    queryFn: ({ signal }) => get<ShopHooks>(`/api/shops/${shop}/hooks`, signal),
  });
}

export function useHookChange<I>(shop: string, run: (input: I) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: run, onSuccess: () => client.invalidateQueries({ queryKey: ['settings', 'hooks', shop] }) });
}

export const hookSecret = (shop: string) => ({ vendor, secret }: { vendor: HookVendor; secret: string }) => put(`/api/shops/${shop}/hooks/${vendor}`, { secret });
export const hookDrop = (shop: string) => (vendor: HookVendor) => del(`/api/shops/${shop}/hooks/${vendor}`);
