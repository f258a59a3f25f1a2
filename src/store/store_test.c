/* Opening, refusing to open, what survives, and what is noticed. */
#include "store/store.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/backup.h"
#include "store/db_driver.h"
#include "store/fault.h"
#include "store/keeper.h"
#include "store/migrate.h"
#include "store/never.h"
#include "store/postgres.h"
#include "store/secret.h"
#include "store/testdb.h"

static const DbStatement put = {
    .name = "put",
    .place = "test",
    .kind = DB_EXEC,
    .params = "t",
    .columns = "",
    .sql = {"INSERT INTO setting VALUES (?1, 'v', 0)", "INSERT INTO setting VALUES ($1, 'v', 0)"}};

static bool put_run(Db *db, void *data, GError **error)
{
    DbValue value = db_value_text(data);
    return db_exec(db, &put, &value, NULL, error);
}

static void put_name(TestStore *test, const char *name)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(test->store), WRITER_ACK, put_run, (void *)name, &error);
    g_assert_no_error(error);
}

static bool has_name(TestStore *test, const char *name)
{
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM setting WHERE name = '%s'", name);
    return test_store_number(test, sql) == 1;
}

/* Opening must fail with this code, and say this. */
static void open_refused(TestStore *test, KithError code, const char *says)
{
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.data_dir = test->dir, .database = test->database};
    g_assert_null(store_open(&options, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, KITH_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, says));
}

/* ---- opening ---- */

static void ids_rise_over_restarts(TestStore *test)
{
    int64_t last = 0;
    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("t.%d", i);
        int64_t id = store_id_next(test->store);
        g_assert_cmpint(id, >, last);
        put_name(test, name);
        last = store_id_next(test->store);
        test_store_reopen(test);
    }
}

/* The process died with ids beyond its clock: the next one starts above them. */
static void ids_rise_after_the_clock_stepped_back(TestStore *test)
{
    test_store_close(test);
    int64_t ahead = id_floor(clock_real_ms() + 10 * CLOCK_MINUTE_MS);
    g_autofree char *sql = g_strdup_printf("UPDATE node SET highest_id = %" G_GINT64_FORMAT, ahead);
    g_free(test_store_sql(test, sql));
    test_store_open(test);
    g_assert_cmpint(store_id_next(test->store), >, ahead);
}

