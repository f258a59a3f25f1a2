/* Whether mails from this address are trusted and their links lead here: what was found, and what to publish. */
import { Button } from '@mantine/core';
import type { AddressFinding, DnsRecord, SenderAddress } from '@generated/api';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { CopyField } from '@ui/CopyField';
import { FormError } from '@ui/FormError';
import { Await } from '@ui/states';
import { useAddress, useAddressCheck } from '../api/sending';
import { AddressMailForm } from './AddressMailForm';

const TONES: Record<AddressFinding['state'], string> = { ok: 'good', not_needed: 'good', missing: 'bad', wrong: 'bad', unknown: 'warn' };

function Publish({ record, page }: { record: DnsRecord; page: string }) {
  const { t } = useText();
  return (
    <div className="stack tight">
      <p className="small">{t('address.publish_as', { type: record.type })}</p>
      <CopyField label={t('address.publish_as', { type: record.type })} value={record.name} />
      {record.value ? (
        <>
          <p className="small">{t('address.value')}</p>
          <CopyField label={t('address.value')} value={record.value} />
        </>
      ) : null}
      {!record.value && page ? <p><a className="lnk" href={page} target="_blank" rel="noreferrer">{t('address.page')}</a></p> : null}
    </div>
  );
}

function Finding({ finding, page }: { finding: AddressFinding; page: string }) {
  const { t } = useText();
  const key = `address.${finding.name}_${finding.code}`;
  const name = `address.name_${finding.name}`;
  return (
    <li className="finding stack tight">
      <p>
        <b>{isKey(name) ? t(name) : finding.name}</b> <span className={TONES[finding.state]}>{t(`address.state_${finding.state}`)}</span>
      </p>
      <p className="why">{isKey(key) ? t(key, { detail: finding.detail ?? '' }) : finding.code}</p>
      {finding.records.length ? <p>{t(finding.found.length ? 'address.replace' : 'address.publish')}</p> : null}
      {finding.records.map((record) => <Publish key={record.type + record.name} record={record} page={page} />)}
      {finding.found.length ? (
        <details>
          <summary className="lnk">{t('address.found')}</summary>
          <pre className="mono dialogue" tabIndex={0}>{finding.found.join('\n')}</pre>
        </details>
      ) : null}
    </li>
  );
}

function Verdict({ address }: { address: SenderAddress }) {
  const { t, f } = useText();
  if (address.state === 'running') return <p className="why" role="status">{t('address.running')}</p>;
  if (address.state === 'none') return <p className="why">{t('address.none')}</p>;
  return (
    <div className="stack tight" role="status">
      {address.stale ? <p className="warn"><b>{t('address.stale')}</b></p> : null}
      {!address.stale && address.good ? <p className="good"><b>{t('address.good')}</b></p> : null}
      {!address.stale && !address.good && !address.local ? <p className="bad"><b>{t('address.not_good')}</b></p> : null}
      {address.at ? <p className="small">{t('address.checked', { time: f.dateTime(address.at) })}</p> : null}
    </div>
  );
}

function Checks({ address }: { address: SenderAddress }) {
  const { t } = useText();
  const check = useAddressCheck();
  const running = address.state === 'running';
  if (!address.domain) return <p className="why">{t(address.local ? 'address.local' : 'address.needs_from')}</p>;
  return (
    <>
      <p className="why">{t('address.say', { domain: address.domain })}</p>
      {address.local ? <p className="why">{t('address.local')}</p> : null}
      <Verdict address={address} />
      <div>
        <Button loading={check.isPending || running} onClick={() => check.mutate(undefined)}>
          {t(address.findings.length ? 'address.again' : 'address.check')}
        </Button>
      </div>
      <FormError error={check.error} />
      {address.findings.length ? (
        <ul className="findings">
          {address.findings.map((finding) => <Finding key={finding.name} finding={finding} page={address.dkim_page} />)}
        </ul>
      ) : null}
      <AddressMailForm address={address} />
    </>
  );
}

export function AddressCard() {
  const { t } = useText();
  const query = useAddress();
  return (
    <section className="card stack">
      <h2>{t('address.title')}</h2>
      <Await query={query}>{(address) => <Checks address={address} />}</Await>
    </section>
  );
}
