/* Lists of people, and a group as a file. */
import type { SegmentExportInput, SegmentFile, SegmentPicked } from '@generated/api';
import { post, postForFile, upload, withQuery } from '@lib/api';

export type { SegmentFile } from '@generated/api';
export type ExportColumn = NonNullable<SegmentExportInput['columns']>[number];
export const EXPORT_COLUMNS: readonly ExportColumn[] = ['id', 'name', 'email', 'country', 'created_at', 'orders', 'spent', 'currency', 'first_order_at', 'last_order_at', 'tags'];

/** Everybody whom a rule means at this moment, as a list. */
export const listFreeze = (input: { name: string; rule: string }) => post<SegmentPicked>('/api/segments/lists', input);

export interface FileAsk {
  file: File;
  /** An empty `column`: the one that looks like it. */
  column: string;
  /** What is done; nothing: only looked at. */
  to: { name: string } | { id: string } | null;
}

export function fileSend({ file, column, to }: FileAsk): Promise<SegmentFile> {
  const query = to === null ? { dry_run: 'true' } : { ...to };
  return upload<SegmentFile>(withQuery('/api/segments/file', { column, ...query }), file, () => undefined);
}

export const groupFile = (rule: string, columns: ExportColumn[]) => postForFile('/api/segments/export', { rule, columns });
