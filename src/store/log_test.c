/* Readers are cut, and the log of SQLite stays bounded while they read and much is written. */
#include "store/checkpoint.h"
#include "store/db_driver.h"
#include "store/testdb.h"

#include "base/clock.h"

#define MEGABYTE ((int64_t)1 << 20)

/* Where the writer waits, and room for the group that crosses it. */
enum {
    LOG_BYTES_MAX_MB = (CHECKPOINT_HOLD_BYTES >> 20) + 64,
#ifdef __SANITIZE_ADDRESS__ /* the bound is the same */
    WRITTEN_MB = 600
#else
    WRITTEN_MB = 1200
#endif
};

static const DbStatement names = {
    .name = "names",
    .place = "test",
    .kind = DB_MANY,
    .params = "",
    .columns = "t",
    .sql = {"SELECT name FROM setting ORDER BY name", "SELECT name FROM setting ORDER BY name"}};
static const DbStatement endless = {
    .name = "endless",
    .place = "test",
    .kind = DB_ONE,
    .params = "",
    .columns = "i",
    .sql = {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) "
        "SELECT MAX(i) FROM n",
        "SELECT CAST(MAX(1) AS BIGINT) FROM (SELECT pg_sleep(60)) AS slept"}};

/* A statement that would run for ever is stopped, with a text that says what to do. */
static void a_long_statement_is_cut(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    DbCursor row;
    int64_t begun = clock_monotonic_us();
    Db *db = store_reader_begin(test->store, &error);
    g_assert_false(db_one(db, &endless, NULL, &row, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_TIMEOUT);
    g_assert_cmpint(clock_monotonic_us() - begun, <, (STORE_READER_MS_MAX + 40000) * 1000);
    g_clear_error(&error);
    g_assert_false(db_one(db, &names, NULL, &row, &error)); /* nor does anything after it run */
    store_reader_end(test->store, db);
    g_clear_error(&error);
    db = store_reader_begin(test->store, &error); /* the connection is good again */
    g_assert_no_error(error);
    g_assert_true(db_one(db, &names, NULL, &row, &error));
    store_reader_end(test->store, db);
}

/* A reader that makes no call at all is ended too; the row it stands on stays readable. */
static void a_silent_reader_is_cut(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    DbCursor cursor;
    Db *db = store_reader_begin(test->store, &error);
    g_assert_true(db_open(db, &names, NULL, &cursor, &error));
    g_assert_true(db_cursor_next(&cursor));
    const char *name = db_cursor_text(&cursor, 0);
    g_autofree char *kept = g_strdup(name);
    const StoreMetrics *metrics = store_metrics(test->store);
    while (store_metric_get(&metrics->readers_cut) == 0)
        g_usleep(10000);
    g_assert_cmpstr(name, ==, kept);
    g_assert_false(db_cursor_next(&cursor));
    g_assert_false(db_cursor_finish(&cursor, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_TIMEOUT);
    store_reader_end(test->store, db);
}

static void *reader_hold(void *data)
{
    TestStore *test = data;
    Db *db = store_reader_begin(test->store, NULL);
    g_assert_nonnull(db);
    g_usleep(300000);
    store_reader_end(test->store, db);
    return NULL;
}

/* More readers than connections wait for their turn. */
static void readers_wait_for_a_place(TestStore *test)
{
    GThread *threads[STORE_READERS_MAX * 2];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("reader", reader_hold, test);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(store_metric_get(&store_metrics(test->store)->readers_open), ==, 0);
}

static bool blob_run(Db *db, void *data, GError **error)
{
    static const DbStatement put = {
        .name = "put",
        .place = "test",
        .kind = DB_EXEC,
        .params = "tb",
        .columns = "",
        .sql = {
            "INSERT INTO setting VALUES (?1, ?2, 0) ON CONFLICT (name) DO UPDATE SET value = ?2",
            ""}};
    enum { SIZE = MEGABYTE / 4 };
    g_autofree char *bytes = g_malloc(SIZE);
    memset(bytes, GPOINTER_TO_INT(data) % 251, SIZE); /* SQLite skips pages that do not change */
    g_autofree char *name = g_strdup_printf("t.%d", GPOINTER_TO_INT(data) % 64);
    const DbValue values[] = {db_value_text(name), db_value_blob((DbBytes){bytes, SIZE})};
    return db_exec(db, &put, values, NULL, error);
}

typedef struct Holding {
    Store *store;
    gint stop;
} Holding;

/* Always some snapshot is open, each until it is cut. */
static void *snapshots_main(void *data)
{
    Holding *holding = data;
    while (!g_atomic_int_get(&holding->stop)) {
        g_autoptr(GError) error = NULL;
        Db *db = store_reader_begin(holding->store, &error);
        if (!db) continue; /* held back for a moment, so that the log can begin anew */
        DbCursor row;
        while (!g_atomic_int_get(&holding->stop) && db_one(db, &names, NULL, &row, NULL))
            g_usleep(20000);
        store_reader_end(holding->store, db);
    }
    return NULL;
}

/* Several times the bound is written while two readers keep snapshots open one after the other. */
static void the_log_is_bounded(TestStore *test)
{
    Holding holding = {.store = test->store};
    GThread *readers[2];
    const StoreMetrics *metrics = store_metrics(test->store);
    for (int i = 0; i < 2; i++)
        readers[i] = g_thread_new("snapshots", snapshots_main, &holding);
    int64_t begun = clock_monotonic_us();
    for (int i = 0; i < WRITTEN_MB * 4; i++) {
        g_autoptr(GError) error = NULL;
        writer_call(store_writer(test->store), WRITER_ACK, blob_run, GINT_TO_POINTER(i), &error);
        g_assert_no_error(error);
    }
    int64_t us = clock_monotonic_us() - begun;
    g_atomic_int_set(&holding.stop, 1);
    for (int i = 0; i < 2; i++)
        g_thread_join(readers[i]);
    g_autofree char *path = g_build_filename(test->dir, "kith.db-wal", NULL);
    g_autofree char *size = NULL;
    int64_t most = store_metric_get(&metrics->wal_bytes_max) / MEGABYTE;
    g_test_message("%d MB in %.1f s; log at most %d MB, begun anew %d times, %d readers cut",
                   (int)WRITTEN_MB, (double)us / 1e6, (int)most,
                   (int)store_metric_get(&metrics->wal_restarts),
                   (int)store_metric_get(&metrics->readers_cut));
    g_assert_cmpint(most, <, LOG_BYTES_MAX_MB);
    g_assert_cmpint(store_metric_get(&metrics->wal_restarts), >, 0);
}

/* A program beside Kith that keeps the file open in a transaction costs disk, not availability. */
static void a_foreign_reader_stops_nobody(TestStore *test)
{
    g_autofree char *path = g_build_filename(test->dir, "kith.db", NULL);
    sqlite3 *foreign = NULL;
    g_assert_cmpint(sqlite3_open(path, &foreign), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(foreign, "BEGIN; SELECT COUNT(*) FROM setting", NULL, NULL, NULL),
                    ==, SQLITE_OK);
    const StoreMetrics *metrics = store_metrics(test->store);
    for (int i = 0; i < LOG_BYTES_MAX_MB * 4; i++) {
        g_autoptr(GError) error = NULL;
        writer_call(store_writer(test->store), WRITER_ACK, blob_run, GINT_TO_POINTER(i), &error);
        g_assert_no_error(error);
    }
    g_assert_cmpint(store_metric_get(&metrics->wal_bytes_max) / MEGABYTE, >=, LOG_BYTES_MAX_MB);
    g_assert_cmpint(sqlite3_close(foreign), ==, SQLITE_OK);
    while (store_metric_get(&metrics->wal_bytes) > 0)
        g_usleep(10000); /* and is given back as soon as it ends */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/readers/long", a_long_statement_is_cut);
    test_store_add("/store/readers/silent", a_silent_reader_is_cut);
    test_store_add("/store/readers/places", readers_wait_for_a_place);
    test_store_add_on(DB_SQLITE, "/store/log/bounded", the_log_is_bounded);
    test_store_add_on(DB_SQLITE, "/store/log/foreign", a_foreign_reader_stops_nobody);
    return g_test_run();
}
