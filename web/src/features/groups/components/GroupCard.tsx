/* One ready group: how many, who for example, and the way to all of them. */
import { Link } from 'react-router';
import { isKey } from '@lib/i18n';
import { useText } from '@lib/text';
import type { ReadyGroup } from '../api/groups';
import { shareOf } from '../model/labels';

const FACES = 3;

export function useGroupWords(): (group: Pick<ReadyGroup, 'key' | 'name'>) => { name: string; say: string } {
  const { t } = useText();
  return ({ key, name }) => {
    const [title, say] = [`ready.${key}.name`, `ready.${key}.say`];
    return { name: isKey(title) ? t(title) : name, say: isKey(say) ? t(say) : '' };
  };
}

/** `day` is set when the group is judged at a day of the past; `unseen`: what it asks for has never happened. */
export function GroupCard({ group, day, people, unseen }: { group: ReadyGroup; day: string; people: number; unseen: boolean }) {
  const { t, f } = useText();
  const { name, say } = useGroupWords()(group);
  const faces = group.sample.slice(0, FACES);
  const more = group.count - faces.length;
  const query = new URLSearchParams({ rule: group.rule, name: group.key, ...(day ? { at: day } : {}) });
  const share = people > 0 && group.count > 0 ? t('ready.share', { value: shareOf(f, group.count, people) }) : '';
  return (
    <Link className="card ready" to={`/groups/people?${query.toString()}`}>
      <h3>{name}</h3>
      <p className="ready-count"><b>{f.number(group.count)}</b> <span className="why">{share}</span></p>
      <p className="why">{say}</p>
      {group.count === 0 && unseen ? <p className="small">{t('ready.unseen')}</p> : null}
      <p className="small ready-faces">
        {faces.length > 0 ? faces.map((face) => face.name).join(', ') + (more > 0 ? ` ${t('ready.more', { n: more })}` : '') : unseen ? '' : t('people.none_group')}
      </p>
    </Link>
  );
}
