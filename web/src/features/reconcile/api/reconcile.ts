import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get, withQuery } from '@lib/api';
import type { Money } from '@lib/types';

export interface Difference {
  order_key: string;
  what: string;
  shop: string | null;
  kith: string | null;
  why: string;
}

export interface Reconcile {
  shop_orders: number;
  kith_orders: number;
  shop_total: Money;
  kith_total: Money;
  differs: Difference[];
  differs_count?: number;
  /** Per currency; the first is shop_total and kith_total. */
  totals?: { shop: Money; kith: Money }[];
  next: string | null;
}

export function useReconcile(importId: string) {
  return useInfiniteQuery({
    queryKey: ['reconcile', importId],
    queryFn: ({ pageParam, signal }) => get<Reconcile>(withQuery('/api/reconcile', { import: importId, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export interface ImportChoice {
  id: string;
  name: string;
  kind: string;
  state: string;
}

/** Order files that were brought in: each can be compared. */
export function useOrderImports() {
  return useQuery({
    queryKey: ['imports', 'list'], queryFn: ({ signal }) => get<{ imports: ImportChoice[] }>('/api/imports', signal),
    select: ({ imports }) => imports.filter((one) => one.kind === 'orders' && one.state === 'done'),
  });
}
