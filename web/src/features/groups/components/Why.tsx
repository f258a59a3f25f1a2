/* Why somebody is in a group, or is not: part by part, with numbers, and until when. */
import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import { Bones, useErrorText } from '@ui/states';
import { useFound, useWhy, type SegmentWhy, type SegmentWhyPart } from '../api/looks';
import { RuleSentence } from './RuleSentence';

const TYPING_MS = 250;

function useNotes(): (part: SegmentWhyPart) => string {
  const { t, f } = useText();
  return (part) => {
    const reason = part.reason ? `reason_may.${part.reason}` : '';
    const notes = [
      typeof part.count === 'number' ? t('why.count', { n: part.count }) : '',
      typeof part.number === 'number' ? t('why.number', { value: f.number(part.number, 2) }) : '',
      part.value !== null && part.value !== undefined ? t('why.value', { value: typeof part.value === 'string' ? (part.rule.includes('country') ? f.country(part.value) : part.value) : JSON.stringify(part.value) }) : '',
      isKey(reason) ? t(reason) : '',
      part.last_at ? t('why.last', { day: f.day(part.last_at) }) : '',
      part.flips_at ? t(part.holds ? 'why.until' : 'why.from', { day: f.dateTime(part.flips_at) }) : '',
    ];
    return notes.filter((note) => note !== '').join(' · ');
  };
}

function Part({ part }: { part: SegmentWhyPart }) {
  const { t } = useText();
  const notes = useNotes()(part);
  const Mark = part.holds ? IconCheck : IconX;
  return (
    <li className="why-part">
      <span className={part.holds ? 'good' : 'why'}><Mark size={18} aria-hidden /><span className="sr">{t(part.holds ? 'why.holds' : 'why.not_holds')}</span></span>
      <div className="grow">
        <RuleSentence rule={part.rule} />
        {notes ? <p className="small">{notes}</p> : null}
        {part.parts.length > 0 ? <ul className="bare why-parts">{part.parts.map((inner) => <Part key={inner.rule} part={inner} />)}</ul> : null}
      </div>
    </li>
  );
}

export function WhyAnswer({ why }: { why: SegmentWhy }) {
  const { t, f } = useText();
  const flips = why.flips_at ? t(why.holds ? 'why.leaves' : 'why.enters', { day: f.dateTime(why.flips_at) }) : t(why.holds ? 'why.stays' : 'why.stays_out');
  return (
    <div className="stack tight" role="status">
      <p><b>{t(why.holds ? 'why.in' : 'why.out', { name: why.person.name || t('person.unnamed') })}</b> <Link className="lnk" to={`/people/${why.person.id}`}>{t('why.person')}</Link></p>
      <p className="why">{flips}</p>
      <ul className="bare why-parts">{why.why.parts.length > 0 && !why.why.rule.startsWith('not ') ? why.why.parts.map((part) => <Part key={part.rule} part={part} />) : <Part part={why.why} />}</ul>
    </div>
  );
}

export function Why({ rule, start }: { rule: string; start: string }) {
  const { t } = useText();
  const words = useErrorText();
  const [typed, setTyped] = useState('');
  const [person, setPerson] = useState(start);
  const [settled] = useDebouncedValue(typed.trim(), TYPING_MS);
  const found = useFound(settled).data?.people ?? [];
  const label = (one: { name?: string | null; email?: string | null; id: string }) => [one.name, one.email].filter(Boolean).join(' · ') || one.id;
  const why = useWhy(rule, person);
  return (
    <section className="card stack tight">
      <h2>{t('why.title')}</h2>
      <Autocomplete
        label={t('why.who')} placeholder={t('why.who_example')} value={typed} data={[...new Set(found.map(label))]} filter={({ options }) => options}
        onChange={setTyped} onOptionSubmit={(text) => { const one = found.find((candidate) => label(candidate) === text); if (one) setPerson(one.id); }}
      />
      {why.error ? <p className="bad" role="alert">{words(why.error)}</p> : null}
      {why.isFetching && !why.data ? <Bones lines={2} height={28} /> : null}
      {why.data ? <WhyAnswer why={why.data} /> : null}
    </section>
  );
}
