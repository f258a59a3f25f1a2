/* ⌘K: people and orders by a few letters; arrows choose, Enter goes. */
import { Modal, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconReceipt, IconSearch, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { get, withQuery } from '@lib/api';
import { useText } from '@lib/text';
import type { Money } from '@lib/types';
import { setSearch, useSearchOpen } from './searchState';

interface FoundPeople {
  people: { id: string; name: string | null; email: string | null }[];
}

interface FoundOrders {
  orders: { id: string; order_key: string; person: string | null; at: number; revenue: Money }[];
}

const SHOWN = 6;

/** People by name or address, orders by number; order numbers have a digit. */
async function find(text: string, signal: AbortSignal): Promise<FoundPeople & FoundOrders> {
  const [{ people }, { orders }] = await Promise.all([
    get<FoundPeople>(withQuery('/api/people', { q: text, limit: SHOWN }), signal),
    /\d/.test(text) ? get<FoundOrders>(withQuery('/api/orders', { q: text }), signal) : { orders: [] },
  ]);
  return { people, orders: orders.slice(0, SHOWN) };
}

interface Hit {
  key: string;
  to: string;
  title: string;
  sub: string;
  order: boolean;
}

function useHits(text: string): { hits: Hit[]; searched: boolean } {
  const { t, f } = useText();
  const query = useQuery({
    queryKey: ['search', text], enabled: text.trim() !== '', placeholderData: keepPreviousData,
    queryFn: ({ signal }) => find(text.trim(), signal),
  });
  if (text.trim() === '' || !query.data) return { hits: [], searched: false };
  const people = query.data.people.map((person) => ({
    key: `p${person.id}`, to: `/people/${person.id}`, title: person.name || person.email || t('person.unnamed'),
    sub: person.name ? (person.email ?? '') : '', order: false,
  }));
  const orders = query.data.orders.map((order) => ({
    key: `o${order.id}`, to: order.person ? `/people/${order.person}` : '/figures', order: true,
    title: t('search.order', { number: order.order_key }),
    sub: [f.money(order.revenue), f.day(order.at), order.person ? '' : t('search.till')].filter(Boolean).join(' · '),
  }));
  return { hits: [...people, ...orders], searched: true };
}

function SearchForm() {
  const { t } = useText();
  const [text, setText] = useState('');
  const [slow] = useDebouncedValue(text, 120);
  const [at, setAt] = useState(0);
  const go = useNavigate();
  const { hits, searched } = useHits(slow);
  const chosen = Math.min(at, Math.max(hits.length - 1, 0));
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    setSearch(false);
    void go(hit.to);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, hits.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') open(hits[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        value={text} size="md" data-autofocus leftSection={<IconSearch size={18} aria-hidden />}
        placeholder={t('search.placeholder')} aria-label={t('nav.search')} role="combobox" aria-expanded={hits.length > 0}
        aria-controls="search-hits" aria-activedescendant={hits[chosen] ? `hit-${hits[chosen].key}` : undefined}
        onChange={(event) => { setText(event.currentTarget.value); setAt(0); }} onKeyDown={onKey}
      />
      <ul className="hits" id="search-hits" role="listbox" aria-label={t('search.results')}>
        {hits.map((hit, index) => (
          <li
            key={hit.key} id={`hit-${hit.key}`} role="option" aria-selected={index === chosen}
            onClick={() => open(hit)} onMouseEnter={() => setAt(index)}
          >
            {hit.order ? <IconReceipt size={18} aria-hidden /> : <IconUser size={18} aria-hidden />}
            <span className="grow clip"><b>{hit.title}</b> <span className="why">{hit.sub}</span></span>
          </li>
        ))}
      </ul>
      {searched && hits.length === 0 ? <p className="why mt8" role="status">{t('search.none')}</p> : null}
      {!searched ? <p className="small mt8">{t('search.hint')}</p> : null}
    </>
  );
}

export function SearchBox() {
  const { t } = useText();
  const opened = useSearchOpen();
  useHotkeys([['mod+K', () => setSearch(true)], ['/', () => setSearch(true)]]);
  return (
    <Modal
      opened={opened} onClose={() => setSearch(false)} centered={false} yOffset="12vh"
      title={t('nav.search')} padding={20} closeButtonProps={{ 'aria-label': t('act.close') }}
    >
      <SearchForm />
    </Modal>
  );
}
