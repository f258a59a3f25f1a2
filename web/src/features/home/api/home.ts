import { useQuery } from '@tanstack/react-query';
import { get } from '@lib/api';
import type { Curve, Kpi, Money, Period } from '@lib/types';

export interface Attention {
  kind: string;
  count: number;
  money: Money | null;
  link: string;
}

export interface Step {
  name: string;
  done: boolean;
}

export interface Home extends Period {
  greeting_key: string;
  customers?: number;
  attention: Attention[];
  figures: Kpi[];
  curves: Curve[];
  steps: Step[];
  matches_shop: { state: string; differs: number } | null;
}

export function useHome() {
  return useQuery({ queryKey: ['home'], queryFn: ({ signal }) => get<Home>('/api/home', signal), staleTime: 30_000 });
}
