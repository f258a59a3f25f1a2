/* Groups of one's own: name, how many they are just now, the rule; opened, changed, or kept no longer. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { FormError } from '@ui/FormError';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { savedDrop, useRuleCount, useSaved, useSavedChange, type SavedSegment } from '../api/groups';
import { RuleSentence } from './RuleSentence';
import { SaveGroup } from './SaveGroup';

function Count({ rule }: { rule: string }) {
  const { f } = useText();
  const words = useErrorText();
  const count = useRuleCount(rule, true);
  if (count.error) return <span className="bad small">{words(count.error)}</span>;
  return <b className="saved-count num">{count.data ? f.number(count.data.count) : '…'}</b>;
}

function Row({ group, onChange, onDrop }: { group: SavedSegment; onChange: () => void; onDrop: () => void }) {
  const { t } = useText();
  return (
    <li className="saved-row">
      <Link to={`/groups/${group.id}`} className="grow saved-link">
        <span className="saved-head"><b className="semi anywhere">{group.name}</b><Count rule={group.rule} /></span>
        <span className="why">{group.kind === 'list' ? t('list.row') : <RuleSentence rule={group.rule} />}</span>
      </Link>
      <Menu position="bottom-end">
        <Menu.Target><ActionIcon variant="subtle" aria-label={t('saved.acts', { name: group.name })}><IconDots size={18} aria-hidden /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onChange}>{t(group.kind === 'list' ? 'saved.rename' : 'saved.change')}</Menu.Item>
          <Menu.Item data-danger onClick={onDrop}>{t('saved.drop')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

export function Saved() {
  const { t } = useText();
  const groups = useSaved().data?.segments ?? [];
  const [changing, setChanging] = useState<SavedSegment | null>(null);
  const [dropping, setDropping] = useState<SavedSegment | null>(null);
  const drop = useSavedChange(savedDrop);
  const confirm = () => { if (dropping) drop.mutate(dropping.id, { onSuccess: () => { toast(t('saved.dropped')); setDropping(null); } }); };
  if (groups.length === 0) return null;
  return (
    <section className="card">
      <h2>{t('saved.title')}</h2>
      <ul className="bare saved">{groups.map((group) => <Row key={group.id} group={group} onChange={() => setChanging(group)} onDrop={() => { drop.reset(); setDropping(group); }} />)}</ul>
      {changing ? <SaveGroup group={changing} rule={changing.rule} onClose={() => setChanging(null)} /> : null}
      <Confirm opened={dropping !== null} onClose={() => setDropping(null)} title={t('saved.drop_title', { name: dropping?.name ?? '' })} act={t('saved.drop_act')} danger busy={drop.isPending} onConfirm={confirm}>
        <p>{t('saved.drop_say')}</p><FormError error={drop.error} />
      </Confirm>
    </section>
  );
}
