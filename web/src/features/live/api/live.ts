/* What arrives: the newest few at once, the rest as it comes. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Live as LiveReply, LiveItem } from '@generated/api';
import { get } from '@lib/api';

export type { LiveItem } from '@generated/api';

export interface LiveRow extends LiveItem {
  /** Number in order of arrival on this page, for React. */
  id: number;
}

const KEPT = 500;
const FLUSH_MS = 250;
let counter = 0;
const numbered = (item: LiveItem): LiveRow => { counter += 1; return { ...item, id: counter }; };

function parse(text: string): LiveItem | null {
  try {
    return JSON.parse(text) as LiveItem;
  } catch {
    return null;
  }
}

interface Live {
  rows: LiveRow[];
  waiting: number;
  /** Arrived faster than this page could be told. */
  lost: number;
  connected: boolean;
  loading: boolean;
  error: unknown;
}

function lostCount(text: string): number {
  const count = (JSON.parse(text) as { count?: unknown }).count;
  return typeof count === 'number' ? count : 0;
}

/** Rows newest first; while paused what arrives waits and is counted. */
export function useLive(paused: boolean): Live {
  const client = useQueryClient();
  const [rows, setRows] = useState<LiveRow[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [connected, setConnected] = useState(false);
  const [lost, setLost] = useState(0);
  const fresh = useRef<LiveRow[]>([]);
  const first = useQuery({ queryKey: ['live'], queryFn: ({ signal }) => get<LiveReply>('/api/live?limit=100', signal), staleTime: Infinity, gcTime: 0 });
  useEffect(() => {
    if (first.data) setRows(first.data.items.map(numbered));
  }, [first.data]);
  useEffect(() => {
    const stream = new EventSource('/api/live/stream');
    stream.onopen = () => setConnected(true);
    stream.onerror = () => setConnected(false);
    stream.addEventListener('item', (event: MessageEvent<string>) => {
      const item = parse(event.data);
      if (item) fresh.current = [numbered(item), ...fresh.current].slice(0, KEPT);
    });
    stream.addEventListener('lost', (event: MessageEvent<string>) => setLost((old) => old + lostCount(event.data)));
    return () => { stream.close(); client.removeQueries({ queryKey: ['live'] }); };
  }, [client]);
  useEffect(() => {
    const flush = () => {
      setWaiting(fresh.current.length);
      if (paused || fresh.current.length === 0) return;
      const arrived = fresh.current;
      fresh.current = [];
      setWaiting(0);
      setRows((old) => {
        const known = new Set(old.map((row) => row.number));
        return [...arrived.filter((row) => row.number === undefined || !known.has(row.number)), ...old].slice(0, KEPT);
      });
    };
    const timer = setInterval(flush, FLUSH_MS);
    return () => clearInterval(timer);
  }, [paused]);
  return { rows, waiting, lost, connected, loading: first.isPending, error: first.error };
}
