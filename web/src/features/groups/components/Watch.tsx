/* Whether a record is kept of who comes into a group and leaves it, how far it has come, and who came last. */
import { Switch } from '@mantine/core';
import { Link } from 'react-router';
import type { WatchedSegment, WatchedSegments } from '@generated/api';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Await, Bones } from '@ui/states';
import { useSteps, useWatch, useWatched } from '../api/looks';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

function Steps({ id, since, now }: { id: string; since: number; now: number }) {
  const { t, f } = useText();
  const steps = (useSteps(id).data?.steps ?? []).filter((step) => step.at >= since);
  if (steps.length === 0) return null;
  return (
    <ul className="bare watch-steps" aria-label={t('watch.steps')} aria-live="polite">
      {steps.map((step) => (
        <li key={`${step.person_id} ${step.at} ${String(step.entered)}`}>
          <span className="clip"><b aria-hidden>{step.entered ? '+' : '−'}</b> <Link className="lnk" to={`/people/${step.person_id}`}>{step.name ?? t('person.unnamed')}</Link> {t(step.entered ? 'watch.entered' : 'watch.left')}</span>
          <span className="small num">{f.dayKey(step.at) === f.dayKey(now) ? f.seconds(step.at) : f.dateTime(step.at)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who was in when watching began counts as having come then: the day is told once it is whole. */
function Record({ id, record, lag, asOf }: { id: string; record: WatchedSegment; lag: number; asOf: number }) {
  const { t, f } = useText();
  return (
    <>
      <p className="small">
        {t('watch.since', { day: f.dateTime(record.since) })} {record.last_at ? t('watch.last', { day: f.dateTime(record.last_at) }) : ''} {lag === 0 ? t('watch.fresh') : t('watch.behind', { n: Math.ceil(lag / SECOND_MS) })}
      </p>
      {asOf - record.since > DAY_MS ? <p className="small">{t('watch.day', { entered: f.number(record.entered), left: f.number(record.left) })}</p> : null}
      <Steps id={id} since={record.since} now={asOf} />
    </>
  );
}

function Body({ id, data }: { id: string; data: WatchedSegments }) {
  const { t } = useText();
  const watch = useWatch(id);
  const record = data.segments.find((one) => one.id === id);
  return (
    <>
      <Switch label={t('watch.keep')} description={t('watch.say')} checked={record !== undefined} disabled={watch.isPending} onChange={(event) => watch.mutate(event.currentTarget.checked)} />
      <FormError error={watch.error} />
      {record ? <Record id={id} record={record} lag={data.lag_ms} asOf={data.as_of} /> : null}
    </>
  );
}

export function Watch({ id }: { id: string }) {
  return <section className="card stack tight"><Await query={useWatched()} bones={<Bones lines={2} height={28} />}>{(data) => <Body id={id} data={data} />}</Await></section>;
}
