#include "measure/kpi_command.h"

#include "base/clock.h"
#include "measure/day.h"
#include "measure/provider.h"
#include "store/testdb.h"

#include <jansson.h>
#include <string.h>

/* Person 5 buys on three days of May for 10, 20 and 30 euros and is silent until August; person 6
 * buys once in July. */
static void shop_fill(TestStore *test)
{
    static const struct {
        int64_t person, at, revenue;
    } rows[] = {{5, 1714557600000, 1000},  /* 1 May 2024 10:00 UTC */
                {5, 1714989600000, 2000},  /* 6 May */
                {5, 1715421600000, 3000},  /* 11 May */
                {6, 1720692000000, 9000}}; /* 11 July */
    g_free(test_store_sql(test, "INSERT INTO setting (name, value, changed_at) VALUES "
                                "('business.currency', 'EUR', 0)"));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *sql = g_strdup_printf(
            "INSERT INTO orders (person_id, order_id, shop_id, order_key, state, confirmed, "
            "currency, revenue, net_revenue, base_revenue, base_net, item_count, occurred_at, "
            "received_at) VALUES (%d, %d, 1, 'k%d', 'placed', 1, 'EUR', 1, 1, %d, %d, 1, "
            "%" G_GINT64_FORMAT ", 0)",
            (int)rows[i].person, (int)i + 1, (int)i, (int)rows[i].revenue, (int)rows[i].revenue,
            rows[i].at);
        g_free(test_store_sql(test, sql));
    }
}

static int64_t person_of(void *data, int64_t stem)
{
    (void)data;
    return stem;
}

static int64_t version_of(void *data)
{
    (void)data;
    return 1;
}

static bool keep(void *context, ConsoleStream stream, const char *text, size_t size)
{
    GString *kept = context;
    if (stream == CONSOLE_OUT) g_string_append_len(kept, text, (gssize)size);
    return true;
}

typedef struct World {
    Measure *measure;
    GString *out;
} World;

static void world_open(World *world, TestStore *test)
{
    clock_simulate(1722470400000); /* 1 August 2024 */
    shop_fill(test);
    world->measure = measure_new(&(MeasureOptions){test->store, person_of, version_of, NULL});
    world->out = g_string_new(NULL);
}

static void world_close(World *world)
{
    measure_free(world->measure);
    g_string_free(world->out, TRUE);
    clock_restore();
}

static int run(World *world, const KpiCommand *command)
{
    Console console = {.write = keep, .context = world->out, .directory = "/"};
    g_string_truncate(world->out, 0);
    return kpi_command(world->measure, &console, command);
}

static void figures_are_printed(TestStore *test)
{
    static const char *const names[] = {"orders", "revenue"};
    World world;
    world_open(&world, test);
    KpiCommand command = {
        .names = names, .name_count = 2, .from = "2024-05-01", .to = "2024-06-01"};
    g_assert_cmpint(run(&world, &command), ==, CONSOLE_DONE);
    g_assert_nonnull(strstr(world.out->str, "60.00 EUR"));
    g_assert_null(strstr(world.out->str, "aov"));
    command.json = true;
    g_assert_cmpint(run(&world, &command), ==, CONSOLE_DONE);
    json_t *json = json_loads(world.out->str, 0, NULL);
    json_t *revenue = json_array_get(json_object_get(json, "kpis"), 1);
    g_assert_cmpint(json_integer_value(json_object_get(revenue, "value")), ==, 6000);
    json_decref(json);
    world_close(&world);
}

static void wrong_words_are_usage(TestStore *test)
{
    static const char *const names[] = {"profit"};
    World world;
    world_open(&world, test);
    KpiCommand wrong[] = {{.names = names, .name_count = 1},
                          {.from = "2024-02-30"},
                          {.from = "2024-03-01", .to = "2024-03-01"},
                          {.zone = "../../etc/passwd"}};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_cmpint(run(&world, &wrong[i]), ==, CONSOLE_USAGE);
    world_close(&world);
}

/* What the list and the page of people/ are told. */
static void people_are_told(TestStore *test)
{
    World world;
    PersonFigures figures;
    g_autoptr(GError) error = NULL;
    world_open(&world, test);
    PeopleProvider provider = measure_provider(world.measure);
    g_assert_true(provider.figures(provider.context, 5, &figures, NULL));
    g_assert_cmpint(figures.orders, ==, 3);
    g_assert_cmpint(figures.spent_minor, ==, 6000);
    g_assert_cmpfloat(figures.median_gap_days, ==, 5);
    g_assert_cmpfloat(figures.quiet_days, ==, 82);
    g_assert_true(figures.quiet);
    g_assert_cmpint(figures.next_expected_at, ==, 1715421600000 + 5 * DAY_MS);
    g_assert_true(provider.figures(provider.context, 77, &figures, NULL));
    g_assert_cmpint(figures.orders, ==, 0);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    PeopleSelect spent = {.sort = "spent", .descending = true};
    g_assert_true(provider.select(provider.context, &spent, ids, NULL));
    g_assert_cmpuint(ids->len, ==, 2);
    g_assert_cmpint(g_array_index(ids, int64_t, 0), ==, 6);
    g_array_set_size(ids, 0);
    g_assert_true(provider.select(provider.context, &(PeopleSelect){.group = "quiet"}, ids, NULL));
    g_assert_cmpuint(ids->len, ==, 1);
    g_assert_cmpint(g_array_index(ids, int64_t, 0), ==, 5);
    g_assert_false(provider.select(provider.context, &(PeopleSelect){.kpi = "x"}, ids, &error));
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/measure/command/printed", figures_are_printed);
    test_store_add("/measure/command/usage", wrong_words_are_usage);
    test_store_add("/measure/command/provider", people_are_told);
    return g_test_run();
}
