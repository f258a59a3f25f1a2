/* The first rows of customers and of lists: who, and what the row says about mail. */
import { isKey, type Key } from '@lib/i18n';
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';
import type { PreviewRow } from '../api/imports';

const GOOD: Record<string, string> = { yes: 'good', no: '', pending: 'warn' };

export function ListPreview({ rows }: { rows: PreviewRow[] }) {
  const { t, f } = useText();
  const problems = rows.some((row) => row.problem);
  const dated = rows.some((row) => row.at != null);
  const words = (says: string | null | undefined): Key => { const key = `says.${says ?? ''}`; return isKey(key) ? key : 'says.nothing'; };
  return (
    <section className="card">
      <h2>{t('import.preview')}</h2>
      <p className="why">{t('list.preview_say')}</p>
      <div className="scroll-x mt8" tabIndex={0} role="region" aria-label={t('import.preview')}>
        <table className="plain list-preview">
          <thead><tr><th className="num">{t('import.line')}</th><th>{t('list.who')}</th><th>{t('list.says')}</th>{dated ? <th className="num">{t('audit.when')}</th> : null}{problems ? <th>{t('import.problem')}</th> : null}</tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.line}>
                <td className="num why">{f.number(row.line)}</td>
                <td className="preview-who">{row.person ?? <span className="why">{t('import.nobody')}</span>}</td>
                <td>{row.problem ? null : row.says ? <span className={`chip ${GOOD[row.says] ?? 'bad'}`}>{t(words(row.says))}</span> : <span className="why">{t('says.nothing')}</span>}</td>
                {dated ? <td className="num nowrap">{row.at == null ? '–' : f.day(row.at)}</td> : null}
                {problems ? <td className="preview-problem">{row.problem ? <span className="warn">{reasonWords(t, row.reason, row.problem)}</span> : null}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
