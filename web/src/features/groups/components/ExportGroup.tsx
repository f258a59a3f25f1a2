/* A group's people as a CSV file: which columns, then the file. */
import { Button, Checkbox, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { downloadBlob } from '@lib/download';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { EXPORT_COLUMNS, groupFile, type ExportColumn } from '../api/lists';

export function ExportGroup({ name, rule, onClose }: { name: string; rule: string; onClose: () => void }) {
  const { t } = useText();
  const [chosen, setChosen] = useState<ExportColumn[]>([...EXPORT_COLUMNS]);
  const save = useMutation({
    mutationFn: () => groupFile(rule, EXPORT_COLUMNS.filter((column) => chosen.includes(column))),
    onSuccess: (blob) => { downloadBlob(`${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.csv`, blob); onClose(); },
  });
  return (
    <Modal opened onClose={onClose} title={t('export.title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <div className="stack">
        <Checkbox.Group label={t('export.columns')} value={chosen} onChange={(values) => setChosen(EXPORT_COLUMNS.filter((column) => values.includes(column)))}>
          <div className="export-columns">{EXPORT_COLUMNS.map((column) => <Checkbox key={column} value={column} label={t(`export.${column}`)} />)}</div>
        </Checkbox.Group>
        <FormError error={save.error} />
        <div className="row acts-end"><Button onClick={onClose}>{t('act.cancel')}</Button><Button variant="filled" loading={save.isPending} disabled={chosen.length === 0} onClick={() => save.mutate()}>{t('export.act')}</Button></div>
      </div>
    </Modal>
  );
}
