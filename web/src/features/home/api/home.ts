import { useQuery } from '@tanstack/react-query';
import { get } from '@lib/api';
import type { Home } from '@generated/api';

export type { Attention, Home, Step } from '@generated/api';

export function useHome() {
  return useQuery({ queryKey: ['home'], queryFn: ({ signal }) => get<Home>('/api/home', signal), staleTime: 30_000 });
}
