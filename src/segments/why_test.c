/* Why over HTTP: the tree, the numbers behind its parts, and when they change. */
#include "segments/why.h"

#include "segments/served_fixture.h"

static Reply ask_why(const World *world, const char *person, const char *rule)
{
    json_t *body = json_pack("{s:s, s:s}", "person", person, "rule", rule);
    char *text = json_dumps(body, 0);
    Reply reply = http_json(world->port, "POST /api/segments/why", world->header, text);
    free(text);
    json_decref(body);
    return reply;
}

static int64_t part_integer(const Reply *reply, const char *part, const char *name)
{
    size_t i;
    json_t *item, *why = json_object_get(reply->json, "why");
    json_array_foreach(
        json_object_get(why, "parts"), i,
        item) if (g_str_equal(json_text(item, "rule", NULL),
                              part)) return json_integer_value(json_object_get(item, name));
    g_test_message("no part %s", part);
    return -1;
}

static void the_tree_is_told(TestStore *test)
{
    World world;
    world_open(&world, test);
    static const char rule[] = "did \"Order Completed\" in last 30 days and sum(revenue) of "
                               "\"Order Completed\" >= 150 and "
                               "not country = \"FR\"";
    g_auto(Reply) ann = ask_why(&world, "ANN@shop.example", rule);
    g_assert_cmpint(ann.status, ==, 200);
    g_assert_true(json_is_true(json_object_get(ann.json, "holds")));
    int64_t last = FIXTURE_NOW - CLOCK_DAY_MS, leaves = last + 30 * CLOCK_DAY_MS + 1;
    g_assert_cmpint(json_integer_value(json_object_get(ann.json, "flips_at")), ==, leaves);
    static const char in_window[] = "did \"Order Completed\" in last 30 days";
    g_assert_cmpint(part_integer(&ann, in_window, "count"), ==, 3);
    g_assert_cmpint(part_integer(&ann, in_window, "last_at"), ==, last);
    g_assert_cmpint(part_integer(&ann, in_window, "flips_at"), ==, leaves);
    g_autofree char *text = why_text(ann.json);
    g_assert_nonnull(strstr(text, "it is 200; last 1 day ago"));
    g_auto(Reply) cleo = ask_why(&world, "cleo", rule);
    g_assert_cmpint(cleo.status, ==, 200);
    g_assert_false(json_is_true(json_object_get(cleo.json, "holds")));
    g_assert_true(json_is_null(json_object_get(cleo.json, "flips_at")));
    g_auto(Reply) nobody = ask_why(&world, "nobody@shop.example", rule);
    g_assert_cmpint(nobody.status, ==, 404);
    g_auto(Reply) wrong = ask_why(&world, "cleo", "did \"Nothing\"");
    g_assert_cmpint(wrong.status, ==, 400);
    world_close(&world);
}

static void inner_segments_are_told(TestStore *test)
{
    World world;
    int64_t segment_id;
    world_open(&world, test);
    g_assert_true(saved_create(world.segments, &fixture_actor, "Buyers",
                               "did \"Order Completed\" in last 60 days", &segment_id, NULL));
    g_auto(Reply) ann = ask_why(&world, "ann", "in segment \"buyers\" and consent email \"x\"");
    g_assert_cmpint(ann.status, ==, 200);
    g_assert_false(json_is_true(json_object_get(ann.json, "holds")));
    json_t *parts = json_object_get(json_object_get(ann.json, "why"), "parts");
    json_t *buyers = json_array_get(parts, 0), *consent = json_array_get(parts, 1);
    g_assert_true(json_is_true(json_object_get(buyers, "holds")));
    json_t *inner = json_array_get(json_object_get(buyers, "parts"), 0);
    g_assert_cmpint(json_integer_value(json_object_get(inner, "count")), ==, 4);
    g_assert_cmpstr(json_text(consent, "reason", NULL), ==, "no_basis");
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/why/tree", the_tree_is_told);
    test_store_add("/segments/why/inner", inner_segments_are_told);
    return g_test_run();
}
