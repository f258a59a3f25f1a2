#include "store/migrate.h"

#include "base/clock.h"
#include "store/db_driver.h"
#include "store/store_sql.h"

typedef struct Applied {
    bool any;         /* the database has a schema already */
    bool pending;     /* some step is missing */
    int64_t versions; /* highest applied */
} Applied;

static bool row_check(const MigrateOptions *options, const MigrationListRow *row, GError **error)
{
    if (row->version > (int64_t)options->count)
        return fail(error, KITH_ERROR_CONFLICT,
                    "the database has schema %" G_GINT64_FORMAT " (%s), this program knows up to "
                    "%zu: start the newer program, or restore a backup made by this one",
                    row->version, row->name, options->count);
    const Migration *migration = &options->migrations[row->version - 1];
    if (strcmp(migration->checksum, row->checksum) != 0)
        return fail(error, KITH_ERROR_CONFLICT,
                    "migration %" G_GINT64_FORMAT " (%s) was applied with another text than this "
                    "program's: an applied migration must never be edited; add a new one",
                    row->version, row->name);
    return true;
}

static bool applied_check(Db *db, const MigrateOptions *options, Applied *ret_applied,
                          GError **error)
{
    Applied applied = {0};
    int64_t complete = 0;
    MigrationListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_migration_list_open(db, &cursor, error)) return false;
    while (sql_migration_list_next(&cursor, &row)) {
        if (!row_check(options, &row, error)) return false;
        applied.any = true;
        applied.versions = row.version;
        complete += row.steps_done >= row.step_count;
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    applied.pending = complete < (int64_t)options->count;
    *ret_applied = applied;
    return true;
}

/* Begins a transaction that alone may migrate, and reads how far this migration is. */
static bool step_begin(Db *db, const Migration *migration, int64_t *ret_done, GError **error)
{
    if (!db_begin(db, "IMMEDIATE", error)) return false;
    MigrationStepsDoneParams params = {migration->version};
    MigrationStepsDoneRow row = {0};
    bool found = false;
    int64_t locked;
    if (sql_migration_lock(db, &locked, error) &&
        sql_migration_steps_done(db, &params, &row, &found, error)) {
        *ret_done = found ? row.steps_done : -1;
        return true;
    }
    db_rollback(db);
    return false;
}

static bool steps_save(Db *db, const Migration *migration, int64_t done, GError **error)
{
    MigrationSaveParams params = {
        .version = migration->version,
        .name = migration->name,
        .checksum = migration->checksum,
        .steps_done = done,
        .step_count = (int64_t)migration->step_count,
        .applied_at = clock_real_ms(),
    };
    return sql_migration_save(db, &params, NULL, error);
}

/* Runs steps from `*done` on inside the open transaction: ordinary ones up to the next repeated
 * one, or one round of a repeated one. */
static bool steps_run(Db *db, const Migration *migration, int64_t *done, GError **error)
{
    while (*done < (int64_t)migration->step_count) {
        const MigrationStep *step = &migration->steps[*done];
        int64_t changed = 0;
        bool wanted = step->statement.sql[db->kind] != NULL;
        if (wanted && !db_exec(db, &step->statement, NULL, &changed, error)) return false;
        if (step->repeat && changed > 0) return true; /* the same step again, next transaction */
        ++*done;
        bool next_repeats =
            *done < (int64_t)migration->step_count && migration->steps[*done].repeat;
        if (step->repeat || next_repeats) return true;
    }
    return true;
}

static bool migration_apply(Db *db, const Migration *migration, GError **error)
{
    int64_t done = 0;
    do {
        if (!step_begin(db, migration, &done, error)) return false;
        if (done >= (int64_t)migration->step_count) return db_commit(db, error);
        done = MAX(done, 0);
        if (!steps_run(db, migration, &done, error) || !steps_save(db, migration, done, error)) {
            db_rollback(db);
            g_prefix_error(error, "migration %" G_GINT64_FORMAT " (%s): ", migration->version,
                           migration->name);
            return false;
        }
        if (!db_commit(db, error)) return false;
    } while (done < (int64_t)migration->step_count);
    return true;
}

/* Two processes that start together may both try to make the table: the second sees it made. */
static bool table_create(Db *db, GError **error)
{
    return sql_migration_table_create(db, NULL, NULL) ||
           sql_migration_table_create(db, NULL, error);
}

bool migrate(Db *db, const MigrateOptions *options, GError **error)
{
    Applied applied;
    if (!table_create(db, error) || !applied_check(db, options, &applied, error)) return false;
    if (!applied.pending) return true;
    if (applied.any && options->backup &&
        !options->backup(db, applied.versions, options->data, error))
        return false;
    for (size_t i = 0; i < options->count; i++)
        if (!migration_apply(db, &options->migrations[i], error)) return false;
    return true;
}
