import type { PersonRow } from '../src/features/people/api/types';
import { ok, refuse, type Call, type Routes } from './routes.ts';
import { makePeople, NOW, DAY, personOf, timelineOf } from './shop.ts';

const people = makePeople(4_338);
const byId = new Map(people.map((made) => [made.row.id, made]));
const extra = new Map<string, ReturnType<typeof personOf>>();

const GROUPS: Record<string, (row: PersonRow) => boolean> = {
  customers: (row) => row.orders > 0,
  new: (row) => row.first_order_at != null && row.first_order_at > NOW - 30 * DAY,
  repeat: (row) => row.orders > 1,
  quiet: (row) => row.quiet,
};

const SORTS: Record<string, (row: PersonRow) => number | string> = {
  name: (row) => row.name ?? row.email ?? '',
  last_order: (row) => row.last_order_at ?? 0,
  orders: (row) => row.orders,
  spent: (row) => row.spent.minor,
  quiet: (row) => (row.quiet ? (row.quiet_days ?? 0) : -1),
};

function listOf({ query, mode }: Call): PersonRow[] {
  if (mode === 'empty') return [];
  const q = (query.get('q') ?? '').toLowerCase();
  const keep = GROUPS[query.get('group') ?? ''] ?? (() => true);
  const key = SORTS[query.get('sort') ?? ''] ?? ((row: PersonRow) => row.last_order_at ?? 0);
  const sign = query.get('order') === 'asc' ? 1 : -1;
  const rows = people.map((made) => made.row).filter((row) => keep(row) && `${row.name ?? ''} ${row.email ?? ''}`.toLowerCase().includes(q));
  return rows.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return (typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y)) * sign;
  });
}

function one(id: string) {
  const made = byId.get(id);
  if (!made) return null;
  const known = extra.get(id) ?? personOf(made);
  extra.set(id, known);
  return known;
}

export const peopleRoutes: Routes = {
  'GET /api/people': (call) => {
    const rows = listOf(call);
    const start = Number(call.query.get('cursor') ?? 0);
    const limit = Number(call.query.get('limit') ?? 100);
    return ok({ people: rows.slice(start, start + limit), total: rows.length, next: start + limit < rows.length ? String(start + limit) : null });
  },
  'POST /api/people': ({ json }) => (String(json.email ?? 'a@b').includes('@') ? ok({ id: '100001' })
    : refuse(400, 'invalid', 'the person has errors', [{ field: 'email', message: 'an address looks like ana@example.com' }])),
  'GET /api/people/:id': (_, [id = '']) => { const person = one(id); return person ? ok(person) : refuse(404, 'not-found', 'no such person'); },
  'DELETE /api/people/:id': () => ok({}),
  'GET /api/people/:id/timeline': ({ query }, [id = '']) => {
    const made = byId.get(id);
    const family = query.get('family');
    const items = made ? timelineOf(made).filter((item) => !family || item.family === family) : [];
    const start = Number(query.get('before') ?? 0);
    return ok({ items: items.slice(start, start + 100), next: start + 100 < items.length ? String(start + 100) : null, total: items.length });
  },
  'POST /api/people/:id/notes': ({ json }, [id = '']) => { one(id)?.notes.push({ id: String(Date.now()), body: String(json.body), author: 'Mara Quinn', at: Date.now() }); return ok({}); },
  'DELETE /api/people/:id/notes/:note': (_, [id = '', note]) => { const person = one(id); if (person) person.notes = person.notes.filter((entry) => entry.id !== note); return ok({}); },
  'PUT /api/people/:id/tags': ({ json }, [id = '']) => { const person = one(id); if (person) person.tags = json.tags as string[]; return ok({}); },
  'PUT /api/people/:id/traits': () => ok({}),
  'POST /api/people/:id/consents': () => ok({}),
  'POST /api/people/:id/orders': () => ok({ id: '1' }),
  'POST /api/people/:id/merge': () => ok({ merge_id: '78' }),
  'POST /api/merges/:id/undo': () => ok({}),
  'GET /api/people/:id/export': (_, [id = '']) => ok(one(id)),
  'GET /api/orders': () => ok({ orders: [{ id: '9', order_key: '10482', person: '100001', at: NOW - 9 * DAY, revenue: { minor: 7_400, currency: 'GBP' } }] }),
};
