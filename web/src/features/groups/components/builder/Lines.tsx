/* What several sentences share: the lines of details, and which time of several. */
import { useText } from '@lib/text';
import type { Happening } from '../../model/happening';
import { WhereEdit, withWhere } from './Happened';
import { Amount, Pick } from './Pick';

export function WhereLines({ what, onChange }: { what: Happening; onChange: (what: Happening) => void }) {
  const { t } = useText();
  return (
    <>
      <WhereEdit event={what.event} where={what.where} onChange={(where) => onChange({ ...what, where })} />
      {what.event ? <div className="b-more"><button type="button" className="lnk small" onClick={() => onChange(withWhere(what))}>{t('b.where_add')}</button></div> : null}
    </>
  );
}

export const another = (what: Happening, event: string): Happening => (event === what.event ? what : { event, where: { join: 'and', tests: [] } });

export function NthPick({ nth, onChange }: { nth: number | null; onChange: (nth: number | null) => void }) {
  const { t } = useText();
  const value = nth === 0 ? 'last' : nth === 1 ? 'first' : 'other';
  const options = [{ value: 'last', label: t('b.nth_last') }, { value: 'first', label: t('b.nth_first') }, { value: 'other', label: t('b.nth_other') }] as const;
  return (
    <>
      <Pick label={t('b.nth')} value={value} options={options} onChange={(said) => onChange(said === 'last' ? 0 : said === 'first' ? 1 : 2)} />
      {value === 'other' ? <><Amount label={t('b.nth_number')} value={nth} onChange={onChange} />{t('b.nth_th')}</> : null}
    </>
  );
}
