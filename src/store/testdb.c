#include "store/testdb.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/postgres.h"

#define POSTGRES_BIN "/usr/lib/postgresql/15/bin"

/* The temporary cluster of this process. */
static struct {
    char *dir;     /* owned by the user that runs the server */
    char *address; /* postgres:// of its first database, "" = cannot be had */
    unsigned databases;
} cluster;

/* Runs a shell command; the output goes to the test's log when it fails. */
static bool shell(const char *format, ...) G_GNUC_PRINTF(1, 2);
static bool shell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    g_autofree char *output = NULL;
    g_autofree char *errors = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, &errors,
                      &status, NULL))
        return false;
    if (status != 0) g_test_message("%s: %s%s", command, output, errors);
    return status == 0;
}

/* How to become a user whom PostgreSQL accepts: it refuses root. */
static const char *as_user(void) { return geteuid() == 0 ? "runuser -u postgres -- " : ""; }

/* Stops the cluster when this process is gone, however it ended: a failed assertion runs no atexit.
 */
static bool cluster_guard(void)
{
    return shell("cd '%s' && setsid sh -c 'while kill -0 %d 2>/dev/null; do sleep 0.2; done; "
                 "%s%s/pg_ctl -s -D data -m immediate stop; rm -rf \"$PWD\"' >/dev/null 2>&1 &",
                 cluster.dir, (int)getpid(), as_user(), POSTGRES_BIN);
}

static bool cluster_start(void)
{
    if (!g_file_test(POSTGRES_BIN "/initdb", G_FILE_TEST_IS_EXECUTABLE)) return false;
    cluster.dir = g_dir_make_tmp("kith-postgres-XXXXXX", NULL);
    if (geteuid() == 0 && !shell("chown postgres '%s'", cluster.dir)) return false;
    if (!shell("cd '%s' && %s%s/initdb --no-sync -A trust -U kith -E UTF8 --locale=C.UTF-8 -D data "
               ">init.log",
               cluster.dir, as_user(), POSTGRES_BIN))
        return false;
    if (!shell("cd '%s' && %s%s/pg_ctl -s -w -D data -l server.log -o \"-k '%s' -c "
               "listen_addresses='' "
               "-c fsync=off -c max_connections=60 -c shared_buffers=64MB\" start >start.log 2>&1",
               cluster.dir, as_user(), POSTGRES_BIN, cluster.dir))
        return false;
    if (!cluster_guard()) return false;
    g_autofree char *host = g_uri_escape_string(cluster.dir, NULL, TRUE);
    cluster.address = g_strdup_printf("postgres://kith@%s/postgres", host);
    return true;
}

static const char *server_address(void)
{
    if (!cluster.address) {
        const char *given = g_getenv("KITH_TEST_POSTGRES");
        if (given)
            cluster.address = g_strdup(given);
        else if (!cluster_start())
            cluster.address = g_strdup("");
    }
    return cluster.address;
}

bool test_store_has(DbKind kind)
{
    if (kind == DB_SQLITE || server_address()[0]) return true;
    g_test_skip("PostgreSQL is not installed (" POSTGRES_BIN ")");
    return false;
}

/* Runs one statement on the server itself. */
static void server_run(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void server_run(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *sql = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    PGconn *connection = PQconnectdb(server_address());
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        g_test_message("%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

static char *database_make(void)
{
    g_autofree char *name = g_strdup_printf("kith_test_%d_%u", (int)getpid(), ++cluster.databases);
    server_run("CREATE DATABASE %s", name);
    const char *address = server_address();
    const char *options = strchr(address, '?');
    g_autofree char *base =
        options ? g_strndup(address, (gsize)(options - address)) : g_strdup(address);
    char *slash = strrchr(base, '/');
    *slash = '\0';
    return g_strdup_printf("%s/%s%s", base, name, options ? options : "");
}

static void database_drop(const char *address)
{
    const char *name = strrchr(address, '/') + 1;
    server_run("DROP DATABASE IF EXISTS %.*s WITH (FORCE)", (int)strcspn(name, "?"), name);
}

TestStore *test_store_place(DbKind kind)
{
    g_assert(kind == DB_SQLITE || server_address()[0]);
    TestStore *test = g_new0(TestStore, 1);
    test->kind = kind;
    test->dir = g_dir_make_tmp("kith-test-XXXXXX", NULL);
    g_assert(test->dir);
    if (kind == DB_POSTGRES) test->database = database_make();
    return test;
}

void test_store_open(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    StoreOptions options = {.data_dir = test->dir, .database = test->database};
    test->store = store_open(&options, &error);
    g_assert_no_error(error);
}

TestStore *test_store_new(DbKind kind)
{
    TestStore *test = test_store_place(kind);
    test_store_open(test);
    return test;
}

void test_store_close(TestStore *test) { g_clear_pointer(&test->store, store_close); }

void test_store_reopen(TestStore *test)
{
    test_store_close(test);
    test_store_open(test);
}

void test_dir_remove(const char *dir) { shell("rm -rf '%s'", dir); }

void test_store_free(TestStore *test)
{
    if (!test) return;
    test_store_close(test);
    if (test->database) database_drop(test->database);
    test_dir_remove(test->dir);
    g_free(test->dir);
    g_free(test->database);
    g_free(test);
}

static char *sqlite_value(const char *file, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    char *value = NULL;
    g_assert(sqlite3_open_v2(file, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    sqlite3_busy_timeout(handle, 5000);
    sqlite3_wal_autocheckpoint(handle, 0);
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) value = g_strdup((const char *)sqlite3_column_text(statement, 0));
    if (code != SQLITE_ROW && code != SQLITE_DONE) g_error("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return value;
}

static char *postgres_value(const char *address, const char *sql)
{
    PGconn *connection = PQconnectdb(address);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        g_error("%s: %s", sql, PQerrorMessage(connection));
    bool row = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
    char *value = row ? g_strdup(PQgetvalue(result, 0, 0)) : NULL;
    PQclear(result);
    PQfinish(connection);
    return value;
}

char *test_store_sql(TestStore *test, const char *sql)
{
    if (test->kind == DB_POSTGRES) return postgres_value(test->database, sql);
    g_autofree char *file = g_build_filename(test->dir, "kith.db", NULL);
    return sqlite_value(file, sql);
}

int64_t test_store_number(TestStore *test, const char *sql)
{
    g_autofree char *text = test_store_sql(test, sql);
    return text ? g_ascii_strtoll(text, NULL, 10) : -1;
}

typedef struct Case {
    void (*test)(TestStore *test);
    DbKind kind;
} Case;

static void case_run(gconstpointer data)
{
    const Case *this = data;
    if (!test_store_has(this->kind)) return;
    TestStore *test = test_store_new(this->kind);
    this->test(test);
    test_store_free(test);
}

void test_store_add_on(DbKind kind, const char *path, void (*test)(TestStore *test))
{
    static const char *const names[DB_KINDS] = {"sqlite", "postgres"};
    Case *this = g_new0(Case, 1);
    *this = (Case){test, kind};
    g_autofree char *full = g_strdup_printf("%s/%s", path, names[kind]);
    g_test_add_data_func_full(full, this, case_run, g_free);
}

void test_store_add(const char *path, void (*test)(TestStore *test))
{
    for (int kind = 0; kind < DB_KINDS; kind++)
        test_store_add_on((DbKind)kind, path, test);
}
