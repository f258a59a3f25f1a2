/* Whether a record is kept of who comes into a group and leaves it, and how far it has come. */
import { Switch } from '@mantine/core';
import type { WatchedSegments } from '@generated/api';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Await, Bones } from '@ui/states';
import { useWatch, useWatched } from '../api/looks';

const SECOND_MS = 1000;

function Body({ id, data }: { id: string; data: WatchedSegments }) {
  const { t, f } = useText();
  const watch = useWatch(id);
  const record = data.segments.find((one) => one.id === id);
  const behind = Math.ceil(data.lag_ms / SECOND_MS);
  return (
    <>
      <Switch label={t('watch.keep')} description={t('watch.say')} checked={record !== undefined} disabled={watch.isPending} onChange={(event) => watch.mutate(event.currentTarget.checked)} />
      {record ? <p>{t('watch.day', { entered: f.number(record.entered), left: f.number(record.left) })} {data.lag_ms === 0 ? t('watch.fresh') : t('watch.behind', { n: behind })}</p> : null}
      <FormError error={watch.error} />
    </>
  );
}

export function Watch({ id }: { id: string }) {
  return <section className="card stack tight"><Await query={useWatched()} bones={<Bones lines={2} height={28} />}>{(data) => <Body id={id} data={data} />}</Await></section>;
}
