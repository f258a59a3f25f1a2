import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, withQuery } from '@lib/api';
import type { Cohorts, Curves, Kpis } from '@generated/api';

export type { CohortCell, Cohorts, Kpis } from '@generated/api';

export interface Range {
  from: string;
  to: string;
  zone: string;
}

export function useFigures(range: Range) {
  return useQuery({
    queryKey: ['figures', 'kpis', range], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Kpis>(withQuery('/api/kpis', { ...range }), signal),
  });
}

export function useCohorts() {
  return useQuery({ queryKey: ['figures', 'cohorts'], queryFn: ({ signal }) => get<Cohorts>('/api/cohorts', signal) });
}

export function useCurves() {
  return useQuery({ queryKey: ['figures', 'curves'], queryFn: ({ signal }) => get<Curves>('/api/curves', signal) });
}
