/* The source of a test mail that arrived, pasted: does its signature hold? */
import { Button, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { SenderAddress } from '@generated/api';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { useAddressMail } from '../api/sending';

export function AddressMailForm({ address }: { address: SenderAddress }) {
  const { t, f } = useText();
  const [source, setSource] = useState('');
  const ask = useAddressMail();
  const { mail } = address;
  const key = `address.mail_${mail?.code ?? ''}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(source, { onSuccess: () => setSource('') });
  };
  return (
    <form className="stack tight" onSubmit={submit}>
      <h3>{t('address.mail_title')}</h3>
      <p className="why">{t('address.mail_say')}</p>
      {mail ? (
        <div className="stack tight" role="status">
          <p className={mail.state === 'ok' ? 'good' : 'bad'}><b>{isKey(key) ? t(key) : mail.code}</b></p>
          {mail.signer ? <p className="small">{t('address.mail_by', { signer: mail.signer, selector: mail.selector ?? '' })}</p> : null}
          <p className="small">{t('address.checked', { time: f.dateTime(mail.at) })}</p>
        </div>
      ) : null}
      <Textarea className="source" aria-label={t('address.mail_source')} minRows={3} maxRows={10} autosize spellCheck={false} value={source} onChange={(event) => setSource(event.currentTarget.value)} />
      <FormError error={ask.error} />
      <div><Button type="submit" loading={ask.isPending || address.state === 'running'} disabled={!source.trim()}>{t('address.mail_act')}</Button></div>
    </form>
  );
}
