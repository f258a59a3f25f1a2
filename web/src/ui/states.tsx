/* What a page shows before, instead of, and without its data. */
import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '@lib/api';
import type { Key } from '@lib/i18n';
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';

const ERROR_KEYS: Record<string, Key> = {
  offline: 'error.offline',
  denied: 'error.denied',
  'not-found': 'error.not_found',
  rate: 'error.rate',
  timeout: 'error.timeout',
  unavailable: 'error.unavailable',
  internal: 'error.internal',
};

/** The words for an error: ours where we know what to do next, else the server's own message. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useText();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.internal');
    const key = ERROR_KEYS[error.code];
    return error.reason || !key ? reasonWords(t, error.reason, error.message) : t(key);
  };
}

/** `whole`: nothing else of the page is shown, so this carries its heading. */
export function ErrorState({ error, retry, whole }: { error: unknown; retry?: () => void; whole?: boolean }) {
  const { t } = useText();
  const words = useErrorText();
  return (
    <div className="card error-state" role="alert">
      {whole ? <h1 className="error-title">{t('error.title')}</h1> : null}
      <p>{words(error)}</p>
      {retry ? <Button className="mt8" onClick={retry}>{t('act.retry')}</Button> : null}
    </div>
  );
}

export function Bones({ lines = 4, height = 44 }: { lines?: number; height?: number }) {
  const { t } = useText();
  return (
    <div className="stack tight" role="status" aria-label={t('state.loading')}>
      {Array.from({ length: lines }, (_, index) => <Skeleton key={index} height={height} radius={8} />)}
    </div>
  );
}

interface AwaitProps<T> {
  query: UseQueryResult<T>;
  bones?: ReactNode;
  /** The whole page waits for this. */
  whole?: boolean;
  children: (data: T) => ReactNode;
}

/** Shows a skeleton, the error with a way to try again, or the data. */
export function Await<T>({ query, bones, whole, children }: AwaitProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} retry={() => void query.refetch()} whole={whole ?? false} />;
  return <>{bones ?? <Bones />}</>;
}

interface EmptyProps {
  say: string;
  action?: ReactNode;
  /** A greyed example of what will be here, marked as one. */
  children?: ReactNode;
}

export function Empty({ say, action, children }: EmptyProps) {
  const { t } = useText();
  return (
    <section className="empty">
      <p className="empty-say">{say}</p>
      {action ? <div className="row">{action}</div> : null}
      {children ? (
        <figure className="example">
          <figcaption className="chip">{t('state.example')}</figcaption>
          <div aria-hidden="true" inert>{children}</div>
        </figure>
      ) : null}
    </section>
  );
}
