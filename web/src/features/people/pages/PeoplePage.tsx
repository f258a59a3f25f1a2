/* People: find one, or see who belongs to a group. */
import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { isKey, type Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Bones, Empty, ErrorState } from '@ui/states';
import { usePeople } from '../api/people';
import { AddPerson } from '../components/AddPerson';
import { ExamplePeople } from '../components/ExamplePeople';
import { PeopleTable } from '../components/PeopleTable';
import { filterOf, GROUP_KEYS, GROUPS, ruleKey, titleKey } from '../model/filter';
import './people.css';

const TYPING_MS = 200;

/** The filter lives in the address bar, so that a list can be kept and shared. */
function useFilter() {
  const [search, setSearch] = useSearchParams();
  const set = (changes: Record<string, string | null>) => {
    setSearch((old) => {
      const next = new URLSearchParams(old);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    }, { replace: true, preventScrollReset: true });
  };
  return { filter: filterOf(search), set, adding: search.get('add') === '1' };
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useText();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <TextInput
      className="people-search" type="search" value={text} onChange={(event) => setText(event.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden />} placeholder={t('people.search')} aria-label={t('people.search')}
      rightSection={text ? <CloseButton size="sm" aria-label={t('act.clear')} onClick={() => setText('')} /> : null}
    />
  );
}

function KpiChip({ kpi, onDrop }: { kpi: string; onDrop: () => void }) {
  const { t } = useText();
  const key = `kpi.${kpi}.label`;
  return (
    <span className="chip info">
      {isKey(key) ? t(key) : kpi}
      <CloseButton size="xs" aria-label={t('act.clear')} onClick={onDrop} />
    </span>
  );
}

function useTitle(filter: ReturnType<typeof filterOf>, total: number | null): string {
  const { t } = useText();
  if (total === null) return t('nav.people');
  const key = `kpi.${filter.kpi}.label`;
  const figure = isKey(key) ? t(key) : filter.kpi;
  const own = `people.kpi_${filter.kpi}`;
  if (filter.kpi && !filter.q && isKey(own)) return t(own, { n: total });
  return t(titleKey(filter), { n: total, q: filter.q, figure });
}

/** Who counts as quiet, and how far that may be wrong. */
function QuietRule({ rule }: { rule: Key }) {
  const { t } = useText();
  return <>{t(rule)} {t('people.quiet_caveat')}</>;
}

export function PeoplePage() {
  const { t } = useText();
  const { filter, set, adding } = useFilter();
  const setAdding = (open: boolean) => set({ add: open ? '1' : null });
  const query = usePeople(filter);
  const pages = query.data?.pages ?? [];
  const rows = pages.flatMap((page) => page.people);
  const total = pages[0]?.total ?? null;
  const nobody = total === 0 && filter.group === 'all' && !filter.q && !filter.kpi;
  const title = useTitle(filter, total);
  const rule = ruleKey(filter);
  const add = <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>{t('people.add')}</Button>;
  return (
    <>
      <Page title={nobody ? t('people.title_nobody') : title} tab={t('nav.people')} sub={rule ? <QuietRule rule={rule} /> : undefined} actions={add} />
      <AddPerson opened={adding} onClose={() => setAdding(false)} />
      {nobody ? (
        <Empty say={t('people.empty')} action={<Button component={Link} to="/import" variant="filled">{t('home.empty_act')}</Button>}>
          <ExamplePeople />
        </Empty>
      ) : (
        <div className="stack">
          <div className="people-bar">
            <SearchField value={filter.q} onChange={(q) => set({ q })} />
            <div className="groups" role="group" aria-label={t('people.groups')}>
              {GROUPS.map((group) => (
                <button
                  key={group} type="button" className="group" aria-pressed={filter.group === group && !filter.kpi}
                  onClick={() => set({ group: group === 'all' ? null : group, kpi: null, from: null, to: null, sort: null, order: null })}
                >
                  {t(GROUP_KEYS[group])}
                </button>
              ))}
              {filter.kpi ? <KpiChip kpi={filter.kpi} onDrop={() => set({ kpi: null, from: null, to: null })} /> : null}
            </div>
          </div>
          {query.error && !query.data ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
          {query.isPending ? <Bones lines={10} height={52} /> : null}
          {total === 0 ? <p className="card">{t(filter.q ? 'people.none_found' : 'people.none_group')}</p> : null}
          {rows.length > 0 && total ? (
            <PeopleTable
              rows={rows} total={total} filter={filter} hasMore={query.hasNextPage && !query.isFetchingNextPage}
              onSort={({ by, order }) => set({ sort: by, order })} onEnd={() => void query.fetchNextPage()}
            />
          ) : null}
        </div>
      )}
    </>
  );
}
