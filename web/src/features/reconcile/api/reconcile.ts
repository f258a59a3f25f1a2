import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get, withQuery } from '@lib/api';
import type { Imports, Reconciled } from '@generated/api';

export type { Difference, Reconciled } from '@generated/api';

export function useReconcile(importId: string) {
  return useInfiniteQuery({
    queryKey: ['reconcile', importId],
    queryFn: ({ pageParam, signal }) => get<Reconciled>(withQuery('/api/reconcile', { import: importId, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
}

/** Order files that were brought in: each can be compared. */
export function useOrderImports() {
  return useQuery({
    queryKey: ['imports', 'list'], queryFn: ({ signal }) => get<Imports>('/api/imports', signal),
    select: ({ imports }) => imports.filter((one) => one.kind === 'orders' && one.state === 'done'),
  });
}
