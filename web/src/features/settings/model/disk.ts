/* Files of the data folder as the few things a reader knows. Pure. */

interface Part {
  name: string;
  bytes: number;
}

const KINDS: [RegExp, string][] = [
  [/^kith\.db$|^database$/, 'database'],
  [/^kith\.db-(wal|shm)$|^wal$/, 'wal'],
  [/^(runs|columns|seen)/, 'columns'],
  [/^(uploads|imports)/, 'imports'],
  [/backup/, 'backups'],
];

const kindOf = (name: string) => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';

/** Summed by kind, largest first. */
export function groupParts(parts: Part[]): Part[] {
  const sums = new Map<string, number>();
  for (const part of parts) sums.set(kindOf(part.name), (sums.get(kindOf(part.name)) ?? 0) + part.bytes);
  return [...sums].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
