/* A mailing while it is written: text and preview side by side; then the test, what is missing, who gets it. */
import { Button } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { Page } from '@ui/Page';
import { Await } from '@ui/states';
import { useDraftDrop, useDraftSave, useReadiness, type Campaign } from '../api/mailings';
import { formOf, sameForm, type Form } from '../model/draft';
import { DraftForm } from './DraftForm';
import { DryRun } from './DryRun';
import { Preview } from './Preview';
import { ReadyCard } from './ReadyCard';
import { TestCard } from './TestCard';
import { useWhomName } from './Whom';

const TYPING_MS = 600;

function Drop({ id }: { id: string }) {
  const { t } = useText();
  const go = useNavigate();
  const drop = useDraftDrop(id);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('mailing.drop')}</Button>
      <Confirm opened={asking} onClose={() => setAsking(false)} title={t('mailing.drop_title')} act={t('mailing.drop')} danger busy={drop.isPending} onConfirm={() => drop.mutate(undefined, { onSuccess: () => void go('/mailings') })}>
        <p>{t('mailing.drop_say')}</p>
      </Confirm>
    </>
  );
}

function useDraft(mailing: Campaign) {
  const [form, setForm] = useState<Form>(formOf(mailing));
  const save = useDraftSave(mailing.id);
  const keep = useDebouncedCallback((next: Form) => save.mutate(next), { delay: TYPING_MS, flushOnUnmount: true });
  const set = (change: Partial<Form>) => {
    const next = { ...form, ...change };
    setForm(next);
    if (next.rule.trim() !== '') keep(next);
  };
  return { form, set, error: save.error, saved: !save.isPending && !save.error && sameForm(form, formOf(mailing)) };
}

export function Draft({ mailing }: { mailing: Campaign }) {
  const { t, f } = useText();
  const { form, set, error, saved } = useDraft(mailing);
  const [person, setPerson] = useState('');
  const ready = useReadiness();
  const whom = useWhomName();
  const state = error ? t('mailing.not_saved') : saved ? t('mailing.saved', { time: f.time(mailing.changed_at) }) : t('mailing.saving');
  return (
    <Page title={form.name || t('mailing.unnamed')} tab={t('nav.mailings')} sub={<span role="status">{t('mailing.draft_sub', { whom: whom(mailing.rule) })} · {state}</span>} actions={<Drop id={mailing.id} />}>
      <div className="grid mailing-grid">
        <DraftForm form={form} error={error} set={set} />
        <Preview mailing={mailing} person={person} onPerson={setPerson} />
      </div>
      <div className="grid mailing-grid mt16">
        <div className="stack">
          <TestCard id={mailing.id} person={person} ready={saved} />
          <Await query={ready}>{(data) => <ReadyCard ready={data} />}</Await>
        </div>
        <DryRun mailing={mailing} ready={ready.data?.ready ?? false} saved={saved} form={form} set={set} />
      </div>
    </Page>
  );
}
