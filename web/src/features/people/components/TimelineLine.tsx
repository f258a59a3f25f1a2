/* One line of the timeline: something that happened, a folded run, or a note. */
import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '@lib/text';
import type { Happening, Note } from '../api/types';
import type { Line } from '../model/fold';
import { runWords, wordsOf } from '../model/happening';
import { sourceWords } from '../model/source';
import { FamilyDot, NoteDot } from './FamilyDot';

function Source({ item }: { item: Happening }) {
  const { t, f } = useText();
  return (
    <dl className="facts small mt8">
      <dt>{t('happening.source')}</dt><dd>{sourceWords(t, item.source, item.trust)}{item.confirmed ? '' : ` · ${t('happening.unconfirmed')}`}</dd>
      <dt>{t('happening.when')}</dt><dd>{f.dateTime(item.occurred_at)}</dd>
      <dt>{t('happening.learned')}</dt><dd>{f.dateTime(item.received_at)}</dd>
      {item.order?.lines.map((line, index) => (
        <div className="fact-row" key={index}><dt>{f.number(line.quantity)} ×</dt><dd>{line.name}{line.value ? ` · ${f.money(line.value)}` : ''}</dd></div>
      ))}
      {Object.entries(item.properties).slice(0, 12).map(([name, value]) => (
        typeof value === 'object' && value !== null ? null
          : <div className="fact-row" key={name}><dt>{name}</dt><dd>{String(value)}</dd></div>
      ))}
    </dl>
  );
}

function One({ item, folded }: { item: Happening; folded?: boolean }) {
  const { t, f } = useText();
  const [open, setOpen] = useState(false);
  const { title, amount, detail } = wordsOf(item, t, f);
  return (
    <li className={folded ? 'inner' : ''}>
      {folded ? null : <FamilyDot family={item.family} />}
      <button type="button" className="tl-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="tl-when">{f.dayShort(item.occurred_at)}</span>
        <span className={item.family === 'order' ? 'semi' : ''}>{title}{amount ? `, ${amount}` : ''}</span>
        {item.confirmed ? null : <span className="chip warn tl-chip">{t('happening.unconfirmed')}</span>}
        {detail ? <span className="why tl-detail">{detail}</span> : null}
      </button>
      {open ? <Source item={item} /> : null}
    </li>
  );
}

function Run({ items, name }: { items: Happening[]; name: string }) {
  const { t, f } = useText();
  const [open, setOpen] = useState(false);
  const newest = items[0];
  if (!newest) return null;
  return (
    <>
      <li>
        <FamilyDot family={newest.family} />
        <button type="button" className="tl-line" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className="tl-when">{f.dayShort(newest.occurred_at)}</span>
          {runWords(name, items.length, t)} <span className="why">{t(open ? 'act.hide' : 'act.show')}</span>
        </button>
      </li>
      {open ? items.map((item) => <One key={item.id} item={item} folded />) : null}
    </>
  );
}

function Written({ note, onDrop }: { note: Note; onDrop: (note: Note) => void }) {
  const { t, f } = useText();
  return (
    <li className="tl-note">
      <NoteDot />
      <div className="tl-line">
        <span className="tl-when">{f.dayShort(note.at)}</span>
        <span className="tl-body">{note.body}</span>
        <span className="row sp">
          <span className="small">{note.author ? t('note.by', { name: note.author }) : t('note.note')}</span>
          <ActionIcon size="sm" aria-label={t('note.drop')} onClick={() => onDrop(note)}><IconTrash size={14} aria-hidden /></ActionIcon>
        </span>
      </div>
    </li>
  );
}

export function TimelineLine({ line, onDrop }: { line: Line; onDrop: (note: Note) => void }) {
  switch (line.kind) {
    case 'one': return <One item={line.item} />;
    case 'run': return <Run items={line.items} name={line.name} />;
    case 'note': return <Written note={line.note} onDrop={onDrop} />;
  }
}
