/* Names of events, traits and properties in the shop's words, where we have some; shares in words. Pure. */
import type { Format } from '@lib/format';
import { isKey, type Key, type Translate } from '@lib/i18n';

const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

function known(key: string): Key | null {
  return isKey(key) ? key : null;
}

/** "Order Completed" -> "placed an order", to stand behind "has"; a name of the shop's own is quoted. */
export function didLabel(t: Translate, event: string): string {
  const key = known(`did.${slug(event)}`);
  return key ? t(key) : `“${event}”`;
}

/** ["products", "category"] -> "product's category". */
export function fieldLabel(t: Translate, path: string[], of: 'trait' | 'prop'): string {
  const key = known(`${of}.${path.map(slug).join('.')}`);
  return key ? t(key) : path.join(' › ').replace(/_/g, ' ');
}

/** The same within a sentence: "country", where a column is headed "Country". */
export function fieldSaid(t: Translate, path: string[], of: 'trait' | 'prop'): string {
  const key = of === 'trait' ? known(`said.${path.map(slug).join('.')}`) : null;
  return key ? t(key) : fieldLabel(t, path, of);
}

/** How many in 100, with a decimal where few are meant: "12", "3.4", and "< 0.1" for somebody among very many. */
export function shareOf(f: Format, count: number, people: number): string {
  const part = people > 0 ? (count / people) * 100 : 0;
  return part > 0 && part < 0.1 ? `< ${f.number(0.1, 1)}` : f.number(part, part > 0 && part < 10 ? 1 : 0);
}
