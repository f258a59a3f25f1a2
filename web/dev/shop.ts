/* A made-up shop for the development server: people, their orders and visits, deterministic. */
import type { Happening, Person, PersonRow } from '../src/features/people/api/types';
import { Random } from './random.ts';

export const DAY = 86_400_000;
export const NOW = Date.now();
const FIRST = ['Ana', 'James', 'Mara', 'Tom', 'Elif', 'Noor', 'Luca', 'Ingrid', 'Piotr', 'Sofia', 'Jonas', 'Amara', 'Hugo', 'Κατερίνα', 'Ольга', 'Zoë', 'Björn', 'Chloe'];
const LAST = ['Novak', 'Okafor', 'Lindqvist', 'Hughes', 'Yılmaz', 'de Vries', 'Rossi', 'Haugen', 'Kowalski', 'García', 'Müller', 'Mensah', 'Laurent', 'Ioannou', 'Petrova', 'Achterberg', 'Sørensen', 'Whitfield-Montgomery'];
const COUNTRIES = ['United Kingdom', 'Germany', 'France', 'Slovenia', 'Netherlands', 'Ireland', 'Norway'];
const THINGS = ['Linen shirt', 'Straw hat', 'Belt, tan', 'Wool socks', 'Rain jacket', 'Canvas bag', 'Cotton scarf', 'Leather wallet'];

export interface MadePerson {
  row: PersonRow;
  orders: number[];
  gap: number;
}

function makePerson(index: number, random: Random): MadePerson {
  const first = random.pick(FIRST);
  const last = random.pick(LAST);
  const count = random.chance(0.12) ? 0 : Math.max(1, Math.floor(random.next() ** 2.4 * 22));
  const gap = random.int(14, 95);
  const lapsed = random.chance(0.2) ? gap * random.int(3, 6) : random.int(0, gap);
  const latest = NOW - lapsed * DAY - random.int(0, DAY);
  const orders = Array.from({ length: count }, (_, back) => Math.round(latest - back * gap * DAY * (0.7 + random.next() * 0.6)));
  const quietDays = count > 0 ? Math.floor((NOW - latest) / DAY) : null;
  const quiet = count >= 3 && quietDays !== null && quietDays > gap * 2.5;
  const named = !random.chance(0.06);
  return {
    gap, orders,
    row: {
      id: String(100_000 + index), name: named ? `${first} ${last}` : null,
      created_at: orders.at(-1) ?? NOW, email: `${first}.${last}${index}@example.com`.toLowerCase().replace(/[^a-z0-9.@]/g, ''),
      country: random.pick(COUNTRIES), orders: count, spent: { minor: count * random.int(1_200, 18_000), currency: 'GBP' },
      first_order_at: orders.at(-1) ?? null, last_order_at: orders[0] ?? null,
      tags: random.chance(0.15) ? [random.pick(['regular', 'wholesale', 'press', 'gift buyer'])] : [],
      quiet, quiet_days: quietDays, usual_gap_days: count >= 3 ? gap : null,
    },
  };
}

export function makePeople(count: number): MadePerson[] {
  const random = new Random(7);
  return Array.from({ length: count }, (_, index) => makePerson(index, random));
}

function happening(id: string, name: string, family: Happening['family'], at: number, properties: Record<string, unknown>): Happening {
  return {
    id, name, family, occurred_at: at, received_at: at + 4_000, source: family === 'order' ? 'orders.csv' : 'website',
    trust: family === 'order' ? 'file' : 'track', confirmed: true, text: '', type: 'track', imported: false, visitor: false, context: {}, properties, order: null, money: null,
  };
}

function orderAt(person: MadePerson, index: number, at: number, random: Random): Happening {
  const names = Array.from({ length: random.int(1, 5) }, () => random.pick(THINGS));
  const revenue = { minor: random.int(1_400, 16_000), currency: 'GBP' };
  const number = String(10_482 + Number(person.row.id) % 1000 - index);
  const lines = names.map((name) => ({ name, product_key: name, quantity: random.int(1, 2), value: { minor: Math.round(revenue.minor / names.length), currency: 'GBP' } }));
  return {
    ...happening(`${person.row.id}o${index}`, 'Order Completed', 'order', at, { order_id: number }),
    order: { id: `${person.row.id}${index}`, number, state: 'confirmed', revenue, net_revenue: revenue, lines }, money: revenue,
  };
}

