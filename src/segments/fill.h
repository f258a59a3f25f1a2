/* segments/fill.h: leaves filled from event columns instead of SQL.
 *
 * A leaf is filled from columns when everything that any of its taps hears of is held: the name,
 * and every property that its `where` and its value look at, none of it as a hash. Then a kernel
 * fills it (kernel.h), or each occurrence in range is told to leaf_take, exactly as the scans of
 * load*.c would (docs/adr/0011): tests of a property are asked once for each entry of its
 * dictionary.
 *
 * Private to segments/; one thread.
 */
#pragma once
#include "segments/evaluate.h"
#include "segments/feed.h"

/* Asks the feed to hold what a planned question looks at. Errors: KITH_ERROR_LIMIT (the first that
 * does not fit; all others are asked for nevertheless). */
bool fill_want(const Evaluation *evaluation, Feed *feed, FeedNeed need, GError **error);

/* Fills what can be and marks those leaves `filled`. Sets `newest_order` when orders are held. */
void fill_leaves(Evaluation *evaluation);
