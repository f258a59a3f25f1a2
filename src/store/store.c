#include "store/store_private.h"

#include <glib/gstdio.h>

#include "base/clock.h"
#include "store/checkpoint.h"
#include "store/db_driver.h"
#include "store/keeper.h"
#include "store/migrate.h"
#include "store/postgres.h"
#include "store/store_sql.h"

Db *store_connect(Store *store, SqliteRole role, GError **error)
{
    Db *db = store->kind == DB_SQLITE
                 ? sqlite_open(store->file, role, error)
                 : postgres_open(store->database,
                                 role == SQLITE_READER ? POSTGRES_READER : POSTGRES_WRITER, error);
    if (db) db->store = store;
    return db;
}

enum {
    CLAIM_KEY = 0x4B495448, /* "KITH": of the database, which holds one store */
    CLAIM_MS = 15 * 1000,   /* a session of a process that was killed ends within that */
    CLAIM_LOOK_US = 50 * 1000,
};

/* One process at a time writes to a database: what it keeps in memory of people and links would be
 * wrong beside another. The lock is its connection's and is taken anew with each. */
static bool database_claim(Store *store, Db *db, GError **error)
{
    bool locked = store->kind == DB_SQLITE; /* by the folder */
    if (locked || store->claim_ms < 0) return true;
    int64_t until = clock_monotonic_us() + store->claim_ms * 1000;
    for (;;) {
        DatabaseClaimParams params = {CLAIM_KEY};
        DatabaseClaimRow row = {0};
        bool found;
        if (!sql_database_claim(db, &params, &row, &found, error)) return false;
        if (row.claimed) return true;
        if (clock_monotonic_us() >= until) break;
        g_usleep(CLAIM_LOOK_US);
    }
    return fail(error, KITH_ERROR_CONFLICT,
                "another Kith serves this database, from another data folder: a database has one "
                "process at a time; stop the other, or give this one a database of its own");
}

/* A connection that may write; NULL on error. */
static Db *writer_open(void *data, GError **error)
{
    Db *db = store_connect(data, SQLITE_WRITER, error);
    if (db && !database_claim(data, db, error)) {
        db_free(db);
        return NULL;
    }
    const Store *store = data;
    if (db && store->checkpoint) checkpoint_watch(store->checkpoint, db);
    return db;
}

static Db *reader_open(void *data, GError **error)
{
    const Store *store = data;
    Db *db = store_connect(data, SQLITE_READER, error);
    if (!db) return NULL;
    g_autofree char *patience = g_strdup_printf("SET statement_timeout = %d", store->reader_ms);
    if (store->kind == DB_POSTGRES && !db_script(db, patience, error)) {
        db_free(db);
        return NULL;
    }
    db->locked = true;
    return db;
}

static bool before_commit(Db *db, void *data, GError **error)
{
    Store *store = data;
    return calm_keep(store, db, error) && node_keep(store->node, db, error);
}

static void after_commit(void *data, bool done)
{
    Store *store = data;
    node_kept(store->node, done);
    calm_kept(store, done);
    if (!done || !g_atomic_int_compare_and_exchange(&store->jobs_added, 1, 0)) return;
    g_mutex_lock(&store->jobs_mutex);
    if (store->jobs) jobs_wake(store->jobs);
    g_mutex_unlock(&store->jobs_mutex);
}

void store_jobs_detach(Store *store)
{
    g_mutex_lock(&store->jobs_mutex);
    store->jobs = NULL;
    g_mutex_unlock(&store->jobs_mutex);
}

/* Keeps a copy of the database as it was before a migration changes it. */
static bool migration_backup(Db *db, int64_t version, void *data, GError **error)
{
    Store *store = data;
    if (store->kind != DB_SQLITE) return true; /* documented: pg_dump first */
    g_autofree char *path =
        g_strdup_printf("%s.before-schema-%" G_GINT64_FORMAT, store->file, version + 1);
    g_autofree char *fresh = g_strdup_printf("%s.new", path);
    g_unlink(fresh);
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", fresh);
    bool done = db_script(db, sql, error);
    sqlite3_free(sql);
    if (done && g_rename(fresh, path) != 0)
        done = fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s", path);
    g_prefix_error(error, "backup before the migration: ");
    return done;
}

static void threads_start(Store *store, Db *writer_db)
{
    store->writer = writer_new(&(WriterOptions){
        .open = writer_open,
        .before_commit = before_commit,
        .after_commit = after_commit,
        .data = store,
        .db = writer_db,
        .metrics = &store->metrics,
    });
    store->readers = readers_new(&(ReadersOptions){
        .open = reader_open,
        .data = store,
        .metrics = &store->metrics,
        .count_max = STORE_READERS_MAX,
        .time_ms = store->reader_ms,
    });
}

