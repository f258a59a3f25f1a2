/* Which fields a text may use, each put in by a click. */
import { useText } from '@lib/text';
import { FIELDS } from '../model/draft';

export function TextHelp({ onInsert }: { onInsert: (code: string) => void }) {
  const { t } = useText();
  return (
    <details className="text-help">
      <summary className="lnk small">{t('mailing.fields')}</summary>
      <div className="stack tight mt8">
        <p className="small">{t('mailing.fields_say')}</p>
        <ul className="bare field-list">
          {FIELDS.map(({ key, code }) => ({ key, code: code ?? t('mailing.first_name_code') })).map(({ key, code }) => (
            <li key={key}><button type="button" className="mono field-code" onClick={() => onInsert(code)}>{code}</button> <span className="small">{t(`mailing.field_${key}`)}</span></li>
          ))}
        </ul>
        <p className="small">{t('mailing.markdown')}</p>
      </div>
    </details>
  );
}
