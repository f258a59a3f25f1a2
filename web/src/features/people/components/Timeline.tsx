/* What happened, and what is coming: coming up above the line of today, past below by month. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@lib/text';
import { toast } from '@ui/toast';
import { Bones, ErrorState, useErrorText } from '@ui/states';
import { noteAdd, noteDrop, usePersonChange, useTimeline } from '../api/people';
import type { Note, Person } from '../api/types';
import { monthsOf } from '../model/fold';
import { FAMILIES, FAMILY_KEYS } from '../model/happening';
import { FamilyDot } from './FamilyDot';
import { NoteBox } from './NoteBox';
import { TimelineLine } from './TimelineLine';

function Coming({ person }: { person: Person }) {
  const { t, f } = useText();
  const { next_expected_at: next = null, median_gap_days: gap = null, quiet = false } = person.figures ?? {};
  if (next === null || gap === null) return null;
  const late = next < Date.now();
  return (
    <ul className="bare tl">
      <li className="next">
        <FamilyDot family="order" planned />
        <div className="tl-line">
          <span className="tl-when">{t('tl.about', { day: f.dayShort(next) })}</span>
          {t(late ? 'tl.expected_past' : 'tl.expected')}
          <span className="why tl-detail">{t('tl.buys_every', { n: Math.round(gap) })}{quiet ? ` ${t('tl.quiet')}` : ''}</span>
        </div>
      </li>
    </ul>
  );
}

function useDropNote(person: Person): (note: Note) => void {
  const { t } = useText();
  const words = useErrorText();
  const drop = usePersonChange(person.id, (note: Note) => noteDrop(person.id, note.id));
  const restore = usePersonChange(person.id, (body: string) => noteAdd(person.id, body));
  return (note) => drop.mutate(note, {
    onSuccess: () => toast(t('note.dropped'), { undo: () => restore.mutate(note.body) }),
    onError: (error) => toast(words(error), { bad: true }),
  });
}

function FamilyFilter({ family, onChange }: { family: string; onChange: (family: string) => void }) {
  const { t } = useText();
  return (
    <div className="tl-filter" role="group" aria-label={t('tl.filter')}>
      {['', ...FAMILIES].map((one) => (
        <button key={one} type="button" aria-pressed={family === one} onClick={() => onChange(one)}>
          {one === '' ? t('family.all') : t(FAMILY_KEYS[one as keyof typeof FAMILY_KEYS])}
        </button>
      ))}
    </div>
  );
}

export function Timeline({ person }: { person: Person }) {
  const { t, f } = useText();
  const [family, setFamily] = useState('');
  const query = useTimeline(person.id, family);
  const dropNote = useDropNote(person);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  const months = monthsOf(items, family === '' ? person.notes : [], f.monthKey);
  return (
    <section className="card" aria-labelledby="happened">
      <div className="row sp tl-head">
        <h2 id="happened">{t('tl.title')}</h2>
        <FamilyFilter family={family} onChange={setFamily} />
      </div>
      <NoteBox id={person.id} />
      {family === '' || family === 'order' ? <Coming person={person} /> : null}
      <div className="today">{t('tl.today', { day: f.dayShort(Date.now()) })}</div>
      {query.error && !query.data ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <Bones lines={5} height={36} /> : null}
      {query.data && months.length === 0 ? <p className="why">{t(family ? 'tl.none_family' : 'tl.none')}</p> : null}
      {months.map((month) => (
        <section key={month.key}>
          <h3 className="tl-month">{f.month(month.at)}</h3>
          <ul className="bare tl">
            {month.lines.map((line) => (
              <TimelineLine key={line.kind === 'note' ? `n${line.note.id}` : line.kind === 'one' ? line.item.id : `r${line.items[0]?.id}`} line={line} onDrop={dropNote} />
            ))}
          </ul>
        </section>
      ))}
      {query.hasNextPage ? (
        <Button fullWidth loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('tl.older', { n: Math.max(total - items.length, 0) })}
        </Button>
      ) : null}
    </section>
  );
}
