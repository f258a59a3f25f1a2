/* Which entries were joined into this person, by whom and why, with an undo beside each. */
import { Button } from '@mantine/core';
import { useText } from '@lib/text';
import { useErrorText } from '@ui/states';
import { toast } from '@ui/toast';
import { mergeUndo, usePersonChange } from '../api/people';
import type { Person } from '../api/types';

export function Links({ person }: { person: Person }) {
  const { t, f } = useText();
  const words = useErrorText();
  const undo = usePersonChange(person.id, mergeUndo);
  if (person.links.length === 0) return null;
  return (
    <section className="card">
      <h2>{t('links.title')}</h2>
      <ul className="bare links">
        {person.links.map((link) => (
          <li key={link.merge_id} className="row sp">
            <div className="grow">
              {t('links.with', { name: link.other })}
              <div className="small">
                {[f.day(link.at), link.actor, link.reason].filter(Boolean).join(' · ')}
                {link.undone_at != null ? ` · ${t('links.undone', { day: f.day(link.undone_at) })}` : ''}
              </div>
            </div>
            {link.undone_at === null ? (
              <Button size="xs" loading={undo.isPending && undo.variables === link.merge_id}
                onClick={() => undo.mutate(link.merge_id, {
                  onSuccess: () => toast(t('links.undo_done')), onError: (error) => toast(words(error), { bad: true }),
                })}
              >
                {t('act.undo')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
