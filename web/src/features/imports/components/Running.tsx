/* An import under way: goes on at the server, whatever page is open. */
import { Button, Progress } from '@mantine/core';
import { useText } from '@lib/text';
import { importStop, useImportChange, type Import } from '../api/imports';
import { durationOf, shareOf } from '../model/assumed';

export function Running({ one }: { one: Import }) {
  const { t, f } = useText();
  const stop = useImportChange(one.id, importStop(one.id));
  const left = one.seconds_left == null ? null : durationOf(one.seconds_left);
  const facts = [
    t('import.rows_n', { n: one.rows }),
    one.rate ? t('import.rate', { n: Math.round(one.rate) }) : '',
    left ? t('import.left', { time: t(left.key, { n: left.n }) }) : '',
  ].filter(Boolean);
  return (
    <section className="card stack" aria-live="polite">
      <Progress value={shareOf(one) * 100} size="lg" aria-label={t('import.progress')} />
      <div className="row sp">
        <p>{f.number(shareOf(one) * 100)} % · {facts.join(' · ')}</p>
        <Button loading={stop.isPending} onClick={() => stop.mutate(undefined)}>{t('import.stop')}</Button>
      </div>
      <p className="why">{t('import.leave')}</p>
    </section>
  );
}
