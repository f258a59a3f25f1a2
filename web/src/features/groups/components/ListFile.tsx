/* People of a file put on a list: choose the file, see what was understood, then it is done. */
import { Button, FileInput, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { toast } from '@ui/toast';
import type { SavedSegment } from '../api/groups';
import { useSavedChange } from '../api/groups';
import { fileSend, type FileAsk, type SegmentFile } from '../api/lists';

function Understood({ read, onColumn }: { read: SegmentFile; onColumn: (column: string) => void }) {
  const { t } = useText();
  const notes = [read.repeated > 0 ? t('list.repeated', { n: read.repeated }) : '', read.empty > 0 ? t('list.blank', { n: read.empty }) : ''].filter((note) => note !== '');
  return (
    <div className="stack tight">
      <NativeSelect label={t('list.column')} value={read.column} data={read.columns.map((column) => ({ value: column.name, label: column.samples[0] ? `${column.name} (${column.samples[0]} …)` : column.name }))} onChange={(event) => onColumn(event.currentTarget.value)} />
      <p role="status"><b>{t('list.found', { n: read.found, rows: read.rows })}</b> {notes.join(' ')}</p>
      {read.unknown > 0 ? (
        <details>
          <summary>{t('list.unknown', { n: read.unknown })}</summary>
          <ul className="small list-unknown">{read.unknown_sample.map((row) => <li key={row.line} className="anywhere">{t('list.line', { line: row.line, value: row.value })}</li>)}</ul>
        </details>
      ) : null}
    </div>
  );
}

/** "guests-of-may.csv" proposes "guests of may". */
const nameOf = ({ name }: File) => name.replace(/\.[a-z]+$/i, '').replace(/[-_.\s]+/g, ' ').trim();

/** `group`: people come onto this list; null: a new one is made. */
export function ListFile({ group, onClose }: { group: SavedSegment | null; onClose: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const go = useNavigate();
  const [name, setName] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const look = useMutation({ mutationFn: (ask: FileAsk) => fileSend(ask) });
  const put = useSavedChange((ask: FileAsk) => fileSend(ask));
  const read = look.data;
  const take = (next: File | null, column: string) => { setFile(next); if (next && name.trim() === '') setName(nameOf(next)); look.reset(); put.reset(); if (next) look.mutate({ file: next, column, to: null }); };
  const save = () => {
    if (!file || !read) return;
    put.mutate({ file, column: read.column, to: group ? { id: group.id } : { name: name.trim() } }, {
      onSuccess: ({ picked }) => { toast(t('list.added', { n: picked?.added ?? 0 })); onClose(); if (!group && picked) void go(`/groups/${picked.id}`); },
    });
  };
  return (
    <Modal opened onClose={onClose} title={t(group ? 'list.more_title' : 'list.new_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <div className="stack">
        {group ? null : <TextInput label={t('saved.name')} placeholder={t('list.name_example')} value={name} error={fieldError(put.error, 'name')} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />}
        <FileInput label={t('list.file')} description={t('list.file_say')} placeholder={t('list.file_choose')} accept=".csv,.tsv,.txt,text/csv" value={file} onChange={(next) => take(next, '')} clearButtonProps={{ 'aria-label': t('act.clear') }} />
        {look.isPending ? <p role="status" className="why">{t('list.reading')}</p> : null}
        {read ? <Understood read={read} onColumn={(column) => take(file, column)} /> : null}
        <FormError error={look.error ?? put.error} />
        <div className="row acts-end">
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button variant="filled" loading={put.isPending} disabled={!read || read.found === 0 || (!group && name.trim() === '')} onClick={save}>{t('list.put', { n: read?.found ?? 0 })}</Button>
        </div>
      </div>
    </Modal>
  );
}
