/* Which column of the file means what: seen, edited, kept for the next file of this shape. */
import { Select } from '@mantine/core';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { Import, ImportChange } from '../api/imports';

interface Props {
  one: Import;
  onChange: (change: ImportChange) => void;
}

export function Mapping({ one, onChange }: Props) {
  const { t } = useText();
  const columns = one.columns.map((column) => column.name);
  const used = new Set(Object.values(one.mapping));
  const unused = columns.filter((name) => !used.has(name));
  const samples = (name: string | null | undefined) => one.columns.find((column) => column.name === name)?.samples.filter(Boolean).slice(0, 3).join(' · ') ?? '';
  return (
    <section className="card">
      <h2>{t('import.mapping')}</h2>
      <p className="why">{t('import.mapping_say')}</p>
      <table className="plain mt8 mapping">
        <thead><tr><th>{t('import.meaning')}</th><th>{t('import.column')}</th><th className="wide-only">{t('import.samples')}</th></tr></thead>
        <tbody>
          {one.fields.map((field) => {
            const key = `field.${field.name}`;
            const label = isKey(key) ? t(key) : field.label;
            const value = one.mapping[field.name] ?? null;
            return (
              <tr key={field.name}>
                <td>{label}{field.required ? <span className="small"> · {t('import.required')}</span> : null}<div className="small">{isKey(`${key}_doc`) ? t(`${key}_doc` as never) : isKey(key) ? null : field.doc}</div></td>
                <td>
                  <Select
                    size="xs" aria-label={t('import.column_for', { field: label })} data={columns} value={value} clearable={!field.required} searchable
                    placeholder={t('import.not_there')} error={field.required && !value ? t('import.needed') : undefined}
                    onChange={(column) => onChange({ mapping: { ...one.mapping, [field.name]: column } })}
                  />
                </td>
                <td className="wide-only small anywhere">{samples(value)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {unused.length > 0 ? <p className="small mt8">{t('import.unused', { n: unused.length, names: unused.slice(0, 12).join(', ') })}</p> : null}
    </section>
  );
}
