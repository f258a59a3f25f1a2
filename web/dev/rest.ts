/* Imports, settings, live and the rest of the made-up shop's answers. */
import type { ServerResponse } from 'node:http';
import type { Cohorts } from '../src/features/figures/api/figures';
import type { Import } from '../src/features/imports/api/imports';
import type { LiveItem } from '../src/features/live/api/live';
import { ok, refuse, type Routes } from './routes.ts';
import { DAY, NOW } from './shop.ts';

const money = (minor: number) => ({ minor, currency: 'GBP' });
const columns = [['InvoiceNo', '536365', '536366'], ['StockCode', '85123A', '71053'], ['Description', 'WHITE HANGING HEART T-LIGHT HOLDER', 'WHITE METAL LANTERN'], ['Quantity', '6', '8'],
  ['InvoiceDate', '12/1/2010 8:26', '12/1/2010 8:28'], ['UnitPrice', '2.55', '3.39'], ['CustomerID', '17850', '13047'], ['Country', 'United Kingdom', 'France'], ['Channel', 'web', 'till']];

function importOf(id: string, state: Import['state']): Import {
  const done = state === 'done';
  return {
    id, name: 'online_retail.csv', kind: 'orders', format: 'generic', state, bytes_total: 45_580_638, bytes_done: done ? 45_580_638 : 17_900_000,
    rows: done ? 541_909 : 212_400, orders: done ? 18_532 : 7_100, customers: 4_338, refunds: 3_654, items: 0, updated: 0, no_value: 0, nobody: 0, rejected: done ? 12 : 0, unchanged: 0,
    rate: 96_400, seconds_left: state === 'running' ? 4 : null, error: state === 'failed' ? 'line 4,112: the file ends inside a quoted cell' : null, created_at: NOW - DAY,
    assumed: { delimiter: ',', encoding: 'UTF-8', bom: true, newline: 'CRLF', date_order: 'mdy', decimal_comma: false, zone: 'Europe/London', currency: 'GBP' },
    columns: columns.map(([name = '', ...samples]) => ({ name, samples, field: null })),
    fields: [['order_id', true], ['date', true], ['user_id', false], ['sku', false], ['product_name', false], ['quantity', true], ['price', true], ['country', false], ['email', false]]
      .map(([name, required]) => ({ name: String(name), label: String(name), required: Boolean(required), doc: 'what it is' })),
    mapping: { order_id: 'InvoiceNo', date: 'InvoiceDate', user_id: 'CustomerID', sku: 'StockCode', product_name: 'Description', quantity: 'Quantity', price: 'UnitPrice', country: 'Country', email: null },
    preview: [
      { line: 2, order_key: '536365', at: NOW - 400 * DAY, person: '17850', total: money(13_912), lines: 7, problem: null },
      { line: 9, order_key: '536366', at: NOW - 400 * DAY, person: '17850', total: money(2_220), lines: 2, problem: null },
      { line: 11, order_key: '536367', at: NOW - 400 * DAY, person: '13047', total: money(27_873), lines: 12, problem: null },
      { line: 23, order_key: '536368', at: NOW - 400 * DAY, person: null, total: money(7_005), lines: 4, problem: null },
      { line: 27, order_key: null, at: null, person: '13047', total: null, lines: 1, problem: 'line 27: quantity “-” is not a number' },
    ],
  };
}

const imports: Record<string, Import> = Object.fromEntries((['ready', 'running', 'done', 'failed'] as const).map((state, index) => [String(index + 1), importOf(String(index + 1), state)]));

const live: LiveItem[] = Array.from({ length: 40 }, (_, index) => ({
  number: 40 - index, visitor: index % 3 !== 0, at: NOW - index * 7_000, type: index % 4 ? 'track' : 'page', name: ['Product Viewed', 'Product Added', 'Order Completed', 'page'][index % 4] ?? null,
  person: index % 3 ? null : '100006', who: index % 3 ? `anon-${index}` : 'C-100006', source: 'website', key: 'Web shop', status: index === 2 ? 'refused' : index === 7 ? 'duplicate' : 'accepted',
  reason: index === 2 ? '“Order Completed”: a public key may not grant consent' : null, properties: { product: 'Linen shirt', price: 74, category: 'shirts' },
}));

function stream(response: ServerResponse): 'streaming' {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const timer = setInterval(() => response.write(`event: item\ndata: ${JSON.stringify({ ...live[1], at: Date.now() })}\n\n`), 1_500);
  response.on('close', () => clearInterval(timer));
  response.write(': hello\n\n');
  return 'streaming';
}

function cohorts(): Cohorts {
  const months = Array.from({ length: 13 }, (_, index) => new Date(Date.UTC(2025, 10 + index, 1)).toISOString().slice(0, 7));
  return {
    as_of: NOW, built_at: NOW, zone: 'Europe/London', currency: 'GBP', months,
    rows: months.map((month, row) => ({
      month, size: 300 + ((row * 97) % 240),
      cells: Array.from({ length: 13 - row }, (_, column) => {
        const share = column === 0 ? 1 : 0.38 * Math.exp(-column / 9) + ((row * 7 + column * 3) % 5) / 100;
        return { buyers: Math.round(share * 300), share, complete: row + column < 12 };
      }),
    })),
  };
}

