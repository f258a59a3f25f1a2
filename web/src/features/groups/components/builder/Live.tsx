/* How many that are, who for example, and who of them may be written to: while the sentences are put together. */
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Bones, useErrorText } from '@ui/states';
import { shareOf } from '../../model/labels';
import type { GroupFace, SegmentCost, SegmentPreview } from '../../api/groups';

/** Of fewer a share says little. */
const FEW = 30;
const SECOND_MS = 1000;
/** From here on somebody who waits should know why. */
const SLOW_MS = 2000;

/** `more`: how many there are besides. */
export function Faces({ faces, more = 0 }: { faces: GroupFace[]; more?: number }) {
  const { t } = useText();
  return (
    <p className="b-faces">
      {faces.map((face) => <Link key={face.id} className="b-face small" to={`/people/${face.id}`}><i aria-hidden>{[...face.name][0]?.toUpperCase()}</i>{face.name}</Link>)}
      {more > 0 ? <span className="small b-face-more">{t('ready.more', { n: more })}</span> : null}
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

export function Counted({ preview, old }: { preview: SegmentPreview; old: boolean }) {
  const { t, f } = useText();
  const of = preview.people < FEW ? t('b.live_of', { n: preview.people }) : t('b.live_share', { value: shareOf(f, preview.count, preview.people), n: preview.people });
  return (
    <div className={old ? 'stack tight b-old' : 'stack tight'} aria-busy={old}>
      <p className="b-live-count" role="status">{t('b.live_count', { n: preview.count })}</p>
      {preview.people === 0 ? <p className="why">{t('b.live_no_people')}</p> : preview.count > 0 ? <p className="why">{of}</p> : <p className="why">{t('b.live_nobody', { n: preview.people })}</p>}
      {preview.count > 0 ? <p>{t('b.live_may', { n: preview.may })}</p> : null}
      {preview.sample.length > 0 ? <><p className="small">{t('b.live_faces')}</p><Faces faces={preview.sample} /></> : null}
      {preview.people > 0 ? <Cost cost={preview.cost} /> : null}
    </div>
  );
}

interface Props {
  /** Something is still to be chosen. */
  open: boolean;
  empty: boolean;
  /** The text cannot be read; what is shown is of the one before. */
  wrong: boolean;
  preview: SegmentPreview | undefined;
  old: boolean;
  error: unknown;
}

export function Live({ open, empty, wrong, preview, old, error }: Props) {
  const { t } = useText();
  const words = useErrorText();
  if (empty) return <p className="why">{t(wrong ? 'b.live_wrong' : 'b.live_wait')}</p>;
  return (
    <div className="stack tight">
      {open || wrong ? <p className="why">{t(wrong ? 'b.live_wrong' : 'b.open')}</p> : null}
      {error ? <p className="bad" role="alert">{words(error)}</p> : null}
      {preview ? <Counted preview={preview} old={old || open || wrong} /> : open || error ? null : <Bones lines={3} height={28} />}
    </div>
  );
}
