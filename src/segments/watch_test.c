/* Watched segments: who comes in and who leaves, when exactly, written once; and that the record is
 * what asking everybody says, whatever happened and wherever it was interrupted. */
#include "segments/watch.h"

#include "people/erase.h"
#include "people/merge.h"
#include "people/person.h"
#include "segments/feed.h"
#include "segments/segments_fixture.h"
#include "segments/segments_routes.h"
#include "timeline/retention.h"

typedef struct World {
    Shop shop;
    Segments *segments;
    Watch *watch;
    Feed *feed; /* NULL: all by SQL */
} World;

static bool with_columns;

static void world_begin(World *world)
{
    g_autoptr(GError) error = NULL;
    world->segments = fixture_segments(&world->shop);
    world->feed = NULL;
    if (with_columns) {
        FeedOptions options = {.store = world->shop.test->store,
                               .people = world->shop.people,
                               .timeline = world->shop.timeline,
                               .chunk_rows = FIXTURE_CHUNK_ROWS};
        world->feed = feed_new(&options, &error);
        g_assert_no_error(error);
        feed_settle(world->feed);
        segments_set_feed(world->segments, world->feed);
    }
    world->watch = watch_new(world->segments, &error);
    g_assert_no_error(error);
}

static void world_open(World *world, TestStore *test)
{
    clock_simulate(FIXTURE_NOW);
    shop_open(&world->shop, test);
    fixture_fill(&world->shop);
    world_begin(world);
}

static void world_end(World *world)
{
    watch_free(world->watch);
    segments_free(world->segments);
    feed_free(world->feed);
}

static void world_close(World *world)
{
    world_end(world);
    shop_end(&world->shop);
    clock_restore();
}

static void settle(World *world)
{
    g_autoptr(GError) error = NULL;
    watch_settle(world->watch, &error);
    g_assert_no_error(error);
}

static int64_t keep(World *world, const char *name, const char *rule)
{
    g_autoptr(GError) error = NULL;
    int64_t segment_id = 0;
    saved_create(world->segments, &fixture_actor, name, rule, &segment_id, &error);
    g_assert_no_error(error);
    watch_pin(world->watch, &fixture_actor, segment_id, true, &error);
    g_assert_no_error(error);
    return segment_id;
}

/* Who is in a segment by the record: user ids joined by blanks. */
static char *recorded_who(World *world, const char *name)
{
    static const char *const users[] = {"ann", "bob", "cleo", "dan", "eve"};
    GString *who = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *sql = g_strdup_printf(
            "SELECT COUNT(*) FROM segment_member AS m JOIN segment AS s "
            "ON s.segment_id = m.segment_id WHERE m.left_at IS NULL AND s.name = '%s' AND "
            "m.person_id = %" G_GINT64_FORMAT,
            name, shop_person(&world->shop, users[i]));
        if (shop_count(&world->shop, sql) == 1)
            g_string_append_printf(who, "%s%s", who->len ? " " : "", users[i]);
    }
    return g_string_free(who, FALSE);
}

/* The events of a name on a person's timeline, with their instants: "Entered@AT …", oldest first.
 */
static char *told(World *world, const char *user)
{
    g_autoptr(GError) error = NULL;
    GString *out = g_string_new(NULL);
    TimelineAsk ask = {.person_id = shop_person(&world->shop, user), .limit = TIMELINE_LIMIT_MAX};
    Db *db = store_reader_begin(world->shop.test->store, &error);
    g_autoptr(TimelinePage) page = timeline_read(world->shop.timeline, db, &ask, &error);
    g_assert_no_error(error);
    store_reader_end(world->shop.test->store, db);
    for (guint i = page->events->len; i > 0; i--) {
        const TimelineEvent *event = g_ptr_array_index(page->events, i - 1);
        if (!g_str_has_prefix(event->name, "Segment ")) continue;
        g_string_append_printf(out, "%s%s@%" G_GINT64_FORMAT, out->len ? " " : "",
                               event->name + strlen("Segment "), event->occurred_at - FIXTURE_NOW);
    }
    return g_string_free(out, FALSE);
}

#define ASSERT_TEXT(call, text)                                                                    \
    do {                                                                                           \
        g_autofree char *is = (call);                                                              \
        g_assert_cmpstr(is, ==, (text));                                                           \
    } while (0)

static void order_now(World *world, const char *user, const char *key)
{
    fixture_order(&world->shop, user,
                  -(double)(clock_now_ms() - FIXTURE_NOW) / (double)CLOCK_DAY_MS, key, 10);
}

