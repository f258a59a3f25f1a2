import type { Curve, Kpi } from '../src/lib/types';
import { ok, type Routes } from './routes.ts';
import { DAY, NOW } from './shop.ts';

const period = { as_of: NOW - 40 * DAY, as_of_reason: 'the newest order is over 30 days old', from: '2024-12-01', to: '2026-10-12', zone: 'Europe/London', currency: 'GBP' };

function kpi(name: string, label: string, unit: Kpi['unit'], value: number | null, previous: number | null, n: number): Kpi {
  const share = unit === 'share' && value !== null;
  return {
    name, label, unit, value, previous, n, n_min: 30, enough: n >= 30, people: true, low: share ? value - 0.02 : null, high: share ? value + 0.02 : null,
    formula: 'people with at least two orders / people with at least one, first order at least 180 days ago',
    pitfalls: 'Counts people of equal age only; two orders on one day are two orders.',
  };
}

export const KPIS: Kpi[] = [
  kpi('customers', 'Customers', 'count', 4_338, 3_902, 4_338),
  kpi('new_customers', 'New customers', 'count', 1_204, 1_310, 1_204),
  kpi('repeat_customers', 'Repeat customers', 'count', 2_845, 2_501, 4_338),
  kpi('orders', 'Orders', 'count', 18_532, 16_020, 18_532),
  kpi('revenue', 'Revenue before refunds', 'money', 891_140_790, 801_004_210, 18_532),
  kpi('net_revenue', 'Revenue after refunds', 'money', 863_220_114, 790_100_200, 18_532),
  kpi('identified_share', 'Identified share of sales', 'share', 0.843, 0.812, 22_064),
  kpi('aov', 'Average order', 'money', 48_087, 49_950, 18_532),
  kpi('aov_repeat', 'Average order of repeat customers', 'money', 51_240, 50_100, 14_194),
  kpi('repeat_rate', 'Repeat purchase rate', 'share', 0.52, 0.5, 1_912),
  kpi('frequency', 'Orders per customer', 'per_person', 4.27, 4.11, 4_338),
  kpi('retention', 'Still buying', 'share', 0.61, 0.63, 2_120),
  kpi('churn', 'Lost', 'share', 0.39, 0.37, 2_120),
  kpi('quiet', 'Quiet longer than usual', 'count', 7, null, 7),
];

function curve(label: string, size: number, top: number, days: number, complete: number): Curve {
  const points = Array.from({ length: Math.floor(days / 5) + 1 }, (_, index) => ({ day: index * 5, share: top * (1 - Math.exp(-index * 5 / 70)) }));
  return { label, from: '2025-10-01', to: '2026-01-01', size, points, complete_days: complete };
}

export const CURVES = [curve('2025-Q4', 812, 0.5, 350, 350), curve('2026-Q1', 640, 0.43, 270, 260), curve('2026-Q2', 590, 0.4, 180, 170), curve('2026-Q3', 401, 0.38, 90, 60)];

const steps = (done: boolean) => ['shop_in', 'business', 'reconciled', 'first_group', 'permissions', 'live'].map((name, index) => ({ name, done: done && index < 3 }));

export const homeRoutes: Routes = {
  'GET /api/home': ({ mode }) => (mode === 'empty'
    ? ok({ ...period, as_of: null, as_of_reason: null, greeting_key: 'morning', attention: [], figures: [], curves: [], steps: steps(false), matches_shop: null })
    : ok({
      ...period, greeting_key: 'morning',
      attention: [
        { kind: 'quiet', count: 41, money: { minor: 412_345, currency: 'GBP' }, link: '/people?group=quiet' },
        { kind: 'import', count: 12, money: null, link: '/import' },
        { kind: 'parked', count: 1, money: null, link: '/settings/attention' },
      ],
      figures: [KPIS[9], KPIS[7], KPIS[13]], curves: CURVES, steps: steps(true), matches_shop: { state: 'yes', differs: 0 },
    })),
  'GET /api/kpis': ({ mode }) => ok({ ...period, as_of_reason: period.as_of_reason, kpis: mode === 'empty' ? [] : KPIS }),
  'GET /api/curves': ({ mode }) => ok({ curves: mode === 'empty' ? [] : CURVES }),
};
