/* A rule as a sentence. Pure. */
import type { Format } from '@lib/format';
import { isKey, type Key, type Translate } from '@lib/i18n';
import type { Group, Part } from './form';
import type { Form, Happening, Then, Times } from './kinds';
import type { Measure } from './measures';
import { isDict, isNumber, isText, type Json } from './json';
import { didLabel, fieldLabel, fieldSaid } from './labels';
import type { Test, Where } from './test';
import { needed } from './test';
import type { Span, Window } from './window';

export interface Words {
  t: Translate;
  f: Format;
}

const joined = (...parts: string[]) => parts.filter((part) => part !== '').join(' ');

export function saySpan({ t }: Words, { number, unit }: Span): string {
  const key = `unit.${unit}`;
  if (unit === 'days') return number === 1 ? t('unit.hours', { n: 24 }) : t('say.days', { n: number ?? 0 });
  return isKey(key) ? t(key, { n: number ?? 0 }) : '';
}

const day = ({ f }: Words, iso: string) => (/^\d{4}-\d{2}-\d{2}$/.test(iso) ? f.dayOf(iso) : iso.replace('T', ' '));
export const periodKey = (unit: string, step: number): Key | null => {
  const key = `when.${unit}_${step < 0 ? 'last' : step > 0 ? 'next' : 'this'}`;
  return isKey(key) ? key : null;
};

export function sayWindow(words: Words, window: Window): string {
  const { t } = words;
  switch (window.kind) {
    case 'always': return '';
    case 'in_last': case 'in_next': case 'more_than_ago': case 'less_than_ago': return t(`say.${window.kind}`, { span: saySpan(words, window.span) });
    case 'between_ago': return t('say.between_ago', { from: window.from ?? 0, span: saySpan(words, { number: window.to, unit: window.unit }) });
    case 'on': case 'since': case 'before': case 'after': return t(`say.${window.kind}`, { day: day(words, window.date) });
    case 'between': return t('say.between_days', { from: day(words, window.from), to: day(words, window.to) });
    case 'period': { const key = periodKey(window.unit, window.step); return key ? t(key) : ''; }
  }
}

export function sayValue(words: Words, value: Json, path: string[]): string {
  const { t, f } = words;
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (isNumber(value)) return f.exact(value);
  if (isText(value)) return path[0] === 'country' ? f.country(value) : `“${value}”`;
  if (isDict(value) && isText(value.date)) return day(words, value.date);
  return isDict(value) && isNumber(value.number) ? `${f.exact(value.number)} ${isText(value.currency) ? value.currency : ''}`.trim() : '';
}

/** "Germany, Austria or Italy". */
const anyOf = ({ t }: Words, values: string[]) => joined(values.slice(0, -1).join(', '), values.length > 1 ? t('say.or') : '', values.at(-1) ?? '');

export function sayTest(words: Words, test: Test, of: 'trait' | 'prop', name?: string): string {
  const { t } = words;
  const values = test.values.map((value) => sayValue(words, value, test.path));
  const said = name ?? fieldSaid(t, test.context ? ['context', ...test.path] : test.path, of);
  if (needed(test.is) === 'window') return joined(said, t('op.lies'), test.window ? sayWindow(words, test.window) : '');
  if (needed(test.is) === 'many') return joined(said, t('op.='), anyOf(words, values));
  return joined(said, t(`op.${test.is}`), needed(test.is) === 'two' ? t('say.two', { low: values[0] ?? '', high: values[1] ?? '' }) : (values[0] ?? ''));
}

function sayWhere(words: Words, { join, tests }: Where): string {
  const glue = words.t(join === 'or' ? 'say.or' : 'say.and');
  return tests.length === 0 ? '' : words.t('say.where', { what: tests.map((test) => sayTest(words, test, 'prop')).join(` ${glue} `) });
}

function sayTimes({ t }: Words, { kind, low, high }: Times): string {
  if (kind === 'any') return '';
  return kind === 'between' ? t('say.times_between', { low: low ?? 0, high: high ?? 0 }) : t(`say.times_${kind}`, { n: low ?? 0 });
}

const sayWhat = (words: Words, what: Happening) => joined(didLabel(words.t, what.event), sayWhere(words, what.where));

const sayNth = ({ t }: Words, nth: number | null) => (nth === 0 ? t('say.last_time') : nth === 1 ? t('say.first_time') : t('say.nth_time', { n: nth ?? 0 }));

function sayDid(words: Words, form: Extract<Form, { kind: 'did' }>, not: boolean): string {
  const { t } = words;
  const done = t('say.did', { has: t(not ? 'b.has_not' : 'b.has'), what: didLabel(t, form.what.event), times: sayTimes(words, form.times), when: sayWindow(words, form.window) });
  const first = joined(...done.split(' '), sayWhere(words, form.what.where));
  const step = (then: Then) => joined(t(then.not ? 'say.not_then' : 'say.then'), sayWhat(words, then), then.within ? t('say.within', { span: saySpan(words, then.within) }) : '');
  return joined(first, ...form.steps.map(step));
}

