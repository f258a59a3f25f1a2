/* store/migrate.h: brings a database to the schema of this program. Private to store/ and tests.
 *
 * Migrations are `migrations/NNNN_name.sql`, only ever added, never edited: the checksum of each
 * applied one is kept, and a difference is refused. A migration is a list of steps. Ordinary steps
 * of one migration run in one transaction; a step under `-- repeat:` changes a bounded number of
 * rows and runs, each time in its own transaction, until it changes none. Progress is kept per
 * step, so that a killed migration goes on where it was. A schema newer than this program is
 * refused.
 */
#pragma once
#include "store/db.h"

typedef struct MigrationStep {
    bool repeat;           /* run until no row changes */
    DbStatement statement; /* sql is NULL for a database that does not need the step */
} MigrationStep;

typedef struct Migration {
    int64_t version; /* 1, 2, … */
    const char *name;
    const char *checksum; /* SHA-256 of the file, hex */
    const MigrationStep *steps;
    size_t step_count;
} Migration;

extern const Migration migrations[]; /* made by tools/sqlgen.py */
extern const size_t migration_count;

typedef struct MigrateOptions {
    const Migration *migrations;
    size_t count;
    /* Called once before the first change to a database that already has a schema; may be NULL. */
    bool (*backup)(Db *db, int64_t version, void *data, GError **error);
    void *data;
} MigrateOptions;

/* Applies what is missing. `db`: a writing connection outside transactions.
 * Errors: KITH_ERROR_CONFLICT (newer schema, edited migration), and those of db.h. */
bool migrate(Db *db, const MigrateOptions *options, GError **error);
