import { ApiError } from '@lib/api';
import { useErrorText } from './states';

/** An error that belongs to no single field; fields show their own beneath them. */
export function FormError({ error }: { error: unknown }) {
  const words = useErrorText();
  if (!error || (error instanceof ApiError && error.fields.length > 0)) return null;
  return <p className="bad" role="alert">{words(error)}</p>;
}

export const fieldError = (error: unknown, field: string) => (error instanceof ApiError ? error.field(field) : undefined);
