/* A purchase typed in by hand. Pure. */
import type { NewOrder } from '../api/people';
import type { Happening } from '../api/types';

export interface Item {
  name: string;
  quantity: string;
  price: string;
}

export const emptyItem = (): Item => ({ name: '', quantity: '1', price: '' });

/** "1.234,50", "1,234.50" and "12,5" as minor units; null if it is not an amount. */
export function minorOf(text: string, perUnit: number): number | null {
  const bare = text.replace(/[^\d.,-]/g, '');
  if (!/\d/.test(bare)) return null;
  const mark = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
  const decimals = mark >= 0 && bare.length - mark - 1 <= 2 ? mark : -1;
  const whole = (decimals >= 0 ? bare.slice(0, decimals) : bare).replace(/[.,]/g, '');
  const rest = decimals >= 0 ? bare.slice(decimals + 1) : '';
  const value = Number(`${whole || '0'}.${rest || '0'}`);
  return Number.isFinite(value) ? Math.round(value * perUnit) : null;
}

export function totalOf(items: Item[], perUnit: number): number {
  return items.reduce((sum, item) => sum + (minorOf(item.price, perUnit) ?? 0) * (Number(item.quantity) || 0), 0);
}

/** The order to send, or null while something is missing. */
export function orderOf(items: Item[], perUnit: number, currency: string, at: number): NewOrder | null {
  const filled = items.filter((item) => item.name.trim() !== '' || item.price.trim() !== '');
  const lines = filled.map((item) => ({
    name: item.name.trim(), quantity: Number(item.quantity), price_minor: minorOf(item.price, perUnit) ?? Number.NaN,
  }));
  const valid = lines.every((line) => line.name !== '' && line.quantity > 0 && Number.isInteger(line.quantity) && line.price_minor >= 0);
  return lines.length > 0 && valid ? { at, currency, items: lines } : null;
}

/** "Usual purchase": the lines of the newest order of the timeline. */
export function usualOf(items: Happening[], perUnit: number): Item[] | null {
  const last = items.find((item) => item.order !== null && item.name === 'Order Completed')?.order;
  if (!last || last.lines.length === 0) return null;
  return last.lines.map((line) => ({
    name: line.name, quantity: String(line.quantity),
    price: line.value ? (line.value.minor / perUnit / (line.quantity || 1)).toFixed(perUnit === 1 ? 0 : 2) : '',
  }));
}