function sayMeasure(words: Words, form: Measure): string {
  const { t, f } = words;
  switch (form.kind) {
    case 'lifecycle': return t(`say.stage_${form.stage}`);
    case 'yearly': return t('say.yearly', { what: fieldSaid(t, form.path, 'trait'), when: sayWindow(words, form.window) });
    case 'gap': {
      const unit = `unit.${form.unit}_word`;
      const name = t('say.gap', { how: t(`gap.${form.gap}`), what: sayWhat(words, form.what) });
      return joined(sayTest(words, form.test, 'prop', joined(name, sayWindow(words, form.window))), isKey(unit) ? t(unit) : '');
    }
    case 'ratio': return joined(sayTest(words, form.test, 'prop', joined(t('say.ratio', { what: sayWhat(words, form.what), to: sayWhat(words, form.to) }), sayWindow(words, form.window))), form.percent ? '%' : '');
    case 'topof': {
      const by = form.amount === 'count' ? t('say.count_of', { what: sayWhat(words, form.what) }) : t('say.amount_of', { how: t(`amount.${form.amount}`), what: fieldLabel(t, form.path, 'prop'), event: sayWhat(words, form.what) });
      return t(form.percent ? 'say.top_share' : 'say.top', { n: f.exact(form.number ?? 0), by: joined(by, sayWindow(words, form.window)) });
    }
  }
}

function sayPlain(words: Words, form: Exclude<Form, { kind: 'did' }>): string {
  const { t } = words;
  switch (form.kind) {
    case 'trait': return sayTest(words, form.test, 'trait');
    case 'amount': {
      const name = form.amount === 'count' ? t('say.count_of', { what: didLabel(t, form.what.event) })
        : t('say.amount_of', { how: t(`amount.${form.amount}`), what: fieldLabel(t, form.path, 'prop'), event: didLabel(t, form.what.event) });
      return sayTest(words, form.test, 'prop', joined(name, sayWhere(words, form.what.where), sayWindow(words, form.window)));
    }
    case 'moment': return t('say.moment', { nth: sayNth(words, form.nth), what: sayWhat(words, form.what), when: sayWindow(words, form.window) });
    case 'birthday': return t('say.birthday', { when: sayWindow(words, form.window) });
    case 'anniversary': return t('say.anniversary', { nth: sayNth(words, form.nth), what: sayWhat(words, form.what), when: sayWindow(words, form.window) });
    case 'silent': return t(form.what ? 'say.silent_of' : 'say.silent', { times: words.f.exact(form.times ?? 0), what: form.what ? sayWhat(words, form.what) : '' });
    case 'top': return t(form.percent ? 'say.top_share' : 'say.top', { n: words.f.exact(form.number ?? 0), by: fieldSaid(t, form.path, 'trait') });
    case 'consent': return t(form.topic && form.topic !== 'newsletter' ? 'say.consent_topic' : 'say.consent', { channel: sayChannel(t, form.channel), topic: form.topic ?? '' });
    case 'bounced': return t('say.bounced', { channel: sayChannel(t, form.channel) });
    case 'tag': return t('say.tag', { tag: form.tag });
    case 'segment': return t('say.segment', { name: form.name });
    case 'random': return t('say.random', { n: words.f.exact(form.percent ?? 0), seed: form.seed });
    case 'everybody': return t('say.everybody');
    case 'lifecycle': case 'gap': case 'ratio': case 'topof': case 'yearly': return sayMeasure(words, form);
    case 'text': return '…';
  }
}

export function sayChannel(t: Translate, channel: string): string {
  const key = `by.${channel}`;
  return isKey(key) ? t(key) : channel;
}

function sayPart(words: Words, part: Part, inner: boolean): string {
  const { t } = words;
  if (part.kind === 'one') {
    if (part.form.kind === 'did') return sayDid(words, part.form, part.not);
    return part.not ? t('say.not', { what: sayPlain(words, part.form) }) : sayPlain(words, part.form);
  }
  const text = part.parts.map((one) => sayPart(words, one, true)).join(` ${t(part.join === 'or' ? 'say.or' : 'say.and')} `);
  if (part.not) return t('say.not', { what: `(${text})` });
  return inner && part.parts.length > 1 ? `(${text})` : text;
}

/** The whole rule as one sentence, without a full stop. */
export const sayRule = (words: Words, root: Group): string => sayPart(words, root, false);

/** Whether every part can be said in words. */
export const isSayable = (part: Part): boolean => (part.kind === 'one' ? part.form.kind !== 'text' : part.parts.every(isSayable));
