/* Drop or choose a file; it goes up with its progress and then opens as an import. */
import { Button, Progress } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type DragEvent } from 'react';
import { useNavigate } from 'react-router';
import { upload, withQuery } from '@lib/api';
import { useText } from '@lib/text';
import { useErrorText } from './states';

const send = (file: File, kind: string, onProgress: (share: number) => void) =>
  upload<{ id: string }>(withQuery('/api/imports', { name: file.name, kind }), file, onProgress);

/** `say`: what may be dropped here. `quiet`: beside others of its kind, so that no button stands out. */
export function DropFile({ kind, say, quiet }: { kind: string; say?: string; quiet?: boolean }) {
  const { t, f } = useText();
  const words = useErrorText();
  const go = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [share, setShare] = useState(0);
  const sending = useMutation({
    mutationFn: (file: File) => send(file, kind, setShare),
    onSuccess: ({ id }) => void go(`/import/${id}`),
  });
  const take = (file: File | undefined) => { if (file) { setShare(0); sending.mutate(file); } };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={`drop${over ? ' over' : ''}${quiet ? ' quiet' : ''}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)} onDrop={onDrop}
    >
      {quiet ? null : <IconFileUpload size={32} aria-hidden />}
      {sending.isPending ? (
        <div className="drop-busy" role="status">
          <p>{t('import.sending', { name: sending.variables.name, value: f.number(share * 100) })}</p>
          <Progress value={share * 100} mt={8} aria-label={t('import.progress')} />
        </div>
      ) : (
        <>
          <p>{t('import.drop')}</p>
          <Button variant={quiet ? 'default' : 'filled'} onClick={() => input.current?.click()}>{t('import.choose')}</Button>
          <p className="small">{say ?? t('import.accepts')}</p>
        </>
      )}
      <input ref={input} type="file" accept=".csv,.tsv,.txt,text/csv" className="sr" tabIndex={-1} aria-label={t('import.choose')} onChange={(event) => take(event.currentTarget.files?.[0])} />
      {sending.error ? <p className="bad" role="alert">{words(sending.error)}</p> : null}
    </div>
  );
}
