/* Names of events, traits and properties in the shop's words, where we have some. Pure. */
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
