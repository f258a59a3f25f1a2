#include "segments/segments_routes.h"

#include "segments/served_fixture.h"

static Reply call(const World *world, const char *line, const char *json)
{
    return http_json(world->port, line, world->header, json);
}

static int64_t number(const Reply *reply, const char *name)
{
    return json_integer_value(json_object_get(reply->json, name));
}

static void rules_are_counted(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) count = call(&world, "POST /api/segments/count",
                               "{\"rule\":\"ORDERS>=3 and country = \\\"De\\\"\"}");
    g_assert_cmpint(count.status, ==, 200);
    g_assert_cmpint(number(&count, "count"), ==, 0); /* names of traits are exact */
    g_auto(Reply) text = call(&world, "POST /api/segments/count",
                              "{\"rule\":\"orders >= 3 AND country=\\\"De\\\"\"}");
    g_assert_cmpint(number(&text, "count"), ==, 2);
    g_assert_cmpint(number(&text, "people"), ==, 5);
    g_assert_cmpstr(json_text(text.json, "rule", NULL), ==, "orders >= 3 and country = \"De\"");
    g_assert_cmpstr(json_text(text.json, "zone", NULL), ==, "Europe/Berlin");
    g_auto(Reply) json = call(&world, "POST /api/segments/count",
                              "{\"json\":{\"did\":{\"event\":\"Order Completed\"}},"
                              "\"at\":\"2024-05-01\"}");
    g_assert_cmpint(json.status, ==, 200);
    g_assert_cmpint(number(&json, "count"), ==, 1); /* only bob had bought by then */
    world_close(&world);
}

static void wrong_rules_are_placed(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) good = call(&world, "POST /api/segments/check",
                              "{\"rule\":\"did \\\"product viewed\\\"  in last 1 days\"}");
    g_assert_cmpint(good.status, ==, 200);
    g_assert_true(json_is_true(json_object_get(good.json, "valid")));
    g_assert_cmpstr(json_text(good.json, "rule", NULL), ==, "did \"product viewed\" in last 1 day");
    g_auto(Reply) bad = call(&world, "POST /api/segments/check",
                             "{\"rule\":\"vip = true and\\n did \\\"Oder Completed\\\"\"}");
    g_assert_cmpint(bad.status, ==, 200);
    json_t *problem = json_object_get(bad.json, "problem");
    g_assert_cmpint(json_integer_value(json_object_get(problem, "line")), ==, 2);
    g_assert_cmpint(json_integer_value(json_object_get(problem, "column")), ==, 6);
    g_assert_cmpstr(json_text(problem, "suggestion", NULL), ==, "Order Completed");
    json_t *reason = json_object_get(problem, "reason");
    g_assert_cmpstr(json_text(reason, "code", NULL), ==, "rule-event-near");
    g_assert_true(json_is_null(json_object_get(problem, "expected")));
    g_auto(Reply) syntax = call(&world, "POST /api/segments/check", "{\"rule\":\"vip =\"}");
    g_assert_true(json_is_false(json_object_get(syntax.json, "valid")));
    problem = json_object_get(syntax.json, "problem");
    g_assert_cmpstr(json_text(problem, "expected", NULL), ==, "value");
    reason = json_object_get(problem, "reason");
    g_assert_cmpstr(json_text(reason, "code", NULL), ==, "rule-ends");
    static const char *const wrong[] = {"{}", "{\"rule\":\"\"}", "{\"rule\":\"vip =\"}",
                                        "{\"json\":{\"x\":1}}",
                                        "{\"rule\":\"orders = 1\",\"at\":\"x\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Reply) reply = call(&world, "POST /api/segments/count", wrong[i]);
        g_test_message("%s", wrong[i]);
        g_assert_cmpint(reply.status, ==, 400);
    }
    world_close(&world);
}

