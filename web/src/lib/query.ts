/* Server state: one query cache with calm defaults. */
import { QueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiError } from './api';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});

/**
 * After a change: `shown` and `others` are asked again; resolves when what is shown of `shown` is here. A question that
 * is on its way is asked anew, because its answer may be older than the change; `others` are out of date at once, so
 * that whoever leaves the page before `shown` is here does not meet them as they were.
 */
export async function askAgain(client: QueryClient, shown: QueryKey, ...others: QueryKey[]): Promise<void> {
  await Promise.all([shown, ...others].map((queryKey) => client.cancelQueries({ queryKey })));
  for (const queryKey of others) void client.invalidateQueries({ queryKey });
  await client.invalidateQueries({ queryKey: shown });
}
