/* A mark stays until something is written that a cache could depend on, over restarts. */
#include "store/calm.h"

#include <glib/gstdio.h>

#include "store/testdb.h"

#define SQL(text)                                                                                  \
    {                                                                                              \
        text, text                                                                                 \
    }

/* `.writes` alone says whether a cache could depend on it. */
static const DbStatement indifferent = {.name = "indifferent",
                                        .place = "test",
                                        .kind = DB_EXEC,
                                        .params = "",
                                        .columns = "",
                                        .writes = "setting",
                                        .sql = SQL("DELETE FROM setting WHERE name = 'nothing'")};
static const DbStatement counted = {.name = "counted",
                                    .place = "test",
                                    .kind = DB_EXEC,
                                    .params = "",
                                    .columns = "",
                                    .writes = "note",
                                    .sql = SQL("DELETE FROM setting WHERE name = 'nothing'")};

typedef struct Write {
    const DbStatement *statement;
    bool fails;
} Write;

static bool write_run(Db *db, void *data, GError **error)
{
    const Write *write = data;
    if (!db_exec(db, write->statement, NULL, NULL, error)) return false;
    return !write->fails || fail(error, KITH_ERROR_INVALID, "on purpose");
}

static void wrote(TestStore *test, const DbStatement *statement)
{
    g_autoptr(GError) error = NULL;
    Write write = {statement, false};
    writer_call(store_writer(test->store), WRITER_REST, write_run, &write, &error);
    g_assert_no_error(error);
}

static bool yes_or_no(void *data) { return data != NULL; }

static void mark(TestStore *test, const char *token)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(test->dir, STORE_CALM_FILE, NULL);
    g_assert_true(g_file_set_contents(path, "cache", -1, NULL));
    store_calm_mark(test->store, token, yes_or_no, test, &error);
    g_assert_no_error(error);
}

/* Token and file are there, resp. both are gone. */
static void is_marked(TestStore *test, const char *token)
{
    g_autofree char *found = NULL;
    g_autofree char *path = g_build_filename(test->dir, STORE_CALM_FILE, NULL);
    g_assert_true(store_calm_find(test->store, &found, NULL));
    g_assert_cmpstr(found, ==, token);
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS) == (token != NULL));
}

static void the_first_write_ends_it(TestStore *test)
{
    is_marked(test, NULL);
    mark(test, "one");
    is_marked(test, "one");
    wrote(test, &indifferent);
    is_marked(test, "one");
    wrote(test, &counted);
    is_marked(test, NULL);
    mark(test, "two"); /* by who has written before */
    is_marked(test, "two");
    wrote(test, &counted);
    is_marked(test, NULL);
}

static void it_outlives_a_restart(TestStore *test)
{
    mark(test, "one");
    test_store_reopen(test);
    is_marked(test, "one");
    wrote(test, &indifferent);
    test_store_reopen(test);
    is_marked(test, "one");
    wrote(test, &counted);
    test_store_reopen(test);
    is_marked(test, NULL);
}

static void whoever_wrote_meanwhile_is_not_calm(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(store_calm_mark(test->store, "one", yes_or_no, NULL, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    is_marked(test, NULL);
}

/* A unit that is undone ends it as well: in doubt it is over. */
static void what_is_undone_leaves_no_half(TestStore *test)
{
    Write write = {&counted, true};
    mark(test, "one");
    g_assert_false(writer_call(store_writer(test->store), WRITER_REST, write_run, &write, NULL));
    is_marked(test, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/calm/ends", the_first_write_ends_it);
    test_store_add("/store/calm/restart", it_outlives_a_restart);
    test_store_add("/store/calm/meanwhile", whoever_wrote_meanwhile_is_not_calm);
    test_store_add("/store/calm/undone", what_is_undone_leaves_no_half);
    return g_test_run();
}