static void people_come_in_pages(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) first = call(&world, "GET /api/segments/people?rule=everybody&limit=3", NULL);
    g_assert_cmpint(first.status, ==, 200);
    g_assert_cmpint(number(&first, "total"), ==, 5);
    g_assert_cmpint(json_array_size(json_object_get(first.json, "people")), ==, 3);
    clock_advance(CLOCK_DAY_MS);
    g_autofree char *line =
        g_strdup_printf("GET /api/segments/people?rule=everybody&limit=3&cursor=%s",
                        json_text(first.json, "next", NULL));
    g_auto(Reply) second = call(&world, line, NULL);
    g_assert_cmpint(number(&second, "at"), ==, FIXTURE_NOW);
    g_assert_cmpint(json_array_size(json_object_get(second.json, "people")), ==, 2);
    g_assert_true(json_is_null(json_object_get(second.json, "next")));
    static const char *const cursors[] = {"x", "o", "o-1.5", "o5", "o99999999999999999999.1"};
    for (size_t i = 0; i < G_N_ELEMENTS(cursors); i++) {
        g_autofree char *bad =
            g_strdup_printf("GET /api/segments/people?rule=everybody&cursor=%s", cursors[i]);
        g_auto(Reply) reply = call(&world, bad, NULL);
        g_assert_cmpint(reply.status, ==, 400);
    }
    world_close(&world);
}

/* A member of the item of a list whose `key` is `name`. */
static json_t *item(const json_t *list, const char *key, const char *name, const char *member)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        g_autofree char *text =
            json_is_string(json_object_get(one, key))
                ? g_strdup(json_text(one, key, NULL))
                : g_strdup(json_string_value(json_array_get(json_object_get(one, key), 0)));
        if (g_strcmp0(text, name) == 0) return json_object_get(one, member);
    }
    return NULL;
}

static int64_t group_size(const Reply *reply, const char *key)
{
    size_t i;
    json_t *group;
    json_array_foreach(
        json_object_get(reply->json, "groups"), i,
        group) if (g_str_equal(json_text(group, "key", NULL),
                               key)) return json_integer_value(json_object_get(group, "count"));
    return -1;
}

static void ready_groups_have_faces(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) reply = call(&world, "GET /api/groups", NULL);
    g_assert_cmpint(reply.status, ==, 200);
    g_assert_true(json_is_null(json_object_get(reply.json, "as_of_reason")));
    static const struct {
        const char *key;
        int64_t count;
    } want[] = {{"new_this_month", 0}, {"one_time", 1}, {"regulars", 2},      {"quiet", 1},
                {"lapsed_60", 1},      {"top_10", 1},   {"birthday_week", 0}, {"new_leads", 0},
                {"active", 2},         {"refunded", 1}, {"second_order", 1},  {"cart", 1},
                {"promoters", 0},      {"readers", 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
        g_test_message("%s", want[i].key);
        g_assert_cmpint(group_size(&reply, want[i].key), ==, want[i].count);
    }
    json_t *quiet = item(json_object_get(reply.json, "groups"), "key", "quiet", "sample");
    json_t *face = json_array_get(quiet, 0);
    g_assert_cmpstr(json_text(face, "name", NULL), ==, "Bob");
    clock_advance(60 * CLOCK_DAY_MS);
    g_auto(Reply) later = call(&world, "GET /api/groups", NULL);
    g_assert_cmpstr(json_text(later.json, "as_of_reason", NULL), ==, "day_after_newest_order");
    g_assert_cmpint(group_size(&later, "lapsed_60"), ==, 1); /* not everybody */
    world_close(&world);
}

