/* A rule as the shop calls it. Pure. */
import type { ReadyGroups, SavedSegment } from '@generated/api';
import { isKey, type Translate } from '@lib/i18n';

export const EVERYBODY = 'everybody';

export interface Choice {
  rule: string;
  name: string;
  say: string;
  /** People as of now; null where that is not known. */
  count: number | null;
}

export const savedRule = (name: string) => `in segment "${name.replace(/["\\]/g, '\\$&')}"`;

/** Everybody, the ready groups, the saved ones. */
export function choices(t: Translate, ready: ReadyGroups | undefined, saved: SavedSegment[]): Choice[] {
  const now = ready !== undefined && !ready.as_of_reason;
  const groups = (ready?.groups ?? []).map(({ key, name, rule, count }) => {
    const [title, say] = [`ready.${key}.name`, `ready.${key}.say`];
    return { rule, name: isKey(title) ? t(title) : name, say: isKey(say) ? t(say) : '', count: now ? count : null };
  });
  return [
    { rule: EVERYBODY, name: t('mailing.everybody'), say: t('mailing.everybody_say'), count: ready?.people ?? null },
    ...groups,
    ...saved.map(({ name }) => ({ rule: savedRule(name), name, say: t('mailing.saved_group'), count: null })),
  ];
}

export function nameOf(t: Translate, all: Choice[], rule: string): string {
  return all.find((one) => one.rule === rule)?.name ?? t('groups.own');
}
