/* What the list of people shows: kept in the address bar. Pure. */
import type { Key } from '@lib/i18n';
import type { PeopleFilter } from '../api/people';

export const GROUPS = ['all', 'customers', 'new', 'repeat', 'quiet'] as const;
export type Group = (typeof GROUPS)[number];

export const GROUP_KEYS: Record<Group, Key> = {
  all: 'group.all', customers: 'group.customers', new: 'group.new', repeat: 'group.repeat', quiet: 'group.quiet',
};

const isGroup = (value: string | null): value is Group => GROUPS.includes(value as Group);

/** The most useful order for each group first; none: whom it concerns most, as the server knows. */
const FIRST_SORT: Record<Group, string> = {
  all: 'last_order', customers: 'last_order', new: 'last_order', repeat: 'orders', quiet: 'spent',
};

/** Of the quiet, those who spent most come first; behind any other figure the order is the server's. */
function firstSort(group: Group, kpi: string | null): string {
  if (kpi) return kpi.startsWith('quiet') ? 'spent' : '';
  return FIRST_SORT[group];
}

export function filterOf(search: URLSearchParams): PeopleFilter & { group: Group } {
  const group = search.get('group');
  const chosen = isGroup(group) ? group : 'all';
  return {
    q: search.get('q') ?? '',
    sort: search.get('sort') ?? firstSort(chosen, search.get('kpi')),
    order: search.get('order') === 'asc' ? 'asc' : 'desc',
    group: chosen,
    kpi: search.get('kpi') ?? '',
    from: search.get('from') ?? '',
    to: search.get('to') ?? '',
  };
}

/** The title is the answer: how many, and who they are. */
export function titleKey(filter: PeopleFilter & { group: Group }): Key {
  if (filter.q) return 'people.title_found';
  if (filter.kpi) return 'people.title_kpi';
  return `people.title_${filter.group}`;
}

/** Said beneath the title of the quiet; null for everybody else. */
export function ruleKey(filter: PeopleFilter & { group: Group }): Key | null {
  if (filter.kpi === 'quiet_good') return 'people.quiet_good_rule';
  return filter.group === 'quiet' || filter.kpi.startsWith('quiet') ? 'people.quiet_rule' : null;
}
