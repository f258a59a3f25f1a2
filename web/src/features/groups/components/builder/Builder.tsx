/* Sentences with menus: a list of them, of which all or any hold, and lists within. */
import { useText } from '@lib/text';
import { condition, isComplete, readRule, type Condition, type Group, type Part } from '../../model/form';
import { isDict, isText } from '../../model/json';
import type { RuleProblem } from '../../api/groups';
import { AddMenu } from './AddMenu';
import { DidEdit, Drop } from './Happened';
import { didLabel } from '../../model/labels';
import { problemWords } from '../../model/problem';
import { useKnown } from './names';
import { Pick } from './Pick';
import { Sentence } from './Sentences';
import { TextPart } from './TextPart';
import './builder.css';

const NEST_MAX = 2;

/** What the server found wrong, shown at the sentence it is about. */
export interface Wrong {
  problem: RuleProblem;
  /** The name nobody knows, or "". */
  name: string;
  onMend: () => void;
}

function Not({ not, onChange }: { not: boolean; onChange: (not: boolean) => void }) {
  const { t } = useText();
  return <button type="button" className="lnk small" aria-pressed={not} onClick={() => onChange(!not)}>{t('b.not_say')}</button>;
}

const names = (json: unknown, name: string): boolean => (Array.isArray(json) ? json.some((item) => names(item, name)) : isDict(json as never) ? Object.values(json as object).some((value) => names(value, name)) : isText(json as never) && json === name);

function Unseen({ one }: { one: Condition }) {
  const { t } = useText();
  const { events } = useKnown();
  const event = 'what' in one.form ? one.form.what?.event : undefined;
  return events.some((known) => known.name === event && !known.seen) ? <p className="small">{t('b.unseen_note', { name: didLabel(t, event ?? '') })}</p> : null;
}

interface OneProps {
  one: Condition;
  wrong: Wrong | null;
  onChange: (part: Part) => void;
  onDrop: () => void;
}

function One({ one, wrong, onChange, onDrop }: OneProps) {
  const { t } = useText();
  const { form } = one;
  const here = wrong !== null && wrong.name !== '' && names(form, wrong.name);
  const body = form.kind === 'did' ? <DidEdit form={form} not={one.not} onChange={(next) => onChange({ ...one, form: next })} onNot={(not) => onChange({ ...one, not })} />
    : form.kind === 'text' ? <TextPart node={form.node} onTake={(node) => onChange({ ...taken(node), id: one.id })} />
      : <Sentence form={form} onChange={(next) => onChange({ ...one, form: next })} />;
  return (
    <div className={isComplete(one) ? 'b-one' : 'b-one open'}>
      {form.kind !== 'did' && one.not ? <b className="b-not">{t('b.not')}</b> : null}
      <div className="grow stack tight">
        {body}
        {form.kind === 'did' ? null : <div className="b-more"><Not not={one.not} onChange={(not) => onChange({ ...one, not })} /></div>}
        <Unseen one={one} />
        {here ? <p className="bad small" role="alert">{problemWords(t, wrong.problem)} {wrong.problem.suggestion ? <button type="button" className="lnk" onClick={wrong.onMend}>{t('rule.meant', { name: wrong.problem.suggestion })}</button> : null}</p> : null}
      </div>
      <Drop label={t('b.remove')} onClick={onDrop} />
    </div>
  );
}

/** What was written as text, in menus where they can say it. */
function taken(node: Parameters<typeof readRule>[0]): Part {
  const root = readRule(node);
  const only = root.parts.length === 1 ? root.parts[0] : undefined;
  return only ?? (root.parts.length > 1 ? root : condition({ kind: 'text', node }));
}

interface ListProps {
  list: Group;
  depth: number;
  wrong: Wrong | null;
  onChange: (list: Group) => void;
  onDrop?: () => void;
}

function Head({ list, depth, onChange, onDrop }: Omit<ListProps, 'wrong'>) {
  const { t } = useText();
  const options = [{ value: 'and', label: t('b.all') }, { value: 'or', label: t('b.any') }] as const;
  return (
    <div className="b-head">
      {depth > 0 ? <>{list.not ? <b>{t('b.not')}</b> : null}</> : <span>{t(list.parts.length > 1 ? 'b.people_for' : 'b.people_one')}</span>}
      {list.parts.length > 1 || depth > 0 ? <Pick label={t('b.join')} value={list.join} options={options} onChange={(join) => onChange({ ...list, join })} /> : null}
      <span className="grow">{list.parts.length > 1 || depth > 0 ? t('b.holds') : ''}</span>
      {depth > 0 ? <Not not={list.not} onChange={(not) => onChange({ ...list, not })} /> : null}
      {onDrop ? <Drop label={t('b.remove_list')} onClick={onDrop} /> : null}
    </div>
  );
}

export function List({ list, depth, wrong, onChange, onDrop }: ListProps) {
  const { t } = useText();
  const put = (index: number, part: Part) => onChange({ ...list, parts: list.parts.map((one, place) => (place === index ? part : one)) });
  const drop = (index: number) => onChange({ ...list, parts: list.parts.filter((_, place) => place !== index) });
  return (
    <div className={depth > 0 ? 'b-list inner' : 'b-list'}>
      {list.parts.length > 0 || depth > 0 ? <Head list={list} depth={depth} onChange={onChange} {...(onDrop ? { onDrop } : {})} /> : <p className="why">{t('b.empty')}</p>}
      {list.parts.map((part, index) => (
        <div key={part.id}>
          {index > 0 ? <p className="b-join">{t(list.join === 'or' ? 'b.or' : 'b.and')}</p> : null}
          {part.kind === 'one' ? <One one={part} wrong={wrong} onChange={(next) => put(index, next)} onDrop={() => drop(index)} />
            : <List list={part} depth={depth + 1} wrong={wrong} onChange={(next) => put(index, next)} onDrop={() => drop(index)} />}
        </div>
      ))}
      <div><AddMenu nest={depth < NEST_MAX} first={list.parts.length === 0 && depth === 0} onAdd={(part) => onChange({ ...list, parts: [...list.parts, part] })} /></div>
    </div>
  );
}
