/* store/readers.h: the pool of read-only connections. Private to store/.
 *
 * A reader's transaction is a snapshot. It ends when the user ends it, or after
 * STORE_READER_MS_MAX: then a watch thread rolls it back, and each later call on it fails with
 * KITH_ERROR_TIMEOUT. So no snapshot keeps the log of SQLite from starting anew for longer.
 */
#pragma once
#include "store/db.h"
#include "store/metrics.h"

typedef struct Readers Readers;

typedef struct ReadersOptions {
    Db *(*open)(void *data, GError **error);
    void *data;
    StoreMetrics *metrics;
    int count_max;
    int64_t time_ms; /* of one transaction */
} ReadersOptions;

Readers *readers_new(const ReadersOptions *options);

/* All readers must have been ended. */
void readers_free(Readers *readers);

Db *readers_begin(Readers *readers, const char *opener, GError **error);
void readers_end(Readers *readers, Db *db);

/* Lets no new reader begin until readers_let, and waits until none is open (at most the time of
 * one transaction). */
void readers_hold(Readers *readers);
void readers_let(Readers *readers);
