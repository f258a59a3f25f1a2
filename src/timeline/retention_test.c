#include "timeline/retention.h"

#include "base/clock.h"
#include "store/testdb.h"

#include <locale.h>

enum { EVENTS = 1200, DAYS_KEPT = 30 };
#define NOW (INT64_C(1700000000000))

typedef struct Fill {
    Timeline *timeline;
    int from, to;
} Fill;

/* One page view a day back in time, and as many orders. */
static bool fill_run(Db *db, void *data, GError **error)
{
    Fill *fill = data;
    for (int i = fill->from; i < fill->to; i++) {
        EventInput view = {.person_id = 7,
                           .name = i % 2 ? SLICE("Page Viewed") : SLICE("Order Completed"),
                           .source_id = 2,
                           .occurred_at = NOW - (i / 2) * CLOCK_DAY_MS,
                           .received_at = NOW};
        if (!event_append(fill->timeline, db, &view, NULL, error)) return false;
    }
    return true;
}

static void what_is_over_becomes_a_count(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Timeline) timeline = timeline_open(test->store, NULL, &error);
    g_assert_no_error(error);
    for (int from = 0; from < EVENTS; from += 200) {
        Fill fill = {timeline, from, from + 200};
        g_assert_true(writer_call(store_writer(test->store), WRITER_REST, fill_run, &fill, NULL));
    }
    g_free(test_store_sql(test, "INSERT INTO retention (name_id, days) "
                                "SELECT name_id, 30 FROM event_name"));
    int64_t deleted;
    g_assert_true(retention_run(timeline, NULL, NOW, &deleted, &error));
    g_assert_no_error(error);
    g_assert_cmpint(deleted, ==, EVENTS / 2 - DAYS_KEPT - 1);
    g_autofree char *left = test_store_sql(test, "SELECT COUNT(*) FROM event");
    g_assert_cmpint(g_ascii_strtoll(left, NULL, 10), ==, EVENTS - deleted);
    g_autofree char *counted = test_store_sql(test, "SELECT SUM(count) FROM event_daily");
    g_assert_cmpint(g_ascii_strtoll(counted, NULL, 10), ==, deleted);
    g_assert_true(retention_run(timeline, NULL, NOW, &deleted, &error));
    g_assert_cmpint(deleted, ==, 0);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    test_store_add("/retention", what_is_over_becomes_a_count);
    return g_test_run();
}
