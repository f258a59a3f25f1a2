/* From the made-up shop to one's own: a folder of its own, so that nothing of the demo stays behind. */
import { useText } from '@lib/text';
import { CopyField } from '@ui/CopyField';
import { Page } from '@ui/Page';

export function StartPage() {
  const { t } = useText();
  return (
    <Page title={t('start.title')} sub={t('start.sub')}>
      <ol className="card start-steps stack">
        <li><b>{t('start.stop')}</b><p className="why">{t('start.stop_say')}</p></li>
        <li><b>{t('start.run')}</b><p className="why">{t('start.run_say')}</p><CopyField label={t('start.command')} value="kith serve --data my-shop" /></li>
        <li><b>{t('start.open')}</b><p className="why">{t('start.open_say')}</p></li>
      </ol>
    </Page>
  );
}
