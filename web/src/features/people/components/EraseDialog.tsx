/* Erasure asks once, says what goes and what stays, and wants the name typed. */
import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Rich, useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { personErase } from '../api/people';
import type { Person } from '../api/types';

interface Props {
  person: Person;
  name: string;
  opened: boolean;
  onClose: () => void;
}

export function EraseDialog({ person, name, opened, onClose }: Props) {
  const { t } = useText();
  const words = useErrorText();
  const go = useNavigate();
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const erase = async () => {
    setBusy(true);
    try {
      await personErase(person.id);
      await go('/people');
      client.removeQueries({ queryKey: ['people', 'one', person.id] });
      void client.invalidateQueries();
      toast(t('erase.done'));
    } catch (error) {
      toast(words(error), { bad: true });
    }
    setBusy(false);
  };
  return (
    <Confirm
      opened={opened} onClose={onClose} title={t('erase.title', { name })} act={t('erase.confirm')} danger busy={busy}
      disabled={typed.trim() !== name} onConfirm={() => void erase()}
    >
      <p><Rich k="erase.say" p={{ n: person.figures?.orders ?? 0 }} /></p>
      <TextInput label={t('erase.type', { name })} value={typed} autoComplete="off" data-autofocus onChange={(event) => setTyped(event.currentTarget.value)} />
    </Confirm>
  );
}
