#include "timeline/track_fixture.h"

static void stores_what_it_acknowledges(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    g_auto(Reply) reply = shop_batch(
        &shop, "{\"type\":\"track\",\"event\":\"Product Viewed\",\"userId\":\"ann\","
               "\"messageId\":\"m1\",\"properties\":{\"price\":12.5,\"name\":\"Lamp\"}},"
               "{\"type\":\"page\",\"name\":\"Home\",\"userId\":\"ann\",\"messageId\":\"m2\"}");
    g_assert_true(json_is_true(json_object_get(reply.json, "success")));
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 2);
    int64_t person_id = shop_person(&shop, "ann");
    g_assert_cmpint(person_id, >, 0);
    g_autofree char *names = shop_names(&shop, person_id);
    g_assert_cmpstr(names, ==, "Page Viewed, Product Viewed");
    g_autofree char *payload =
        test_store_sql(test, "SELECT payload FROM event WHERE message_id = 'm1'");
    g_assert_cmpstr(payload, ==,
                    "{\"p\":{\"price\":12500000,\"name\":\"Lamp\"},\"f\":{\"name\":\"lamp\"}}");
    shop_end(&shop);
}

static void counts_a_message_once(TestStore *test)
{
    static const char event[] = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\","
                                "\"messageId\":\"once\"}";
    g_autofree char *twice = g_strconcat(event, ",", event, NULL);
    Shop shop;
    shop_open(&shop, test);
    g_auto(Reply) first = shop_batch(&shop, twice);
    g_auto(Reply) again = shop_batch(&shop, event);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 1);
    shop_reopen(&shop);
    g_auto(Reply) restarted = shop_batch(&shop, twice);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 1);
    clock_simulate(clock_real_ms() + 8 * CLOCK_DAY_MS);
    g_auto(Reply) later = shop_batch(&shop, event);
    clock_restore();
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 2);
    shop_end(&shop);
}

static void refuses_one_by_one(TestStore *test)
{
    static const struct {
        const char *why, *event, *want;
    } cases[] = {
        {"no type", "{\"userId\":\"u\",\"event\":\"E\"}", "type must be"},
        {"odd type", "{\"type\":\"x\",\"userId\":\"u\"}", "type must be"},
        {"no event", "{\"type\":\"track\",\"userId\":\"u\"}", "needs an event"},
        {"nobody", "{\"type\":\"track\",\"event\":\"E\"}", "needs a userId"},
        {"not an object", "17", "must be an object"},
        {"alias of nothing", "{\"type\":\"alias\",\"userId\":\"u\"}", "previousId"},
        {"group of nothing", "{\"type\":\"group\",\"userId\":\"u\"}", "groupId"},
        {"a list as id", "{\"type\":\"track\",\"event\":\"E\",\"userId\":[1]}", "must be a text"},
        {"no time", "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"timestamp\":\"now\"}",
         "not a time"},
        {"year 0",
         "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\","
         "\"timestamp\":\"0000-01-01T00:00:00Z\"}",
         "not a time"},
        {"far future",
         "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\","
         "\"timestamp\":\"292278994-08-17T07:12:55.807Z\"}",
         "not a time"},
        {"properties as text",
         "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"properties\":\"x\"}",
         "must be an object"},
        {"placeholder", "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"null\"}", ""},
    };
    static const char good[] = "{\"type\":\"track\",\"event\":\"Good\",\"userId\":\"u\"}";
    Shop shop;
    shop_open(&shop, test);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *events = g_strconcat(good, ",", cases[i].event, NULL);
        g_auto(Reply) reply = shop_batch(&shop, events);
        json_t *errors = json_object_get(reply.json, "errors");
        g_assert_cmpuint(json_array_size(errors), ==, 1);
        const char *reason = json_string_value(json_object_get(json_array_get(errors, 0), "error"));
        g_assert_nonnull(strstr(reason, cases[i].want));
        g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, i + 1);
    }
    shop_end(&shop);
}

