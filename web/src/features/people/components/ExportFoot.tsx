/* "1,204 people · export as CSV · JSON": fetches the whole list as filtered, page by page. */
import { useState } from 'react';
import { download } from '@lib/download';
import { useText } from '@lib/text';
import { toast } from '@ui/toast';
import { useErrorText } from '@ui/states';
import { allPeople, type PeopleFilter } from '../api/people';
import { peopleCsv, peopleJson } from '../model/export';
import { ToList } from './ToList';

export function ExportFoot({ total, filter }: { total: number; filter: PeopleFilter }) {
  const { t } = useText();
  const words = useErrorText();
  const [listing, setListing] = useState(false);
  const [loaded, setLoaded] = useState<number | null>(null);
  const save = async (kind: 'csv' | 'json') => {
    setLoaded(0);
    try {
      const rows = await allPeople(filter, setLoaded);
      const name = `people-${filter.group}-${new Date().toISOString().slice(0, 10)}`;
      if (kind === 'csv') download(`${name}.csv`, 'text/csv', peopleCsv(rows));
      else download(`${name}.json`, 'application/json', peopleJson(rows));
    } catch (error) {
      toast(words(error), { bad: true });
    }
    setLoaded(null);
  };
  return (
    <>
      <span>{t('people.count', { n: total })}</span>
      {loaded === null ? (
        <>
          <button type="button" className="lnk" onClick={() => void save('csv')}>{t('people.export_csv')}</button>
          <button type="button" className="lnk" onClick={() => void save('json')}>{t('people.export_json')}</button>
          <button type="button" className="lnk" onClick={() => setListing(true)}>{t('people.to_list')}</button>
        </>
      ) : <span role="status">{t('people.exporting', { done: loaded, all: total })}</span>}
      {listing ? <ToList total={total} filter={filter} onClose={() => setListing(false)} /> : null}
    </>
  );
}
