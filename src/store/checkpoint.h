/* store/checkpoint.h: the thread that bounds SQLite's log. Private to store/.
 *
 * Every 250 ms it copies pages from the log to the database file (PASSIVE: disturbs nobody) and
 * flushes them, so that little is left to flush while the writer is held.
 * PASSIVE alone never lets the log start anew while writing goes on, and the log grows to
 * gigabytes within a minute. So, when the log is over CHECKPOINT_RESTART_BYTES and nearly copied,
 * the writer is held for one group, the rest is copied, and the next write begins the log anew. A
 * reader with an older snapshot prevents that: over CHECKPOINT_GATE_BYTES no new reader begins
 * until the open ones have ended, at most STORE_READER_MS_MAX.
 */
#pragma once
#include "store/store_private.h"

enum {
    CHECKPOINT_PERIOD_MS = 250,
    CHECKPOINT_RESTART_BYTES = 48 << 20,
    CHECKPOINT_GATE_BYTES = 128 << 20,
};

Checkpoint *checkpoint_start(Store *store, GError **error);
void checkpoint_stop(Checkpoint *checkpoint);