static void people_come_and_go(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Buyers", "did \"Order Completed\" in last 30 days");
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Buyers"), "ann cleo"); /* exactly 30 days ago is in */
    ASSERT_TEXT(told(&world, "ann"), "");                    /* was in when watching began */
    clock_advance(1);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Buyers"), "ann");
    ASSERT_TEXT(told(&world, "cleo"), "Exited@1");
    clock_advance(CLOCK_HOUR_MS);
    order_now(&world, "dan", "d1");
    settle(&world);
    clock_advance(5000);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Buyers"), "ann dan");
    ASSERT_TEXT(told(&world, "dan"), "Entered@3600002"); /* the ms after it happened */
    clock_advance(90 * CLOCK_DAY_MS);                    /* nobody looked for three months */
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Buyers"), "");
    ASSERT_TEXT(told(&world, "ann"), "Exited@2505600001");
    ASSERT_TEXT(told(&world, "dan"), "Entered@3600002 Exited@2595600002");
    settle(&world);
    ASSERT_TEXT(told(&world, "dan"), "Entered@3600002 Exited@2595600002"); /* once */
    world_close(&world);
}

static void late_events_count_from_their_receipt(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Viewers", "did \"Product Viewed\" in last 7 days");
    settle(&world);
    clock_advance(1000);
    fixture_send(&world.shop, fixture_event("eve", "Product Viewed", 3, "\"price\":1"));
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1000");
    clock_advance(10 * CLOCK_DAY_MS);
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1000 Exited@345600001");
    world_close(&world);
}

static void what_is_written_stays(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Often", "did \"Product Viewed\" at least 1 time in last 7 days");
    settle(&world);
    fixture_send(&world.shop, fixture_event("eve", "Product Viewed", 0, "\"price\":1"));
    clock_advance(1);
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1");
    clock_advance(-1); /* received in the same ms as the first, known after that was judged */
    fixture_send(&world.shop, fixture_event("eve", "Product Viewed", 0, "\"price\":2"));
    clock_advance(1000);
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1");
    world_close(&world);
}

static void nothing_is_lost_between_two_runs(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Buyers", "did \"Order Completed\" in last 30 days");
    settle(&world);
    clock_advance(1000);
    order_now(&world, "eve", "e1"); /* heard of, not judged: the process ends */
    world_end(&world);
    shop_reopen(&world.shop);
    clock_advance(40 * CLOCK_DAY_MS);
    world_begin(&world);
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1001 Exited@2592001001");
    ASSERT_TEXT(recorded_who(&world, "Buyers"), "");
    world_close(&world);
}

static void edits_move_people_without_events(TestStore *test)
{
    World world;
    g_autoptr(GError) error = NULL;
    world_open(&world, test);
    int64_t segment_id = keep(&world, "Often", "orders >= 4");
    int64_t user_id = keep(&world, "Often here", "in segment \"often\" and country = \"DE\"");
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Often"), "ann");
    clock_advance(1000);
    saved_change(world.segments, &fixture_actor, segment_id, NULL, "orders >= 3", &error);
    g_assert_no_error(error);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Often"), "ann bob");
    ASSERT_TEXT(recorded_who(&world, "Often here"), "ann bob"); /* follows what it names */
    ASSERT_TEXT(told(&world, "bob"), "");
    SavedEdit edit = {&fixture_actor, segment_id, NULL, "orders = 1", true};
    saved_edit(world.segments, &edit, &error);
    g_assert_no_error(error);
    clock_advance(1000);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Often"), "cleo");
    ASSERT_TEXT(told(&world, "bob"), "Exited@2000"); /* asked for */
    g_assert_cmpint(shop_count(&world.shop, "SELECT MAX(version) FROM segment"), ==, 3);
    watch_pin(world.watch, &fixture_actor, segment_id, false, &error);
    g_assert_no_error(error);
    g_autofree char *sql = g_strdup_printf(
        "SELECT COUNT(*) FROM segment_member WHERE segment_id <> %" G_GINT64_FORMAT, user_id);
    g_assert_cmpint(shop_count(&world.shop, sql), ==, 0);
    world_close(&world);
}

/* How many were in as it was known at a time; -1: refused. */
static int known(World *world, const char *text, int64_t at)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, NULL);
    g_autoptr(GArray) ids = watch_known_at(world->segments, rule, FIXTURE_NOW + at, &error);
    return ids ? (int)ids->len : -1;
}

