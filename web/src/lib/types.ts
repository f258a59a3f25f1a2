/* Types that several features speak. Ids are decimal strings, times UTC milliseconds, money minor units. */

export interface Money {
  minor: number;
  currency: string;
}

export interface User {
  id: string;
  name: string;
  email: string;
  role: 'owner' | 'staff';
  language: string;
}

export interface Business {
  name: string;
  currency: string;
  zone: string;
  language: string;
  gap_days: number | null;
  proposed_gap_days?: number | null;
}

export interface Session {
  user: User | null;
  csrf: string;
  needs_setup: boolean;
  business: Business | null;
  demo: boolean;
  version: string;
}

export type KpiUnit = 'count' | 'money' | 'share' | 'days' | 'per_person';

/** One figure with everything needed to judge it. Money is in minor units, shares run from 0 to 1. */
export interface Kpi {
  name: string;
  label: string;
  formula: string;
  unit: KpiUnit;
  value: number | null;
  n: number;
  n_min: number;
  enough: boolean;
  low: number | null;
  high: number | null;
  pitfalls: string;
  previous: number | null;
  people: boolean;
  /** Days this figure looked at, where they are its own; the end is not counted. */
  from?: string | null;
  to?: string | null;
  /** Days within which somebody must have come back. */
  repeat_days?: number | null;
}

export interface Curve {
  label: string;
  size: number;
  points: { day: number; share: number }[];
  complete_days: number;
}

export interface Period {
  from: string | null;
  to: string | null;
  zone: string | null;
  currency: string;
  as_of: number | null;
  as_of_reason: string | null;
}
