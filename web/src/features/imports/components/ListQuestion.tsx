/* A file that looks like addresses which asked to be left alone is asked about before anybody is written to. */
import { Button } from '@mantine/core';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { Import, ImportChange } from '../api/imports';

export function ListQuestion({ one, onChange }: { one: Import; onChange: (change: ImportChange) => void }) {
  const { t } = useText();
  const kind = `import.kind_${one.kind}`;
  return (
    <section className="card stack list-question" role="alert">
      <div><h2>{t('list.question')}</h2><p className="why">{t('list.question_say')}</p></div>
      <div className="row">
        <Button variant="filled" onClick={() => onChange({ kind: 'suppressions' })}>{t('list.never')}</Button>
        <Button onClick={() => onChange({ not_suppressions: true })}>{t('list.people', { what: isKey(kind) ? t(kind) : one.kind })}</Button>
      </div>
    </section>
  );
}