static void one_process_holds_the_folder(TestStore *test)
{
    open_refused(test, KITH_ERROR_CONFLICT, "held by another process");
    pid_t child = fork();
    if (child == 0) {
        StoreOptions options = {.data_dir = test->dir, .database = test->database};
        _exit(store_open(&options, NULL) ? 1 : 0);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    put_name(test, "t.still-mine");
}

static void file_put(const char *dir, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void folders_of_others_are_refused(void)
{
    TestStore *test = test_store_place(DB_SQLITE);
    file_put(test->dir, "holiday.jpg", "x");
    open_refused(test, KITH_ERROR_INVALID, "no data folder of Kith");
    g_autofree char *only = g_build_filename(test->dir, "lock", NULL);
    g_assert_false(g_file_test(only, G_FILE_TEST_EXISTS)); /* nothing was left in it */
    test_store_free(test);
}

static void a_file_is_no_folder(void)
{
    TestStore *test = test_store_place(DB_SQLITE);
    g_autofree char *dir = g_strdup(test->dir);
    g_free(test->dir);
    test->dir = g_build_filename(dir, "file", NULL);
    file_put(dir, "file", "x");
    open_refused(test, KITH_ERROR_INVALID, "is a file");
    test_store_free(test);
    test_dir_remove(dir);
}

static void what_is_no_database_is_refused(TestStore *test)
{
    g_autofree char *noise = g_malloc(20000);
    for (int i = 0; i < 20000; i++)
        noise[i] = (char)('a' + i % 26);
    noise[19999] = '\0';
    test_store_close(test);
    file_put(test->dir, "kith.db", noise);
    open_refused(test, KITH_ERROR_INVALID, "not a database");
}

static void anothers_database_is_refused(TestStore *test)
{
    test_store_close(test);
    g_autofree char *path = g_build_filename(test->dir, "kith.db", NULL);
    g_autofree char *log = g_strdup_printf("%s-wal", path);
    g_unlink(path);
    g_unlink(log);
    sqlite3 *handle = NULL;
    g_assert_cmpint(sqlite3_open(path, &handle), ==, SQLITE_OK);
    sqlite3_exec(handle, "CREATE TABLE songs (title TEXT)", NULL, NULL, NULL);
    sqlite3_close(handle);
    open_refused(test, KITH_ERROR_INVALID, "of another program");
}

static void anothers_postgres_is_refused(TestStore *test)
{
    test_store_close(test);
    g_free(test_store_sql(test, "DROP TABLE migration"));
    open_refused(test, KITH_ERROR_INVALID, "of another program");
}

/* Two processes on one database would each believe their own memory of who is who. */
static void a_second_process_is_refused(TestStore *test)
{
    TestStore *other = test_store_place(DB_SQLITE);
    StoreOptions options = {.data_dir = other->dir, .database = test->database, .claim_ms = 1};
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(&options, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "another Kith serves this database"));
    g_assert_nonnull(strstr(error->message, "a database of its own"));
    put_name(test, "t.unharmed");
    test_store_reopen(test); /* the first comes and goes as it likes */
    test_store_free(other);
}

static void an_unreachable_postgres_is_told(void)
{
    TestStore *test = test_store_place(DB_SQLITE);
    test->database = g_strdup("postgres://kith:sesame@127.0.0.1:1/none");
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.data_dir = test->dir, .database = test->database};
    g_assert_null(store_open(&options, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_UNAVAILABLE);
    g_assert_null(strstr(error->message, "sesame"));
    g_clear_pointer(&test->database, g_free);
    test_store_free(test);
}

/* The folder remembers where its data is. */
static void the_folder_remembers(TestStore *test)
{
    g_autofree char *database = test->database;
    put_name(test, "t.here");
    test_store_close(test);
    test->database = NULL;
    test_store_open(test);
    g_assert_cmpint(store_kind(test->store), ==, DB_POSTGRES);
    test_store_close(test);
    test->database = g_strdup("postgres://other/other");
    open_refused(test, KITH_ERROR_CONFLICT, "another database");
    g_free(test->database);
    test->database = g_steal_pointer(&database);
    g_assert_true(has_name(test, "t.here"));
}

/* ---- migrations ---- */

static void a_newer_schema_is_refused(TestStore *test)
{
    test_store_close(test);
    g_free(test_store_sql(test, "INSERT INTO migration VALUES (99, 'future', 'x', 1, 1, 0)"));
    open_refused(test, KITH_ERROR_CONFLICT, "start the newer program");
}

static void an_edited_migration_is_refused(TestStore *test)
{
    test_store_close(test);
    g_free(test_store_sql(test, "UPDATE migration SET checksum = 'edited' WHERE version = 1"));
    open_refused(test, KITH_ERROR_CONFLICT, "must never be edited");
}

#define STEP(text)                                                                                 \
    {                                                                                              \
        .statement = {                                                                             \
            .name = "m",                                                                           \
            .place = "m",                                                                          \
            .kind = DB_EXEC,                                                                       \
            .params = "",                                                                          \
            .columns = "",                                                                         \
            .sql = {text, text}                                                                    \
        }                                                                                          \
    }
#define REPEAT(text)                                                                               \
    {                                                                                              \
        .repeat = true, .statement = {                                                             \
            .name = "m",                                                                           \
            .place = "m",                                                                          \
            .kind = DB_EXEC,                                                                       \
            .params = "",                                                                          \
            .columns = "",                                                                         \
            .sql = {text, text}                                                                    \
        }                                                                                          \
    }

static const MigrationStep first[] = {
    STEP("CREATE TABLE many (id BIGINT PRIMARY KEY, mark BIGINT)")};
static const MigrationStep second[] = {
    STEP("ALTER TABLE many ADD COLUMN extra BIGINT"),
    REPEAT("UPDATE many SET extra = id * 2 WHERE id IN "
           "(SELECT id FROM many WHERE extra IS NULL ORDER BY id LIMIT 100)"),
    STEP("CREATE TABLE after (x BIGINT)"),
};
static const MigrationStep broken[] = {STEP("CREATE TABLE half (x BIGINT)"),
                                       STEP("UPDATE nowhere SET x = 1")};

typedef struct Steps {
    MigrateOptions options;
    GError *error;
    int backups;
    int64_t fault;
} Steps;

static bool backup_count(Db *db G_GNUC_UNUSED, int64_t version G_GNUC_UNUSED, void *data,
                         GError **error G_GNUC_UNUSED)
{
    ((Steps *)data)->backups++;
    return true;
}

/* Runs migrations of its own on an empty database beside the store. */
static Db *side_open(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(test->dir, "side.db", NULL);
    Db *db = test->kind == DB_SQLITE ? sqlite_open(path, SQLITE_WRITER, &error)
                                     : postgres_open(test->database, POSTGRES_WRITER, &error);
    g_assert_no_error(error);
    return db;
}

static int64_t side_number(Db *db, const char *sql)
{
    const DbStatement statement = {
        .name = "n", .place = "n", .kind = DB_ONE, .params = "", .columns = "i", .sql = {sql, sql}};
    g_autoptr(GError) error = NULL;
    DbCursor row;
    db_one(db, &statement, NULL, &row, &error);
    g_assert_no_error(error);
    int64_t number = db_cursor_i64(&row, 0);
    g_hash_table_remove(db->prepared, &statement);
    return number;
}

static void migrations_go_in_chunks_and_resume(DbKind kind)
{
    if (!test_store_has(kind)) return;
    TestStore *test = test_store_place(kind);
    Steps steps = {0};
    const Migration list[] = {{1, "first", "a", first, 1}, {2, "second", "b", second, 3}};
    g_autoptr(Db) db = side_open(test);
    MigrateOptions options = {list, 1, backup_count, &steps};
    g_assert_true(migrate(db, &options, &steps.error));
    g_assert_cmpint(steps.backups, ==, 0);
    g_assert_true(db_script(db,
                            kind == DB_SQLITE
                                ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                  "WHERE i < 1050) INSERT INTO many SELECT i, 0 FROM n"
                                : "INSERT INTO many SELECT i, 0 FROM generate_series(1, 1050) i",
                            NULL));
    options.count = 2;
    int failures = 0;
    for (int64_t nth = 4;; nth += 7) { /* dies at ever later calls, goes on each time */
        store_fault_at(nth);
        bool done = migrate(db, &options, NULL);
        bool hit = store_fault_hit();
        store_fault_at(0);
        if (done && !hit) break;
        failures++;
    }
    g_test_message("%d interruptions", failures);
    g_assert_cmpint(failures, >, 3);
    g_assert_cmpint(steps.backups, >=, 1);
    g_assert_cmpint(side_number(db, "SELECT COUNT(*) FROM many WHERE extra = id * 2"), ==, 1050);
    g_assert_cmpint(side_number(db, "SELECT COUNT(*) FROM after"), ==, 0);
    g_assert_cmpint(side_number(db, "SELECT steps_done FROM migration WHERE version = 2"), ==, 3);
    g_clear_pointer(&db, db_free);
    test_store_free(test);
}

static void a_broken_migration_leaves_nothing(DbKind kind)
{
    if (!test_store_has(kind)) return;
    TestStore *test = test_store_place(kind);
    g_autoptr(GError) error = NULL;
    const Migration list[] = {{1, "first", "a", first, 1}, {2, "broken", "b", broken, 2}};
    g_autoptr(Db) db = side_open(test);
    MigrateOptions options = {list, 2, NULL, NULL};
    g_assert_false(migrate(db, &options, &error));
    g_assert_nonnull(strstr(error->message, "migration 2 (broken)"));
    g_assert_cmpint(side_number(db, "SELECT COUNT(*) FROM migration"), ==, 1);
    g_assert_false(db_script(db, "SELECT x FROM half", NULL));
    g_clear_pointer(&db, db_free);
    test_store_free(test);
}

static void migrations_sqlite(void)
{
    migrations_go_in_chunks_and_resume(DB_SQLITE);
    a_broken_migration_leaves_nothing(DB_SQLITE);
}

static void migrations_postgres(void)
{
    migrations_go_in_chunks_and_resume(DB_POSTGRES);
    a_broken_migration_leaves_nothing(DB_POSTGRES);
}

/* What takes a step back, for the forms that steps have. */
static char *step_undo(const char *step)
{
    g_auto(GStrv) words = g_strsplit(step, " ", 7);
    if (strcmp(words[0], "INSERT") == 0) return g_strdup_printf("DELETE FROM %s", words[2]);
    if (strcmp(words[0], "ALTER") == 0)
        return g_strdup_printf("ALTER TABLE %s DROP COLUMN %s", words[2], words[5]);
    g_assert_cmpstr(words[0], ==, "CREATE");
    char **made =
        strcmp(words[1], "UNIQUE") == 0 ? words + 2 : words + 1; /* INDEX or TABLE, name */
    return g_strdup_printf("DROP %s %s", made[0], made[1]);
}

/* A store that was left in the middle of a migration: a copy first, then it goes on. */
static void a_copy_is_made_first(TestStore *test)
{
    const Migration *last = &migrations[migration_count - 1];
    const char *step = last->steps[last->step_count - 1].statement.sql[test->kind];
    g_autofree char *undo = step_undo(step);
    g_autofree char *back = g_strdup_printf(
        "UPDATE migration SET steps_done = step_count - 1 WHERE version = %d", (int)last->version);
    g_autofree char *copy =
        g_strdup_printf("%s/kith.db.before-schema-%d", test->dir, (int)last->version + 1);
    put_name(test, "t.kept");
    test_store_close(test);
    g_free(test_store_sql(test, undo));
    g_free(test_store_sql(test, back));
    test_store_open(test);
    g_assert_true(has_name(test, "t.kept"));
    g_assert_false(store_held(test->store, NULL));
    if (test->kind == DB_POSTGRES) return;
    g_autoptr(GError) error = NULL;
    Db *db = sqlite_open(copy, SQLITE_READER, &error);
    g_assert_no_error(error);
    g_assert_cmpint(side_number(db, "SELECT COUNT(*) FROM setting WHERE name = 't.kept'"), ==, 1);
    db_free(db);
}

/* ---- secrets ---- */

static void secrets_stay(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    uint8_t before[STORE_SECRET_SIZE];
    memcpy(before, store_secret(test->store, "stem"), sizeof before);
    g_assert_cmpint(memcmp(before, store_secret(test->store, "session"), sizeof before), !=, 0);
    g_autofree char *sealed = store_seal(test->store, "setting", "pass word");
    g_autofree char *again = store_seal(test->store, "setting", "pass word");
    g_assert_cmpstr(sealed, !=, again);
    test_store_reopen(test);
    g_assert_cmpint(memcmp(before, store_secret(test->store, "stem"), sizeof before), ==, 0);
    g_autofree char *text = store_unseal(test->store, "setting", sealed, &error);
    g_assert_cmpstr(text, ==, "pass word");
    g_assert_null(store_unseal(test->store, "other", sealed, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_DENIED);
    g_assert_null(store_unseal(test->store, "setting", "AAAA", NULL));
    g_assert_null(store_unseal(test->store, "setting", "", NULL));
}

static void a_lost_key_is_told(TestStore *test)
{
    g_autofree char *path = g_build_filename(test->dir, "secret.key", NULL);
    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    test_store_close(test);
    g_chmod(path, 0644);
    open_refused(test, KITH_ERROR_DENIED, "chmod 600");
    g_unlink(path);
    open_refused(test, KITH_ERROR_INVALID, "restore it from your copy");
}

/* ---- the hold ---- */

static void held_is(TestStore *test, const char *says)
{
    const char *reason = NULL;
    g_assert_true(store_held(test->store, &reason));
    g_test_message("%s", reason);
    g_assert_nonnull(strstr(reason, says));
}

static void restarts_are_not_held(TestStore *test)
{
    for (int i = 0; i < 3; i++) {
        g_assert_false(store_held(test->store, NULL));
        test_store_reopen(test);
    }
}

static void an_older_database_is_held(TestStore *test)
{
    g_autofree char *name =
        test_store_sql(test, "SELECT name FROM setting WHERE name LIKE 'store.epoch.%'");
    g_autofree char *old =
        test_store_sql(test, "SELECT value FROM setting WHERE name LIKE 'store.epoch.%'");
    g_autofree char *sql =
        g_strdup_printf("UPDATE setting SET value = '%s' WHERE name = '%s'", old, name);
    test_store_reopen(test);
    test_store_close(test);
    g_free(test_store_sql(test, sql));
    test_store_open(test);
    held_is(test, "restored from a backup");
    test_store_reopen(test);
    held_is(test, "restored from a backup"); /* until a person says so */
    g_assert_true(store_release(test->store, NULL));
    g_assert_false(store_held(test->store, NULL));
    test_store_reopen(test);
    g_assert_false(store_held(test->store, NULL));
}

/* Killed between the two writes of the epoch, on either side: not held. */
static void a_crash_amid_the_epoch_is_not_held(TestStore *test)
{
    g_autofree char *path = g_build_filename(test->dir, "epoch", NULL);
    g_autofree char *before = NULL, *after = NULL;
    g_assert_true(g_file_get_contents(path, &before, NULL, NULL));
    test_store_close(test);
    g_autofree char *stored =
        test_store_sql(test, "SELECT value FROM setting WHERE name LIKE 'store.epoch.%'");
    char *pending = strstr(before, "pending ");
    g_autofree char *noted = g_strdup_printf("%.*spending 00112233445566778899aabbccddeeff%s",
                                             (int)(pending - before), before, pending + 8);
    g_assert_true(g_file_set_contents(path, noted, -1, NULL)); /* noted, not yet committed */
    test_store_open(test);
    g_assert_false(store_held(test->store, NULL));
    test_store_close(test);
    g_assert_true(g_file_get_contents(path, &after, NULL, NULL));
    char *confirmed = strstr(after, "confirmed ") + 10;
    g_autofree char *committed =
        g_strdup_printf("%.*s%s\npending %.32s\n%s", (int)(confirmed - after), after, stored,
                        confirmed, strstr(after, "machine"));
    g_assert_true(g_file_set_contents(path, committed, -1, NULL)); /* committed, not confirmed */
    test_store_open(test);
    g_assert_false(store_held(test->store, NULL));
}

static void a_copied_folder_is_held(TestStore *test)
{
    test_store_close(test);
    TestStore *copy = test_store_place(DB_SQLITE);
    g_autofree char *command = g_strdup_printf("cp -r '%s/.' '%s/'", test->dir, copy->dir);
    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    test_store_open(copy);
    held_is(copy, "copy");
    test_store_free(copy);
    test_store_open(test);
    g_assert_false(store_held(test->store, NULL));
}

static void another_machine_is_held(TestStore *test)
{
    g_autofree char *path = g_build_filename(test->dir, "epoch", NULL);
    g_autofree char *text = NULL;
    test_store_close(test);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    char *machine = strstr(text, "machine ") + 8;
    machine[0] = machine[0] == 'z' ? 'y' : 'z';
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    test_store_open(test);
    held_is(test, "another machine");
}

/* ---- never.log ---- */

static bool record_keep(const char *record, void *data, GError **error G_GNUC_UNUSED)
{
    g_string_append_printf(data, "%s;", record);
    return true;
}

static void never_is(TestStore *test, const char *want)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    store_never_replay(test->store, record_keep, seen, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(seen->str, ==, want);
}

static void never_outlives_all(TestStore *test)
{
    g_autofree char *path = g_build_filename(test->dir, "never.log", NULL);
    g_assert_true(store_never_append(test->store, "deny 1", NULL));
    g_assert_true(store_never_append(test->store, "erase 2", NULL));
    g_assert_false(store_never_append(test->store, "two\nlines", NULL));
    never_is(test, "deny 1;erase 2;");
    test_store_close(test);
    FILE *file = fopen(path, "a");
    fputs("0123456789abcdef torn", file);
    fclose(file);
    test_store_open(test);
    g_assert_true(store_never_append(test->store, "deny 3", NULL));
    never_is(test, "deny 1;erase 2;deny 3;");
    test_store_close(test);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    strchr(text, '1')[0] = '9';
    *strstr(text, "deny") = 'D';
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    open_refused(test, KITH_ERROR_INTERNAL, "was altered");
}

/* ---- backup and restore ---- */

typedef struct Flood {
    TestStore *test;
    gint stop;
    int written;
} Flood;

static void *flood_main(void *data)
{
    Flood *flood = data;
    while (!g_atomic_int_get(&flood->stop)) {
        g_autofree char *name = g_strdup_printf("t.flood-%d", flood->written++);
        put_name(flood->test, name);
    }
    return NULL;
}

static void a_backup_comes_back(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_strdup_printf("%s.backup", test->dir);
    Flood flood = {.test = test};
    for (int i = 0; i < 2000; i++) {
        g_autofree char *name = g_strdup_printf("t.before-%d", i);
        put_name(test, name);
    }
    GThread *thread = g_thread_new("flood", flood_main, &flood);
    g_assert_true(store_backup(test->store, copy, NULL, NULL, &error));
    g_atomic_int_set(&flood.stop, 1);
    g_thread_join(thread);
    g_assert_false(store_backup(test->store, copy, NULL, NULL, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    g_clear_error(&error);
    put_name(test, "t.later");
    g_assert_false(store_restore(test->dir, copy, &error)); /* a process holds it */
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    g_clear_error(&error);
    test_store_close(test);
    g_assert_true(store_restore(test->dir, copy, &error));
    test_store_open(test);
    g_assert_true(store_held(test->store, NULL));
    g_assert_cmpint(
        test_store_number(test, "SELECT COUNT(*) FROM setting WHERE name LIKE 't.before-%'"), ==,
        2000);
    g_assert_false(has_name(test, "t.later"));
    g_unlink(copy);
}

static void a_damaged_backup_is_refused(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_strdup_printf("%s.backup", test->dir);
    g_autofree char *text = NULL;
    gsize size = 0;
    g_assert_true(store_backup(test->store, copy, NULL, NULL, &error));
    test_store_close(test);
    g_assert_true(g_file_get_contents(copy, &text, &size, NULL));
    memset(text + 3 * SQLITE_PAGE_BYTES, 0x5a, SQLITE_PAGE_BYTES * 2);
    g_assert_true(g_file_set_contents(copy, text, (gssize)size, NULL));
    g_assert_false(store_restore(test->dir, copy, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(g_file_set_contents(copy, "no database", -1, NULL));
    g_assert_false(store_restore(test->dir, copy, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    g_unlink(copy);
    test_store_open(test); /* the store itself was not touched */
}

static void postgres_says_how_to_back_up(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(store_backup(test->store, "/tmp/none", NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "pg_dump"));
}

/* ---- the disk ---- */

/* A file system that refuses further bytes: clear errors, nothing lost, and it recovers. */
static void a_full_disk(TestStore *test)
{
    struct rlimit before, small;
    g_autofree char *log = g_build_filename(test->dir, "kith.db-wal", NULL);
    struct stat info;
    put_name(test, "t.0");
    g_assert_cmpint(stat(log, &info), ==, 0);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = (rlim_t)info.st_size + 100000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int stored = 1;
    g_autoptr(GError) error = NULL;
    while (stored < 100) {
        g_autofree char *name = g_strdup_printf("t.%d", stored);
        if (!writer_call(store_writer(test->store), WRITER_ACK, put_run, name, &error)) break;
        stored++;
    }
    setrlimit(RLIMIT_FSIZE, &before);
    g_test_message("after %d: %s", stored, error->message);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_UNAVAILABLE);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM setting WHERE name LIKE 't.%'"),
                    ==, stored);
    put_name(test, "t.room-again");
}

static void disk_days(void)
{
    static const struct {
        const char *why, *notes;
        int64_t today, bytes, free_bytes, want;
    } cases[] = {
        {"nothing noted yet", "", 100, 1000, 1000, -1},
        {"first day", "100:1000", 100, 2000, 1000, -1},
        {"a hundred a day", "100:1000 105:1500", 110, 2000, 1000, 10},
        {"shrinking", "100:3000", 110, 2000, 1000, -1},
        {"full", "100:1000", 101, 2000, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(
            keeper_days_left(cases[i].notes, cases[i].today, cases[i].bytes, cases[i].free_bytes),
            ==, cases[i].want);
    }
    g_autofree char *notes = g_strdup("");
    for (int day = 1; day <= 40; day++) {
        char *longer = keeper_note(notes, day, day * 10);
        g_free(notes);
        notes = longer;
    }
    g_assert_true(g_str_has_prefix(notes, "11:110 12:120 "));
    g_assert_true(g_str_has_suffix(notes, " 40:400"));
    g_autofree char *same = keeper_note(notes, 40, 999);
    g_assert_cmpstr(same, ==, notes);
}

/* Copies made before a migration or a restore may hold people erased since: they go in time. */
static void safety_copies_go(TestStore *test)
{
    g_autofree char *file = g_build_filename(test->dir, "kith.db", NULL);
    g_autofree char *copy = g_strdup_printf("%s.before-schema-2", file);
    file_put(test->dir, "kith.db.before-schema-2", "x");
    keeper_copies_remove(file, clock_real_ms() + KEEPER_COPY_MS - CLOCK_MINUTE_MS);
    g_assert_true(g_file_test(copy, G_FILE_TEST_EXISTS));
    keeper_copies_remove(file, clock_real_ms() + KEEPER_COPY_MS + CLOCK_MINUTE_MS);
    g_assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
}

/* Emptying the log leaves no bytes in it, also while others read and write. */
static void the_log_is_emptied(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *log = g_build_filename(test->dir, "kith.db-wal", NULL);
    struct stat info;
    Flood flood = {.test = test};
    GThread *thread = g_thread_new("flood", flood_main, &flood);
    for (int i = 0; i < 5; i++) {
        Db *db = store_reader_begin(test->store, &error);
        store_reader_end(test->store, db);
        g_assert_true(store_log_empty(test->store, &error));
    }
    g_atomic_int_set(&flood.stop, 1);
    g_thread_join(thread);
    /* The keeper writes when it likes: a group of its own may have begun the log anew. */
    int64_t until = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    do {
        g_assert_true(store_log_empty(test->store, &error));
        g_assert_cmpint(stat(log, &info), ==, 0);
    } while (info.st_size > 0 && g_get_monotonic_time() < until);
    g_assert_cmpint(info.st_size, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/open/ids", ids_rise_over_restarts);
    test_store_add("/store/open/clock-back", ids_rise_after_the_clock_stepped_back);
    test_store_add("/store/open/held", one_process_holds_the_folder);
    g_test_add_func("/store/open/other-folder", folders_of_others_are_refused);
    g_test_add_func("/store/open/file", a_file_is_no_folder);
    test_store_add_on(DB_SQLITE, "/store/open/no-database", what_is_no_database_is_refused);
    test_store_add_on(DB_SQLITE, "/store/open/other-database", anothers_database_is_refused);
    test_store_add_on(DB_POSTGRES, "/store/open/other-database", anothers_postgres_is_refused);
    test_store_add_on(DB_POSTGRES, "/store/postgres/second", a_second_process_is_refused);
    g_test_add_func("/store/open/unreachable", an_unreachable_postgres_is_told);
    test_store_add_on(DB_POSTGRES, "/store/open/remembers", the_folder_remembers);
    test_store_add("/store/migrate/newer", a_newer_schema_is_refused);
    test_store_add("/store/migrate/edited", an_edited_migration_is_refused);
    g_test_add_func("/store/migrate/steps/sqlite", migrations_sqlite);
    g_test_add_func("/store/migrate/steps/postgres", migrations_postgres);
    test_store_add("/store/migrate/copy", a_copy_is_made_first);
    test_store_add_on(DB_SQLITE, "/store/secret/stays", secrets_stay);
    test_store_add_on(DB_SQLITE, "/store/secret/lost", a_lost_key_is_told);
    test_store_add("/store/epoch/restarts", restarts_are_not_held);
    test_store_add("/store/epoch/older", an_older_database_is_held);
    test_store_add("/store/epoch/crash", a_crash_amid_the_epoch_is_not_held);
    test_store_add_on(DB_SQLITE, "/store/epoch/copied", a_copied_folder_is_held);
    test_store_add("/store/epoch/machine", another_machine_is_held);
    test_store_add_on(DB_SQLITE, "/store/never", never_outlives_all);
    test_store_add_on(DB_SQLITE, "/store/backup/returns", a_backup_comes_back);
    test_store_add_on(DB_SQLITE, "/store/backup/damaged", a_damaged_backup_is_refused);
    test_store_add_on(DB_POSTGRES, "/store/backup/advice", postgres_says_how_to_back_up);
    test_store_add_on(DB_SQLITE, "/store/disk/full", a_full_disk);
    g_test_add_func("/store/disk/days", disk_days);
    test_store_add_on(DB_SQLITE, "/store/disk/copies", safety_copies_go);
    test_store_add_on(DB_SQLITE, "/store/disk/log", the_log_is_emptied);
    return g_test_run();
}
