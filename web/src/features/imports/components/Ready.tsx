/* A file that was read and waits for a yes: assumptions, mapping, preview, one button. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';
import { FormError } from '@ui/FormError';
import { importDrop, importPut, importStart, useImportChange, type Import, type ImportChange } from '../api/imports';
import { isList, missingFields } from '../model/assumed';
import { Assumptions } from './Assumptions';
import { ListPreview } from './ListPreview';
import { ListQuestion } from './ListQuestion';
import { Mapping } from './Mapping';
import { Preview } from './Preview';

export function Ready({ one }: { one: Import }) {
  const { t } = useText();
  const go = useNavigate();
  const change = useImportChange(one.id, importPut(one.id));
  const start = useImportChange(one.id, importStart(one.id));
  const drop = useImportChange(one.id, importDrop(one.id));
  const missing = missingFields(one.fields, one.mapping);
  const money = one.kind === 'orders' && !one.assumed.currency;
  const set = (input: ImportChange) => change.mutate(input);
  const asked = one.state === 'uploaded' && one.kind !== 'suppressions' && Boolean(one.assumed.suppression_hint) && !one.assumed.not_suppressions;
  const blocked = missing.length > 0 || money || one.state !== 'ready' || change.isPending;
  return (
    <div className="stack">
      {asked ? <ListQuestion one={one} onChange={set} /> : one.error ? <p className="card error-state">{reasonWords(t, one.reason, one.error)}</p> : null}
      {isList(one.kind) || one.kind === 'customers' ? <ListPreview rows={one.preview} /> : <Preview rows={one.preview} />}
      <Mapping one={one} onChange={set} />
      <Assumptions one={one} onChange={set} />
      <div className="import-go row">
        <Button variant="filled" loading={start.isPending} disabled={blocked} onClick={() => start.mutate(undefined)}>{t('import.start')}</Button>
        <Button loading={drop.isPending} onClick={() => drop.mutate(undefined, { onSuccess: () => void go('/import') })}>{t('import.drop_file')}</Button>
        <FormError error={change.error ?? start.error} />
        <span className="why">{missing.length > 0 ? t('import.missing') : money ? t('import.currency_first') : t('import.safe')}</span>
      </div>
    </div>
  );
}
