import { useText } from '@lib/text';
import type { PersonRow } from '../api/types';

/** The one state worth a chip, then the first tags. */
export function PersonState({ row }: { row: PersonRow }) {
  const { t } = useText();
  return (
    <span className="chips clip">
      {row.quiet && row.quiet_days != null
        ? <span className="chip warn">{t('people.quiet_for', { n: Math.round(row.quiet_days) })}</span> : null}
      {row.tags.slice(0, row.quiet ? 1 : 2).map((tag) => <span className="chip" key={tag}>{tag}</span>)}
    </span>
  );
}
