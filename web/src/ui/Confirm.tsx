/* Asks once before an act that cannot be taken back; the button states the act and its size. */
import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '@lib/text';

interface Props {
  opened: boolean;
  title: string;
  act: string;
  busy?: boolean;
  danger?: boolean;
  disabled?: boolean;
  onClose: () => void;
  onConfirm: () => void;
  children: ReactNode;
}

export function Confirm({ opened, title, act, busy, danger, disabled, onClose, onConfirm, children }: Props) {
  const { t } = useText();
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <div className="stack">
        {children}
        <div className="row acts-end">
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button
            variant="filled" data-danger={danger || undefined} loading={busy ?? false}
            disabled={disabled ?? false} onClick={onConfirm}
          >
            {act}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
