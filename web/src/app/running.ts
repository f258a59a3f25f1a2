/* The import that runs at the server, for the menu of every page; when it ends, what was asked before is asked anew. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { useImports, type ImportSummary } from '@features/imports/api/imports';
import { shareOf } from '@features/imports/model/assumed';
import { useText } from '@lib/text';
import { toast } from '@ui/toast';

export interface RunningImport {
  id: string;
  /** 0 to 1. */
  share: number;
}

/** Says how it ended, and lets every page fetch what changed. */
function useEnding(running: ImportSummary | undefined, all: ImportSummary[]): void {
  const { t } = useText();
  const client = useQueryClient();
  const before = useRef<string | null>(null);
  const here = useRef('');
  here.current = useLocation().pathname;
  useEffect(() => {
    const was = before.current;
    before.current = running?.id ?? null;
    const ended = was !== null && was !== running?.id ? all.find(({ id }) => id === was) : undefined;
    if (!ended) return;
    const seen = here.current === `/import/${was}`;
    if (ended.state === 'done' && !seen) toast(t('import.ended', { name: ended.name }));
    if (ended.state === 'failed' && !seen) toast(t('import.ended_failed', { name: ended.name }), { bad: true });
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[1] !== 'list' });
    void client.invalidateQueries({ queryKey: ['people', 'list'] });
  }, [running, all, client, t]);
}

const NONE: ImportSummary[] = [];

/** Null when nothing runs. */
export function useRunningImport(): RunningImport | null {
  const all = useImports().data?.imports ?? NONE;
  const running = all.find(({ state }) => state === 'running');
  useEnding(running, all);
  return running ? { id: running.id, share: shareOf(running) } : null;
}
