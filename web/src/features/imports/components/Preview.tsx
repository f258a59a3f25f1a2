/* The first rows as Kith understands them, problems beside the row. */
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';
import type { PreviewRow } from '../api/imports';

export function Preview({ rows }: { rows: PreviewRow[] }) {
  const { t, f } = useText();
  if (rows.length === 0) return null;
  const problems = rows.some((row) => row.problem);
  return (
    <section className="card">
      <h2>{t('import.preview')}</h2>
      <p className="why">{t('import.preview_say')}</p>
      <div className="scroll-x mt8" tabIndex={0} role="region" aria-label={t('import.preview')}>
        <table className="plain">
          <thead>
            <tr><th className="num">{t('import.line')}</th><th>{t('import.order')}</th><th>{t('audit.when')}</th><th>{t('import.who')}</th><th className="num">{t('import.items')}</th><th className="num">{t('import.total')}</th>{problems ? <th>{t('import.problem')}</th> : null}</tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.line}>
                <td className="num why">{f.number(row.line)}</td>
                <td className="nowrap">{row.order_key ?? '–'}</td>
                <td className="nowrap">{row.at == null ? '–' : f.dateTime(row.at)}</td>
                <td className="preview-who">{row.person ?? <span className="why">{t('import.nobody')}</span>}</td>
                <td className="num">{f.number(row.lines)}</td>
                <td className="num">{row.total ? f.money(row.total) : '–'}</td>
                {problems ? <td className="preview-problem">{row.problem ? <span className="warn">{reasonWords(t, row.reason, row.problem)}</span> : null}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
