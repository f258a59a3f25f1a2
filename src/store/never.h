/* store/never.h: DATA/never.log: what must stay true even when an older backup is restored.
 *
 * A denial or an erasure is appended here and fsynced before it is answered. The file lies beside
 * the database and outside its backup; after a restore (and, being idempotent, at each start) its
 * owner replays it over the store. A record is one line of text without personal data (keyed
 * hashes, ids). Each line bears a keyed hash, so that a torn or altered one is noticed: a torn end
 * is cut off, a line altered elsewhere is an error.
 */
#pragma once
#include "store/store.h"

enum { NEVER_RECORD_MAX = 4096 };

/* Appends a record (no newline, at most NEVER_RECORD_MAX bytes); durable when it returns true.
 * Thread safe; callers at the same time share one fsync. May be called on the writer's thread. */
bool store_never_append(Store *store, const char *record, GError **error);

/* The same for many at once (of char *): one write, one fsync; all or none. */
bool store_never_append_all(Store *store, const GPtrArray *records, GError **error);

/* Calls `apply` for every record in order of appending; stops when it fails.
 * Errors: KITH_ERROR_INTERNAL (an altered line). */
bool store_never_replay(Store *store, bool (*apply)(const char *record, void *data, GError **error),
                        void *data, GError **error);

typedef struct Never Never;
typedef struct Folder Folder;

/* `key`: 16 bytes, kept by the caller. */
Never *never_open(const Folder *folder, const uint8_t *key, GError **error);
void never_free(Never *never);
