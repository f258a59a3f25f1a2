/* Which column of the file means what: seen, edited, kept for the next file of this shape. */
import { Select } from '@mantine/core';
import { useState } from 'react';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { Import, ImportChange } from '../api/imports';
import { isList } from '../model/assumed';

interface Props {
  one: Import;
  onChange: (change: ImportChange) => void;
}

function Row({ one, field, onChange }: Props & { field: Import['fields'][number] }) {
  const { t } = useText();
  const own = `field.${field.name}_list`;
  const key = isList(one.kind) && isKey(own) ? own : `field.${field.name}`;
  const label = isKey(key) ? t(key) : field.label;
  const value = one.mapping[field.name] ?? null;
  const samples = one.columns.find((column) => column.name === value)?.samples.filter(Boolean).slice(0, 3).join(' · ') ?? '';
  return (
    <tr>
      <td>{label}{field.required ? <span className="small"> · {t('import.required')}</span> : null}{isKey(key) ? null : <div className="small">{field.doc}</div>}</td>
      <td>
        <Select
          size="xs" aria-label={t('import.column_for', { field: label })} data={one.columns.map((column) => column.name)} value={value} clearable={!field.required} searchable
          placeholder={t('import.not_there')} error={field.required && !value ? t('import.needed') : undefined}
          onChange={(column) => onChange({ mapping: { ...one.mapping, [field.name]: column } })}
        />
      </td>
      <td className="wide-only small anywhere">{samples}</td>
    </tr>
  );
}

export function Mapping({ one, onChange }: Props) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const [sure] = useState(one.format !== 'generic' && one.fields.every((field) => !field.required || one.mapping[field.name]));
  const columns = one.columns.map((column) => column.name);
  const shown = all ? one.fields : one.fields.filter((field) => field.required || one.mapping[field.name]);
  const hidden = one.fields.length - shown.length;
  const used = new Set(Object.values(one.mapping));
  const unused = columns.filter((name) => !used.has(name));
  return (
    <details className="card fold" open={!sure}>
      <summary><h2>{t('import.mapping')}</h2><span className="why">{sure ? t('import.mapping_known', { n: shown.length }) : t('import.mapping_say')}</span></summary>
      <table className="plain mt8 mapping">
        <thead><tr><th>{t('import.meaning')}</th><th>{t('import.column')}</th><th className="wide-only">{t('import.samples')}</th></tr></thead>
        <tbody>
          {shown.map((field) => <Row key={field.name} one={one} field={field} onChange={onChange} />)}
        </tbody>
      </table>
      {hidden > 0 ? <button type="button" className="lnk small mt8" onClick={() => setAll(true)}>{t('import.more_fields', { n: hidden })}</button> : null}
      {unused.length > 0 ? <p className="small mt8">{t('import.unused', { n: unused.length, names: unused.slice(0, 12).join(', ') })}</p> : null}
    </details>
  );
}
