/* Countries worth a line: those with people who could be written to if the business confirms. Pure. */
import type { Law } from '../api/permission';

/** Most people first; what the law does not offer comes last. */
export function lawsWithPeople(laws: Law[]): Law[] {
  return laws.filter((law) => law.people > 0).sort((a, b) => Number(!a.law) - Number(!b.law) || b.people - a.people);
}