static bool database_open(Store *store, GError **error)
{
    MigrateOptions options = {migrations, migration_count, migration_backup, store};
    if (store->kind == DB_SQLITE) store->checkpoint = checkpoint_new(store);
    Db *db = writer_open(store, error);
    if (!db) return false;
    if (migrate(db, &options, error)) store->node = node_open(&store->folder, db, error);
    if (store->node) store->epoch = epoch_open(&store->folder, store->file, db, error);
    if (!store->epoch) {
        db_free(db);
        return false;
    }
    threads_start(store, db);
    if (store->checkpoint && !checkpoint_start(store->checkpoint, error)) return false;
    if (!calm_watch(store, error)) return false;
    store->keeper = keeper_start(store);
    return true;
}

static bool parts_open(Store *store, const StoreOptions *options, GError **error)
{
    if (!folder_open(&store->folder, options->data_dir, options->must_exist, error)) return false;
    if (!folder_database(&store->folder, options->database, &store->database, error)) return false;
    store->kind = store->database ? DB_POSTGRES : DB_SQLITE;
    if (store->kind == DB_SQLITE) {
        store->file = folder_file(&store->folder, "kith.db");
        store->fresh = !g_file_test(store->file, G_FILE_TEST_EXISTS);
    }
    store->secret = secret_open(&store->folder, store->folder.made || store->fresh, error);
    if (!store->secret) return false;
    store->never = never_open(&store->folder, secret_key(store->secret, "never"), error);
    return store->never && database_open(store, error);
}

Store *store_open(const StoreOptions *options, GError **error)
{
    g_assert(options->data_dir);
    Store *store = g_new0(Store, 1);
    store->folder.lock = -1;
    g_mutex_init(&store->jobs_mutex);
    g_mutex_init(&store->retry_mutex);
    store->claim_ms = options->shared ? -1 : options->claim_ms ? options->claim_ms : CLAIM_MS;
    store->reader_ms = options->reader_ms ? options->reader_ms : STORE_READER_MS_MAX;
    store->retries = g_array_new(FALSE, FALSE, sizeof(Retry));
    if (parts_open(store, options, error)) return store;
    store_close(store);
    return NULL;
}

static bool node_give_back(Db *db, void *data, GError **error)
{
    Store *store = data;
    return node_release(store->node, db, error);
}

void store_close(Store *store)
{
    if (!store) return;
    jobs_stop(store->jobs);
    keeper_stop(store->keeper);
    checkpoint_stop(store->checkpoint);
    readers_free(store->readers);
    if (store->writer) {
        writer_between(store->writer, node_give_back, store, NULL);
        writer_stop(store->writer);
        writer_free(store->writer);
    }
    checkpoint_free(store->checkpoint);
    epoch_free(store->epoch);
    node_free(store->node);
    never_free(store->never);
    secret_free(store->secret);
    folder_close(&store->folder);
    g_free(store->database);
    g_free(store->file);
    g_array_unref(store->retries);
    g_mutex_clear(&store->retry_mutex);
    g_mutex_clear(&store->jobs_mutex);
    g_free(store);
}

DbKind store_kind(const Store *store) { return store->kind; }

const char *store_dir(const Store *store) { return store->folder.path; }

int64_t store_id_next(Store *store) { return node_id_next(store->node); }

uint32_t store_node(const Store *store) { return node_number(store->node); }

Writer *store_writer(Store *store) { return store->writer; }

Db *store_reader_begin_at(Store *store, const char *opener, GError **error)
{
    return readers_begin(store->readers, opener, error);
}

void store_reader_end(Store *store, Db *db) { readers_end(store->readers, db); }

const uint8_t *store_secret(Store *store, const char *purpose)
{
    return secret_key(store->secret, purpose);
}

bool store_held(Store *store, const char **ret_reason)
{
    const char *reason = epoch_held(store->epoch);
    if (ret_reason) *ret_reason = reason;
    return reason != NULL;
}

static bool release_unit(Db *db, void *data, GError **error)
{
    Store *store = data;
    return epoch_release(store->epoch, db, error);
}

bool store_release(Store *store, GError **error)
{
    if (!writer_call(store->writer, WRITER_REST, release_unit, store, error)) return false;
    epoch_released(store->epoch);
    return true;
}

const StoreMetrics *store_metrics(Store *store) { return &store->metrics; }
