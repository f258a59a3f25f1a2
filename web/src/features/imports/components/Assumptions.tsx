/* What Kith recognised and assumed, each to be changed; a change shows in the preview at once. */
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '@lib/api';
import { isKey, LOCALES, type Key } from '@lib/i18n';
import { currencies, zones } from '@lib/places';
import { useText } from '@lib/text';
import type { Import, ImportChange } from '../api/imports';
import { DATE_ORDERS, DELIMITERS, isList, KINDS, SAYS } from '../model/assumed';

function useShops() {
  return useQuery({ queryKey: ['settings', 'shops'], queryFn: ({ signal }) => get<{ shops: { id: string; name: string }[] }>('/api/shops', signal) });
}

function useSaid(one: Import): string {
  const { t } = useText();
  const { assumed } = one;
  const parts = [
    assumed.encoding ? t(assumed.bom ? 'import.encoding_bom' : 'import.encoding', { name: assumed.encoding }) : '',
    assumed.newline ? t('import.newline', { name: assumed.newline }) : '',
  ];
  return parts.filter(Boolean).join(' · ');
}

export function Assumptions({ one, onChange }: { one: Import; onChange: (change: ImportChange) => void }) {
  const { t, language, zone } = useText();
  const shops = useShops().data?.shops ?? [];
  const choices = useMemo(() => ({ zones: zones(), currencies: currencies(LOCALES[language]) }), [language]);
  const { assumed } = one;
  const kindLabel = (kind: string) => { const key = `import.kind_${kind}`; return isKey(key) ? t(key) : kind; };
  const said = useSaid(one);
  const list = isList(one.kind) ? SAYS[one.kind as keyof typeof SAYS] : null;
  return (
    <section className="card stack">
      <div><h2>{t('import.assumed')}</h2><p className="why">{t('import.assumed_say')}</p></div>
      <div className="assumed">
        <Select label={t('import.kind')} data={KINDS.map((value) => ({ value, label: kindLabel(value) }))} value={one.kind} onChange={(kind) => kind && onChange({ kind: kind as ImportChange['kind'] })} />
        <Select label={t('import.delimiter')} data={DELIMITERS.map(({ value, label }) => ({ value, label: t(label) }))} value={assumed.delimiter ?? null} onChange={(delimiter) => delimiter && onChange({ delimiter: delimiter as ImportChange['delimiter'] })} />
        <Select label={t('import.dates')} data={DATE_ORDERS.map(({ value, label }) => ({ value, label: t(label) }))} value={assumed.date_order ?? null} placeholder={t('import.no_dates')} onChange={(date_order) => date_order && onChange({ date_order: date_order as ImportChange['date_order'] })} />
        {list ? <Select label={t('list.all_say')} data={list.map((value) => ({ value, label: t(`list.all_${value}` as Key) }))} value={assumed.says || null} placeholder={t('list.all_none')} onChange={(says) => says && onChange({ says: says as NonNullable<ImportChange['says']> })} /> : null}
        {list ? null : <Select label={t('import.decimals')} data={[{ value: 'point', label: '1,234.50' }, { value: 'comma', label: '1.234,50' }]} value={assumed.decimal_comma ? 'comma' : 'point'} onChange={(value) => value && onChange({ decimal_comma: value === 'comma' })} />}
        <Select label={t('business.zone')} searchable data={choices.zones} value={assumed.zone || null} placeholder={zone} onChange={(value) => value && onChange({ zone: value })} />
        {list ? null : <Select label={t('business.currency')} searchable data={choices.currencies} value={assumed.currency || null} placeholder={t('import.choose_one')} onChange={(currency) => currency && onChange({ currency })} />}
        {shops.length > 1 ? <Select label={t('keys.shop')} data={shops.map((shop) => shop.name)} value={assumed.shop || shops[0]?.name || null} onChange={(shop) => shop && onChange({ shop })} /> : null}
      </div>
      {said ? <p className="small">{said}</p> : null}
    </section>
  );
}
