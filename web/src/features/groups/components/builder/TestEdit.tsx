/* A comparison: which detail, compared how, with what. */
import { Pill, TagsInput } from '@mantine/core';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { fieldLabel } from '../../model/labels';
import { isDict, isNumber, isText, type Json } from '../../model/json';
import { needed, OPS_OF, valueType, withOp, withType, type FieldType, type Op, type Test } from '../../model/test';
import { samePath, typeOf, useFields } from './names';
import { Amount, Choose, Day, Pick, Words } from './Pick';
import { When } from './When';

const keyOf = (path: string[], context = false) => JSON.stringify(context ? { context: path } : path);

/** What Kith keeps of every event's context (docs/rules.md). */
const CONTEXTS = [['campaign', 'source'], ['campaign', 'medium'], ['campaign', 'name'], ['page', 'path'], ['page', 'url'], ['page', 'title'], ['page', 'referrer'], ['locale'], ['timezone'], ['userAgent'], ['library', 'name']];

/** Which trait (`event` null) or property of an event; `types` narrows. */
export function FieldChoose({ event, path, types, context, onChange }: { event: string | null; path: string[]; types?: readonly FieldType[]; context?: boolean; onChange: (path: string[], type: FieldType, context: boolean) => void }) {
  const { t, f } = useText();
  const of = event === null ? 'trait' : 'prop';
  const fields = useFields(event).filter((field) => !types || types.includes(typeOf(field)));
  const named = fields.map((field) => ({ value: keyOf(field.path), label: fieldLabel(t, field.path, of) }));
  const inContext = event !== null && !types ? CONTEXTS.map((one) => ({ value: keyOf(one, true), label: fieldLabel(t, ['context', ...one], 'prop') })) : [];
  const value = path.length ? keyOf(path, context) : '';
  const here = path.length > 0 && ![...named, ...inContext].some((one) => one.value === value) ? [{ value, label: fieldLabel(t, context ? ['context', ...path] : path, of) }] : [];
  const notes = Object.fromEntries(fields.map((field) => [keyOf(field.path), field.count > 0 ? f.number(field.count) : '']));
  const choose = (key: string) => {
    const field = fields.find((one) => keyOf(one.path) === key);
    const around = CONTEXTS.find((one) => keyOf(one, true) === key);
    if (field) onChange(field.path, typeOf(field), false);
    else if (around) onChange(around, 'text', true);
  };
  const data = inContext.length > 0 ? [{ group: t('b.props'), items: [...here, ...named] }, { group: t('b.contexts'), items: inContext }] : [...here, ...named];
  return <Choose label={t(event === null ? 'b.trait' : 'b.prop')} value={value} data={data} notes={notes} placeholder={t('b.field_choose')} nothing={t('b.field_none')} onChange={choose} />;
}

export function OpPick({ is, type, onChange }: { is: Op; type: FieldType; onChange: (is: Op) => void }) {
  const { t } = useText();
  const word = (op: Op): string => { const key = `${type === 'date' ? 'dayop' : 'op'}.${op}`; return isKey(key) ? t(key) : t(`op.${op}`); };
  const ops = OPS_OF[type].includes(is) ? OPS_OF[type] : [...OPS_OF[type], is];
  return <Pick label={t('b.op')} value={is} options={ops.map((op) => ({ value: op, label: word(op) }))} onChange={onChange} />;
}

interface OneProps {
  label: string;
  value: Json | undefined;
  type: FieldType;
  suggestions: string[];
  names?: (value: string) => string;
  onChange: (value: Json) => void;
}

function numberOf(value: Json | undefined): number | null {
  if (isNumber(value)) return value;
  return isDict(value) && isNumber(value.number) ? value.number : null;
}

