/* How far a mailing is, from its counts by state and reason. Pure. */
import type { Campaign } from '@generated/api';

export interface Unsent {
  state: string;
  reason: string;
  count: number;
}

export interface Tally {
  /** The mail server or the local mailbox took it. */
  delivered: number;
  /** The connection was lost after the end of the mail: nobody can know. */
  unknown: number;
  refused: number;
  /** Still to go, among them `waiting` for a reason such as the night. */
  open: number;
  waiting: number;
  leftAlone: number;
  /** Not sent at all, without those left alone to compare. */
  withheld: number;
  /** Everybody who does not have it and never will, by reason, most first. */
  reasons: Unsent[];
}

const OPEN = ['planned', 'waiting', 'claimed', 'handing'];
const UNSENT = ['dropped', 'cancelled', 'refused', 'unknown'];

const sum = (counts: Campaign['counts'], states: string[]) => counts.filter(({ state }) => states.includes(state)).reduce((total, { count }) => total + count, 0);

export function tally(counts: Campaign['counts']): Tally {
  const leftAlone = counts.filter(({ reason }) => reason === 'left_alone').reduce((total, { count }) => total + count, 0);
  const reasons = counts
    .filter(({ state, reason }) => UNSENT.includes(state) && reason !== 'left_alone')
    .map(({ state, reason, count }) => ({ state, reason: reason ?? state, count }))
    .sort((a, b) => b.count - a.count);
  return {
    delivered: sum(counts, ['accepted']), unknown: sum(counts, ['unknown']), refused: sum(counts, ['refused']),
    open: sum(counts, OPEN), waiting: sum(counts, ['waiting']), leftAlone,
    withheld: sum(counts, ['dropped', 'cancelled']) - leftAlone, reasons,
  };
}

/** Share of those to be written to whose mail has ended, 0 to 1. */
export function shareDone({ delivered, unknown, refused, open }: Tally): number {
  const ended = delivered + unknown + refused;
  return ended + open === 0 ? 0 : ended / (ended + open);
}

/** Reasons of a message that has not ended but waits. */
export const WAITS = ['quiet_hours', 'too_soon', 'week_full', 'daily_limit'];
