/* Who does not have it and why, and who does; each opens its list, page by page. */
import { Button } from '@mantine/core';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { useReached } from '../api/mailings';
import type { Tally } from '../model/tally';
import { Names, Reason, useReasonWords } from './Reasons';

function People({ id, state, reason }: { id: string; state: string; reason: string }) {
  const { t } = useText();
  const words = useErrorText();
  const query = useReached(id, state, reason, true);
  if (query.error && !query.data) return <p className="bad" role="alert">{words(query.error)}</p>;
  if (!query.data) return <p className="why" role="status">{t('state.loading')}</p>;
  const people = query.data.pages.flatMap((page) => page.people).map(({ person_id, name, email }) => ({ id: person_id, name: name ?? null, email: email ?? null }));
  return <Names people={people} more={query.hasNextPage ? <Button size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t('audit.older')}</Button> : null} />;
}

export function Reached({ id, now }: { id: string; now: Tally }) {
  const { t } = useText();
  const words = useReasonWords();
  return (
    <div className="grid g11">
      <section className="card">
        <h2>{t('reached.not')}</h2>
        {now.reasons.length === 0 ? <p className="why mt8">{t('dry.nobody_withheld')}</p> : (
          <ul className="bare reasons mt8">
            {now.reasons.map(({ state, reason, count }) => (
              <Reason key={`${state} ${reason}`} words={words(reason)} count={count}>{() => <People id={id} state={state} reason={reason === state ? '' : reason} />}</Reason>
            ))}
          </ul>
        )}
      </section>
      <section className="card">
        <h2>{t('reached.have')}</h2>
        <ul className="bare reasons mt8">
          {now.delivered > 0 ? <Reason words={t('outcome.delivered')} count={now.delivered}>{() => <People id={id} state="accepted" reason="" />}</Reason> : null}
          {now.waiting > 0 ? <Reason words={t('reached.waiting')} count={now.waiting}>{() => <People id={id} state="waiting" reason="" />}</Reason> : null}
          {now.leftAlone > 0 ? <Reason words={words('left_alone')} count={now.leftAlone}>{() => <People id={id} state="dropped" reason="left_alone" />}</Reason> : null}
          {now.delivered + now.waiting + now.leftAlone === 0 ? <li className="why">{t('ended.nobody_has_it')}</li> : null}
        </ul>
      </section>
    </div>
  );
}
