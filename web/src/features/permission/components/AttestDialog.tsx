/* The text that is confirmed, the law it rests on, how many it is about, and a button that says so. */
import { Button, Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import { Rich, useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { attest, useAttestTry, usePermissionChange, type AttestInput, type Law } from '../api/permission';

interface Props {
  law: Law;
  /** People whose country is not known. */
  unknown: number;
  onClose: () => void;
}

export function AttestDialog({ law, unknown, onClose }: Props) {
  const { t, f } = useText();
  const [also, setAlso] = useState(law.people === 0);
  const [sure, setSure] = useState(false);
  const input: AttestInput = { basis: 'existing_customer', law: law.law ?? '', country: law.country, text: law.text ?? '', unknown_country: also };
  const trial = useAttestTry(input);
  const confirm = usePermissionChange(attest);
  const more = trial.data ? trial.data.after.may - trial.data.before.may : null;
  const left = (law.people + (also ? unknown : 0)) - (more ?? 0);
  const send = () => confirm.mutate(input, { onSuccess: () => { toast(t('law.done')); onClose(); } });
  return (
    <Modal opened onClose={onClose} size="lg" title={t('law.title', { country: f.country(law.country) })} closeButtonProps={{ 'aria-label': t('act.close') }}>
      <div className="stack">
        <blockquote className="sworn">{law.text}</blockquote>
        <dl className="facts">
          <dt>{t('law.law')}</dt><dd>{law.citation}</dd>
          <dt>{t('law.lasts')}</dt><dd>{law.expires_days ? t('law.lasts_days', { n: law.expires_days }) : t('law.lasts_ever')}</dd>
        </dl>
        {unknown > 0 ? <Checkbox checked={also} label={t('law.also', { n: unknown })} onChange={(event) => setAlso(event.currentTarget.checked)} /> : null}
        <Checkbox checked={sure} label={t('law.sure')} onChange={(event) => setSure(event.currentTarget.checked)} />
        <p role="status">
          {more === null ? t('state.loading') : <Rich k="law.more" p={{ n: more }} />}
          {more !== null && left > 0 ? <span className="why"> {t('law.left', { n: left })}</span> : null}
        </p>
        <p className="small">{t('law.logged')}</p>
        <FormError error={confirm.error ?? trial.error} />
        <div className="row acts-end">
          <Button onClick={onClose}>{t('act.cancel')}</Button>
          <Button variant="filled" disabled={!sure || more === null} loading={confirm.isPending} onClick={send}>{t('law.act', { n: more ?? 0 })}</Button>
        </div>
      </div>
    </Modal>
  );
}
