/* A secret, link or command to copy. */
import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useText } from '@lib/text';

export function CopyField({ label, value }: { label: string; value: string }) {
  const { t } = useText();
  const clipboard = useClipboard({ timeout: 2_000 });
  return (
    <div className="copy">
      <code className="mono grow" aria-label={label}>{value}</code>
      <ActionIcon aria-label={t(clipboard.copied ? 'copy.done' : 'copy.act')} title={t('copy.act')} onClick={() => clipboard.copy(value)}>
        {clipboard.copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
      </ActionIcon>
      <span className="sr" role="status">{clipboard.copied ? t('copy.done') : ''}</span>
    </div>
  );
}