static void what_was_known_stays(TestStore *test)
{
    World world;
    world_open(&world, test);
    static const char in[] = "in segment \"buyers\"";
    keep(&world, "Buyers", "did \"Order Completed\" in last 30 days");
    settle(&world);
    clock_advance(1000); /* Cleo left at 1, which is written down now */
    settle(&world);
    g_assert_cmpint(known(&world, in, 0), ==, 2);
    g_assert_cmpint(known(&world, in, 999), ==, 2);
    g_assert_cmpint(known(&world, in, 1000), ==, 1);
    clock_advance(1000);
    fixture_order(&world.shop, "eve", 5, "late", 1); /* five days ago, known since now */
    settle(&world);
    g_assert_cmpint(known(&world, in, 1999), ==, 1);
    g_assert_cmpint(known(&world, in, 2000), ==, 2);
    g_assert_cmpint(known(&world, in, -1), ==, -1);
    g_assert_cmpint(known(&world, "everybody", 2000), ==, -1);
    g_autoptr(GError) error = NULL;
    WatchCount count;
    int64_t segment_id = shop_count(&world.shop, "SELECT segment_id FROM segment");
    watch_count(world.segments, &(WatchAsk){segment_id, FIXTURE_NOW + 1, 0}, &count, &error);
    g_assert_no_error(error);
    g_assert_cmpint(count.members, ==, 2);
    g_assert_cmpint(count.entered, ==, 1);
    g_assert_cmpint(count.left, ==, 1);
    g_autoptr(GArray) recent = watch_recent(world.segments, &(WatchAsk){segment_id, 0, 2}, &error);
    g_assert_cmpint(recent->len, ==, 2);
    g_assert_true(g_array_index(recent, WatchFlip, 0).entered);
    g_assert_false(g_array_index(recent, WatchFlip, 1).entered);
    world_close(&world);
}

static void records_are_served(TestStore *test)
{
    World world;
    world_open(&world, test);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = test->dir,
                             .check_replies = true,
                             .auth = world.shop.auth};
    Server *server = server_new(&options, NULL);
    segments_add_routes(server, world.segments);
    g_assert_true(server_start(server, NULL));
    uint16_t port = server_port(server);
    g_autofree char *header = g_strdup_printf("Authorization: Bearer %s\r\n", world.shop.api_key);
    g_auto(Reply) made = http_json(port, "POST /api/segments", header,
                                   "{\"name\":\"Often\",\"rule\":\"orders >= 3\"}");
    const char *id = json_text(made.json, "id", NULL);
    g_autofree char *put = g_strdup_printf("PUT /api/segments/%s/watch", id);
    g_autofree char *get = g_strdup_printf("GET /api/segments/%s/steps", id);
    g_auto(Reply) pinned = http_json(port, put, header, "{\"watched\":true}");
    g_assert_cmpint(pinned.status, ==, 204);
    settle(&world);
    g_auto(Reply) list = http_json(port, "GET /api/segments/watched", header, NULL);
    g_assert_cmpint(list.status, ==, 200);
    json_t *one = json_array_get(json_object_get(list.json, "segments"), 0);
    g_assert_cmpint(json_integer_value(json_object_get(one, "members")), ==, 2);
    g_auto(Reply) steps = http_json(port, get, header, NULL);
    g_assert_cmpint(json_array_size(json_object_get(steps.json, "steps")), ==, 2);
    g_autofree char *edit = g_strdup_printf("PUT /api/segments/%s", id);
    clock_advance(1000);
    g_auto(Reply) edited =
        http_json(port, edit, header, "{\"rule\":\"orders >= 4\",\"notify\":true}");
    g_assert_cmpint(edited.status, ==, 200);
    settle(&world);
    ASSERT_TEXT(told(&world, "bob"), "Exited@1000");
    g_auto(Reply) ended = http_json(port, put, header, "{\"watched\":false}");
    g_assert_cmpint(ended.status, ==, 204);
    g_auto(Reply) none = http_json(port, "GET /api/segments/watched", header, NULL);
    g_assert_cmpint(json_array_size(json_object_get(none.json, "segments")), ==, 0);
    g_auto(Reply) gone =
        http_json(port, "PUT /api/segments/42/watch", header, "{\"watched\":true}");
    g_assert_cmpint(gone.status, ==, 404);
    server_free(server);
    world_close(&world);
}

typedef struct Joining {
    World *world;
    int64_t winner, loser, merge_id;
} Joining;

static bool merge_run(Db *db, void *data, GError **error)
{
    Joining *joining = data;
    MergeInput input = {.winner = joining->winner,
                        .loser = joining->loser,
                        .reason = "same",
                        .actor = "local",
                        .at = clock_now_ms()};
    return people_merge(joining->world->shop.people, db, &input, &joining->merge_id, error);
}

