/* kill -9 at any moment of an import, again and again: it goes on and ends as if nothing had been.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "base/clock.h"
#include "store/testdb.h"

enum { ORDERS = 6000, LINES_EACH = 3, KILLS = 12 };

/* Orders whose lines lie apart, some refunds, some buyers unknown. */
static char *file_make(const char *folder)
{
    char *path = g_build_filename(folder, "orders.csv", NULL);
    FILE *out = fopen(path, "wb");
    fputs("order_id,date,customer_id,sku,quantity,price\n", out);
    for (int line = 0; line < LINES_EACH; line++)
        for (int i = 0; i < ORDERS; i++) {
            int order = (i / 1000) * 1000 + (i * 7 + line) % 1000;
            bool refund = order % 10 == 0;
            fprintf(out, "%s%d,2024-01-%02d 10:00,%d,SKU%d,%d,1.25\n", refund ? "C" : "", order,
                    order % 28 + 1, order % 700, line, refund ? -1 : line + 1);
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

/* Runs and kills after some milliseconds; true when it had ended by itself. */
static bool run_and_kill(const TestStore *test, const char *path, int after_ms)
{
    g_autoptr(GSubprocess) process = import_spawn(test, path);
    g_usleep((gulong)after_ms * 1000);
    g_subprocess_send_signal(process, SIGKILL);
    g_assert_true(g_subprocess_wait(process, NULL, NULL));
    return g_subprocess_get_if_exited(process);
}

static void killed_imports_end_whole(TestStore *test)
{
    test_store_close(test);
    g_autofree char *path = file_make(test->dir);
    int kills = 0, inside = 0;
    int64_t position = 0;
    for (int i = 0; i < KILLS; i++) {
        if (run_and_kill(test, path, g_test_rand_int_range(20, 400))) break;
        kills++;
        int64_t now = test_store_number(test, "SELECT max(position) FROM import");
        inside += now > position;
        position = MAX(now, position);
    }
    g_autoptr(GSubprocess) last = import_spawn(test, path);
    g_assert_true(g_subprocess_wait(last, NULL, NULL));
    g_assert_cmpint(g_subprocess_get_exit_status(last), ==, 0);
    g_test_message("%d kills, %d of them with progress since the one before", kills, inside);
    /* A run goes on with the killed import, or reads once more a file whose import had ended
     * before its process was killed: each import there is has ended. */
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM import"), <=, kills + 1);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM import WHERE state <> 'done'"),
                    ==, 0);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM orders"), ==, ORDERS / 10 * 9);
    g_assert_cmpint(test_store_number(test, "SELECT sum(revenue) FROM orders"), ==,
                    (int64_t)ORDERS / 10 * 9 * 750);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM order_line"), ==,
                    ORDERS / 10 * 9 * LINES_EACH);
    g_assert_cmpint(test_store_number(test, "SELECT sum(amount) FROM refund"), ==,
                    (int64_t)ORDERS / 10 * 375);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM event"), ==, ORDERS);
    test_store_open(test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/import/killed", killed_imports_end_whole);
    return g_test_run();
}
