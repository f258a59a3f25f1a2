/* A person by hand: a café has no web shop. */
import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { personAdd, type NewPerson } from '../api/people';

const EMPTY = { name: '', email: '', phone: '', note: '' };

function filled(form: typeof EMPTY): NewPerson {
  return Object.fromEntries(Object.entries(form).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== ''));
}

export function AddPerson({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useText();
  const fieldError = useFieldError();
  const go = useNavigate();
  const client = useQueryClient();
  const [form, setForm] = useState(EMPTY);
  const add = useMutation({
    mutationFn: () => personAdd(filled(form)),
    onSuccess: ({ id }) => {
      setForm(EMPTY);
      void client.invalidateQueries({ queryKey: ['people'] });
      void go(`/people/${id}`);
    },
  });
  const bind = (field: keyof typeof EMPTY) => ({
    value: form[field], error: fieldError(add.error, field),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((old) => ({ ...old, [field]: value }));
    },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); add.mutate(); };
  const empty = Object.keys(filled(form)).length === 0;
  return (
    <Modal opened={opened} onClose={onClose} title={t('people.add_title')} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <form className="stack" onSubmit={submit}>
        <TextInput label={t('person.name')} placeholder="Ana Novak" data-autofocus {...bind('name')} />
        <TextInput label={t('person.email')} placeholder="ana@example.com" type="email" {...bind('email')} />
        <TextInput label={t('person.phone')} placeholder="+44 20 7946 0000" type="tel" {...bind('phone')} />
        <Textarea label={t('person.note')} placeholder={t('person.note_example')} autosize minRows={2} {...bind('note')} />
        <FormError error={add.error} />
        <div className="row acts-end">
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button type="submit" variant="filled" loading={add.isPending} disabled={empty}>{t('people.add_act')}</Button>
        </div>
      </form>
    </Modal>
  );
}
