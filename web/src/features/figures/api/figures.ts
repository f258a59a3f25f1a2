import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, withQuery } from '@lib/api';
import type { Curve, Kpi, Period } from '@lib/types';

export interface Figures extends Period {
  kpis: Kpi[];
}

export interface CohortCell {
  buyers: number;
  share: number | null;
  complete: boolean;
}

export interface Cohorts {
  months: string[];
  rows: { month: string; size: number; cells: CohortCell[] }[];
}

export interface Range {
  from: string;
  to: string;
  zone: string;
}

export function useFigures(range: Range) {
  return useQuery({
    queryKey: ['figures', 'kpis', range], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<Figures>(withQuery('/api/kpis', { ...range }), signal),
  });
}

export function useCohorts() {
  return useQuery({ queryKey: ['figures', 'cohorts'], queryFn: ({ signal }) => get<Cohorts>('/api/cohorts', signal) });
}

export function useCurves() {
  return useQuery({ queryKey: ['figures', 'curves'], queryFn: ({ signal }) => get<{ curves: Curve[] }>('/api/curves', signal) });
}
