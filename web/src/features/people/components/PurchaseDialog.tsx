/* A purchase by hand: a till, a market stall, the regular's usual. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { minorPerUnit } from '@lib/format';
import { useText } from '@lib/text';
import { Confirm } from '@ui/Confirm';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { orderAdd, usePersonChange, useTimeline, type NewOrder } from '../api/people';
import type { Person } from '../api/types';
import { emptyItem, orderOf, totalOf, usualOf, type Item } from '../model/purchase';

function ItemRow({ item, index, only, onChange, onDrop }: {
  item: Item; index: number; only: boolean; onChange: (item: Item) => void; onDrop: () => void;
}) {
  const { t } = useText();
  const bind = (field: keyof Item) => ({
    value: item[field], onChange: (event: { currentTarget: { value: string } }) => onChange({ ...item, [field]: event.currentTarget.value }),
  });
  const first = index === 0;
  return (
    <div className="buy-row">
      <TextInput label={first ? t('purchase.what') : undefined} aria-label={t('purchase.what')} placeholder={t('purchase.example')} data-autofocus={first || undefined} {...bind('name')} />
      <TextInput label={first ? t('purchase.quantity') : undefined} aria-label={t('purchase.quantity')} inputMode="numeric" {...bind('quantity')} />
      <TextInput label={first ? t('purchase.price') : undefined} aria-label={t('purchase.price')} inputMode="decimal" placeholder="4.50" {...bind('price')} />
      <ActionIcon aria-label={t('act.remove')} disabled={only} onClick={onDrop}><IconTrash size={16} aria-hidden /></ActionIcon>
    </div>
  );
}

/** Day as typed to a time: today is now, another day its noon. */
function timeOf(day: string): number {
  const today = new Date().toISOString().slice(0, 10);
  return day === today || !day ? Date.now() : new Date(`${day}T12:00:00`).getTime();
}

export function PurchaseDialog({ person, opened, onClose }: { person: Person; opened: boolean; onClose: () => void }) {
  const { t, f, currency: base } = useText();
  const words = useErrorText();
  const currency = person.figures?.spent.currency || base;
  const perUnit = minorPerUnit(currency);
  const [items, setItems] = useState<Item[]>([emptyItem()]);
  const [day, setDay] = useState(() => new Date().toISOString().slice(0, 10));
  const timeline = useTimeline(person.id, '');
  const usual = usualOf(timeline.data?.pages.flatMap((page) => page.items) ?? [], perUnit);
  const add = usePersonChange(person.id, (order: NewOrder) => orderAdd(person.id, order));
  const order = orderOf(items, perUnit, currency, timeOf(day));
  const total = f.money({ minor: totalOf(items, perUnit), currency });
  const save = () => {
    if (!order) return;
    add.mutate(order, { onSuccess: () => { setItems([emptyItem()]); onClose(); toast(t('purchase.done')); } });
  };
  const replace = (index: number, item: Item) => setItems(items.map((old, at) => (at === index ? item : old)));
  return (
    <Confirm opened={opened} onClose={onClose} title={t('purchase.title')} act={order ? t('purchase.save', { money: total }) : t('purchase.save_none')} busy={add.isPending} disabled={!order} onConfirm={save}>
      {usual ? <Button fullWidth onClick={() => setItems(usual)}>{t('purchase.usual', { what: usual.map((item) => item.name).slice(0, 2).join(', ') })}</Button> : null}
      <div className="stack tight">
        {items.map((item, index) => (
          <ItemRow key={index} item={item} index={index} only={items.length === 1} onChange={(next) => replace(index, next)} onDrop={() => setItems(items.filter((_, at) => at !== index))} />
        ))}
      </div>
      <div className="row sp">
        <Button variant="subtle" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setItems([...items, emptyItem()])}>{t('purchase.more')}</Button>
        <TextInput type="date" aria-label={t('purchase.day')} value={day} max={new Date().toISOString().slice(0, 10)} onChange={(event) => setDay(event.currentTarget.value)} />
      </div>
      {add.error ? <p className="bad" role="alert">{words(add.error)}</p> : null}
    </Confirm>
  );
}
