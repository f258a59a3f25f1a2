/* Imports as the API speaks of them: a file is uploaded, read, seen, then brought in by a job of the server. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post, put } from '@lib/api';
import type { Import as ImportReply, ImportBrief, ImportChange as ChangeInput } from '@generated/api';

export type { ImportPreview as PreviewRow } from '@generated/api';
export type ImportSummary = ImportBrief;
export type ImportState = ImportBrief['state'];
type Mapping = Record<string, string | null>;
/** The API says no more of the mapping than that it is an object. */
export type Import = Omit<ImportReply, 'mapping'> & { mapping: Mapping };
export type ImportChange = Omit<ChangeInput, 'mapping'> & { mapping?: Mapping };

const POLL_MS = 1_000;
export const isBusy = (state: ImportState) => state === 'running' || state === 'uploaded';

export function useImports() {
  return useQuery({
    queryKey: ['imports', 'list'], queryFn: ({ signal }) => get<{ imports: ImportSummary[] }>('/api/imports', signal),
    refetchInterval: (query) => (query.state.data?.imports.some((one) => isBusy(one.state)) ? POLL_MS : false),
  });
}

export function useImport(id: string) {
  return useQuery({
    queryKey: ['imports', 'one', id], queryFn: ({ signal }) => get<Import>(`/api/imports/${id}`, signal),
    refetchInterval: (query) => (query.state.data && isBusy(query.state.data.state) ? POLL_MS : false),
  });
}

/** A change of one import; the answer of the server is asked again at once. */
export function useImportChange<I>(id: string, run: (input: I) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['imports', 'one', id] });
      void client.invalidateQueries({ queryKey: ['imports', 'list'] });
    },
  });
}

export const importPut = (id: string) => (change: ImportChange) => put(`/api/imports/${id}`, change);
const START_LOOKS = 40;
const LOOK_MS = 250;

/** Asks for the start, then waits until a worker took it up (a moment, unless others wait before it). */
export const importStart = (id: string) => async () => {
  await post(`/api/imports/${id}/start`);
  for (let look = 0; look < START_LOOKS; look += 1) {
    const { state } = await get<ImportSummary>(`/api/imports/${id}`);
    if (state === 'running' || state === 'done') return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
};
export const importStop = (id: string) => () => post(`/api/imports/${id}/stop`);
export const importDrop = (id: string) => () => del(`/api/imports/${id}`);
