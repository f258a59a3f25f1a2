/* Where the file is to be found in the usual shops. */
import { useText } from '@lib/text';
import type { Key } from '@lib/i18n';

const SHOPS: { name: string; say: Key }[] = [
  { name: 'Shopify', say: 'import.how_shopify' },
  { name: 'WooCommerce', say: 'import.how_woo' },
];

export function HowToExport() {
  const { t } = useText();
  return (
    <details className="how-to">
      <summary>{t('import.how')}</summary>
      <dl className="facts mt8">
        {SHOPS.map(({ name, say }) => <div className="fact-row" key={name}><dt>{name}</dt><dd>{t(say)}</dd></div>)}
        <dt>{t('import.how_other')}</dt><dd>{t('import.how_other_say')}</dd>
      </dl>
    </details>
  );
}
