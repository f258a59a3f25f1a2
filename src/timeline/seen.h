/* timeline/seen.h: the window of messages on PostgreSQL: `event_seen`, one partition a day.
 *
 * See dedupe.h, the only user. Partitions are made when a day's first claim comes and dropped when
 * the day has left the window. Writer thread.
 */
#pragma once
#include "store/db.h"

typedef struct Seen Seen;
typedef struct DedupeItem DedupeItem;

Seen *seen_new(void);
void seen_free(Seen *seen);

/* As dedupe_check: claims the items and sets `seen` of those that somebody else had. */
bool seen_claim(Seen *seen, Db *db, DedupeItem *items, size_t count, int64_t now, GError **error);

/* Drops partitions that have left the window. */
bool seen_expire(Seen *seen, Db *db, int64_t now, GError **error);