export function timelineOf(person: MadePerson): Happening[] {
  const random = new Random(Number(person.row.id));
  const items: Happening[] = person.orders.map((at, index) => orderAt(person, index, at, random));
  person.orders.forEach((at, index) => {
    for (let view = 0; view < random.int(0, 7); view += 1) {
      items.push(happening(`${person.row.id}v${index}.${view}`, 'Product Viewed', 'visit', at - view * 60_000 - 3_600_000, { name: random.pick(THINGS) }));
    }
    if (random.chance(0.25)) items.push(happening(`${person.row.id}a${index}`, 'Product Added', 'visit', at - 1_800_000, { name: random.pick(THINGS) }));
    if (random.chance(0.15)) items.push({ ...happening(`${person.row.id}r${index}`, 'Order Refunded', 'order', at + 3 * DAY, { order_id: '10482' }), money: { minor: -1_450, currency: 'GBP' } });
    if (random.chance(0.4)) items.push(happening(`${person.row.id}m${index}`, 'Email Opened', 'mail', at - DAY, { subject: 'New season: linen' }));
  });
  const unconfirmed = happening(`${person.row.id}u`, 'Signed Up', 'other', (person.orders.at(-1) ?? NOW) - 10 * DAY, {});
  items.push({ ...unconfirmed, confirmed: false });
  return items.filter((item) => item.occurred_at <= NOW).sort((a, b) => b.occurred_at - a.occurred_at);
}

export function personOf(made: MadePerson): Person {
  const { row } = made;
  const since = (row.first_order_at ?? NOW) - 10 * DAY;
  const trait = (name: string, value: unknown, unconfirmed = false) => ({
    name, value, source: unconfirmed ? 'website' : 'orders.csv', trust: unconfirmed ? 'track' : 'file', occurred_at: since, received_at: since, unconfirmed,
  });
  return {
    id: row.id, name: row.name, email: row.email, phone: null, created_at: since, local_zone: 'Europe/Ljubljana',
    identities: [
      { kind: 'email', value: row.email ?? '', source: 'orders.csv', first_seen_at: since, last_seen_at: since, state: 'confirmed' },
      { kind: 'user_id', value: `C-${row.id}`, source: 'orders.csv', first_seen_at: since, last_seen_at: since, state: 'confirmed' },
    ],
    traits: [trait('country', row.country), trait('city', 'Ljubljana'), trait('birthday', '1984-05-12', true)],
    consents: [
      { id: '1', actor: 'checkout', by_person: true, channel: 'email', topic: 'newsletter', state: 'granted', basis: 'consent', source: 'checkout', occurred_at: since, expires_at: null, text: 'Yes, send me news by mail', address: row.email },
      { id: '2', actor: 'website', by_person: true, channel: 'email', topic: 'newsletter', state: 'pending', basis: 'consent', source: 'website', occurred_at: since - DAY, expires_at: null, text: null, address: row.email },
    ],
    tags: row.tags, notes: [{ id: '1', body: 'Asked for the sand colour again. Call when it is back.', author: 'Mara', at: NOW - 40 * DAY }],
    figures: {
      orders: row.orders, spent: row.spent, net: { ...row.spent, minor: Math.round(row.spent.minor * 0.97) },
      first_order_at: row.first_order_at, last_order_at: row.last_order_at, median_gap_days: row.usual_gap_days,
      quiet_days: row.quiet_days, quiet: row.quiet,
      next_expected_at: row.last_order_at != null && row.usual_gap_days != null ? row.last_order_at + row.usual_gap_days * DAY : null,
    },
    links: row.orders > 4 ? [{ merge_id: '77', other: '100099', at: NOW - 90 * DAY, actor: 'Mara', reason: 'same phone', undone_at: null }] : [],
    merged_into: null,
  };
}