static void a_hostile_event_does_not_take_its_batch_along(TestStore *test)
{
    static const char good[] = "{\"type\":\"track\",\"event\":\"Good\",\"userId\":\"u\"}";
    Shop shop;
    shop_open(&shop, test);
    GString *deep = g_string_new("{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\","
                                 "\"properties\":{\"a\":");
    for (int i = 0; i < 10000; i++)
        g_string_append_c(deep, '[');
    for (int i = 0; i < 10000; i++)
        g_string_append_c(deep, ']');
    g_string_append(deep, "}}");
    GString *wide = g_string_new("{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\","
                                 "\"properties\":{\"a\":0");
    for (int i = 0; i < 2000; i++)
        g_string_append_printf(wide, ",\"n%d\":1", i);
    g_string_append(wide, "}}");
    g_autofree char *large = g_strnfill(33 * 1024, 'x');
    g_autofree char *events = g_strdup_printf(
        "%s,%s,%s,{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"properties\":"
        "{\"x\":\"%s\"}},%s",
        good, deep->str, wide->str, large, good);
    g_auto(Reply) reply = shop_batch(&shop, events);
    g_assert_cmpuint(json_array_size(json_object_get(reply.json, "errors")), ==, 3);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 2);
    g_string_free(deep, TRUE);
    g_string_free(wide, TRUE);
    shop_end(&shop);
}

static void wrong_bodies_are_refused_whole(TestStore *test)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"batch\":[", 400},
        {"[1,2]", 400},
        {"", 400},
        {"null", 400},
        {"{\"batch\":7}", 400},
        {"{\"batch\":[{\"a\":\"\xff\"}]}", 400},
        {"{\"batch\":[{\"a\":1,\"a\":2}]}", 400},
        {"{\"batch\":[{\"a\":\"\\u0000\"}]}", 400},
        {"{\"batch\":[]}", 200},
    };
    Shop shop;
    shop_open(&shop, test);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].body);
        g_auto(Reply) reply = shop_post(&shop, shop.ingest_key, "/v1/batch", cases[i].body);
        g_assert_cmpint(reply.status, ==, cases[i].status);
    }
    g_auto(Reply) stranger = shop_post(&shop, "nope", "/v1/batch", "{\"batch\":[]}");
    g_assert_cmpint(stranger.status, ==, 401);
    g_auto(Reply) api = shop_post(&shop, shop.api_key, "/v1/track", "{\"event\":\"E\"}");
    g_assert_cmpint(api.status, ==, 403);
    shop_end(&shop);
}

static void time_is_put_right(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    clock_simulate(1700000000000); /* 2023-11-14T22:13:20Z */
    g_auto(Reply) skewed = shop_post(
        &shop, shop.ingest_key, "/v1/batch",
        "{\"batch\":[{\"type\":\"track\",\"event\":\"Skewed\",\"userId\":\"u\","
        "\"timestamp\":\"2023-11-13T22:12:20.000Z\"}],\"sentAt\":\"2023-11-13T22:13:20.000Z\"}");
    g_auto(Reply) ahead =
        shop_batch(&shop, "{\"type\":\"track\",\"event\":\"Ahead\",\"userId\":\"u\","
                          "\"timestamp\":\"2023-11-14T22:20:00Z\"}");
    g_auto(Reply) soon =
        shop_batch(&shop, "{\"type\":\"track\",\"event\":\"Soon\",\"userId\":\"u\","
                          "\"timestamp\":\"2023-11-14T22:14:00Z\"}");
    clock_restore();
    static const char of[] = "SELECT occurred_at - received_at FROM event WHERE name_id = "
                             "(SELECT name_id FROM event_name WHERE name = '%s')";
    g_autofree char *skew_sql = g_strdup_printf(of, "Skewed");
    g_autofree char *ahead_sql = g_strdup_printf(of, "Ahead");
    g_autofree char *soon_sql = g_strdup_printf(of, "Soon");
    g_assert_cmpint(shop_count(&shop, skew_sql), ==, -60000);
    g_assert_cmpint(shop_count(&shop, ahead_sql), ==, 0);
    g_assert_cmpint(shop_count(&shop, soon_sql), ==, 40000);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event WHERE (flags / 32) % 2 = 1"), ==,
                    1);
    shop_end(&shop);
}

