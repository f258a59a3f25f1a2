/* Worth your attention: each line with the people or money at stake and one button. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { isKey, type Key } from '@lib/i18n';
import { Rich, useText } from '@lib/text';
import type { Attention } from '../api/home';

const keyOf = (kind: string, part: string): Key | null => {
  const key = `attention.${kind}.${part}`;
  return isKey(key) ? key : null;
};

const PAGES: Record<string, string> = { quiet: '/people?kpi=quiet_good', quiet_all: '/people?group=quiet', parked: '/settings/attention', import: '/import' };

export function AttentionList({ items }: { items: Attention[] }) {
  const { t, f } = useText();
  const known = items.filter((item) => keyOf(item.kind, 'say') !== null);
  return (
    <ul className="bare todo card todo-card">
      {known.map((item, index) => {
        const money = item.money && item.money.minor > 0 ? f.moneyRound(item.money) : '';
        const why = keyOf(item.kind, money ? 'why_money' : 'why') ?? keyOf(item.kind, 'why');
        return (
          <li key={item.kind}>
            <div>
              <Rich k={keyOf(item.kind, 'say') ?? 'attention.parked.say'} p={{ n: item.count }} />
              {why ? <><br /><span className="why">{t(why, { n: item.count, money })}</span></> : null}
            </div>
            <div className="money num"><b>{money ? t('home.about', { money }) : ''}</b></div>
            <div className="act">
              <Button component={Link} to={item.link || (PAGES[item.kind] ?? '/')} variant={index === 0 ? 'filled' : 'default'}>
                {t(keyOf(item.kind, 'act') ?? 'act.look')}
              </Button>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
