/* What of a mailing its author writes. Pure. */
import type { Campaign, CampaignInput } from '@generated/api';

export type Form = Required<{ [K in keyof CampaignInput]: NonNullable<CampaignInput[K]> }>;

export function formOf(mailing: Campaign): Form {
  const { name, subject, preheader, body, rule, topic, purpose, holdout, compare_days } = mailing;
  return { name, subject, preheader, body, rule, topic, purpose, holdout, compare_days };
}

export const sameForm = (a: Form, b: Form) => JSON.stringify(a) === JSON.stringify(b);

/** Per mille left alone. */
export const HOLDOUTS = [100, 500, 0] as const;

/** What may stand in a text, and what it means. `key` ends the catalogue's "mailing.field_…"; a code with words in it is there too. */
export const FIELDS = [
  { key: 'first_name', code: null },
  { key: 'name', code: '{{ person.name }}' },
  { key: 'country', code: '{{ person.country }}' },
  { key: 'business', code: '{{ business.name }}' },
  { key: 'preferences', code: '{{ preferences_url }}' },
  { key: 'unsubscribe', code: '{{ unsubscribe_url }}' },
  { key: 'if', code: '{% if person.country == "DE" %}…{% else %}…{% endif %}' },
] as const;

/** `code` put in place of what is selected. */
export function inserted(text: string, start: number, end: number, code: string): string {
  return text.slice(0, start) + code + text.slice(end);
}
