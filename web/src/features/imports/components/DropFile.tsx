/* Drop or choose a file; it goes up with its progress and then opens as an import. */
import { Button, Progress } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type DragEvent } from 'react';
import { useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { importUpload } from '../api/imports';

export function DropFile({ kind }: { kind: string }) {
  const { t, f } = useText();
  const words = useErrorText();
  const go = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [share, setShare] = useState(0);
  const send = useMutation({
    mutationFn: (file: File) => importUpload(file, kind, setShare),
    onSuccess: ({ id }) => void go(`/import/${id}`),
  });
  const take = (file: File | undefined) => { if (file) { setShare(0); send.mutate(file); } };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={over ? 'drop over' : 'drop'} onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)} onDrop={onDrop}
    >
      <IconFileUpload size={32} aria-hidden />
      {send.isPending ? (
        <div className="drop-busy" role="status">
          <p>{t('import.sending', { name: send.variables.name, value: f.number(share * 100) })}</p>
          <Progress value={share * 100} mt={8} aria-label={t('import.progress')} />
        </div>
      ) : (
        <>
          <p>{t('import.drop')}</p>
          <Button variant="filled" onClick={() => input.current?.click()}>{t('import.choose')}</Button>
          <p className="small">{t('import.accepts')}</p>
        </>
      )}
      <input ref={input} type="file" accept=".csv,.tsv,.txt,text/csv" className="sr" tabIndex={-1} aria-label={t('import.choose')} onChange={(event) => take(event.currentTarget.files?.[0])} />
      {send.error ? <p className="bad" role="alert">{words(send.error)}</p> : null}
    </div>
  );
}
