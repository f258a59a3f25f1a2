#include "measure/measure.h"

#include "base/clock.h"
#include "measure/kpi.h"
#include "store/testdb.h"

/* Links and version of a test: stem 30 belongs to person 20 while `joined`. */
typedef struct World {
    bool joined;
    int64_t version;
} World;

static int64_t person_of(void *data, int64_t stem)
{
    const World *world = data;
    return stem == 30 && world->joined ? 20 : stem;
}

static int64_t version_of(void *data) { return ((const World *)data)->version; }

static void sql(TestStore *test, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void sql(TestStore *test, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_free(test_store_sql(test, text));
}

typedef struct Row {
    int64_t stem, id;
    const char *state;
    int confirmed;
    const char *base; /* base minor units, or NULL as SQL */
} Row;

static void order_insert(TestStore *test, const Row *row)
{
    sql(test,
        "INSERT INTO orders (person_id, order_id, shop_id, order_key, state, confirmed, currency, "
        "revenue, net_revenue, base_revenue, base_net, item_count, occurred_at, received_at) "
        "VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 'k%" G_GINT64_FORMAT
        "', '%s', %d, 'EUR', 100, 100, %s, %s, 2, %" G_GINT64_FORMAT ", 0)",
        row->stem, row->id, row->id, row->state, row->confirmed, row->base, row->base,
        INT64_C(1704100000000) + row->id * 1000);
}

static void refund_insert(TestStore *test, int64_t stem, int64_t id, const char *order,
                          const char *state)
{
    sql(test,
        "INSERT INTO refund (person_id, refund_id, shop_id, refund_key, order_id, state, "
        "confirmed, "
        "currency, amount, base_amount, source_id, trust, fingerprint, occurred_at, received_at) "
        "VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 'r%" G_GINT64_FORMAT
        "', %s, '%s', 1, 'EUR', 40, 40, 1, 30, '', %" G_GINT64_FORMAT ", 0)",
        stem, id, id, order, state, INT64_C(1704200000000));
}

static void shop_insert(TestStore *test)
{
    sql(test,
        "INSERT INTO setting (name, value, changed_at) VALUES ('business.currency', 'EUR', 0)");
    sql(test, "INSERT INTO setting (name, value, changed_at) VALUES ('business.zone', "
              "'Europe/Ljubljana', 0)");
    static const Row rows[] = {
        {20, 1, "placed", 1, "1000"},  {30, 2, "placed", 1, "500"}, {20, 3, "cancelled", 1, "700"},
        {20, 4, "placed", 0, "900"},   {20, 5, "test", 1, "900"},   {0, 6, "placed", 1, "250"},
        {-77, 7, "placed", 1, "NULL"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        order_insert(test, &rows[i]);
    refund_insert(test, 20, 11, "1", "booked");
    refund_insert(test, 20, 12, "3", "booked");
    refund_insert(test, 30, 13, "NULL", "waiting");
}

static Measure *measure_of(TestStore *test, World *world)
{
    return measure_new(&(MeasureOptions){test->store, person_of, version_of, world});
}

/* What counts: placed and confirmed; refunds that are booked and not of an order left out. */
static void facts_are_what_counts(TestStore *test)
{
    World world = {.joined = true};
    shop_insert(test);
    g_autoptr(Measure) measure = measure_of(test, &world);
    g_autoptr(View) view = measure_view(measure, NULL, NULL);
    g_assert_nonnull(view);
    g_assert_cmpstr(zone_name(view->zone), ==, "Europe/Ljubljana");
    g_assert_cmpstr(view->facts->origin.currency, ==, "EUR");
    g_assert_cmpuint(view->facts->person_count, ==, 1);
    g_assert_cmpint(view->facts->person[0], ==, 20);
    g_assert_cmpuint(view->facts->known_count, ==, 2);
    g_assert_cmpuint(view->facts->order_count, ==, 4);
    g_assert_cmpuint(view->facts->refund_count, ==, 1);
    KpiReport report;
    kpi_report_init(&report, view, &(KpiPeriod){INT32_MIN, INT32_MAX});
    g_assert_cmpfloat(report.values[KPI_REVENUE].value, ==, 1500);
    g_assert_cmpfloat(report.values[KPI_NET_REVENUE].value, ==, 1460);
    g_assert_cmpfloat(report.values[KPI_REVENUE_UNKNOWN].value, ==, 250);
    g_assert_cmpuint(report.values[KPI_ORDERS_UNKNOWN].n, ==, 2);
    g_assert_cmpuint(report.unrated_orders, ==, 1);
}

/* An undone merge makes two people of one, at the next question after the version moved. */
static void a_new_version_is_loaded(TestStore *test)
{
    World world = {.joined = true};
    shop_insert(test);
    g_autoptr(Measure) measure = measure_of(test, &world);
    g_autoptr(View) before = measure_view(measure, NULL, NULL);
    g_autoptr(View) again = measure_view(measure, NULL, NULL);
    g_assert_true(before == again);
    world.joined = false;
    world.version++;
    g_autoptr(View) after = measure_view(measure, NULL, NULL);
    g_assert_cmpuint(before->facts->person_count, ==, 1);
    g_assert_cmpuint(after->facts->person_count, ==, 2);
    g_assert_cmpint(facts_person_index(after->facts, 30), ==, 1);
    g_assert_cmpint(facts_person_index(after->facts, 31), ==, -1);
}

static void *ask(void *data)
{
    g_autoptr(View) view = measure_view(data, NULL, NULL);
    g_assert_nonnull(view);
    g_assert_cmpuint(view->facts->order_count, ==, 4);
    return NULL;
}

static void many_may_ask_at_once(TestStore *test)
{
    World world = {.joined = true};
    GThread *threads[8];
    shop_insert(test);
    g_autoptr(Measure) measure = measure_of(test, &world);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("ask", ask, measure);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/measure/facts/counted", facts_are_what_counts);
    test_store_add("/measure/facts/version", a_new_version_is_loaded);
    test_store_add("/measure/facts/threads", many_may_ask_at_once);
    return g_test_run();
}
