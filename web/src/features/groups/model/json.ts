/* A rule's JSON as the server writes it (docs/rules.md, "JSON"), and careful ways to look into it. Pure. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type Dict = { [member: string]: Json };

export const isDict = (json: Json | undefined): json is Dict => typeof json === 'object' && json !== null && !Array.isArray(json);
export const isText = (json: Json | undefined): json is string => typeof json === 'string';
export const isNumber = (json: Json | undefined): json is number => typeof json === 'number';

/** Whether an object has no other members than these. */
export const only = (dict: Dict, ...members: string[]): boolean => Object.keys(dict).every((member) => members.includes(member));

/** Members that are undefined left out. */
export function dict(members: Record<string, Json | undefined>): Dict {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

export function pathOf(json: Json | undefined): string[] | null {
  return Array.isArray(json) && json.length > 0 && json.every(isText) ? json : null;
}
