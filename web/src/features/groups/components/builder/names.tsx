/* What exists in this shop, for every menu of the builder. */
import { createContext, useContext, type ReactNode } from 'react';
import { useNames, useProperties, useSaved, type SegmentNames, type SuggestedField } from '../../api/groups';
import type { FieldType } from '../../model/test';

interface Known extends SegmentNames {
  groups: string[];
}

const NOTHING: Known = { events: [], looked_at: 0, traits: [], tags: [], groups: [] };
const Context = createContext<Known>(NOTHING);
export const useKnown = () => useContext(Context);

export function NamesProvider({ children }: { children: ReactNode }) {
  const names = useNames().data;
  const groups = useSaved().data?.segments.map((group) => group.name) ?? [];
  return <Context value={{ ...(names ?? NOTHING), groups }}>{children}</Context>;
}

/** The properties of an event, or with `event` null the traits. */
export function useFields(event: string | null): SuggestedField[] {
  const { traits } = useKnown();
  const properties = useProperties(event ?? '');
  return event === null ? traits : (properties.data?.properties ?? []);
}

export const samePath = (one: string[], other: string[]) => one.length === other.length && one.every((name, index) => name === other[index]);

const TYPES: readonly FieldType[] = ['text', 'number', 'flag', 'date'];
export const typeOf = (field: SuggestedField | undefined): FieldType => TYPES.find((type) => type === field?.type) ?? 'text';