static void the_public_key_may_not(TestStore *test)
{
    static const char *const names[] = {"Email Opened", "email opened", " Unsubscribed ",
                                        "Points Earned", "Segment Entered"};
    Shop shop;
    shop_open(&shop, test);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *body = g_strdup_printf("{\"event\":\"%s\",\"userId\":\"u\"}", names[i]);
        g_auto(Reply) reply = shop_post(&shop, shop.track_key, "/v1/track", body);
        g_assert_cmpuint(json_array_size(json_object_get(reply.json, "errors")), ==, 1);
    }
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 0);
    g_auto(Reply) order =
        shop_post(&shop, shop.track_key, "/v1/track",
                  "{\"event\":\"Order Completed\",\"userId\":\"u\",\"properties\":"
                  "{\"order_id\":\"1\",\"revenue\":5,\"currency\":\"GBP\"}}");
    g_assert_cmpint(order.status, ==, 200);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM orders WHERE confirmed = 0"), ==, 1);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event WHERE (flags / 16) % 2 = 1"), ==,
                    1);
    shop_end(&shop);
}

static void one_order_however_often_reported(TestStore *test)
{
    static const char *const names[] = {"Order Completed", "Completed Order", "Order Completed"};
    Shop shop;
    shop_open(&shop, test);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *event = g_strdup_printf(
            "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"dora\",\"messageId\":\"o%zu\","
            "\"properties\":{\"order_id\":\"T-1\",\"revenue\":25.5,\"currency\":\"GBP\","
            "\"products\":[{\"product_id\":\"p1\",\"name\":\"Lamp\",\"price\":25.5,"
            "\"quantity\":1}]}}",
            names[i], i);
        g_auto(Reply) reply = shop_batch(&shop, event);
        g_assert_cmpuint(json_array_size(json_object_get(reply.json, "errors")), ==, 0);
    }
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM orders"), ==, 1);
    g_assert_cmpint(shop_count(&shop, "SELECT revenue FROM orders"), ==, 2550);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 3);
    g_autofree char *shown = shop_names(&shop, shop_person(&shop, "dora"));
    g_assert_cmpstr(shown, ==, "Order Completed");
    g_autofree char *path =
        g_strdup_printf("/api/people/%" G_GINT64_FORMAT "/timeline", shop_person(&shop, "dora"));
    g_auto(Reply) page = shop_get(&shop, path);
    g_assert_cmpint(page.status, ==, 200);
    json_t *item = json_array_get(json_object_get(page.json, "items"), 0);
    g_assert_cmpstr(json_text(item, "family", NULL), ==, "order");
    json_t *order = json_object_get(item, "order");
    g_assert_cmpstr(json_text(order, "number", NULL), ==, "T-1");
    g_assert_cmpuint(json_array_size(json_object_get(order, "lines")), ==, 1);
    shop_end(&shop);
}

