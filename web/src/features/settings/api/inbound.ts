/* Which mailbox of the business is read. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { InboundSource, InboundSourceInput } from '@generated/api';
import { get, post, put } from '@lib/api';

const INBOUND = ['settings', 'inbound'];

/** Asked again each second until the first look at changed settings has ended. */
export function useInbound() {
  return useQuery({
    queryKey: INBOUND, queryFn: ({ signal }) => get<InboundSource>('/api/inbound', signal),
    refetchInterval: ({ state: { data } }) => (data?.host && !data.checked_at ? 1_000 : 10_000),
  });
}

export function useInboundSave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: InboundSourceInput) => put<InboundSource>('/api/inbound', input),
    onSuccess: (source) => {
      client.setQueryData(INBOUND, source);
      return client.invalidateQueries({ queryKey: ['inbox'] });
    },
  });
}

/** Looks now, and waits until that look has ended, half a minute at most. */
export function useInboundLook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (before: number) => {
      let source = await post<InboundSource>('/api/inbound/read');
      for (let tries = 0; tries < 60 && (source.checked_at ?? 0) <= before; tries++) {
        await new Promise((done) => setTimeout(done, 500));
        source = await get<InboundSource>('/api/inbound');
      }
      return source;
    },
    onSuccess: (source) => {
      client.setQueryData(INBOUND, source);
      return client.invalidateQueries({ queryKey: ['inbox'] });
    },
  });
}
