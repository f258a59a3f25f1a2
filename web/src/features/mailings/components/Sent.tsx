/* A mailing on its way and after: undo, progress, stop, then what came of it. */
import { Button, Progress } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { Page } from '@ui/Page';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { usePreview, useStop, useUndo, type Campaign } from '../api/mailings';
import { useSecondsUntil } from '../model/clock';
import { shareDone, tally, type Tally } from '../model/tally';
import { Outcome } from './Outcome';
import { Reached } from './Reached';
import { useWhomName } from './Whom';

function Waiting({ mailing }: { mailing: Campaign }) {
  const { t } = useText();
  const words = useErrorText();
  const undo = useUndo(mailing.id);
  const seconds = useSecondsUntil(mailing.send_at ?? 0);
  return (
    <section className="card countdown" aria-labelledby="countdown-title">
      <div className="grow">
        <h2 id="countdown-title">{seconds > 0 ? t('going.in', { n: seconds }) : t('going.starts')}</h2>
        <p className="why">{t('going.undo_say')}</p>
      </div>
      <Button variant="filled" loading={undo.isPending} onClick={() => undo.mutate(undefined, { onSuccess: () => toast(t('going.undone')), onError: (error) => toast(words(error), { bad: true }) })}>{t('act.undo')}</Button>
    </section>
  );
}

function Going({ mailing, now }: { mailing: Campaign; now: Tally }) {
  const { t, f } = useText();
  const words = useErrorText();
  const stop = useStop(mailing.id);
  const [asking, setAsking] = useState(false);
  const planning = mailing.state === 'planning';
  const share = shareDone(now) * 100;
  const say = planning ? t('going.planning') : t('going.progress', { done: f.number(now.delivered), open: f.number(now.open) });
  return (
    <section className="card stack tight">
      <div className="row sp">
        <p role="status">{say}</p>
        <Button data-danger variant="filled" onClick={() => setAsking(true)}>{t('going.stop')}</Button>
      </div>
      <Progress value={share} aria-label={say} />
      {mailing.goes_on_at ? <p className="small">{t('going.on_at', { time: f.dateTime(mailing.goes_on_at) })}</p> : null}
      {now.waiting > 0 ? <p className="small">{t('going.waiting', { n: now.waiting })}</p> : null}
      <Confirm
        opened={asking} onClose={() => setAsking(false)} title={t('going.stop_title')} act={t('going.stop')} danger busy={stop.isPending}
        onConfirm={() => stop.mutate(undefined, { onSuccess: () => setAsking(false), onError: (error) => toast(words(error), { bad: true }) })}
      >
        <p>{t('going.stop_say', { n: now.delivered })}</p>
      </Confirm>
    </section>
  );
}

function Ended({ mailing, now }: { mailing: Campaign; now: Tally }) {
  const { t } = useText();
  if (mailing.state !== 'stopped') return null;
  const why = mailing.reason === 'too_many_refused' || mailing.reason === 'group_failed' ? mailing.reason : 'stopped_by_hand';
  return (
    <section className="banner warn" role="status">
      <span>{t(`ended.${why}`)} {now.delivered > 0 ? t('ended.have_it', { n: now.delivered }) : t('ended.nobody_has_it')}</span>
    </section>
  );
}

function useTitle(mailing: Campaign, now: Tally): string {
  const { t } = useText();
  switch (mailing.state) {
    case 'planning': return t('going.planning_title', { name: mailing.name });
    case 'sending': return t('going.title', { name: mailing.name, n: now.delivered });
    case 'done': case 'stopped': return t('ended.title', { name: mailing.name, n: now.delivered });
    default: return mailing.name;
  }
}

/** The mail itself, with nobody's facts. */
function What({ mailing }: { mailing: Campaign }) {
  const { t } = useText();
  const preview = usePreview(mailing.id, mailing.created_at, '').data;
  return (
    <section className="card stack tight">
      <h2>{t('mailing.what')}</h2>
      <p><b>{preview?.subject ?? ''}</b></p>
      <iframe className="preview-frame" title={t('mailbox.frame')} sandbox="" src={`/api/campaigns/${mailing.id}/preview/html`} />
    </section>
  );
}

export function Sent({ mailing }: { mailing: Campaign }) {
  const { t, f } = useText();
  const whom = useWhomName();
  const now = tally(mailing.counts);
  const ended = mailing.state === 'done' || mailing.state === 'stopped';
  const moving = mailing.state === 'planning' || mailing.state === 'sending';
  const when = mailing.started_at ? t('ended.began', { time: f.dateTime(mailing.started_at) }) : '';
  return (
    <Page title={useTitle(mailing, now)} tab={t('nav.mailings')} sub={<>{t('mailing.to', { whom: whom(mailing.rule) })}{when ? ` · ${when}` : ''} · <Link className="lnk" to="/mailings">{t('mailing.all')}</Link></>}>
      <div className="stack">
        {mailing.state === 'scheduled' ? <Waiting mailing={mailing} /> : null}
        {moving ? <Going mailing={mailing} now={now} /> : null}
        {ended ? <Ended mailing={mailing} now={now} /> : null}
        {mailing.state === 'scheduled' ? null : <Outcome mailing={mailing} now={now} ended={ended} />}
        {mailing.state === 'scheduled' ? null : <Reached id={mailing.id} now={now} />}
        <What mailing={mailing} />
      </div>
    </Page>
  );
}
