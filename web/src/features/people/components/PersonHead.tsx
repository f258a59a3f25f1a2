/* Who this is in one line, and what one can do. */
import { Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import type { Person } from '../api/types';
import { EraseDialog } from './EraseDialog';
import { MergeDialog } from './MergeDialog';
import { PurchaseDialog } from './PurchaseDialog';

type Dialog = 'purchase' | 'merge' | 'erase' | null;

function useSubtitle(person: Person): string {
  const { t, f } = useText();
  const { figures } = person;
  const place = person.traits.find((trait) => trait.name === 'city' || trait.name === 'country')?.value;
  const clock = person.local_zone ? t('person.there', { time: f.clockIn(person.local_zone, Date.now()) }) : '';
  const since = figures?.first_order_at ?? person.created_at;
  return [
    [typeof place === 'string' ? f.country(place) : '', clock].filter(Boolean).join(', '),
    t(figures?.first_order_at ? 'person.customer_since' : 'person.known_since', { day: f.day(since) }),
    figures && figures.orders > 0 ? t('person.orders', { n: figures.orders, money: f.money(figures.net) }) : t('person.no_orders'),
  ].filter(Boolean).join(' · ');
}

export function PersonHead({ person }: { person: Person }) {
  const { t } = useText();
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  const writeNote = () => document.querySelector<HTMLTextAreaElement>('#note textarea')?.focus();
  const quietDays = person.figures?.quiet && person.figures.quiet_days != null ? Math.round(person.figures.quiet_days) : null;
  const name = person.name || person.email || t('person.unnamed');
  return (
    <>
      <Page
        title={name} sub={useSubtitle(person)}
        actions={(
          <>
            {quietDays === null ? null : <span className="chip warn">{t('people.quiet_for', { n: quietDays })}</span>}
            <Button variant="filled" onClick={() => setDialog('purchase')}>{t((person.figures?.orders ?? 0) > 0 ? 'purchase.act' : 'purchase.act_first')}</Button>
            <Button onClick={writeNote}>{t('note.note')}</Button>
            <Menu>
              <Menu.Target><Button rightSection={<IconDots size={16} aria-hidden />}>{t('nav.more')}</Button></Menu.Target>
              <Menu.Dropdown>
                <Menu.Item component="a" href={`/api/people/${person.id}/export`} download={`person-${person.id}.json`}>{t('person.export')}</Menu.Item>
                <Menu.Item onClick={() => setDialog('merge')}>{t('merge.act')}</Menu.Item>
                <Menu.Divider />
                <Menu.Item data-danger onClick={() => setDialog('erase')}>{t('erase.act')}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </>
        )}
      />
      <PurchaseDialog person={person} opened={dialog === 'purchase'} onClose={close} />
      <MergeDialog person={person} opened={dialog === 'merge'} onClose={close} />
      <EraseDialog person={person} name={name} opened={dialog === 'erase'} onClose={close} />
    </>
  );
}
