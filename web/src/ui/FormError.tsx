import { ApiError } from '@lib/api';
import { reasonWords } from '@lib/reason';
import { useText } from '@lib/text';
import { useErrorText } from './states';

/** An error that belongs to no single field; fields show their own beneath them. */
export function FormError({ error }: { error: unknown }) {
  const words = useErrorText();
  if (!error || (error instanceof ApiError && error.fields.length > 0)) return null;
  return <p className="bad" role="alert">{words(error)}</p>;
}

/** Words for what is wrong with one field; undefined when it is right. */
export function useFieldError(): (error: unknown, field: string) => string | undefined {
  const { t } = useText();
  return (error, field) => {
    const bad = error instanceof ApiError ? error.field(field) : undefined;
    return bad && reasonWords(t, bad.reason, bad.message);
  };
}
