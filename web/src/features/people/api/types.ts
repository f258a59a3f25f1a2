/* People as the API speaks of them. */
import type { Money } from '@lib/types';

export interface PersonRow {
  id: string;
  name: string | null;
  email: string | null;
  country: string | null;
  orders: number;
  spent: Money;
  first_order_at: number | null;
  last_order_at: number | null;
  tags: string[];
  quiet: boolean;
  quiet_days: number | null;
  usual_gap_days: number | null;
}

export interface PeoplePage {
  people: PersonRow[];
  total: number;
  next: string | null;
}

export interface Identity {
  kind: string;
  value: string;
  source: string;
  first_seen_at: number;
  state: string;
}

export interface Trait {
  name: string;
  value: unknown;
  source: string;
  trust: string;
  occurred_at: number;
  received_at: number;
  unconfirmed: boolean;
}

export interface Consent {
  channel: string;
  topic: string;
  state: 'granted' | 'pending' | 'denied';
  basis: string;
  source: string;
  occurred_at: number;
  expires_at: number | null;
  text: string | null;
  address: string | null;
}

export interface Note {
  id: string;
  body: string;
  author: string | null;
  at: number;
}

export interface MergeLink {
  merge_id: string;
  other: string;
  at: number;
  actor: string | null;
  reason: string | null;
  undone_at: number | null;
}

export interface PersonFigures {
  orders: number;
  spent: Money;
  net: Money;
  first_order_at: number | null;
  last_order_at: number | null;
  median_gap_days: number | null;
  quiet_days: number | null;
  quiet: boolean;
  next_expected_at: number | null;
}

export interface Person {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  created_at: number;
  local_zone: string | null;
  identities: Identity[];
  traits: Trait[];
  consents: Consent[];
  tags: string[];
  notes: Note[];
  /** null while figures cannot be had. */
  figures: PersonFigures | null;
  links: MergeLink[];
  merged_into: string | null;
}

export type Family = 'order' | 'visit' | 'mail' | 'service' | 'other';

export interface OrderLine {
  name: string;
  quantity: number;
  /** Of the whole line. */
  value?: Money;
}

export interface Happening {
  id: string;
  name: string;
  family: Family;
  occurred_at: number;
  received_at: number;
  source: string;
  trust: string;
  confirmed: boolean;
  text: string | null;
  properties: Record<string, unknown>;
  order: { id: string; number: string; revenue: Money; lines: OrderLine[] } | null;
  money: Money | null;
}

export interface TimelinePage {
  items: Happening[];
  next: string | null;
  total: number;
}
