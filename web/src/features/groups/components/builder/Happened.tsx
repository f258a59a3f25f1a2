/* What happened: the event, its details, what followed. */
import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useText } from '@lib/text';
import { didLabel } from '../../model/labels';
import { blankThen, STEPS_MAX, type Happening, type Then } from '../../model/happening';
import { type Form, type Times, TIMES } from '../../model/kinds';
import { blankTest, type Where } from '../../model/test';
import { useKnown } from './names';
import { Amount, Choose, Pick } from './Pick';
import { TestEdit } from './TestEdit';
import { SpanEdit, When } from './When';

/** Orders are not counted among what was looked at last; who builds a group means them most often. */
const rank = ({ count }: { count: number }) => (count === 0 ? Number.MAX_SAFE_INTEGER : count);

/** Events of this shop first, the most frequent on top; then the usual names. */
export function EventChoose({ event, onChange }: { event: string; onChange: (event: string) => void }) {
  const { t, f } = useText();
  const { events, looked_at: looked } = useKnown();
  const option = (name: string) => ({ value: name, label: didLabel(t, name) });
  const seen = [...events].filter((one) => one.seen).sort((one, other) => rank(other) - rank(one)).map((one) => option(one.name));
  const usual = events.filter((one) => !one.seen).map((one) => option(one.name));
  const here = event && !events.some((one) => one.name === event) ? [option(event)] : [];
  const data = [{ group: looked > 0 ? t('b.seen_of', { n: looked }) : t('b.seen'), items: [...here, ...seen] }, { group: t('b.unseen'), items: usual }].filter((part) => part.items.length > 0);
  const notes = Object.fromEntries(events.map((one) => [one.name, one.count > 0 ? f.number(one.count) : '']));
  return <Choose label={t('b.event')} value={event} data={data} notes={notes} placeholder={t('b.event_choose')} nothing={t('b.event_none')} onChange={onChange} />;
}

export function Drop({ label, onClick }: { label: string; onClick: () => void }) {
  return <ActionIcon variant="subtle" size="md" className="b-drop" aria-label={label} title={label} onClick={onClick}><IconX size={16} aria-hidden /></ActionIcon>;
}

/** "where category is shoes and …", each a line of its own. */
export function WhereEdit({ event, where, onChange }: { event: string; where: Where; onChange: (where: Where) => void }) {
  const { t } = useText();
  const tests = where.tests;
  const word = (index: number) => (index === 0 ? <span className="b-word">{t('b.where')}</span>
    : index === 1 ? <Pick label={t('b.join')} value={where.join} options={[{ value: 'and', label: t('b.and') }, { value: 'or', label: t('b.or') }]} onChange={(join) => onChange({ ...where, join })} />
      : <span className="b-word">{t(where.join === 'or' ? 'b.or' : 'b.and')}</span>);
  return (
    <>
      {tests.map((test, index) => (
        <div className="b-line" key={index}>
          {word(index)}
          <TestEdit event={event} test={test} onChange={(next) => onChange({ ...where, tests: tests.map((one, place) => (place === index ? next : one)) })} />
          <Drop label={t('b.where_remove')} onClick={() => onChange({ ...where, tests: tests.filter((_, place) => place !== index) })} />
        </div>
      ))}
    </>
  );
}

export const withWhere = <W extends Happening>(what: W): W => ({ ...what, where: { ...what.where, tests: [...what.where.tests, blankTest()] } });

export function TimesEdit({ times, onChange }: { times: Times; onChange: (times: Times) => void }) {
  const { t } = useText();
  const choose = (kind: Times['kind']) => onChange({ kind, low: kind === 'any' ? null : (times.low ?? 2), high: kind === 'between' ? (times.high ?? 5) : null });
  return (
    <>
      <Pick label={t('b.times')} value={times.kind} options={TIMES.map((kind) => ({ value: kind, label: t(`b.times_${kind}`) }))} onChange={choose} />
      {times.kind === 'any' ? null : <Amount label={t('b.low')} value={times.low} onChange={(low) => onChange({ ...times, low })} />}
      {times.kind === 'between' ? <> {t('say.and')} <Amount label={t('b.high')} value={times.high} onChange={(high) => onChange({ ...times, high })} /></> : null}
      {times.kind === 'any' ? null : <span>{t('b.times_word')}</span>}
    </>
  );
}

