/* Existing customers, similar products: by country, because the law is the country's. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Await } from '@ui/states';
import { useLaws, type Law, type Laws } from '../api/permission';
import { lawsWithPeople } from '../model/laws';
import { AttestDialog } from './AttestDialog';

function LawRow({ law, onConfirm }: { law: Law; onConfirm: () => void }) {
  const { t, f } = useText();
  return (
    <li>
      <div>
        <b className="semi">{f.country(law.country)}</b>
        <div className="small">{law.law ? law.citation : t('law.none')}{law.expires_days ? ` · ${t('law.term', { n: law.expires_days })}` : ''}</div>
      </div>
      {law.people > 0 ? <div className="num money">{t('law.unasked', { n: law.people })}</div> : <div />}
      <div className="act law-act">{law.law ? <Button size="xs" onClick={onConfirm} aria-label={t('law.confirm_of', { country: f.country(law.country) })}>{t('law.confirm')}</Button> : null}</div>
    </li>
  );
}

function Countries({ laws }: { laws: Laws }) {
  const { t } = useText();
  const [chosen, setChosen] = useState<Law | null>(null);
  const [fallback, setFallback] = useState(false);
  const rows = lawsWithPeople(laws.laws);
  const choosable = rows.length > 0 ? rows : laws.unknown_country > 0 && fallback ? laws.laws.filter((law) => law.law) : [];
  if (rows.length === 0 && laws.unknown_country === 0) return <p className="why">{t('law.nobody')}</p>;
  return (
    <>
      {choosable.length > 0 ? (
        <ul className="bare todo">{choosable.map((law) => <LawRow key={law.country} law={law} onConfirm={() => setChosen(law)} />)}</ul>
      ) : null}
      {laws.unknown_country > 0 ? (
        <p className="small">
          {t('law.unknown', { n: laws.unknown_country })}{' '}
          {rows.length === 0 && !fallback ? <button type="button" className="lnk" onClick={() => setFallback(true)}>{t('law.choose')}</button> : null}
        </p>
      ) : null}
      {chosen ? (
        <AttestDialog law={chosen} unknown={laws.unknown_country} onClose={() => setChosen(null)} />
      ) : null}
    </>
  );
}

export function Customers() {
  const { t, language } = useText();
  const query = useLaws(language);
  return (
    <section className="card stack">
      <div><h2>{t('permission.customers')}</h2><p className="why lead">{t('permission.customers_say')}</p></div>
      <Await query={query}>{(laws) => <Countries laws={laws} />}</Await>
    </section>
  );
}
