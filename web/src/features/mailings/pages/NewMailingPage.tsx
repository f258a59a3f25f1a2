/* A new mailing begins with the people it is for; a click on them makes the draft. */
import { Button } from '@mantine/core';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { Page } from '@ui/Page';
import { Await, Bones, Empty } from '@ui/states';
import { useDraftAdd, useGroups } from '../api/mailings';
import { useChoices } from '../components/Whom';
import type { Choice } from '../model/whom';
import './mailings.css';

function Card({ choice, busy, onChoose }: { choice: Choice; busy: boolean; onChoose: (choice: Choice) => void }) {
  const { f } = useText();
  return (
    <button type="button" className="card choice" disabled={busy} onClick={() => onChoose(choice)}>
      <span className="row sp nowrap-line"><b className="grow">{choice.name}</b>{choice.count === null ? null : <span className="num">{f.number(choice.count)}</span>}</span>
      <span className="why">{choice.say}</span>
    </button>
  );
}

/** Makes the draft and goes there. */
function useBegin() {
  const { t, f } = useText();
  const go = useNavigate();
  const add = useDraftAdd();
  const begin = ({ rule, name }: Pick<Choice, 'rule' | 'name'>) => add.mutate(
    { name: t('mailing.starter_name', { whom: name, day: f.dayShort(Date.now()) }), rule, subject: t('mailing.starter_subject'), body: t('mailing.starter_body') },
    { onSuccess: ({ id }) => void go(`/mailings/${id}`, { replace: true }) },
  );
  return { begin, add };
}

export function NewMailingPage() {
  const { t } = useText();
  const [search] = useSearchParams();
  const rule = search.get('rule') ?? '';
  const ready = useGroups();
  const all = useChoices();
  const { begin, add } = useBegin();
  const asked = all.find((one) => one.rule === rule) ?? (rule ? { rule, name: t('groups.own'), say: rule, count: null } : null);
  const shown = asked ? [asked, ...all.filter((one) => one.rule !== asked.rule)] : all;
  return (
    <Page title={t('newmailing.title')} tab={t('nav.mailings')} sub={t('newmailing.sub')}>
      <FormError error={add.error} />
      <Await query={ready} bones={<Bones lines={4} height={80} />}>
        {({ people }) => (people === 0 ? <Empty say={t('newmailing.nobody')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>} /> : (
          <div className="choices">{shown.map((choice) => <Card key={choice.rule} choice={choice} busy={add.isPending} onChoose={begin} />)}</div>
        ))}
      </Await>
    </Page>
  );
}
