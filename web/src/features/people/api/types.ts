/* People as the API speaks of them. */
import type { Person as PersonReply, Timeline, TimelineItem } from '@generated/api';

export type {
  PeoplePage, PersonConsent as Consent, PersonFigures, PersonIdentity as Identity, PersonLink as MergeLink, PersonNote as Note,
  PersonRow, PersonTrait as Trait, TimelineOrderLine as OrderLine,
} from '@generated/api';

type Whole = 'created_at' | 'identities' | 'traits' | 'consents' | 'tags' | 'notes' | 'links';

/** Somebody who was merged into another has nothing but `merged_into`; their page leads on before it reads more. */
export type Person = PersonReply & { [Field in Whole]-?: NonNullable<PersonReply[Field]> };

export type Happening = TimelineItem;
export type Family = Happening['family'];
export type TimelinePage = Timeline;