static void segments_are_kept(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) made =
        call(&world, "POST /api/segments", "{\"name\":\" Regulars \",\"rule\":\"orders>=3\"}");
    g_assert_cmpint(made.status, ==, 201);
    g_assert_cmpstr(json_text(made.json, "rule", NULL), ==, "orders >= 3");
    g_autofree char *one = g_strdup_printf("/api/segments/%s", json_text(made.json, "id", NULL));
    g_autofree char *get = g_strconcat("GET ", one, NULL), *put = g_strconcat("PUT ", one, NULL);
    g_autofree char *drop = g_strconcat("DELETE ", one, NULL);
    g_auto(Reply) same =
        call(&world, "POST /api/segments", "{\"name\":\"REGULARS\",\"rule\":\"everybody\"}");
    g_assert_cmpint(same.status, ==, 409);
    g_auto(Reply) user = call(&world, "POST /api/segments",
                              "{\"name\":\"Quiet regulars\",\"rule\":\"in segment \\\"regulars\\\" "
                              "and silent longer than 2 times usual\"}");
    g_assert_cmpint(user.status, ==, 201);
    g_auto(Reply) counted = call(&world, "POST /api/segments/count",
                                 "{\"rule\":\"in segment \\\"quiet REGULARS\\\"\"}");
    g_assert_cmpint(number(&counted, "count"), ==, 1);
    g_auto(Reply) circle = call(&world, put, "{\"rule\":\"in segment \\\"Quiet regulars\\\"\"}");
    g_assert_cmpint(circle.status, ==, 400);
    g_auto(Reply) renamed = call(&world, put, "{\"name\":\"Often\"}");
    g_assert_cmpint(renamed.status, ==, 409); /* named by the other */
    g_auto(Reply) changed = call(&world, put, "{\"rule\":\"orders >= 4\"}");
    g_assert_cmpint(changed.status, ==, 200);
    g_auto(Reply) used = call(&world, drop, NULL);
    g_assert_cmpint(used.status, ==, 409);
    g_auto(Reply) list = call(&world, "GET /api/segments", NULL);
    g_assert_cmpint(json_array_size(json_object_get(list.json, "segments")), ==, 2);
    g_autofree char *other =
        g_strdup_printf("DELETE /api/segments/%s", json_text(user.json, "id", NULL));
    g_auto(Reply) dropped = call(&world, other, NULL);
    g_assert_cmpint(dropped.status, ==, 204);
    g_auto(Reply) free_now = call(&world, drop, NULL);
    g_assert_cmpint(free_now.status, ==, 204);
    g_auto(Reply) gone = call(&world, get, NULL);
    g_assert_cmpint(gone.status, ==, 404);
    world_close(&world);
}

static void names_are_suggested(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) names = call(&world, "GET /api/segments/names", NULL);
    g_assert_cmpint(names.status, ==, 200);
    json_t *events = json_object_get(names.json, "events");
    g_assert_cmpint(json_integer_value(item(events, "name", "Product Viewed", "count")), ==, 2);
    g_assert_true(json_is_false(item(events, "name", "Product Removed", "seen")));
    json_t *traits = json_object_get(names.json, "traits");
    json_t *countries = item(traits, "path", "country", "values");
    g_assert_cmpint(json_array_size(countries), ==, 1); /* nobody but cleo lives in France */
    g_assert_cmpstr(
        json_text(item(traits, "path", "size", "type") ? json_array_get(countries, 0) : NULL,
                  "value", NULL),
        ==, "de");
    g_assert_cmpint(json_array_size(item(traits, "path", "email", "values")), ==, 0);
    g_auto(Reply) seen = call(&world, "GET /api/segments/names/Product%20Added/properties", NULL);
    g_assert_cmpint(seen.status, ==, 200);
    json_t *values = item(json_object_get(seen.json, "properties"), "path", "category", "values");
    g_assert_cmpstr(json_text(json_array_get(values, 0), "value", NULL), ==, "Shoes");
    g_auto(Reply) orders =
        call(&world, "GET /api/segments/names/Order%20Completed/properties", NULL);
    json_t *properties = json_object_get(orders.json, "properties");
    g_assert_cmpstr(json_string_value(item(properties, "path", "net_revenue", "type")), ==,
                    "number");
    g_auto(Reply) usual =
        call(&world, "GET /api/segments/names/Product%20Removed/properties", NULL);
    g_assert_cmpint(usual.status, ==, 200);
    g_auto(Reply) none = call(&world, "GET /api/segments/names/Nothing/properties", NULL);
    g_assert_cmpint(none.status, ==, 404);
    world_close(&world);
}

