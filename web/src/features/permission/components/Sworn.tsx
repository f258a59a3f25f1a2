/* What was confirmed, by whom and when, word for word; and a way to take it back. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useActor } from '@lib/actor';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { FormError } from '@ui/FormError';
import { toast } from '@ui/toast';
import { attestationEnd, useAttestations, usePermissionChange, type Attestation } from '../api/permission';

function Row({ one, onEnd }: { one: Attestation; onEnd: () => void }) {
  const { t, f } = useText();
  const nameOf = useActor();
  const ended = one.ended_at != null;
  return (
    <li>
      <div className="row sp top">
        <div className="grow">
          <b className="semi">{f.country(one.country)}</b>{one.unknown_country ? <span className="why"> {t('law.and_unknown')}</span> : null}
          <div className="small">{[one.citation, t('law.by', { name: nameOf(one.actor), time: f.dateTime(one.at) })].filter(Boolean).join(' · ')}</div>
          {ended ? <div className="small">{t('law.ended', { name: nameOf(one.ended_by), time: f.dateTime(one.ended_at ?? 0) })}</div> : null}
        </div>
        {ended ? <span className="chip">{t('law.over')}</span> : <Button size="xs" onClick={onEnd} aria-label={t('law.end_of', { country: f.country(one.country) })}>{t('law.end')}</Button>}
      </div>
      <details className="how-to mt8"><summary className="small">{t('law.text')}</summary><blockquote className="sworn mt8">{one.text}</blockquote></details>
    </li>
  );
}

/** `customers`: how many are permitted by it now. */
export function Sworn({ customers }: { customers: number }) {
  const { t, f } = useText();
  const list = useAttestations().data?.attestations ?? [];
  const [ending, setEnding] = useState<Attestation | null>(null);
  const end = usePermissionChange(attestationEnd);
  if (list.length === 0) return null;
  const order = [...list].sort((a, b) => Number(a.ended_at != null) - Number(b.ended_at != null) || b.at - a.at);
  const confirm = () => { if (ending) end.mutate(ending.id, { onSuccess: () => { setEnding(null); toast(t('law.end_done')); } }); };
  return (
    <section className="card">
      <h2>{t('law.list')}</h2>
      <ul className="bare sworn-list">{order.map((one) => <Row key={one.id} one={one} onEnd={() => setEnding(one)} />)}</ul>
      <Confirm opened={ending !== null} onClose={() => setEnding(null)} title={t('law.end_title', { country: f.country(ending?.country ?? '') })} act={t('law.end_act')} danger busy={end.isPending} onConfirm={confirm}>
        <p>{t('law.end_say', { n: customers })}</p><FormError error={end.error} />
      </Confirm>
    </section>
  );
}