/** `last`: only the last step may be one that did not follow. */
function ThenEdit({ then, last, onChange }: { then: Then; last: boolean; onChange: (then: Then | null) => void }) {
  const { t } = useText();
  const soon = then.within ? 'within' : 'any';
  return (
    <div className="b-step">
      <div className="b-line">
        {last ? <Pick label={t('b.then_label')} value={then.not ? 'not' : 'then'} options={[{ value: 'then', label: t('b.then') }, { value: 'not', label: t('b.not_then') }]} onChange={(said) => onChange({ ...then, not: said === 'not' })} /> : <span>{t('b.then')}</span>}
        <EventChoose event={then.event} onChange={(event) => onChange({ ...then, event, where: { join: 'and', tests: [] } })} />
        <Pick label={t('b.within_label')} value={soon} options={[{ value: 'any', label: t('b.within_any') }, { value: 'within', label: t('b.within') }]} onChange={(said) => onChange({ ...then, within: said === 'any' ? null : { number: 7, unit: 'days' } })} />
        {then.within ? <SpanEdit span={then.within} onChange={(within) => onChange({ ...then, within })} /> : null}
        <Drop label={t('b.then_remove')} onClick={() => onChange(null)} />
      </div>
      <WhereEdit event={then.event} where={then.where} onChange={(where) => onChange({ ...then, where })} />
      {then.event ? <div className="b-more"><button type="button" className="lnk small" onClick={() => onChange(withWhere(then))}>{t('b.where_add')}</button></div> : null}
    </div>
  );
}

type Did = Extract<Form, { kind: 'did' }>;

export function DidEdit({ form, not, onChange, onNot }: { form: Did; not: boolean; onChange: (form: Form) => void; onNot: (not: boolean) => void }) {
  const { t } = useText();
  const { event } = form.what;
  const more = form.steps.length < STEPS_MAX && !form.steps.at(-1)?.not;
  const put = (index: number, then: Then | null) => onChange({ ...form, steps: form.steps.flatMap((one, place) => (place !== index ? [one] : then ? [then] : [])) });
  const choose = (name: string) => onChange({ ...form, what: { event: name, where: name === event ? form.what.where : { join: 'and', tests: [] } } });
  return (
    <>
      <div className="b-line">
        <Pick label={t('b.did')} value={not ? 'not' : 'has'} options={[{ value: 'has', label: t('b.has') }, { value: 'not', label: t('b.has_not') }]} onChange={(said) => onNot(said === 'not')} />
        <EventChoose event={event} onChange={choose} />
        <TimesEdit times={form.times} onChange={(times) => onChange({ ...form, times })} />
        <When window={form.window} times="past" always onChange={(window) => onChange({ ...form, window })} />
      </div>
      <WhereEdit event={event} where={form.what.where} onChange={(where) => onChange({ ...form, what: { ...form.what, where } })} />
      {form.steps.map((step, index) => <ThenEdit key={index} then={step} last={index === form.steps.length - 1} onChange={(then) => put(index, then)} />)}
      {event ? (
        <div className="b-more">
          <button type="button" className="lnk small" onClick={() => onChange({ ...form, what: withWhere(form.what) })}>{t('b.where_add')}</button>
          {more ? <button type="button" className="lnk small" onClick={() => onChange({ ...form, steps: [...form.steps, blankThen()] })}>{t('b.then_add')}</button> : null}
        </div>
      ) : null}
    </>
  );
}
