/* One import, from the file as it was read to what came in. */
import { Link, useParams } from 'react-router';
import { isKey, type Key } from '@lib/i18n';
import { useText } from '@lib/text';
import { Page } from '@ui/Page';
import { Await, Bones } from '@ui/states';
import { useImport, type Import } from '../api/imports';
import { Finished } from '../components/Finished';
import { Ready } from '../components/Ready';
import { Running } from '../components/Running';
import './imports.css';

function useTitle(one: Import): string {
  const { t } = useText();
  const kind = `import.kind_${one.kind}`;
  const what = isKey(kind) ? t(kind) : one.kind;
  const format = `import.format_${one.format}`;
  if (one.state === 'done' && one.kind === 'orders') return t('import.t_done_orders', { n: one.orders });
  if (one.state === 'uploaded' && one.error) return t('import.t_unclear');
  const words: Record<Import['state'], Key> = {
    uploaded: 'import.t_uploaded', ready: 'import.t_ready', running: 'import.t_running', done: 'import.t_done', failed: 'import.t_failed', stopped: 'import.t_stopped',
  };
  return t(words[one.state], { what, format: isKey(format) ? t(format) : one.format });
}

function Body({ one }: { one: Import }) {
  const { t, f } = useText();
  const title = useTitle(one);
  return (
    <Page title={title} tab={one.name} sub={<>{one.name} · {f.bytes(one.bytes_total)} · <Link className="lnk" to="/import">{t('import.all')}</Link></>}>
      {one.state === 'uploaded' && !one.error ? <Bones lines={5} /> : null}
      {one.state === 'ready' || (one.state === 'uploaded' && one.error) ? <Ready one={one} /> : null}
      {one.state === 'running' ? <Running one={one} /> : null}
      {one.state === 'done' || one.state === 'failed' || one.state === 'stopped' ? <Finished one={one} /> : null}
    </Page>
  );
}

export function ImportPage() {
  const { id = '' } = useParams();
  const query = useImport(id);
  return <Await query={query} whole bones={<Bones lines={6} height={64} />}>{(one) => <Body one={one} />}</Await>;
}