/** One value; what it was before in another type is forgotten. */
function One({ label, value, type, suggestions, names, onChange }: OneProps) {
  const { t } = useText();
  if (type === 'number') return <Amount wide label={label} value={numberOf(value)} onChange={(number) => onChange(isDict(value) && number !== null ? { ...value, number } : number)} />;
  if (type === 'date') return <Day label={label} value={isDict(value) && isText(value.date) ? value.date : ''} onChange={(date) => onChange(date ? { date } : null)} />;
  if (type === 'flag') {
    const chosen = typeof value === 'boolean' ? String(value) : '';
    const options = [...(chosen ? [] : [{ value: '', label: '…' }]), { value: 'true', label: t('value.yes') }, { value: 'false', label: t('value.no') }];
    return <Pick label={label} value={chosen} options={options} onChange={(said) => onChange(said === 'true')} />;
  }
  return <Words label={label} value={isText(value) ? value : ''} data={suggestions} {...(names ? { names } : {})} onChange={onChange} />;
}

function Many({ values, suggestions, names, onChange }: { values: Json[]; suggestions: string[]; names?: (value: string) => string; onChange: (values: Json[]) => void }) {
  const { t } = useText();
  const numbers = values.length > 0 && values.every(isNumber);
  return (
    <TagsInput
      className="b-many" aria-label={t('value.many')} value={values.map((value) => (isText(value) || isNumber(value) ? String(value) : ''))} data={suggestions} error={values.length === 0}
      renderPill={({ option, onRemove }) => <Pill withRemoveButton onRemove={onRemove}>{names ? names(String(option.value)) : String(option.value)}</Pill>}
      renderOption={({ option }) => <span>{names ? names(option.value) : option.value}</span>}
      onChange={(said) => onChange(said.map((one) => (numbers && one !== '' && Number.isFinite(Number(one)) ? Number(one) : one)))}
    />
  );
}

/** The comparison and its values, once it is known what is compared. */
export function Compared({ event, test, type, onChange }: { event: string | null; test: Test; type: FieldType; onChange: (test: Test) => void }) {
  const { t, f } = useText();
  const field = useFields(event).find((one) => !test.context && samePath(one.path, test.path));
  const suggestions = (field?.values ?? []).map(({ value }) => value).filter((value) => typeof value === 'string' || typeof value === 'number').map(String);
  const names = test.path.length === 1 && test.path[0] === 'country' ? (code: string) => (f.country(code) === code ? code : `${code} · ${f.country(code)}`) : undefined;
  const set = (index: number) => (value: Json) => onChange({ ...test, values: Object.assign([...test.values], { [index]: value }) });
  const one = (index: number, label: string) => <One label={label} value={test.values[index]} type={type} suggestions={suggestions} {...(names ? { names } : {})} onChange={set(index)} />;
  const needs = needed(test.is);
  return (
    <>
      <OpPick is={test.is} type={type} onChange={(is) => onChange(withOp(test, is))} />
      {needs === 'one' ? one(0, t('value.label')) : null}
      {needs === 'two' ? <>{one(0, t('value.from'))} {t('say.and')} {one(1, t('value.to'))}</> : null}
      {needs === 'many' ? <Many values={test.values} suggestions={suggestions} {...(names ? { names } : {})} onChange={(values) => onChange({ ...test, values })} /> : null}
      {needs === 'window' && test.window ? <When window={test.window} times="both" always={false} onChange={(window) => onChange({ ...test, window })} /> : null}
    </>
  );
}

/** The type that values and name agree on; what was said already counts most. */
function useType(event: string | null, test: Test): FieldType {
  const field = useFields(event).find((one) => !test.context && samePath(one.path, test.path));
  const said = test.values.map(valueType).find((type) => type !== null);
  return said ?? (test.is === 'lies' ? 'date' : typeOf(field));
}

export function TestEdit({ event, test, onChange }: { event: string | null; test: Test; onChange: (test: Test) => void }) {
  const type = useType(event, test);
  return (
    <>
      <FieldChoose event={event} path={test.path} context={test.context === true} onChange={(path, next, context) => onChange(withType(test, path, next, context))} />
      {test.path.length > 0 ? <Compared event={event} test={test} type={type} onChange={onChange} /> : null}
    </>
  );
}
