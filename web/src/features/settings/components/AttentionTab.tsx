/* What was set aside because a stage died on it twice: try again, or drop. */
import { Button } from '@mantine/core';
import { useText } from '@lib/text';
import { Await, Empty, useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { parkedDo, useParked, useSettingsChange, type Parked } from '../api/settings';

function Row({ item }: { item: Parked }) {
  const { t, f } = useText();
  const words = useErrorText();
  const act = useSettingsChange('attention', parkedDo);
  const run = (action: 'retry' | 'drop') => act.mutate({ id: item.id, action }, { onError: (error) => toast(words(error), { bad: true }) });
  return (
    <li>
      <div><b>{item.stage}</b><br /><span className="why anywhere">{item.reason}</span><div className="small">{f.dateTime(item.at)}</div></div>
      <div className="row act">
        <Button size="xs" loading={act.isPending} onClick={() => run('retry')}>{t('act.retry')}</Button>
        <Button size="xs" disabled={act.isPending} onClick={() => run('drop')}>{t('attention.drop')}</Button>
      </div>
    </li>
  );
}

export function AttentionTab() {
  const { t } = useText();
  const query = useParked();
  return (
    <div className="stack">
      <p className="why lead">{t('attention.say')}</p>
      <Await query={query}>
        {({ parked }) => (parked.length === 0 ? <Empty say={t('attention.none')} /> : (
          <ul className="bare todo card todo-two">{parked.map((item) => <Row key={item.id} item={item} />)}</ul>
        ))}
      </Await>
    </div>
  );
}
