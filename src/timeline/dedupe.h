/* timeline/dedupe.h: the same (source, message id) never counts twice within 7 days of receipt.
 *
 * SQLite: a keyed 64-bit fingerprint of each message leads, through runs (columns/runs.h), to the
 * events that may be it; each hit is confirmed on the event's row, in the same transaction, before
 * anything is called a duplicate. So neither a collision nor a rolled back unit can make us drop an
 * event, and nothing has to be put back after a rollback.
 *
 * PostgreSQL: the window is the table `event_seen`, partitioned by day of receipt and never keyed
 * by person, so that several processes share it. A claim inserts what was not there; a rollback
 * takes the claim back. In the first minute of a day claims go into yesterday's partition too,
 * so that two processes cannot take one message on both sides of midnight.
 *
 * Thread: the writer's, but for dedupe_fingerprint (any).
 *
 *     items[i] = (DedupeItem){source_id, message_id, dedupe_fingerprint(dedupe, …)};
 *     if (!dedupe_check(dedupe, db, items, count, received_at, error)) return false;
 *     for each item that is not `seen`: append the event, then
 *         dedupe_add(dedupe, items[i].fingerprint, event_id);
 */
#pragma once
#include "base/keyhash.h"
#include "base/slice.h"
#include "columns/runs.h"
#include "store/store.h"

enum { DEDUPE_DAYS = 7, DEDUPE_BATCH_MAX = 1000 };
#define DEDUPE_WINDOW_MS (INT64_C(7) * 24 * 3600 * 1000)

typedef struct Dedupe Dedupe;

typedef struct DedupeItem {
    int64_t source_id;
    const char *message_id; /* NUL-terminated; NULL: has none and is never a duplicate */
    Hash128 fingerprint;    /* of both, by dedupe_fingerprint */
    bool seen;              /* set by dedupe_check */
} DedupeItem;

/* Opens the window. SQLite: its files under DATA/runs; the owner then feeds dedupe_row with the
 * rows above dedupe_through. */
Dedupe *dedupe_open(Store *store, GError **error);
void dedupe_free(Dedupe *dedupe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dedupe, dedupe_free)

Hash128 dedupe_fingerprint(const Dedupe *dedupe, int64_t source_id, Slice message_id);

/* Sets `seen` of up to DEDUPE_BATCH_MAX items, all different. `now`: their time of receipt. */
bool dedupe_check(Dedupe *dedupe, Db *db, DedupeItem *items, size_t count, int64_t now,
                  GError **error);

/* Notes an accepted message, after its event was appended. */
void dedupe_add(Dedupe *dedupe, Hash128 fingerprint, int64_t event_id);

/* SQLite: rows up to this event id are in sealed files; NULL runs (0) on PostgreSQL. */
int64_t dedupe_through(const Dedupe *dedupe);

/* The runs, for counts, sealing and the row scan; NULL on PostgreSQL. */
Runs *dedupe_runs(Dedupe *dedupe);

/* Housekeeping, hourly, in a unit of the writer: forgets what is older than the window. */
bool dedupe_expire(Dedupe *dedupe, Db *db, int64_t now, GError **error);

/* Messages called duplicates since the start. Any thread. */
int64_t dedupe_hits(const Dedupe *dedupe);