static bool undo_run(Db *db, void *data, GError **error)
{
    const Joining *joining = data;
    MergeUndo undo = {.merge_id = joining->merge_id, .actor = "local", .at = clock_now_ms()};
    return people_merge_undo(joining->world->shop.people, db, &undo, error);
}

static void write_now(World *world, WriterRun run, void *data)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(world->shop.test->store), WRITER_REST, run, data, &error);
    g_assert_no_error(error);
}

static void refused(World *world, int64_t segment_id, const char *rule)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(saved_change(world->segments, &fixture_actor, segment_id, NULL, rule, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
}

static void circles_are_refused(TestStore *test)
{
    World world;
    g_autoptr(GError) error = NULL;
    int64_t segment_id;
    world_open(&world, test);
    int64_t often = keep(&world, "Often", "orders >= 3");
    keep(&world, "Movers", "did \"Segment Entered\" where segment = \"OFTEN\" in last 1 day");
    static const char any[] = "did \"Segment Entered\" in last 1 day";
    g_assert_true(saved_create(world.segments, &fixture_actor, "Any", any, &segment_id, &error));
    g_assert_false(watch_pin(world.watch, &fixture_actor, segment_id, true, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    refused(&world, often, "in segment \"movers\"");
    refused(&world, often, "did \"Segment Exited\" where segment = \"Movers\"");
    refused(&world, often, "did \"Segment Exited\" where segment = \"often\"");
    world_close(&world);
}

/* Bob buys a third time: his step into one group is an event that another hears of. */
static void records_hear_of_records(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Four", "orders >= 4");
    keep(&world, "Movers", "did \"Segment Entered\" where segment = \"Four\" in last 1 day");
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Movers"), "");
    clock_advance(CLOCK_HOUR_MS);
    order_now(&world, "bob", "b4");
    settle(&world);
    clock_advance(10);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Four"), "ann bob");
    ASSERT_TEXT(recorded_who(&world, "Movers"), "bob");
    clock_advance(2 * CLOCK_DAY_MS);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Movers"), "");
    world_close(&world);
}

/* Bob overtakes ann, to whom nothing happens. */
static void ranks_are_made_anew(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Best", "top 1 by spent");
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Best"), "ann");
    clock_advance(CLOCK_MINUTE_MS);
    fixture_order(&world.shop, "bob", 0, "b4", 1000);
    settle(&world);
    clock_advance(6 * CLOCK_MINUTE_MS);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Best"), "bob");
    world_close(&world);
}

/* Events that had their time are gone: who was in by them leaves. */
static void what_had_its_time_is_followed(TestStore *test)
{
    World world;
    int64_t deleted;
    g_autoptr(GError) error = NULL;
    static const char rule[] = "did \"Product Viewed\"";
    world_open(&world, test);
    keep(&world, "Lookers", rule);
    settle(&world);
    clock_advance(9 * CLOCK_DAY_MS);
    settle(&world);
    g_autofree char *before = recorded_who(&world, "Lookers");
    g_assert_cmpstr(before, !=, "");
    g_free(test_store_sql(test, "INSERT INTO retention (name_id, days) SELECT name_id, 1 FROM "
                                "event_name WHERE name = 'Product Viewed'"));
    retention_run(world.shop.timeline, NULL, clock_now_ms(), &deleted, &error);
    g_assert_no_error(error);
    settle(&world);
    ASSERT_TEXT(fixture_who(&world.shop, world.segments, rule, clock_now_ms()), "");
    ASSERT_TEXT(recorded_who(&world, "Lookers"), "");
    world_close(&world);
}

static void another_zone_begins_anew(TestStore *test)
{
    World world;
    world_open(&world, test);
    keep(&world, "Today", "did \"Product Viewed\" yesterday or did \"Product Viewed\" today");
    settle(&world);
    g_autofree char *before = recorded_who(&world, "Today");
    g_assert_cmpstr(before, ==, "dan"); /* hats yesterday, in Berlin */
    g_free(test_store_sql(test, "UPDATE setting SET value = 'Pacific/Kiritimati' "
                                "WHERE name = 'business.zone'"));
    settle(&world);
    g_autofree char *now = fixture_who(
        &world.shop, world.segments,
        "did \"Product Viewed\" yesterday or did \"Product Viewed\" today", FIXTURE_NOW);
    ASSERT_TEXT(recorded_who(&world, "Today"), now);
    world_close(&world);
}

static void merges_and_undos_are_followed(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t eve = shop_person(&world.shop, "eve"), dan = shop_person(&world.shop, "dan");
    keep(&world, "Lookers", "did \"Product Viewed\" at least 2 times");
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Lookers"), "dan");
    clock_advance(1000);
    Joining joining = {.world = &world, .winner = eve, .loser = dan};
    write_now(&world, merge_run, &joining);
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1000");
    static const char open[] = "SELECT COUNT(*) FROM segment_member WHERE left_at IS NULL";
    g_assert_cmpint(shop_count(&world.shop, open), ==, 1);
    clock_advance(1000);
    write_now(&world, undo_run, &joining);
    settle(&world);
    ASSERT_TEXT(recorded_who(&world, "Lookers"), "dan");
    ASSERT_TEXT(told(&world, "eve"), "Entered@1000 Exited@2000");
    ASSERT_TEXT(told(&world, "dan"), "Entered@2000");
    world_close(&world);
}

static void joined_people_are_judged_once(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t eve = shop_person(&world.shop, "eve"), dan = shop_person(&world.shop, "dan");
    keep(&world, "Here", "did \"Product Viewed\" in last 1 hour");
    settle(&world);
    fixture_send(&world.shop, fixture_event("eve", "Product Viewed", 0, "\"price\":1"));
    fixture_send(&world.shop, fixture_event("dan", "Product Viewed", 0, "\"price\":1"));
    Joining joining = {.world = &world, .winner = eve, .loser = dan};
    write_now(&world, merge_run, &joining);
    clock_advance(CLOCK_DAY_MS); /* both wait, and are one person who came and left meanwhile */
    settle(&world);
    ASSERT_TEXT(told(&world, "eve"), "Entered@1 Exited@3600001");
    world_close(&world);
}

/* ---- the same with columns ---- */

#define WITH_COLUMNS(name)                                                                         \
    static void name##_with_columns(TestStore *test)                                               \
    {                                                                                              \
        with_columns = true;                                                                       \
        name(test);                                                                                \
        with_columns = false;                                                                      \
    }

WITH_COLUMNS(records_hear_of_records)
WITH_COLUMNS(ranks_are_made_anew)
WITH_COLUMNS(what_had_its_time_is_followed)
WITH_COLUMNS(another_zone_begins_anew)
WITH_COLUMNS(people_come_and_go)
WITH_COLUMNS(late_events_count_from_their_receipt)
WITH_COLUMNS(what_is_written_stays)
WITH_COLUMNS(nothing_is_lost_between_two_runs)
WITH_COLUMNS(what_was_known_stays)
WITH_COLUMNS(merges_and_undos_are_followed)
WITH_COLUMNS(joined_people_are_judged_once)
WITH_COLUMNS(edits_move_people_without_events)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/watch/move", people_come_and_go);
    test_store_add("/segments/watch/late", late_events_count_from_their_receipt);
    test_store_add("/segments/watch/stays", what_is_written_stays);
    test_store_add("/segments/watch/restart", nothing_is_lost_between_two_runs);
    test_store_add("/segments/watch/known", what_was_known_stays);
    test_store_add("/segments/watch/served", records_are_served);
    test_store_add("/segments/watch/circle", circles_are_refused);
    test_store_add("/segments/watch/hear", records_hear_of_records);
    test_store_add("/segments/watch/ranks", ranks_are_made_anew);
    test_store_add("/segments/watch/retention", what_had_its_time_is_followed);
    test_store_add("/segments/watch/columns/retention", what_had_its_time_is_followed_with_columns);
    test_store_add("/segments/watch/zone", another_zone_begins_anew);
    test_store_add("/segments/watch/columns/hear", records_hear_of_records_with_columns);
    test_store_add("/segments/watch/columns/ranks", ranks_are_made_anew_with_columns);
    test_store_add("/segments/watch/columns/zone", another_zone_begins_anew_with_columns);
    test_store_add("/segments/watch/merge", merges_and_undos_are_followed);
    test_store_add("/segments/watch/joined", joined_people_are_judged_once);
    test_store_add("/segments/watch/columns/joined", joined_people_are_judged_once_with_columns);
    test_store_add("/segments/watch/edit", edits_move_people_without_events);
    test_store_add("/segments/watch/columns/move", people_come_and_go_with_columns);
    test_store_add("/segments/watch/columns/late",
                   late_events_count_from_their_receipt_with_columns);
    test_store_add("/segments/watch/columns/stays", what_is_written_stays_with_columns);
    test_store_add("/segments/watch/columns/restart",
                   nothing_is_lost_between_two_runs_with_columns);
    test_store_add("/segments/watch/columns/known", what_was_known_stays_with_columns);
    test_store_add("/segments/watch/columns/merge", merges_and_undos_are_followed_with_columns);
    test_store_add("/segments/watch/columns/edit", edits_move_people_without_events_with_columns);
    return g_test_run();
}