static void pages_and_families(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    for (int i = 0; i < 25; i++) {
        g_autofree char *event = g_strdup_printf(
            "{\"type\":\"%s\",\"event\":\"Other Thing\",\"name\":\"P\",\"userId\":\"u\","
            "\"timestamp\":\"2024-03-%02dT10:00:00Z\"}",
            i % 5 ? "page" : "track", 1 + (i * 7) % 25);
        g_auto(Reply) reply = shop_batch(&shop, event);
    }
    int64_t person_id = shop_person(&shop, "u");
    g_autofree char *next = g_strdup("");
    int64_t last = INT64_MAX, seen = 0;
    while (next) {
        g_autofree char *path = g_strdup_printf(
            "/api/people/%" G_GINT64_FORMAT "/timeline?limit=4&before=%s", person_id, next);
        g_auto(Reply) page = shop_get(&shop, path);
        g_assert_cmpint(page.status, ==, 200);
        json_t *items = json_object_get(page.json, "items");
        for (size_t i = 0; i < json_array_size(items); i++, seen++) {
            int64_t at =
                json_integer_value(json_object_get(json_array_get(items, i), "occurred_at"));
            g_assert_cmpint(at, <=, last);
            last = at;
        }
        g_free(next);
        next = g_strdup(json_text(page.json, "next", NULL));
    }
    g_assert_cmpint(seen, ==, 25);
    g_autofree char *visits = g_strdup_printf(
        "/api/people/%" G_GINT64_FORMAT "/timeline?family=visit&limit=1", person_id);
    g_auto(Reply) page = shop_get(&shop, visits);
    g_assert_cmpint(json_integer_value(json_object_get(page.json, "total")), ==, 20);
    g_auto(Reply) nobody = shop_get(&shop, "/api/people/12345/timeline");
    g_assert_cmpint(nobody.status, ==, 404);
    shop_end(&shop);
}

static void live_shows_what_came_and_why_not(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    g_auto(Reply) sent = shop_batch(
        &shop, "{\"type\":\"track\",\"event\":\"Good\",\"userId\":\"u\",\"messageId\":\"a\"},"
               "{\"type\":\"track\",\"event\":\"Good\",\"userId\":\"u\",\"messageId\":\"a\"},"
               "{\"type\":\"track\",\"userId\":\"u\"}");
    g_auto(Reply) live = shop_get(&shop, "/api/live?limit=10");
    g_assert_cmpint(live.status, ==, 200);
    json_t *items = json_object_get(live.json, "items");
    g_assert_cmpuint(json_array_size(items), ==, 3);
    g_assert_cmpstr(json_text(json_array_get(items, 0), "status", NULL), ==, "refused");
    g_assert_cmpstr(json_text(json_array_get(items, 0), "reason", NULL), ==,
                    "track needs an event");
    g_assert_cmpstr(json_text(json_array_get(items, 1), "status", NULL), ==, "duplicate");
    g_assert_cmpstr(json_text(json_array_get(items, 2), "status", NULL), ==, "accepted");
    g_assert_cmpint(json_integer_value(json_object_get(live.json, "refused")), ==, 1);
    shop_end(&shop);
}

static void the_visit_before_is_theirs(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    g_auto(Reply) page =
        shop_batch(&shop, "{\"type\":\"page\",\"name\":\"Landing\",\"anonymousId\":\"v1\"}");
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM person"), ==, 0);
    g_auto(Reply) known =
        shop_batch(&shop, "{\"type\":\"identify\",\"userId\":\"bea\",\"anonymousId\":\"v1\","
                          "\"traits\":{\"email\":\"bea@shop.example\",\"name\":\"Bea\"}}");
    g_autofree char *names = shop_names(&shop, shop_person(&shop, "bea"));
    g_assert_cmpstr(names, ==, "Identified, Page Viewed");
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM trait"), ==, 2);
    shop_reopen(&shop);
    g_autofree char *again = shop_names(&shop, shop_person(&shop, "bea"));
    g_assert_cmpstr(again, ==, "Identified, Page Viewed");
    shop_end(&shop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/track/stores", stores_what_it_acknowledges);
    test_store_add("/track/once", counts_a_message_once);
    test_store_add("/track/refuses", refuses_one_by_one);
    test_store_add("/track/hostile", a_hostile_event_does_not_take_its_batch_along);
    test_store_add("/track/bodies", wrong_bodies_are_refused_whole);
    test_store_add("/track/time", time_is_put_right);
    test_store_add("/track/public", the_public_key_may_not);
    test_store_add("/track/orders", one_order_however_often_reported);
    test_store_add("/track/pages", pages_and_families);
    test_store_add("/track/live", live_shows_what_came_and_why_not);
    test_store_add("/track/visitor", the_visit_before_is_theirs);
    return g_test_run();
}
