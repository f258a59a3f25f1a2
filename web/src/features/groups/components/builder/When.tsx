/* When: one menu of the usual times, and what the chosen one needs. */
import { isKey, type Key, type Translate } from '@lib/i18n';
import { useText } from '@lib/text';
import { periodKey } from '../../model/say';
import { DAYS, SPANS, UNITS, type Period, type Span, type Unit, type Window } from '../../model/window';
import { Amount, Day, Pick } from './Pick';

export type Times = 'past' | 'coming' | 'both';

const PERIODS: Record<Times, readonly [Period, number][]> = {
  past: [['day', 0], ['day', -1], ['week', 0], ['week', -1], ['month', 0], ['month', -1], ['quarter', 0], ['quarter', -1], ['year', 0], ['year', -1]],
  coming: [['day', 0], ['day', 1], ['week', 0], ['week', 1], ['month', 0], ['month', 1]],
  both: [['day', 0], ['day', 1], ['week', 0], ['week', 1], ['month', 0], ['month', 1], ['month', -1], ['year', 0]],
};
const KINDS: Record<Times, readonly Window['kind'][]> = {
  past: ['in_last', 'more_than_ago', 'between_ago', 'since', 'before', 'after', 'on', 'between'],
  coming: ['in_next', 'on', 'between'],
  both: ['in_next', 'in_last', 'more_than_ago', 'since', 'before', 'after', 'on', 'between'],
};

const idOf = (window: Window) => (window.kind === 'period' ? `period:${window.unit}:${window.step}` : window.kind);

function spanOf(window: Window): Span {
  if ('span' in window) return window.span;
  return window.kind === 'between_ago' ? { number: window.from, unit: window.unit } : { number: 30, unit: 'days' };
}

/** The window of another choice, keeping what was said before where it fits. */
function chosen(id: string, before: Window): Window {
  const [, unit, step] = id.split(':');
  if (id.startsWith('period:')) return { kind: 'period', unit: unit as Period, step: Number(step) };
  const span = SPANS.find((kind) => kind === id);
  if (span) return { kind: span, span: spanOf(before) };
  const day = DAYS.find((kind) => kind === id);
  if (day) return { kind: day, date: 'date' in before ? before.date : '' };
  if (id === 'between') return { kind: 'between', from: 'date' in before ? before.date : '', to: '' };
  if (id === 'between_ago') return { kind: 'between_ago', from: spanOf(before).number, to: null, unit: spanOf(before).unit };
  return { kind: 'always' };
}

function options(t: Translate, value: Window, times: Times, always: boolean) {
  const word = (kind: string): string => { const key = `when.${kind}`; return isKey(key) ? t(key) : kind; };
  const periods = PERIODS[times].map(([unit, step]) => ({ value: `period:${unit}:${step}`, label: t(periodKey(unit, step) ?? ('when.always' satisfies Key)) }));
  const all = [...(always ? [{ value: 'always', label: t('when.always') }] : []), ...KINDS[times].map((kind) => ({ value: kind as string, label: word(kind) })), ...periods];
  const id = idOf(value);
  if (all.some((one) => one.value === id)) return all;
  const key = value.kind === 'period' ? periodKey(value.unit, value.step) : null;
  return [...all, { value: id, label: key ? t(key) : word(value.kind) }];
}

export function SpanEdit({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useText();
  return (
    <>
      <Amount label={t('when.number')} value={span.number} onChange={(number) => onChange({ ...span, number })} />
      <UnitPick unit={span.unit} onChange={(unit) => onChange({ ...span, unit })} />
    </>
  );
}

function UnitPick({ unit, onChange }: { unit: Unit; onChange: (unit: Unit) => void }) {
  const { t } = useText();
  return <Pick label={t('when.unit')} value={unit} options={UNITS.map((one) => ({ value: one, label: t(`unit.${one}_word`) }))} onChange={onChange} />;
}

function Needs({ window, onChange }: { window: Window; onChange: (window: Window) => void }) {
  const { t } = useText();
  switch (window.kind) {
    case 'always': case 'period': return null;
    case 'in_last': case 'in_next': return <SpanEdit span={window.span} onChange={(span) => onChange({ ...window, span })} />;
    case 'more_than_ago': case 'less_than_ago': return <><SpanEdit span={window.span} onChange={(span) => onChange({ ...window, span })} /> {t('when.ago')}</>;
    case 'between_ago': return (
      <>
        <Amount label={t('value.from')} value={window.from} onChange={(from) => onChange({ ...window, from })} /> {t('when.and')}{' '}
        <Amount label={t('value.to')} value={window.to} onChange={(to) => onChange({ ...window, to })} />
        <UnitPick unit={window.unit} onChange={(unit) => onChange({ ...window, unit })} /> {t('when.ago')}
      </>
    );
    case 'between': return <><Day label={t('value.from')} value={window.from} onChange={(from) => onChange({ ...window, from })} /> {t('when.and')} <Day label={t('value.to')} value={window.to} onChange={(to) => onChange({ ...window, to })} /></>;
    case 'on': case 'since': case 'before': case 'after': return <Day label={t('when.day')} value={window.date} onChange={(date) => onChange({ ...window, date })} />;
  }
}

interface Props {
  window: Window;
  times: Times;
  /** Whether "at any time" is one of the choices. */
  always: boolean;
  onChange: (window: Window) => void;
}

export function When({ window, times, always, onChange }: Props) {
  const { t } = useText();
  return (
    <>
      <Pick label={t('when.label')} value={idOf(window)} options={options(t, window, times, always)} onChange={(id) => onChange(chosen(id, window))} />
      <Needs window={window} onChange={onChange} />
    </>
  );
}
