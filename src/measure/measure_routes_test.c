#include "measure/measure_routes.h"

#include "base/clock.h"
#include "measure/day.h"
#include "net/auth.h"
#include "net/http_fixture.h"
#include "store/testdb.h"

#include <glib/gstdio.h>

/* A served store with 40 customers who buy every ten days; number 1 stopped in February. */
typedef struct World {
    TestStore *test;
    Measure *measure;
    Auth *auth;
    Server *server;
    uint16_t port;
    char *uploads;
    char *header; /* of an api key */
} World;

#define NOW (day_of(2024, 6, 1) * DAY_MS + DAY_MS / 2)

static int64_t person_of(void *data, int64_t stem)
{
    (void)data;
    return stem;
}

static int64_t version_of(void *data)
{
    (void)data;
    return 7;
}

static void order_put(GString *rows, int64_t person, int32_t day, int64_t revenue)
{
    static int64_t id = 0;
    id++;
    g_string_append_printf(rows,
                           "%s(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 'k%" G_GINT64_FORMAT
                           "', 'placed', 1, 'EUR', %" G_GINT64_FORMAT ", 1, %" G_GINT64_FORMAT
                           ", %" G_GINT64_FORMAT ", 1, %" G_GINT64_FORMAT ", 0)",
                           rows->len ? ", " : "", person, id, id, revenue, revenue, revenue,
                           day * DAY_MS + DAY_MS / 2);
}

static void shop_fill(TestStore *test)
{
    int32_t start = day_of(2024, 1, 1);
    g_free(test_store_sql(test, "INSERT INTO setting (name, value, changed_at) VALUES "
                                "('business.currency', 'EUR', 0), ('business.name', 'Tea', 0)"));
    g_free(test_store_sql(test,
                          "INSERT INTO person_summary (person_id, name, search, created_at, "
                          "sort_name, listed) VALUES (1, 'Ana Novak', '', 0, 'ana novak', 1)"));
    g_autoptr(GString) rows = g_string_new("");
    for (int64_t person = 1; person <= 40; person++)
        for (int32_t day = 0; day < 150; day += 10)
            if (person > 1 || day < 50)
                order_put(rows, person, start + day + (int32_t)person % 7, 1000 * person);
    order_put(rows, 1, start + 45, 900000);
    order_put(rows, 0, start + 20, 5000);
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO orders (person_id, order_id, shop_id, order_key, state, confirmed, currency, "
        "revenue, net_revenue, base_revenue, base_net, item_count, occurred_at, received_at) "
        "VALUES %s",
        rows->str);
    g_free(test_store_sql(test, sql));
}

static void world_open(World *world, TestStore *test)
{
    KeyMade key;
    clock_simulate(NOW);
    shop_fill(test);
    *world = (World){.test = test};
    world->measure = measure_new(&(MeasureOptions){test->store, person_of, version_of, NULL});
    world->auth = auth_new(test->store, NULL);
    world->uploads = g_build_filename(test->dir, "uploads", NULL);
    g_mkdir(world->uploads, 0700);
    KeyInput input = {.name = "test", .scope = KEY_API};
    g_assert_true(auth_key_create(world->auth, &input, &(Actor){.kind = ACTOR_LOCAL}, &key, NULL));
    world->header = g_strdup_printf("Authorization: Bearer %s\r\n", key.secret);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = world->uploads,
                             .check_replies = true,
                             .auth = world->auth};
    world->server = server_new(&options, NULL);
    measure_add_routes(world->server, world->measure);
    g_assert_true(server_start(world->server, NULL));
    world->port = server_port(world->server);
}

static void world_close(World *world)
{
    server_free(world->server);
    auth_free(world->auth);
    measure_free(world->measure);
    g_free(world->uploads);
    g_free(world->header);
    clock_restore();
}

static Reply get(const World *world, const char *path)
{
    g_autofree char *line = g_strdup_printf("GET %s", path);
    return http_json(world->port, line, world->header, NULL);
}

static json_t *kpi_of(const json_t *list, const char *name)
{
    size_t i;
    json_t *kpi;
    json_array_foreach(list, i,
                       kpi) if (g_str_equal(json_text(kpi, "name", NULL), name)) return kpi;
    g_assert_not_reached();
}

static void figures_over_http(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) all = get(&world, "/api/kpis");
    g_assert_cmpint(all.status, ==, 200);
    json_t *kpis = json_object_get(all.json, "kpis");
    g_assert_cmpint(json_integer_value(json_object_get(kpi_of(kpis, "customers"), "value")), ==,
                    40);
    g_assert_cmpint(json_integer_value(json_object_get(kpi_of(kpis, "orders_unknown"), "value")),
                    ==, 1);
    json_t *money = json_object_get(kpi_of(kpis, "revenue_unknown"), "money");
    g_assert_cmpstr(json_text(money, "currency", NULL), ==, "EUR");
    g_auto(Reply) march = get(&world, "/api/kpis?from=2024-03-01&to=2024-04-01&zone=Asia/Tokyo");
    g_assert_cmpint(march.status, ==, 200);
    g_assert_cmpstr(json_text(march.json, "zone", NULL), ==, "Asia/Tokyo");
    kpis = json_object_get(march.json, "kpis");
    g_assert_cmpint(json_integer_value(json_object_get(kpi_of(kpis, "customers"), "value")), ==,
                    39);
    g_assert_true(json_is_number(json_object_get(kpi_of(kpis, "revenue"), "previous")));
    world_close(&world);
}

