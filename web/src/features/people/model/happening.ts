/* What happened, in words: a title and a line beneath it. Pure. */
import { minorPerUnit, type Format } from '@lib/format';
import { isKey, type Key, type Translate } from '@lib/i18n';
import type { Money } from '@lib/types';
import type { Family, Happening } from '../api/types';

export const FAMILIES: Family[] = ['order', 'visit', 'mail', 'service', 'other'];
export const FAMILY_KEYS: Record<Family, Key> = {
  order: 'family.order', visit: 'family.visit', mail: 'family.mail', service: 'family.service', other: 'family.other',
};

/** "Order Completed" -> catalogue key "event.order_completed". */
export function eventKey(name: string, suffix = ''): Key | null {
  const key = `event.${name.toLowerCase().replace(/[^a-z0-9]+/g, '_')}${suffix}`;
  return isKey(key) ? key : null;
}

const words = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The property that says most about an event, by what trackers usually send. */
export function subjectOf(item: Happening): string {
  const { properties } = item;
  for (const name of ['subject', 'title', 'query', 'product', 'name', 'path', 'url', 'category', 'email']) {
    const value = words(properties[name]);
    if (value) return value.length > 90 ? `${value.slice(0, 89)}…` : value;
  }
  return '';
}

export interface Words {
  title: string;
  amount: string;
  detail: string;
}

/** What a refund or order says about itself, in whole units, where the API gives no amount. */
function saidMoney(item: Happening): Money | null {
  const { revenue, total, currency } = item.properties;
  const value = typeof revenue === 'number' ? revenue : total;
  if (typeof value !== 'number' || typeof currency !== 'string') return null;
  return { minor: Math.round(value * minorPerUnit(currency)), currency };
}

function orderWords(item: Happening, t: Translate, f: Format): Words {
  const { order } = item;
  const key = eventKey(item.name) ?? 'event.order_completed';
  const number = order?.number ?? words(item.properties.order_id);
  const money = item.money ?? order?.revenue ?? saidMoney(item);
  const lines = order?.lines ?? [];
  const names = lines.slice(0, 3).map((line) => (line.quantity === 1 ? line.name : `${f.number(line.quantity)} × ${line.name}`));
  const more = lines.length - names.length;
  return {
    title: t(key, { number }).trim(),
    amount: money ? f.money({ ...money, minor: Math.abs(money.minor) }) : '',
    detail: names.join(', ') + (more > 0 ? ` ${t('event.more_lines', { n: more })}` : ''),
  };
}

/** Why a mail was not sent. */
function reasonOf(item: Happening, t: Translate): string {
  const key = `unsent.${words(item.properties.reason)}`;
  return item.name === 'Message Withheld' && isKey(key) ? t(key) : '';
}

export function wordsOf(item: Happening, t: Translate, f: Format): Words {
  if (item.family === 'order') return orderWords(item, t, f);
  const key = eventKey(item.name);
  const subject = item.text || reasonOf(item, t) || subjectOf(item);
  return { title: key ? t(key, { number: '' }) : item.name, amount: item.money ? f.money(item.money) : '', detail: subject };
}

/** "Opened 6 mails" for a folded run. */
export function runWords(name: string, n: number, t: Translate): string {
  const key = eventKey(name, '_run');
  return key ? t(key, { n }) : t('event.run', { n, name: eventKey(name) ? t(eventKey(name) ?? 'event.run') : name });
}
