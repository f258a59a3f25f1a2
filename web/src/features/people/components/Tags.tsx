import { TagsInput } from '@mantine/core';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { tagsSet, usePersonChange } from '../api/people';
import type { Person } from '../api/types';

export function Tags({ person }: { person: Person }) {
  const { t } = useText();
  const words = useErrorText();
  const set = usePersonChange(person.id, (tags: string[]) => tagsSet(person.id, tags));
  const shown = set.isPending ? set.variables : person.tags;
  return (
    <section className="card">
      <h2>{t('tags.title')}</h2>
      <TagsInput
        className="mt8" aria-label={t('tags.title')} value={shown} placeholder={shown.length ? '' : t('tags.example')} clearable={false}
        maxLength={40} maxTags={50} onChange={(tags) => set.mutate(tags)} error={set.error ? words(set.error) : undefined}
      />
    </section>
  );
}