const none = (mode: string) => mode === 'empty';

export const restRoutes: Routes = {
  'POST /api/imports': () => ok({ id: '1' }),
  'GET /api/imports': ({ mode }) => ok({ imports: none(mode) ? [] : Object.values(imports) }),
  'GET /api/imports/:id': (_, [id = '']) => (imports[id] ? ok(imports[id]) : refuse(404, 'not-found', 'no such import')),
  'PUT /api/imports/:id': ({ json }, [id = '']) => { Object.assign(imports[id] ?? {}, json); return ok({}); },
  'POST /api/imports/:id/start': (_, [id = '']) => { const one = imports[id]; if (one) one.state = 'running'; return ok({}); },
  'POST /api/imports/:id/stop': (_, [id = '']) => { const one = imports[id]; if (one) one.state = 'stopped'; return ok({}); },
  'DELETE /api/imports/:id': () => ok({}),
  'GET /api/reconcile': ({ query }) => ok(query.get('import') === '4'
    ? { shop_orders: 18_532, kith_orders: 18_530, shop_total: money(891_140_790), kith_total: money(891_133_510), next: null, differs_count: 2, differs: [
      { order_key: '536414', what: 'order', shop: '56.00 GBP', kith: null, why: 'cancelled' },
      { order_key: '538071', what: 'total', shop: '16.80 GBP', kith: '0.00 GBP', why: 'other_source' },
    ] }
    : { shop_orders: 18_532, kith_orders: 18_532, shop_total: money(891_140_790), kith_total: money(891_140_790), differs: [], next: null }),
  'GET /api/cohorts': ({ mode }) => ok(none(mode) ? { months: [], rows: [] } : cohorts()),
  'GET /api/live': ({ mode }) => ok({ items: none(mode) ? [] : live }),
  'GET /api/live/stream': ({ mode }, _, response) => { if (none(mode)) { response.writeHead(200, { 'Content-Type': 'text/event-stream' }); response.write(': hello\n\n'); return 'streaming'; } return stream(response); },
  'GET /api/shops': () => ok({ shops: [{ id: '1', name: 'Web shop' }, { id: '2', name: 'Market stall' }] }),
  'POST /api/shops': () => ok({ id: '3' }),
  'GET /api/keys': ({ mode }) => ok({ keys: none(mode) ? [] : [
    { id: '1', name: 'Web shop', scope: 'track', prefix: 'kt_8f2a', shop: 'Web shop', created_at: NOW - 90 * DAY, used_at: NOW - 60_000 },
    { id: '2', name: 'Order sync', scope: 'ingest', prefix: 'ki_19bc', shop: 'Web shop', created_at: NOW - 90 * DAY, used_at: null }] }),
  'POST /api/keys': ({ json }) => ok({ key: { id: '3', ...json, prefix: 'kt_77aa' }, secret: 'kt_77aaZ0q3WmE8Yb1uXc5TnVh2LrKp9sDf' }),
  'DELETE /api/keys/:id': () => ok({}),
  'GET /api/users': () => ok({ users: [
    { id: '1', name: 'Mara Quinn', email: 'mara@harbourloom.example', role: 'owner', invited: false, created_at: NOW },
    { id: '2', name: 'Tom Hughes', email: 'tom@harbourloom.example', role: 'staff', invited: false, created_at: NOW - 3 * DAY },
    { id: '3', name: '', email: 'elif@harbourloom.example', role: 'staff', invited: true }] }),
  'POST /api/users': ({ json }) => ok({ user: { id: '4', ...json }, link: '/link/3q9Zx81bTn' }),
  'POST /api/users/:id/reset': () => ok({ link: '/link/8wKz52mVxa' }),
  'DELETE /api/users/:id': () => ok({}),
  'GET /api/audit': ({ mode }) => ok({ entries: none(mode) ? [] : Array.from({ length: 12 }, (_, index) => ({
    at: NOW - index * 3_600_000, actor: index % 4 ? 'Mara Quinn' : null, action: ['person.merge', 'key.create', 'import.start', 'business.save'][index % 4], subject: 'Web shop', detail: null })), next: null }),
  'GET /api/retention': ({ mode }) => ok({ events: none(mode) ? [] : [
    { name: 'Product Viewed', count: 1_204_331, days: 400, oldest_at: NOW - 390 * DAY }, { name: 'page', count: 3_911_002, days: 400, oldest_at: NOW - 400 * DAY },
    { name: 'Order Completed', count: 18_532, days: null, oldest_at: NOW - 700 * DAY }] }),
  'PUT /api/retention': () => ok({}),
  'GET /api/disk': () => ok({ data_bytes: 1_843_000_000, free_bytes: 48_200_000_000, days_left: 412, parts: [
    { name: 'database', bytes: 1_402_000_000 }, { name: 'columns', bytes: 288_000_000 }, { name: 'imports', bytes: 91_000_000 }, { name: 'wal', bytes: 62_000_000 }] }),
  'GET /api/attention': ({ mode }) => ok({ parked: none(mode) ? [] : [{ id: '1', stage: 'columns', reason: 'event 88213: the process ended twice while reading it', at: NOW - 3_600_000 }] }),
  'POST /api/attention/:id': () => ok({}),
};
