/* A line of how many it was, drawn from counts of past days. Pure. */
export interface Point {
  day: string;
  count: number;
}

const DAY_MS = 86_400_000;
const BACK = [0, 7, 14, 30, 60, 90, 120, 180];

/** Days to look at, oldest first, as 2026-01-31 in UTC; today is not among them. */
export function growthDays(now: number): string[] {
  return BACK.slice(1).reverse().map((days) => new Date(now - days * DAY_MS).toISOString().slice(0, 10));
}

/** Places in a box of 0..100 by 0..100, top down, from zero at the bottom; time runs evenly. */
export function growthLine(points: Point[]): { x: number; y: number }[] {
  const most = Math.max(1, ...points.map((point) => point.count));
  const times = points.map((point) => Date.parse(point.day));
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  return points.map((point, index) => ({ x: last > first ? (((times[index] ?? 0) - first) / (last - first)) * 100 : 100, y: 100 - (point.count / most) * 100 }));
}
