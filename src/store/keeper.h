/* store/keeper.h: the thread that keeps watch: measures the disk and how long it will last, counts
 * what is parked, and on PostgreSQL keeps the node's lease when nothing is written. Private to
 * store/.
 *
 * How long the disk lasts: the size of the database is noted once a day (setting store.disk_days,
 * the last 30); the growth between the oldest note and now, per day, divides the free space.
 * Unknown (-1) during the first day and while nothing grows.
 */
#pragma once
#include "store/store_private.h"

enum {
    KEEPER_PERIOD_MS = 10 * 1000,
    KEEPER_DAYS_MAX = 30,
    KEEPER_COPY_MS = 20 * 3600 * 1000, /* how long kith.db.before-… stays: erasure has 24 hours */
};

Keeper *keeper_start(Store *store);
void keeper_stop(Keeper *keeper);

/* Removes the safety copies of a database file (NAME.before-…) that are older than
 * KEEPER_COPY_MS at `now_ms` (real time). */
void keeper_copies_remove(const char *file, int64_t now_ms);

/* Days that `free_bytes` last, from notes "day:bytes day:bytes …" (days since 1970, oldest first)
 * and the size today. -1 = unknown. */
int64_t keeper_days_left(const char *notes, int64_t today, int64_t bytes, int64_t free_bytes);

/* The notes with today's size added when its day has none yet; the caller frees. */
char *keeper_note(const char *notes, int64_t today, int64_t bytes);
