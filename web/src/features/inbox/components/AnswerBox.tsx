/* The answer: plain text, kept as a draft until it is sent. */
import { Button, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { useAnswer, type InboxConversationWhole } from '../api/inbox';

export function AnswerBox({ talk, who }: { talk: InboxConversationWhole; who: string }) {
  const { t } = useText();
  const [draft, setDraft] = useSessionStorage({ key: `kith-answer-${talk.id}`, defaultValue: '', getInitialValueInEffect: false });
  const answer = useAnswer(talk.id);
  const seen = talk.mails[talk.mails.length - 1]?.id ?? '';
  const send = (done: boolean) => answer.mutate({ text: draft.trim(), seen, done }, { onSuccess: () => setDraft('') });
  const blank = draft.trim() === '';
  return (
    <section className="card stack">
      <Textarea
        label={t('inbox.answer', { name: who })} description={t('inbox.answer_to', { address: talk.address })} autosize minRows={4} maxRows={16}
        value={draft} onChange={(event) => setDraft(event.currentTarget.value)}
      />
      <FormError error={answer.error} />
      <div className="row">
        <Button variant="filled" disabled={blank} loading={answer.isPending} onClick={() => send(true)}>{t('inbox.send_done')}</Button>
        <Button disabled={blank || answer.isPending} onClick={() => send(false)}>{t('inbox.send')}</Button>
      </div>
    </section>
  );
}
