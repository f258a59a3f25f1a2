/* columns/runs.h: a persistent multimap from 64-bit keys to event ids, rebuilt from the database.
 *
 * The `event` table is in order of arrival and has no other index. A Runs is the index beside
 * it: a head in memory for the newest entries and sealed, sorted, checksummed files for the rest,
 * merged four into one by a thread of its own. Kith keeps two: person stem -> event ids, and
 * fingerprint of (source, message id) -> event id.
 *
 * It is a hint, never the only copy. What it finds is confirmed on the event's row: after a
 * rollback an entry may lead to no row (and its id is never used again). What it lacks is told by
 * runs_through(): every event up to that id is in sealed files; after opening, the owner adds the
 * rows above it by one scan. A file that is missing or damaged takes itself and everything newer
 * out of the set, so the same scan heals it.
 *
 * Threads: runs_add, runs_cover, runs_seal, runs_remove, runs_purge, runs_expire belong to one
 * writer thread. Views and look-ups are for everyone: a view is an immutable, reference-counted
 * set of files and heads; the head inside it goes on growing and is read without locks.
 * Lock order: manifest_lock before lock.
 *
 *     g_autoptr(Runs) runs = runs_open(&options, error);
 *     for each row above runs_through(runs): runs_add(runs, stem, event_id);
 *     g_autoptr(RunsView) view = runs_view(runs);
 *     runs_find(view, stem, ids);              // GArray of uint64_t, rising
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    RUNS_HEAD_ENTRIES = 1 << 20, /* entries before a head is sealed: 32 MB */
    RUNS_HEAD_FIRST = 1 << 14,   /* entries of the first, small head */
    RUNS_MERGE_FILES = 4,        /* neighbours of one size class that become one file */
    RUNS_SEAL_MS = 3600 * 1000   /* a head with entries is sealed after this long */
};

typedef struct Runs Runs;
typedef struct RunsView RunsView;

typedef struct RunsOptions {
    const char *folder;    /* made when missing */
    const char *name;      /* of the files: letters and '-' */
    uint32_t head_entries; /* 0: RUNS_HEAD_ENTRIES */
} RunsOptions;

typedef struct RunsStats {
    uint64_t entries; /* in files and heads, erased ones included until purged */
    uint64_t file_bytes;
    uint64_t head_bytes; /* memory of the heads, at most */
    uint32_t files, heads;
    uint32_t damaged; /* files dropped when opening */
    uint64_t seals, merges;
    uint64_t failures; /* seals and merges that failed and will be tried again */
} RunsStats;

/* Opens the set, checking every file. Damage is not an error: see runs_through and
 * RunsStats.damaged. Errors: KITH_ERROR_UNAVAILABLE (folder cannot be made or read). */
Runs *runs_open(const RunsOptions *options, GError **error);

/* Seals what is in memory (best effort: what is not sealed is scanned at the next start), ends the
 * thread and frees. Views may outlive it. */
void runs_free(Runs *runs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Runs, runs_free)

/* Every event id up to this one is covered by sealed files (0: none is). */
uint64_t runs_through(const Runs *runs);

/* Adds an entry. Values rise from call to call in use (event ids), but need not. Seals a full
 * head; waits only while eight full heads are still being sealed. About 50 ns. */
void runs_add(Runs *runs, uint64_t key, uint64_t value);

/* Says that events up to `through` need no (further) entries. */
void runs_cover(Runs *runs, uint64_t through);

/* Hands a non-empty head to the sealing thread; returns at once. */
void runs_seal(Runs *runs);

/* Seals, and waits until no seal, purge or merge is left to do. Writer only; tests, shutdown,
 * `kith verify`. Errors: KITH_ERROR_UNAVAILABLE (the last failure). */
bool runs_flush(Runs *runs, GError **error);

/* Hides every entry of a key added so far, durably (two flushes), from views taken from now on.
 * The entries leave the files at the next runs_purge. */
bool runs_remove(Runs *runs, uint64_t key, GError **error);

/* Starts rewriting the files that hold removed keys; returns at once. Within 24 hours of the
 * first runs_remove it has to be called for an erasure to be complete. */
void runs_purge(Runs *runs);

/* Values below `value_min` are of no more use: files with nothing else go, merges drop them. */
void runs_expire(Runs *runs, uint64_t value_min);

void runs_stats(Runs *runs, RunsStats *ret_stats);

/* The set as it is now. */
RunsView *runs_view(Runs *runs);
void runs_view_unref(RunsView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunsView, runs_view_unref)

/* Appends the values of a key to `values` (of uint64_t), rising among themselves, without
 * duplicates, and returns how many. O(files + values). */
size_t runs_find(const RunsView *view, uint64_t key, GArray *values);

/* Whether exactly this entry is there. */
bool runs_holds(const RunsView *view, uint64_t key, uint64_t value);

/* Sets ret_hits[i] to whether keys[i] has any value. `count` up to RUNS_BATCH_MAX. Memory
 * accesses of the whole batch overlap: about 30 ns a key and file. */
enum { RUNS_BATCH_MAX = 4096 };
void runs_hits(const RunsView *view, const uint64_t *keys, size_t count, bool *ret_hits);
