/* store/checkpoint.h: the thread that bounds SQLite's log. Private to store/.
 *
 * Every 250 ms it copies pages from the log to the database file (PASSIVE: disturbs nobody) and
 * flushes them, so that little is left to flush while the writer is held.
 * PASSIVE alone never lets the log start anew while writing goes on, and the log grows to
 * gigabytes within a minute. So, when the log is over CHECKPOINT_RESTART_BYTES and nearly copied,
 * the writer is held for one group, the rest is copied, and the next write begins the log anew. A
 * reader with an older snapshot prevents that: over CHECKPOINT_GATE_BYTES no new reader begins
 * until the open ones have ended, at most STORE_READER_MS_MAX. A disk that copies more slowly than
 * the writer writes, or memory that takes gigabytes while a reader ends, would still outrun it:
 * over CHECKPOINT_HOLD_BYTES the writer begins no further group until the log has begun anew. So
 * the log is never longer than that and one group, unless another program keeps the file open in a
 * transaction.
 */
#pragma once
#include "store/store_private.h"

enum {
    CHECKPOINT_PERIOD_MS = 250,
    CHECKPOINT_RESTART_BYTES = 48 << 20,
    CHECKPOINT_GATE_BYTES = 128 << 20,
    CHECKPOINT_HOLD_BYTES = 320 << 20,
};

/* Before the writer's connection is opened; freed after the writer has ended. */
Checkpoint *checkpoint_new(Store *store);
void checkpoint_free(Checkpoint *checkpoint);

/* Watches what the writer's connection `db` commits; again for each connection. */
void checkpoint_watch(Checkpoint *checkpoint, Db *db);

/* Starts and ends the thread. After the stop nobody holds the writer. */
bool checkpoint_start(Checkpoint *checkpoint, GError **error);
void checkpoint_stop(Checkpoint *checkpoint);
