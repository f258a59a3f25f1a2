/* segments/bought.h: every counted order as the columns hold it, for figures about all of them.
 *
 * Counted are confirmed orders that are not cancelled; whoever bought them is the survivor of their
 * stem's links, also after an erasure: the money stays, and so does the buyer, without a name.
 * Exact as an answer of segments_ask is: all that was acknowledged before.
 * A Bought is immutable and belongs to one thread; begin it without a reader in hand, nor in the
 * writer's thread.
 *
 *     g_autoptr(Bought) bought = bought_begin(segments, "EUR");
 *     if (!bought) …   // nothing is held now: read the database
 *     g_autoptr(EventMonthsTable) table = bought_months(bought, &months);
 */
#pragma once
#include "columns/event_months.h"
#include "segments/segments.h"

typedef struct Bought Bought;

/* NULL: orders are not held now. `currency`: the business's. */
Bought *bought_begin(Segments *segments, const char *currency);
void bought_end(Bought *bought);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bought, bought_end)

/* The newest order up to `now`, of whomever, UTC ms; INT64_MIN: none. */
int64_t bought_newest(const Bought *bought, int64_t now);

/* No order is older, UTC ms; INT64_MAX: there is none. */
int64_t bought_oldest(const Bought *bought);

/* The months in which everybody bought whom we know. The caller's. */
EventMonthsTable *bought_months(const Bought *bought, const EventMonths *months);
