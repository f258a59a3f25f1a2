/* kill -9 at any moment of an import, again and again: it goes on and ends as if nothing had been.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "base/clock.h"
#include "store/testdb.h"

enum {
    ORDERS = 6000, /* more than may be open at once, so that the place to resume from moves */
    LINES_EACH = 3,
    KILLS = 8,          /* of one file at most */
    INSIDE_MIN = 3,     /* kills that must fall after progress, on each database */
    ROUNDS_MAX = 12,    /* files, should imports end before they are killed */
    PROGRESS_S = 300,   /* how long a run may take to make some */
    KILL_AFTER_MS = 40, /* at most, behind the progress */
};

/* Some orders of a file; lines of an order lie apart by `apart` lines, every tenth is a refund. */
static char *file_make(const char *folder, int round, int apart)
{
    g_autofree char *name = g_strdup_printf("orders%d.csv", round);
    char *path = g_build_filename(folder, name, NULL);
    FILE *out = fopen(path, "wb");
    fputs("order_id,date,customer_id,sku,quantity,price\n", out);
    for (int i = 0; i < ORDERS * LINES_EACH; i++) {
        int block = i / (apart * LINES_EACH), line = i / apart % LINES_EACH;
        int order = block * apart + (i % apart * 7 + line) % apart;
        bool refund = order % 10 == 0;
        fprintf(out, "%s%d%05d,2024-01-%02d 10:00,%d,SKU%d,%d,1.25\n", refund ? "C" : "", round + 1,
                order, order % 28 + 1, order % 700, line, refund ? -1 : line + 1);
    }
    fclose(out);
    return path;
}

static GSubprocess *import_spawn(const TestStore *test, const char *path)
{
    GError *error = NULL;
    const char *binary = g_getenv("KITH_BINARY") ? g_getenv("KITH_BINARY") : "./build/kith";
    const char *arguments[] = {binary,   "import",        "orders",     path,
                               "--data", test->dir,       "--currency", "EUR",
                               "--zone", "Europe/Berlin", NULL};
    GSubprocess *process = g_subprocess_newv(
        arguments, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
    g_assert_no_error(error);
    return process;
}

/* How far the import has come that is not done; -1 = there is none. */
static int64_t position(TestStore *test)
{
    return test_store_number(test, "SELECT max(position) FROM import WHERE state <> 'done'");
}

static bool has_ended(GSubprocess *process) { return !g_subprocess_get_identifier(process); }

/* Waits until the import has come further than `before` (0 counts: it has begun) or is over. */
static void progress_wait(TestStore *test, GSubprocess *process, int64_t before)
{
    int64_t until = clock_monotonic_us() + (int64_t)PROGRESS_S * G_USEC_PER_SEC;
    while (!has_ended(process) && position(test) <= MAX(before, 0)) {
        g_assert_cmpint(clock_monotonic_us(), <, until);
        g_usleep(2000);
    }
}

/* Runs the import and kills it some time after its first progress. True when it had ended by
 * itself; `in_out_inside` counts the kills that left an import which had come further. */
static bool run_and_kill(TestStore *test, const char *path, int *in_out_inside)
{
    int64_t before = position(test);
    g_autoptr(GSubprocess) process = import_spawn(test, path);
    progress_wait(test, process, before);
    g_usleep((gulong)g_test_rand_int_range(0, KILL_AFTER_MS) * 1000);
    g_subprocess_send_signal(process, SIGKILL);
    g_assert_true(g_subprocess_wait(process, NULL, NULL));
    *in_out_inside += position(test) > MAX(before, 0);
    return g_subprocess_get_if_exited(process);
}

static void import_finish(TestStore *test, const char *path)
{
    g_autoptr(GSubprocess) last = import_spawn(test, path);
    g_assert_true(g_subprocess_wait(last, NULL, NULL));
    g_assert_cmpint(g_subprocess_get_exit_status(last), ==, 0);
}

/* As if nothing had been: every order of `files` files is there once, with all its lines. */
static void assert_whole(TestStore *test, int files)
{
    const int bought = files * ORDERS / 10 * 9, refunded = files * ORDERS / 10;
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM import WHERE state <> 'done'"),
                    ==, 0);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM orders"), ==, bought);
    g_assert_cmpint(test_store_number(test, "SELECT sum(revenue) FROM orders"), ==,
                    (int64_t)bought * 750);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM order_line"), ==,
                    bought * LINES_EACH);
    g_assert_cmpint(test_store_number(test, "SELECT sum(amount) FROM refund"), ==,
                    (int64_t)refunded * 375);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM event"), ==, bought + refunded);
}

static void killed_imports_end_whole(TestStore *test)
{
    test_store_close(test);
    /* Lines that come after their order was closed cost PostgreSQL a fold each: apart there, but
     * not so far. */
    int apart = test->kind == DB_POSTGRES ? 50 : ORDERS;
    int kills = 0, inside = 0, files = 0;
    while (inside < INSIDE_MIN && files < ROUNDS_MAX) {
        g_autofree char *path = file_make(test->dir, files++, apart);
        for (int i = 0; i < KILLS && !run_and_kill(test, path, &inside); i++)
            kills++;
        import_finish(test, path);
    }
    g_test_message("note %s: %d kills of imports, %d of them after progress, over %d files",
                   test->kind == DB_POSTGRES ? "postgres" : "sqlite", kills, inside, files);
    g_assert_cmpint(inside, >=, INSIDE_MIN);
    assert_whole(test, files);
    test_store_open(test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/import/killed", killed_imports_end_whole);
    return g_test_run();
}
