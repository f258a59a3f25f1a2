/* Shown when a page itself fails: usually a new version was installed while this one was open. */
import { Button } from '@mantine/core';
import { useText } from '@lib/text';

export function Broken() {
  const { t } = useText();
  return (
    <main className="lone" role="alert">
      <h1>{t('broken.title')}</h1>
      <p className="why mt8">{t('broken.say')}</p>
      <Button className="mt16" variant="filled" onClick={() => location.reload()}>{t('broken.act')}</Button>
    </main>
  );
}
