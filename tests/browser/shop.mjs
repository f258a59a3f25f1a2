// A made-up export of a small shop, deterministic: regulars who still buy, regulars who stopped, one-timers.
const DAY = 86_400_000;
const NAMES = ['Ana Novak', 'James Okafor', 'Mara Lind', 'Tom Hughes', 'Elif Aydin', 'Noor Bakker', 'Luca Rossi', 'Ingrid Haugen', 'Piotr Nowak', 'Sofia Costa', 'Jonas Weber', 'Amara Mensah'];

const address = (name) => `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@example.com`;

/** People 0 to 3 bought every two weeks until they stopped half a year ago; 4 to 7 still do; the rest bought once. */
function ordersOf(index, now) {
  const person = { name: NAMES[index % NAMES.length] + (index >= NAMES.length ? ` ${index}` : '') };
  person.email = address(person.name);
  const stopped = index < 4 ? 180 : 3 + index;
  const count = index < 8 ? 14 : 1;
  return Array.from({ length: count }, (_, back) => ({ ...person, at: now - (stopped + back * 14 + (count === 1 ? index * 2 : 0)) * DAY, pence: 2_000 + ((index * 731 + back * 97) % 7_000) }));
}

/** CSV text, number of orders and their sum in minor units. */
export function makeExport(people, now = Date.now()) {
  const orders = Array.from({ length: people }, (_, index) => ordersOf(index, now)).flat().sort((a, b) => a.at - b.at);
  const rows = orders.map((order, index) => [
    `A${1000 + index}`, new Date(order.at).toISOString().slice(0, 19).replace('T', ' '), order.name, order.email, 'Linen shirt', 1, (order.pence / 100).toFixed(2), 'United Kingdom',
  ].join(','));
  const sum = orders.reduce((total, order) => total + order.pence, 0);
  return { csv: ['Order number,Date,Customer name,Email,Product name,Quantity,Price,Country', ...rows].join('\n') + '\n', orders: orders.length, sum };
}
