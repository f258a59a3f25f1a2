#include "app/demo.h"

#include "base/clock.h"
#include "base/error.h"
#include "measure/kpi.h"
#include "measure/measure.h"
#include "store/testdb.h"
#include "timeline/import.h"
#include "timeline/order_events.h"

#include <glib/gstdio.h>

/* Monday 2024-06-03 15:00 UTC. */
#define NOW INT64_C(1717426800000)

typedef struct World {
    People *people;
    Timeline *timeline;
    Orders *orders;
} World;

static void world_open(World *world, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    world->people = people_open(test->store, &error);
    g_assert_no_error(error);
    world->timeline = timeline_open(test->store, world->people, &error);
    g_assert_no_error(error);
    world->orders = orders_new(test->store, world->people, &order_events, world->timeline);
}

static void world_close(World *world)
{
    orders_free(world->orders);
    timeline_free(world->timeline);
    people_free(world->people);
}

static int64_t person_of(void *data, int64_t stem) { return people_person(data, stem); }
static int64_t version_of(void *data)
{
    (void)data;
    return 1;
}

/* What the simulation says must be counted. Pounds are converted, so only euros are compared to
 * the cent. */
typedef struct Sums {
    uint32_t orders, unknown, refunds;
    int64_t euros;
} Sums;

static Sums sums_of(const DemoShop *shop)
{
    Sums sums = {0};
    for (uint32_t i = 0; i < shop->order_count; i++) {
        const DemoOrder *order = &shop->orders[i];
        if (order->cancelled) continue;
        sums.orders += order->person != DEMO_NOBODY;
        sums.unknown += order->person == DEMO_NOBODY;
        sums.refunds += order->refunded > 0;
        if (order->channel != DEMO_LONDON) sums.euros += order->total;
    }
    return sums;
}

static void figures_check(TestStore *test, World *world, const DemoShop *shop)
{
    Sums sums = sums_of(shop);
    KpiReport report;
    g_autoptr(Measure) measure =
        measure_new(&(MeasureOptions){test->store, person_of, version_of, world->people});
    g_autoptr(View) view = measure_view(measure, NULL, NULL);
    g_assert_nonnull(view);
    kpi_report_init(&report, view, &(KpiPeriod){INT32_MIN, INT32_MAX});
    g_assert_cmpuint(report.values[KPI_ORDERS].n, ==, sums.orders);
    g_assert_cmpuint(report.values[KPI_ORDERS_UNKNOWN].n, ==, sums.unknown);
    g_assert_cmpuint(view->facts->refund_count, ==, sums.refunds);
    g_assert_cmpuint(report.unrated_orders, ==, 0);
    g_assert_cmpfloat(report.values[KPI_REVENUE_ALL].value, >, (double)sums.euros);
    g_assert_cmpstr(view->facts->origin.currency, ==, "EUR");
}

static void the_store_holds_what_was_simulated(TestStore *test)
{
    World world;
    DemoSummary summary;
    g_autoptr(GError) error = NULL;
    clock_simulate(NOW);
    world_open(&world, test);
    DemoParts parts = {test->store, world.people, world.timeline, world.orders};
    DemoOptions options = {.people = 300, .seed = 1};
    g_assert_true(demo_fill(&parts, &options, &summary, &error));
    g_assert_no_error(error);
    g_autoptr(DemoShop) shop = demo_shop_new(&(DemoShopOptions){300, 1, NOW});
    g_assert_cmpuint(summary.people, ==, 300);
    g_assert_cmpuint(summary.orders, ==, shop->order_count);
    figures_check(test, &world, shop);
    g_assert_true(demo_fill(&parts, &options, &summary, &error)); /* again: nothing */
    g_assert_cmpuint(summary.people, ==, 0);
    g_autofree char *truth = g_build_filename(test->dir, "demo-truth.csv", NULL);
    g_assert_true(g_file_test(truth, G_FILE_TEST_EXISTS));
    world_close(&world);
    clock_restore();
}

/* The shop's own export, imported into the demo: the same orders and refunds, no new people. */
static void its_export_changes_nothing(TestStore *test)
{
    World world;
    DemoSummary summary;
    g_autoptr(GError) error = NULL;
    clock_simulate(NOW);
    world_open(&world, test);
    DemoParts parts = {test->store, world.people, world.timeline, world.orders};
    DemoOptions options = {.people = 300, .seed = 1};
    g_assert_true(demo_fill(&parts, &options, &summary, &error));
    g_autofree char *path = g_build_filename(test->dir, "demo-orders.csv", NULL);
    g_autoptr(Imports) imports =
        imports_new(&(ImportParts){test->store, world.people, world.timeline, world.orders});
    ImportOptions fixed = IMPORT_OPTIONS_NONE;
    ImportFile file = {.name = "demo-orders.csv", .path = path, .options = &fixed};
    int64_t import_id;
    g_assert_true(imports_add(imports, &file, &import_id, &error));
    g_assert_true(imports_run(imports, import_id, NULL, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(DemoShop) shop = demo_shop_new(&(DemoShopOptions){300, 1, NOW});
    figures_check(test, &world, shop);
    g_autofree char *people = test_store_sql(test, "SELECT count(*) FROM person");
    g_assert_cmpstr(people, ==, "300");
    g_clear_pointer(&imports, imports_free);
    world_close(&world);
    clock_restore();
}

/* A real business is never mixed with the demo. */
static void a_real_store_is_refused(TestStore *test)
{
    World world;
    DemoSummary summary;
    g_autoptr(GError) error = NULL;
    g_free(test_store_sql(test, "INSERT INTO person (person_id, source_id, trust, created_at) "
                                "VALUES (77, 1, 50, 0)"));
    world_open(&world, test);
    DemoParts parts = {test->store, world.people, world.timeline, world.orders};
    g_assert_false(demo_fill(&parts, &(DemoOptions){.people = 300, .seed = 1}, &summary, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/app/demo_fill/whole", the_store_holds_what_was_simulated);
    test_store_add("/app/demo_fill/export", its_export_changes_nothing);
    test_store_add("/app/demo_fill/refused", a_real_store_is_refused);
    return g_test_run();
}
