/* Files that say who agreed and who did not: the shop's own export, and the lists of a mail programme. */
import type { Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { DropFile } from '@ui/DropFile';

const PROGRAMMES: { name: string; say: Key }[] = [
  { name: 'Mailchimp', say: 'permission.how_mailchimp' },
  { name: 'Klaviyo', say: 'permission.how_klaviyo' },
  { name: 'Brevo', say: 'permission.how_brevo' },
  { name: 'listmonk', say: 'permission.how_listmonk' },
];

export function Files() {
  const { t } = useText();
  return (
    <div className="grid g11 files">
      <section className="card stack">
        <div><h2>{t('permission.shop')}</h2><p className="why">{t('permission.shop_say')}</p></div>
        <DropFile kind="consents" say={t('permission.shop_accepts')} quiet />
      </section>
      <section className="card stack">
        <div><h2>{t('permission.lists')}</h2><p className="why">{t('permission.lists_say')}</p></div>
        <DropFile kind="auto" say={t('permission.lists_accepts')} quiet />
        <details className="how-to">
          <summary>{t('import.how')}</summary>
          <dl className="facts mt8">
            {PROGRAMMES.map(({ name, say }) => <div className="fact-row" key={name}><dt>{name}</dt><dd>{t(say)}</dd></div>)}
            <dt>{t('import.how_other')}</dt><dd>{t('permission.how_other')}</dd>
          </dl>
        </details>
      </section>
    </div>
  );
}
