/* The figures in the order they are read. Names that this table does not know come last. Pure. */
import type { Key } from '@lib/i18n';
import type { Kpi } from '@lib/types';

const GROUPS: { title: Key; names: string[] }[] = [
  { title: 'figures.people', names: ['customers', 'new_customers', 'repeat_customers', 'reactivated'] },
  { title: 'figures.loyalty', names: ['repeat_rate', 'frequency', 'retention', 'churn', 'quiet_unusually', 'quiet_good', 'money_at_stake'] },
  { title: 'figures.sales', names: ['orders', 'revenue', 'refunds', 'net_revenue', 'aov', 'aov_median', 'aov_repeat'] },
  {
    title: 'figures.shop',
    names: ['revenue_all', 'net_revenue_all', 'orders_unknown', 'revenue_unknown', 'refunds_unknown', 'identified_share', 'identified_share_orders', 'identified_share_lines'],
  },
];

export interface KpiGroup {
  title: Key;
  kpis: Kpi[];
}

export function groupKpis(kpis: Kpi[]): KpiGroup[] {
  const known = new Set(GROUPS.flatMap((group) => group.names));
  const groups = GROUPS.map(({ title, names }) => ({ title, kpis: names.flatMap((name) => kpis.filter((kpi) => kpi.name === name)) }));
  const rest = kpis.filter((kpi) => !known.has(kpi.name));
  return [...groups, { title: 'figures.more' as const, kpis: rest }].filter((group) => group.kpis.length > 0);
}
