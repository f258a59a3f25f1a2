/* segments/fill_traits.h: leaves about traits, what lists show, and tags, filled from columns.
 *
 * Of a person's occurrences that lie not after the moment one is current: the most trusted, of
 * those the latest by occurrence, then by receipt, then the least text (as load_traits.c and
 * people/trait.c have it). Nearly everybody has one, in one row: they are told in one pass; whoever
 * has several, in a row, in the delta or because of a merge, is looked at again in a second.
 *
 * Private to segments/; one thread.
 */
#pragma once
#include "segments/evaluate.h"
#include "segments/feed_traits.h"

/* Whether a leaf is one of these. */
bool fill_is_trait(const Leaf *leaf);

/* Asks for what such a leaf needs to be held. Errors: KITH_ERROR_LIMIT. */
bool fill_trait_want(const Leaf *leaf, Feed *feed, FeedNeed need, GError **error);

/* Fills a leaf, which then is judged by its set (or ranks by its bounds) and needs its column no
 * more; false: it is not held, or has more values than a dictionary takes. */
bool fill_trait_leaf(const Evaluation *evaluation, Leaf *leaf, const FeedRead *read);
