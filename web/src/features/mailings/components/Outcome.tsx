/* What came of a mailing: who has it, who looked, and whether it made a difference. */
import { useText } from '@lib/text';
import { Await, Bones } from '@ui/states';
import { useResult, type Campaign, type CampaignResult } from '../api/mailings';
import type { Tally } from '../model/tally';

const TOO_FEW = 30;

function Count({ label, n, of, say }: { label: string; n: number; of: number; say?: string }) {
  const { t, f } = useText();
  const share = of >= TOO_FEW && n > 0 ? t('outcome.share', { value: f.number((n / of) * 100, n * 10 < of ? 1 : 0) }) : '';
  return <div className="outcome"><dt>{label}</dt><dd><b>{f.number(n)}</b>{share ? <span className="why"> {share}</span> : null}{say ? <span className="small block-line">{say}</span> : null}</dd></div>;
}

function Arm({ label, arm }: { label: string; arm: CampaignResult['written'] }) {
  const { t, f, currency } = useText();
  return (
    <tr>
      <td>{label}</td>
      <td className="num">{f.number(arm.people)}</td>
      <td className="num">{f.number(arm.buyers)}{arm.people >= TOO_FEW && arm.buyers > 0 ? <span className="why"> {t('outcome.share', { value: f.number((arm.buyers / arm.people) * 100, 1) })}</span> : null}</td>
      <td className="num wide-only">{f.money({ minor: arm.revenue_minor, currency })}</td>
    </tr>
  );
}

/** The verdict, with the interval where there is enough to say one. */
function useVerdict(result: CampaignResult, mailing: Campaign): string {
  const { t, f } = useText();
  if (mailing.holdout === 0) return t('verdict.none');
  const share = (value: number | null | undefined) => f.number((value ?? 0) * 100, 1);
  return t(`verdict.${result.verdict}`, { low: share(result.low), high: share(result.high), extra: share(result.extra), less: share(-(result.extra ?? 0)) });
}

function Comparison({ mailing, result }: { mailing: Campaign; result: CampaignResult }) {
  const { t, f } = useText();
  const verdict = useVerdict(result, mailing);
  const end = (mailing.started_at ?? 0) + mailing.compare_days * 86_400_000;
  const over = end <= Date.now();
  return (
    <section className="card stack tight">
      <h2>{t('verdict.title')}</h2>
      <p>{verdict}</p>
      {mailing.holdout > 0 ? (
        <>
          <table className="plain">
            <thead><tr><th><span className="sr">{t('verdict.who')}</span></th><th className="num">{t('verdict.people')}</th><th className="num">{t('verdict.buyers')}</th><th className="num wide-only">{t('verdict.revenue')}</th></tr></thead>
            <tbody><Arm label={t('verdict.written')} arm={result.written} /><Arm label={t('verdict.left_alone')} arm={result.left_alone} /></tbody>
          </table>
          <p className="small">{t(over ? 'verdict.over' : 'verdict.until', { day: f.day(end) })}</p>
        </>
      ) : null}
    </section>
  );
}

function Figures({ mailing, now, result }: { mailing: Campaign; now: Tally; result: CampaignResult }) {
  const { t } = useText();
  return (
    <div className="stack">
      <section className="card">
        <dl className="outcomes">
          <Count label={t('outcome.delivered')} n={now.delivered} of={0} say={now.unknown > 0 ? t('outcome.unknown', { n: now.unknown }) : ''} />
          <Count label={t('outcome.refused')} n={now.refused} of={now.delivered + now.refused} />
          <Count label={t('outcome.opened')} n={result.opened} of={now.delivered} say={t('outcome.opened_say')} />
          <Count label={t('outcome.clicked')} n={result.clicked} of={now.delivered} />
          <Count label={t('outcome.unsubscribed')} n={result.unsubscribed} of={now.delivered} />
        </dl>
      </section>
      <Comparison mailing={mailing} result={result} />
    </div>
  );
}

export function Outcome({ mailing, now, ended }: { mailing: Campaign; now: Tally; ended: boolean }) {
  const query = useResult(mailing.id, mailing.state !== 'draft', ended ? 15_000 : 3_000);
  return <Await query={query} bones={<Bones lines={2} height={90} />}>{(result) => <Figures mailing={mailing} now={now} result={result} />}</Await>;
}
