/* The weekly letter: whether one wants it, and how it would read now. */
import { Switch } from '@mantine/core';
import type { Letter } from '@generated/api';
import { useText } from '@lib/text';
import { Await } from '@ui/states';
import { useLetter, useLetterWant } from '../api/sending';

function LetterBody({ letter }: { letter: Letter }) {
  const { t } = useText();
  const want = useLetterWant();
  return (
    <>
      <Switch label={t('letter.wanted')} checked={letter.wanted} disabled={want.isPending} onChange={(event) => want.mutate(event.currentTarget.checked)} />
      <p className="why">{t(`letter.way_${letter.way}`)}</p>
      {letter.text ? <figure className="letter"><figcaption><b>{letter.subject}</b></figcaption><p className="letter-text">{letter.text}</p></figure> : <p className="why">{t('letter.none')}</p>}
    </>
  );
}

export function LetterCard() {
  const { t } = useText();
  const query = useLetter();
  return (
    <section className="card stack">
      <h2>{t('letter.title')}</h2>
      <p className="why">{t('letter.say')}</p>
      <Await query={query}>{(letter) => <LetterBody letter={letter} />}</Await>
    </section>
  );
}
