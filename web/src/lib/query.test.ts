import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { askAgain } from './query';

/** Answers are given by hand, in the order of the questions. */
function asked() {
  const answers: ((value: string) => void)[] = [];
  return { answers, ask: ({ signal }: { signal: AbortSignal }) => new Promise<string>((resolve, reject) => {
    answers.push(resolve);
    signal.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError')));
  }) };
}

describe('askAgain', () => {
  it('does not take the answer to a question from before the change', async () => {
    const client = new QueryClient();
    const { answers, ask } = asked();
    const shown = new QueryObserver(client, { queryKey: ['person'], queryFn: ask });
    const stop = shown.subscribe(() => undefined);
    const again = askAgain(client, ['person']);
    answers[0]?.('before');
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.('after');
    await again;
    expect(shown.getCurrentResult().data).toBe('after');
    stop();
  });

  it('marks the others before what is shown is here', async () => {
    const client = new QueryClient();
    const { answers, ask } = asked();
    client.setQueryData(['counts'], 'before');
    const shown = new QueryObserver(client, { queryKey: ['person'], queryFn: ask });
    const stop = shown.subscribe(() => undefined);
    const again = askAgain(client, ['person'], ['counts']);
    await expect.poll(() => client.getQueryState(['counts'])?.isInvalidated).toBe(true);
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.('after');
    await again;
    stop();
  });
});
