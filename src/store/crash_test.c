/* Kills a process that writes, again and again: what was acknowledged is there, and nothing is
 * half there. KITH_TEST_KILLS sets the number of kills (per database). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/db_driver.h"
#include "store/testdb.h"

enum { KILLS = 40, THREADS = 6, PAIR = 2 /* rows of one unit: both or none */ };

static const DbStatement put = {
    .name = "put",
    .place = "test",
    .kind = DB_EXEC,
    .params = "t",
    .columns = "",
    .sql = {"INSERT INTO setting VALUES (?1, 'v', 0)", "INSERT INTO setting VALUES ($1, 'v', 0)"}};

static bool pair_run(Db *db, void *data, GError **error)
{
    const int64_t *id = data;
    for (int i = 0; i < PAIR; i++) {
        g_autofree char *name = g_strdup_printf("t.%" G_GINT64_FORMAT ".%d", *id, i);
        DbValue value = db_value_text(name);
        if (!db_exec(db, &put, &value, NULL, error)) return false;
    }
    return true;
}

typedef struct Writing {
    Store *store;
    int pipe;
} Writing;

/* Writes pairs for ever; says each id that was acknowledged. */
static void *writing_main(void *data)
{
    const Writing *writing = data;
    for (;;) {
        int64_t id = store_id_next(writing->store);
        if (!writer_call(store_writer(writing->store), WRITER_ACK, pair_run, &id, NULL)) continue;
        if (write(writing->pipe, &id, sizeof id) != sizeof id) return NULL;
    }
}

static void child_main(TestStore *test, int pipe)
{
    if (!freopen("/dev/null", "w", stdout)) _exit(1);
    test_store_open(test);
    Writing writing = {test->store, pipe};
    for (int i = 0; i < THREADS; i++)
        g_thread_new("writing", writing_main, &writing);
    pause();
}

/* Lets a child write, kills it after a random while, and collects what it acknowledged. */
static void kill_once(TestStore *test, GArray *acknowledged)
{
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_main(test, ends[1]);
    }
    close(ends[1]);
    int64_t id;
    g_assert_cmpint(read(ends[0], &id, sizeof id), ==, sizeof id); /* it is at work */
    g_array_append_val(acknowledged, id);
    g_usleep((gulong)g_random_int_range(0, 20000));
    kill(child, SIGKILL);
    while (read(ends[0], &id, sizeof id) == sizeof id)
        g_array_append_val(acknowledged, id);
    close(ends[0]);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

static const DbStatement half = {
    .name = "half",
    .place = "test",
    .kind = DB_MANY,
    .params = "",
    .columns = "t",
    .sql = {"SELECT name FROM setting WHERE name LIKE 't.%' ORDER BY name",
            "SELECT name FROM setting WHERE name LIKE 't.%' ORDER BY name"}};

/* Every acknowledged pair is there, and every pair that is there is whole. */
static void compare(TestStore *test, const GArray *acknowledged)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    DbCursor cursor;
    Db *db = store_reader_begin(test->store, &error);
    g_assert_true(db_open(db, &half, NULL, &cursor, &error));
    while (db_cursor_next(&cursor)) {
        int64_t id = g_ascii_strtoll(db_cursor_text(&cursor, 0) + 2, NULL, 10);
        int seen = GPOINTER_TO_INT(g_hash_table_lookup(rows, &id));
        g_hash_table_insert(rows, g_memdup2(&id, sizeof id), GINT_TO_POINTER(seen + 1));
    }
    g_assert_true(db_cursor_finish(&cursor, &error));
    store_reader_end(test->store, db);
    GHashTableIter iter;
    gpointer count;
    g_hash_table_iter_init(&iter, rows);
    while (g_hash_table_iter_next(&iter, NULL, &count))
        g_assert_cmpint(GPOINTER_TO_INT(count), ==, PAIR);
    for (guint i = 0; i < acknowledged->len; i++)
        g_assert_true(g_hash_table_contains(rows, &g_array_index(acknowledged, int64_t, i)));
}

/* Ids rise over all the deaths: no two processes mint the same. */
static void ids_check(const GArray *acknowledged)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < acknowledged->len; i++)
        g_assert_true(g_hash_table_add(seen, &g_array_index(acknowledged, int64_t, i)));
}

static void killed_again_and_again(TestStore *test)
{
    const char *wanted = g_getenv("KITH_TEST_KILLS");
    int kills = wanted ? (int)g_ascii_strtoll(wanted, NULL, 10) : KILLS;
    g_autoptr(GArray) acknowledged = g_array_new(FALSE, FALSE, sizeof(int64_t));
    test_store_close(test);
    for (int i = 0; i < kills; i++)
        kill_once(test, acknowledged);
    test_store_open(test);
    compare(test, acknowledged);
    ids_check(acknowledged);
    g_assert_false(store_held(test->store, NULL)); /* a crash is no restore */
    g_test_message("%d kills, %u acknowledged ids compared", kills, acknowledged->len);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/crash", killed_again_and_again);
    return g_test_run();
}