static void wrong_questions_are_refused(TestStore *test)
{
    static const struct {
        const char *why, *path;
        int status;
    } cases[] = {
        {"no such day", "/api/kpis?from=2024-02-30", 400},
        {"backwards", "/api/kpis?from=2024-03-01&to=2024-02-01", 400},
        {"a path, not a zone", "/api/kpis?zone=../../etc/passwd", 400},
        {"no such figure", "/api/kpis/nonsense/people", 404},
        {"nobody is behind it", "/api/kpis/revenue_unknown/people", 404},
        {"no such import", "/api/reconcile?import=12345", 404},
    };
    World world;
    world_open(&world, test);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(Reply) reply = get(&world, cases[i].path);
        g_assert_cmpint(reply.status, ==, cases[i].status);
    }
    g_auto(Reply) nobody = http_get(world.port, "/api/home");
    g_assert_cmpint(nobody.status, ==, 401);
    world_close(&world);
}

static void people_behind_a_figure(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) quiet = get(&world, "/api/kpis/quiet_unusually/people");
    g_assert_cmpint(quiet.status, ==, 200);
    g_assert_cmpint(json_integer_value(json_object_get(quiet.json, "total")), ==, 1);
    json_t *first = json_array_get(json_object_get(quiet.json, "people"), 0);
    g_assert_cmpstr(json_text(first, "id", NULL), ==, "1");
    g_assert_cmpstr(json_text(first, "name", NULL), ==, "Ana Novak");
    g_auto(Reply) buyers = get(&world, "/api/kpis/customers/people");
    g_assert_cmpint(json_integer_value(json_object_get(buyers.json, "total")), ==, 40);
    world_close(&world);
}

static void home_says_what_is_worth_doing(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) home = get(&world, "/api/home");
    g_assert_cmpint(home.status, ==, 200);
    json_t *attention = json_object_get(home.json, "attention");
    json_t *quiet = json_array_get(attention, 0);
    g_assert_cmpstr(json_text(quiet, "kind", NULL), ==, "quiet");
    g_assert_cmpstr(json_text(quiet, "link", NULL), ==, "/people?kpi=quiet_good");
    g_assert_cmpint(json_integer_value(json_object_get(quiet, "count")), ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(home.json, "figures")), ==, 3);
    g_assert_cmpuint(json_array_size(json_object_get(home.json, "curves")), ==, 1);
    g_assert_true(json_is_null(json_object_get(home.json, "matches_shop")));
    world_close(&world);
}

static void cohorts_and_curves_over_http(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) cohorts = get(&world, "/api/cohorts");
    g_assert_cmpint(cohorts.status, ==, 200);
    json_t *row = json_array_get(json_object_get(cohorts.json, "rows"), 0);
    g_assert_cmpstr(json_text(row, "month", NULL), ==, "2024-01");
    g_assert_cmpint(json_integer_value(json_object_get(row, "size")), ==, 40);
    g_auto(Reply) curves = get(&world, "/api/curves");
    g_assert_cmpint(curves.status, ==, 200);
    json_t *curve = json_array_get(json_object_get(curves.json, "curves"), 0);
    g_assert_cmpstr(json_text(curve, "label", NULL), ==, "2024-Q1");
    world_close(&world);
}

/* An import whose file said 10.00 for an order that a hand later set to 12.00, and one order that
 * the file does not have. */
static void what_differs_from_the_shop(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_free(test_store_sql(
        test, "INSERT INTO import (import_id, source_id, shop_id, kind, format, file_name, "
              "file_path, file_bytes, mapping, assumed, state, position, line, counts, created_at) "
              "VALUES (9, 3, 1, 'orders', 'generic', 'a.csv', '', 0, '{}', '{}', 'done', 0, 0, "
              "'{\"rejected\":2}', 0)"));
    g_free(test_store_sql(
        test, "INSERT INTO order_report (person_id, order_id, source_id, trust, import_id, "
              "fingerprint, received_at, stem, currency, revenue, lines_value, line_count, test) "
              "SELECT person_id, order_id, 3, 30, 9, '', 0, person_id, 'EUR', "
              "CASE WHEN person_id = 2 THEN revenue - 200 ELSE revenue END, 0, 0, 0 "
              "FROM orders WHERE person_id > 0"));
    g_auto(Reply) reply = get(&world, "/api/reconcile");
    g_assert_cmpint(reply.status, ==, 200);
    g_assert_cmpstr(json_text(reply.json, "import", NULL), ==, "9");
    json_t *differs = json_object_get(reply.json, "differs");
    g_assert_cmpuint(json_array_size(differs), ==, 1 + 15 + 1);
    g_assert_cmpstr(json_text(json_array_get(differs, 0), "why", NULL), ==, "rejected");
    json_t *line = json_array_get(differs, 1);
    g_assert_cmpstr(json_text(line, "why", NULL), ==, "other_source");
    g_assert_cmpstr(json_text(line, "shop", NULL), ==, "18.00 EUR");
    g_assert_cmpstr(json_text(line, "kith", NULL), ==, "20.00 EUR");
    g_assert_cmpstr(json_text(json_array_get(differs, 16), "why", NULL), ==, "not_in_file");
    g_auto(Reply) home = get(&world, "/api/home");
    json_t *match = json_object_get(home.json, "matches_shop");
    g_assert_cmpstr(json_text(match, "state", NULL), ==, "differs");
    g_assert_cmpint(json_integer_value(json_object_get(match, "differs")), ==, 17);
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/measure/routes/kpis", figures_over_http);
    test_store_add("/measure/routes/refused", wrong_questions_are_refused);
    test_store_add("/measure/routes/people", people_behind_a_figure);
    test_store_add("/measure/routes/home", home_says_what_is_worth_doing);
    test_store_add("/measure/routes/cohorts", cohorts_and_curves_over_http);
    test_store_add("/measure/routes/reconcile", what_differs_from_the_shop);
    return g_test_run();
}
