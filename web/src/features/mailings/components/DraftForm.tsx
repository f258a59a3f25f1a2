/* What is said, to whom. What is typed saves itself. */
import { SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useRef } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { FormError, useFieldError } from '@ui/FormError';
import { inserted, type Form } from '../model/draft';
import { TextHelp } from './TextHelp';
import { Whom } from './Whom';

interface Props {
  form: Form;
  error: unknown;
  set: (change: Partial<Form>) => void;
}

const PURPOSES = ['value', 'promotion'] as const;

export function DraftForm({ form, error, set }: Props) {
  const { t } = useText();
  const fieldError = useFieldError();
  const body = useRef<HTMLTextAreaElement>(null);
  const insert = (code: string) => {
    const { selectionStart: start = form.body.length, selectionEnd: end = form.body.length } = body.current ?? {};
    set({ body: inserted(form.body, start, end, code) });
    body.current?.focus();
  };
  const text = (field: 'name' | 'subject' | 'preheader') => ({
    value: form[field], error: fieldError(error, field), onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  return (
    <section className="card stack" aria-label={t('mailing.write')}>
      <TextInput label={t('mailing.name')} description={t('mailing.name_why')} {...text('name')} />
      <Whom rule={form.rule} error={fieldError(error, 'rule')} onChange={(rule) => set({ rule })} />
      <TextInput label={t('mailing.subject')} {...text('subject')} />
      <TextInput label={t('mailing.preheader')} description={t('mailing.preheader_why')} {...text('preheader')} />
      <div className="stack tight">
        <Textarea
          ref={body} label={t('mailing.body')} autosize minRows={10} maxRows={26} value={form.body} error={fieldError(error, 'body')}
          onChange={(event) => set({ body: event.currentTarget.value })}
        />
        <TextHelp onInsert={insert} />
      </div>
      <div>
        <p className="like-label" id="mailing-purpose">{t('mailing.purpose')}</p>
        <SegmentedControl
          aria-labelledby="mailing-purpose" size="xs" value={form.purpose} data={PURPOSES.map((value) => ({ value, label: t(`mailing.purpose_${value}`) }))}
          onChange={(value) => set({ purpose: value === 'promotion' ? 'promotion' : 'value' })}
        />
      </div>
      <FormError error={error} />
      <p className="small">{t('mailing.looks')} <Link className="lnk" to="/settings/mailings">{t('mailing.looks_act')}</Link></p>
    </section>
  );
}
