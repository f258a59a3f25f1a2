/* The 541,909 lines of the UCI Online Retail data (shared data; skipped where it is not). */
#include <zlib.h>

#include "base/clock.h"
#include "timeline/import_fixture.h"

static const ImportOptions gbp = {
    .date_order = -1, .decimal = -1, .currency = "GBP", .zone = "Europe/London"};

/* Unpacks the shared file into the folder; NULL when it is not there. */
static char *retail_unpack(ImportBench *bench)
{
    const char *data = g_getenv("KITH_TEST_DATA");
    g_autofree char *packed =
        g_build_filename(data ? data : "../shared/data", "orders/online_retail.csv.gz", NULL);
    gzFile from = gzopen(packed, "rb");
    if (!from) return NULL;
    char *path = g_build_filename(bench->folder, "online_retail.csv", NULL);
    FILE *to = fopen(path, "wb");
    static char block[1 << 18];
    for (int size; (size = gzread(from, block, sizeof(block))) > 0;)
        g_assert_cmpint((int)fwrite(block, 1, (size_t)size, to), ==, size);
    gzclose(from);
    fclose(to);
    return path;
}

static void figures_check(ImportBench *bench)
{
    TestStore *test = bench->test;
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM orders WHERE person_id <> 0"), ==,
                    18532);
    g_assert_cmpint(
        test_store_number(test, "SELECT sum(base_revenue) FROM orders WHERE person_id <> 0"), ==,
        891140790);
    g_assert_cmpint(test_store_number(test, "SELECT count(DISTINCT person_id) FROM orders WHERE "
                                            "person_id <> 0"),
                    ==, 4338);
}

static void retail_comes_in(TestStore *test)
{
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *path = retail_unpack(&bench);
    if (!path) {
        g_test_skip("shared data orders/online_retail.csv.gz is not here");
        import_bench_clear(&bench);
        return;
    }
    int64_t start = clock_monotonic_us();
    int64_t id = import_bench_run(&bench, path, &gbp);
    g_test_message("%.2f s", (double)(clock_monotonic_us() - start) / 1e6);
    g_assert_cmpint(import_bench_count(&bench, id, "rows"), ==, 541909);
    g_assert_cmpint(import_bench_count(&bench, id, "nobody"), ==, 135080);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 0);
    figures_check(&bench);
    int64_t events = test_store_number(test, "SELECT count(*) FROM event");
    int64_t lines = test_store_number(test, "SELECT count(*) FROM order_line");
    int64_t refunds = test_store_number(test, "SELECT sum(amount) FROM refund");
    start = clock_monotonic_us();
    id = import_bench_run(&bench, path, &gbp);
    g_test_message("again: %.2f s", (double)(clock_monotonic_us() - start) / 1e6);
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 0);
    g_assert_cmpint(import_bench_count(&bench, id, "refunds"), ==, 0);
    g_assert_cmpint(import_bench_count(&bench, id, "updated"), ==, 0);
    figures_check(&bench);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM event"), ==, events);
    g_assert_cmpint(test_store_number(test, "SELECT count(*) FROM order_line"), ==, lines);
    g_assert_cmpint(test_store_number(test, "SELECT sum(amount) FROM refund"), ==, refunds);
    import_bench_clear(&bench);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/import/retail", retail_comes_in);
    return g_test_run();
}
