/* Types that several features speak. Ids are decimal strings, times UTC milliseconds, money minor units.,
 * as the route tables of the server say (generated/api.ts). */
import type { Kpi, Session } from '@generated/api';

export type { Curve, Kpi, Money, Session } from '@generated/api';
export type User = NonNullable<Session['user']>;
export type Business = NonNullable<Session['business']>;
export type KpiUnit = Kpi['unit'];

/** The days a set of figures looked at, and the moment they describe. */
export interface Period {
  from?: string | null;
  to?: string | null;
  zone: string;
  currency: string;
  as_of: number;
  as_of_reason?: string | null;
}
