/* Bring a file in, and see what came in before. */
import { useSearchParams } from 'react-router';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { DropFile } from '@ui/DropFile';
import { Await } from '@ui/states';
import { useImports } from '../api/imports';
import { HowToExport } from '../components/HowToExport';
import { History } from '../components/History';
import './imports.css';

export function ImportsPage() {
  const { t } = useText();
  const [search] = useSearchParams();
  const query = useImports();
  return (
    <Page title={t('import.title')} tab={t('nav.import')} sub={t('import.sub')}>
      <div className="stack">
        <DropFile kind={search.get('kind') ?? 'auto'} />
        <HowToExport />
        <Await query={query}>{({ imports }) => <History imports={imports} />}</Await>
      </div>
    </Page>
  );
}
