/* store/sqlite.h: opens SQLite connections as Kith wants them: WAL, synchronous=FULL,
 * secure_delete, no automatic checkpoints (the checkpoint thread does them), page size 8 KB for a
 * new file. Private to store/.
 */
#pragma once
#include <sqlite3.h>

#include "store/db_driver.h"

enum {
    SQLITE_KITH_ID = 0x4b697468, /* PRAGMA application_id: "Kith" */
    SQLITE_PAGE_BYTES = 8192,    /* of a new file: 7 % less CPU an event than 16 KB, because each
                                    group writes its last page anew */
};

typedef enum SqliteRole {
    SQLITE_WRITER,     /* may create the file */
    SQLITE_READER,     /* read-only; calls are cut by the deadline of db->stamp */
    SQLITE_CHECKPOINT, /* writes nothing but the database file's pages */
} SqliteRole;

/* Opens `path`. NULL on error: KITH_ERROR_INVALID (the file is no Kith database),
 * KITH_ERROR_UNAVAILABLE (cannot open), KITH_ERROR_INTERNAL (damaged). */
Db *sqlite_open(const char *path, SqliteRole role, GError **error);

/* The connection underneath, for backup and checkpoints. */
sqlite3 *sqlite_handle(Db *db);

/* Page size of this file. */
int64_t sqlite_page_bytes(Db *db);

/* Turns the connection's last failure into an error naming `what`; returns false. */
bool sqlite_fail(sqlite3 *handle, int code, const char *what, GError **error);