static void rules_are_looked_at(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) preview =
        call(&world, "POST /api/segments/preview", "{\"rule\":\"orders >= 1\"}");
    g_assert_cmpint(preview.status, ==, 200);
    g_assert_cmpint(number(&preview, "count"), ==, 3);
    g_assert_cmpint(number(&preview, "people"), ==, 5);
    g_assert_cmpint(number(&preview, "may"), ==, 0);
    g_assert_cmpint(json_array_size(json_object_get(preview.json, "sample")), ==, 3);
    json_t *cost = json_object_get(preview.json, "cost");
    g_assert_cmpstr(json_text(cost, "engine", NULL), ==, "sql");
    g_assert_cmpint(json_integer_value(json_object_get(cost, "rows")), >=, 3);
    g_assert_cmpint(json_integer_value(json_object_get(cost, "people")), ==, 5);
    g_auto(Reply) flow = call(&world, "POST /api/segments/flow",
                              "{\"rule\":\"did \\\"Product Viewed\\\" in last 36 hours\"}");
    g_assert_cmpint(flow.status, ==, 200);
    g_assert_cmpint(number(&flow, "entered"), ==, 0); /* dan looked at shoes, then at hats */
    g_assert_cmpint(number(&flow, "left"), ==, 0);
    g_auto(Reply) order = call(&world, "POST /api/segments/flow",
                               "{\"rule\":\"did \\\"Order Completed\\\" in last 30 days\","
                               "\"days\":10}");
    g_assert_cmpint(number(&order, "before"), ==, 2);
    g_assert_cmpint(number(&order, "count"), ==, 2);
    g_auto(Reply) left = call(&world, "POST /api/segments/flow",
                              "{\"json\":{\"did\":{\"event\":\"Order Completed\"},\"window\":"
                              "{\"in_last\":{\"number\":12,\"unit\":\"hours\"}}},\"days\":1,"
                              "\"at\":\"2024-06-01T18:00\"}");
    g_assert_cmpint(left.status, ==, 200);
    g_assert_cmpint(number(&left, "left"), ==, 1); /* ann, whose order is a day and a half old */
    g_auto(Reply) overlap = call(&world, "POST /api/segments/overlap",
                                 "{\"rule\":\"orders >= 1\",\"others\":[\"country = \\\"DE\\\"\","
                                 "\"everybody\"]}");
    g_assert_cmpint(overlap.status, ==, 200);
    json_t *others = json_object_get(overlap.json, "others");
    g_assert_cmpint(json_integer_value(item(others, "rule", "country = \"DE\"", "both")), ==, 2);
    g_assert_cmpint(json_integer_value(item(others, "rule", "everybody", "count")), ==, 5);
    g_auto(Reply) few = call(&world, "POST /api/segments/breakdown",
                             "{\"rule\":\"everybody\",\"by\":[\"country\"]}");
    g_assert_cmpint(number(&few, "rest"), ==, 3); /* a value of two people is not told */
    g_assert_cmpint(json_array_size(json_object_get(few.json, "values")), ==, 0);
    static const char *const more[] = {"kim", "lea", "max"};
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        fixture_traits(&world.shop, more[i], "\"country\":\"DE\"");
    g_auto(Reply) by = call(&world, "POST /api/segments/breakdown",
                            "{\"rule\":\"everybody\",\"by\":[\"country\"]}");
    g_assert_cmpint(by.status, ==, 200);
    g_assert_cmpint(number(&by, "rest"), ==, 1); /* cleo */
    g_assert_cmpint(number(&by, "missing"), ==, 2);
    g_assert_cmpint(json_array_size(json_object_get(by.json, "values")), ==, 1);
    g_auto(Reply) nothing = call(&world, "POST /api/segments/breakdown",
                                 "{\"rule\":\"everybody\",\"by\":[\"nothing\"]}");
    json_t *fields = json_object_get(json_object_get(nothing.json, "error"), "fields");
    g_assert_cmpstr(json_text(json_array_get(fields, 0), "field", NULL), ==, "by");
    static const char *const wrong[][2] = {
        {"POST /api/segments/preview", "{\"rule\":\"did \\\"Nothing\\\"\"}"},
        {"POST /api/segments/flow", "{\"rule\":\"everybody\",\"days\":0}"},
        {"POST /api/segments/overlap", "{\"rule\":\"everybody\",\"others\":[\"x =\"]}"},
        {"POST /api/segments/overlap", "{\"rule\":\"everybody\",\"others\":[]}"},
        {"POST /api/segments/breakdown", "{\"rule\":\"everybody\",\"by\":[\"nothing\"]}"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Reply) reply = call(&world, wrong[i][0], wrong[i][1]);
        g_test_message("%s %s", wrong[i][0], wrong[i][1]);
        g_assert_cmpint(reply.status, ==, 400);
    }
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/routes/count", rules_are_counted);
    test_store_add("/segments/routes/check", wrong_rules_are_placed);
    test_store_add("/segments/routes/people", people_come_in_pages);
    test_store_add("/segments/routes/groups", ready_groups_have_faces);
    test_store_add("/segments/routes/names", names_are_suggested);
    test_store_add("/segments/routes/looks", rules_are_looked_at);
    test_store_add("/segments/routes/saved", segments_are_kept);
    return g_test_run();
}
