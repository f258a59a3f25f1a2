/* store/backup.h: copies of a SQLite store, made while it runs, and their return.
 *
 * store_backup copies pages through the writer's own connection, some megabytes at a time between
 * two groups: what is written meanwhile goes into the copy too, so it never starts over and is the
 * state at its end. The file appears under its name only when it is complete and on disk.
 *
 * Not in it, on purpose: secret.key (keep it apart: without it sealed settings cannot be read) and
 * never.log (a restored store must not forget denials). PostgreSQL stores are saved with its own
 * tools: `pg_dump --format=custom`, or a base backup with archived WAL.
 */
#pragma once
#include "store/store.h"

/* Called now and then with pages done and pages in all; returning false stops the backup. */
typedef bool (*BackupProgress)(int64_t done, int64_t total, void *data);

/* Writes a copy to `path` (mode 0600), which must not exist. Waits. `progress` may be NULL.
 * Errors: KITH_ERROR_CONFLICT (exists, stopped), KITH_ERROR_INVALID (PostgreSQL),
 * KITH_ERROR_UNAVAILABLE (disk). Nothing is left behind after an error. */
bool store_backup(Store *store, const char *path, BackupProgress progress, void *data,
                  GError **error);

/* Puts a copy back into a data folder that no process holds. The copy is checked first (it is
 * ours, undamaged); the database it replaces stays as kith.db.before-restore. The next start finds
 * the store held. Errors: KITH_ERROR_INVALID, KITH_ERROR_CONFLICT (held), KITH_ERROR_UNAVAILABLE.
 */
bool store_restore(const char *data_dir, const char *path, GError **error);
