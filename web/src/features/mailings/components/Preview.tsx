/* The mail as one person would see it. The frame may do nothing: its own policy and the sandbox both say so. */
import { SegmentedControl, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Bones, useErrorText } from '@ui/states';
import { useFaces, usePreview, type Campaign } from '../api/mailings';

const LOOKS = ['html', 'text'] as const;

function WhosePreview({ rule, person, onChange }: { rule: string; person: string; onChange: (person: string) => void }) {
  const { t } = useText();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 250);
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const faces = useFaces(rule, q === chosen?.label || q === t('preview.nobody') ? '' : q);
  const found = (faces.data ?? []).map((face) => ({ value: face.id, label: face.name || face.email || t('person.unnamed') }));
  const nobody = { value: '', label: t('preview.nobody') };
  const data = [nobody, ...(chosen && !found.some(({ value }) => value === chosen.value) ? [chosen] : []), ...found];
  return (
    <Select
      label={t('preview.as')} searchable data={data} value={person} filter={({ options }) => options} searchValue={typed} onSearchChange={setTyped}
      nothingFoundMessage={t('search.none')} onChange={(value) => { setChosen(data.find((one) => one.value === value && value !== '') ?? null); onChange(value ?? ''); }}
    />
  );
}

export function Preview({ mailing, person, onPerson }: { mailing: Campaign; person: string; onPerson: (person: string) => void }) {
  const { t } = useText();
  const words = useErrorText();
  const [look, setLook] = useState<(typeof LOOKS)[number]>('html');
  const query = usePreview(mailing.id, mailing.changed_at, person);
  const path = `/api/campaigns/${mailing.id}/preview/html${person ? `?person_id=${person}` : ''}`;
  return (
    <section className="card stack preview" aria-labelledby="preview-title">
      <div className="row sp">
        <h2 id="preview-title">{t('preview.title')}</h2>
        <SegmentedControl size="xs" aria-label={t('preview.title')} data={LOOKS.map((value) => ({ value, label: t(`mailbox.look_${value}`) }))} value={look} onChange={(value) => setLook(value === 'text' ? 'text' : 'html')} />
      </div>
      <WhosePreview rule={mailing.rule} person={person} onChange={onPerson} />
      {query.error ? <p className="bad" role="alert">{words(query.error)}</p> : null}
      {!query.data && !query.error ? <Bones lines={2} height={120} /> : null}
      {query.data && !query.error ? (
        <>
          <p className="preview-line"><b>{query.data.subject}</b>{mailing.preheader ? <span className="why"> {mailing.preheader.includes('{') ? '' : mailing.preheader}</span> : null}</p>
          {look === 'html'
            ? <iframe key={`${mailing.changed_at} ${person}`} className="preview-frame" title={t('mailbox.frame')} sandbox="" src={path} />
            : <pre className="preview-text" tabIndex={0}>{query.data.text}</pre>}
        </>
      ) : null}
    </section>
  );
}
