/* How many that are, who for example, and who of them may be written to: while the sentences are put together. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Bones, useErrorText } from '@ui/states';
import type { GroupFace, SegmentCost, SegmentPreview } from '../../api/groups';

/** Of fewer a share says little. */
const FEW = 30;
const SECOND_MS = 1000;
/** From here on somebody who waits should know why. */
const SLOW_MS = 2000;

export function Faces({ faces }: { faces: GroupFace[] }) {
  return (
    <p className="b-faces">
      {faces.map((face) => <Link key={face.id} className="b-face small" to={`/people/${face.id}`}><i aria-hidden>{[...face.name][0]?.toUpperCase()}</i>{face.name}</Link>)}
    </p>
  );
}

/** What counting it takes, in plain words: how much is looked at, where it lies, how long it took. */
function Cost({ cost }: { cost: SegmentCost }) {
  const { t, f } = useText();
  const looked = t(`cost.${cost.engine}`, { entries: f.number(cost.entries), rows: f.number(cost.rows) });
  const took = cost.took_ms < SECOND_MS ? t('cost.ms', { n: cost.took_ms }) : t('cost.seconds', { value: f.number(cost.took_ms / SECOND_MS, 1) });
  return <p className="small">{looked} {took}{cost.took_ms >= SLOW_MS ? ` ${t('cost.slow')}` : ''}</p>;
}

function share(count: number, people: number): number {
  return people > 0 ? (count / people) * 100 : 0;
}

export function Counted({ preview, old }: { preview: SegmentPreview; old: boolean }) {
  const { t, f } = useText();
  const part = share(preview.count, preview.people);
  return (
    <div className={old ? 'stack tight b-old' : 'stack tight'} aria-busy={old}>
      <p className="b-live-count" role="status">{t('b.live_count', { n: preview.count })}</p>
      <p className="why">{preview.people < FEW ? t('b.live_of', { n: preview.people }) : t('b.live_share', { value: f.number(part, part > 0 && part < 10 ? 1 : 0), n: preview.people })}</p>
      {preview.count > 0 ? <p>{t('b.live_may', { n: preview.may })}</p> : null}
      {preview.sample.length > 0 ? <><p className="small">{t('b.live_faces')}</p><Faces faces={preview.sample} /></> : null}
      <Cost cost={preview.cost} />
    </div>
  );
}

interface Props {
  /** Something is still to be chosen. */
  open: boolean;
  empty: boolean;
  preview: SegmentPreview | undefined;
  old: boolean;
  error: unknown;
}

export function Live({ open, empty, preview, old, error }: Props) {
  const { t } = useText();
  const words = useErrorText();
  if (empty) return <p className="why">{t('b.live_wait')}</p>;
  return (
    <div className="stack tight">
      {open ? <p className="why">{t('b.open')}</p> : null}
      {error ? <p className="bad" role="alert">{words(error)}</p> : null}
      {preview ? <Counted preview={preview} old={old || open} /> : open || error ? null : <Bones lines={3} height={28} />}
    </div>
  );
}
