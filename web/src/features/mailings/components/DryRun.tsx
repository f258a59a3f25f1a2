/* What sending now would do: how many get it, how many are left alone, who does not and why. */
import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useText } from '@lib/text';
import { Bones, useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { useDryRun, useSend, type Campaign, type CampaignDryRun } from '../api/mailings';
import { HOLDOUTS, type Form } from '../model/draft';
import { WAITS } from '../model/tally';
import { Names, Reason, useReasonWords } from './Reasons';

const DAY_MS = 86_400_000;
const DAYS_MAX = 365;

export function Compare({ form, set }: { form: Form; set: (change: Partial<Form>) => void }) {
  const { t, f } = useText();
  return (
    <div className="stack tight">
      <p className="like-label" id="mailing-holdout">{t('compare.title')}</p>
      <SegmentedControl
        aria-labelledby="mailing-holdout" value={String(form.holdout)} data={HOLDOUTS.map((share) => ({ value: String(share), label: t(`compare.share_${share}`) }))}
        onChange={(value) => set({ holdout: Number(value) })}
      />
      <p className="small">{t(form.holdout > 0 ? 'compare.say' : 'compare.say_none')}</p>
      {form.holdout > 0 ? (
        <div className="row">
          <NumberInput className="days-short" label={t('compare.days')} min={1} max={DAYS_MAX} allowDecimal={false} value={form.compare_days} onChange={(value) => set({ compare_days: Math.min(Math.max(Number(value) || 1, 1), DAYS_MAX) })} />
          <span className="why days-until">{t('compare.until', { day: f.day(Date.now() + form.compare_days * DAY_MS) })}</span>
        </div>
      ) : null}
    </div>
  );
}

function Unsent({ dry }: { dry: CampaignDryRun }) {
  const { t } = useText();
  const words = useReasonWords();
  const rows = dry.reasons.filter(({ reason }) => reason !== 'left_alone' && !WAITS.includes(reason)).sort((a, b) => b.count - a.count);
  if (dry.withheld === 0) return <p className="why">{t('dry.nobody_withheld')}</p>;
  return (
    <div>
      <h3>{t('dry.withheld', { n: dry.withheld })}</h3>
      <ul className="bare reasons">
        {rows.map(({ reason, count, people }) => (
          <Reason key={reason} words={words(reason)} count={count}>
            {() => <Names people={people} more={count > people.length ? t('ready.more', { n: count - people.length }) : null} />}
          </Reason>
        ))}
      </ul>
    </div>
  );
}

function Act({ mailing, dry, ready, saved }: { mailing: Campaign; dry: CampaignDryRun; ready: boolean; saved: boolean }) {
  const { t } = useText();
  const words = useErrorText();
  const send = useSend(mailing.id);
  const alone = dry.left_alone > 0 ? t('dry.send_alone', { n: dry.left_alone }) : '';
  return (
    <div className="stack tight">
      <div><Button className="send-act" variant="filled" size="md" loading={send.isPending} disabled={!ready || !saved || dry.send === 0} onClick={() => send.mutate(undefined, { onError: (error) => toast(words(error), { bad: true }) })}>{t('dry.send', { n: dry.send })}{alone}</Button></div>
      <p className="small">{t(dry.send === 0 ? 'dry.send_nobody' : ready ? 'dry.send_say' : 'dry.send_needs')}</p>
    </div>
  );
}

export function DryRun({ mailing, ready, saved, form, set }: { mailing: Campaign; ready: boolean; saved: boolean; form: Form; set: (change: Partial<Form>) => void }) {
  const { t, f } = useText();
  const words = useErrorText();
  const query = useDryRun(mailing.id, `${mailing.rule} ${mailing.topic} ${mailing.holdout}`);
  const dry = query.data;
  return (
    <section className="card stack" aria-labelledby="dry-title">
      <h2 id="dry-title">{t('dry.title')}</h2>
      <Compare form={form} set={set} />
      {query.error ? <p className="bad" role="alert">{words(query.error)}</p> : null}
      {!dry && !query.error ? <Bones lines={2} /> : null}
      {dry && !query.error ? (
        <>
          <dl className="dry-counts">
            <div><dt>{t('dry.group')}</dt><dd>{t('people.count', { n: dry.group })}</dd></div>
            <div><dt>{t('dry.get')}</dt><dd>{t('people.count', { n: dry.send })}{dry.later > 0 ? <span className="small block-line">{t('dry.later', { n: dry.later })}</span> : null}</dd></div>
            <div><dt>{t('dry.left_alone')}</dt><dd>{t('people.count', { n: dry.left_alone })}</dd></div>
            <div><dt>{t('dry.not')}</dt><dd>{t('people.count', { n: dry.withheld })}</dd></div>
          </dl>
          {dry.days > 1 ? <p className="small">{t('dry.days', { n: dry.days, limit: f.number(dry.daily_limit) })}</p> : null}
          <Unsent dry={dry} />
          <Act mailing={mailing} dry={dry} ready={ready} saved={saved} />
        </>
      ) : null}
    </section>
  );
}
