/* Lists of people: as rules see them, read from files, watched, merged, erased, and bad input. */
#include "segments/picked.h"

#include "base/limits.h"
#include "people/erase.h"
#include "people/merge.h"
#include "segments/personal.h"
#include "segments/served_fixture.h"
#include "segments/watch.h"

static Reply call(const World *world, const char *line, const char *json)
{
    return http_json(world->port, line, world->header, json);
}

static Reply upload(const World *world, const char *query, const char *csv)
{
    g_autofree char *head =
        g_strdup_printf("POST /api/segments/file?%s HTTP/1.1\r\n%sContent-Type: text/csv\r\n",
                        query, world->header);
    return http_call(world->port, head, csv, (gssize)strlen(csv));
}

static int64_t number(const json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

static int64_t id_of(const World *world, const char *user)
{
    return shop_person(&world->shop, user);
}

#define ASSERT_WHO(world, rule, at, users)                                                         \
    do {                                                                                           \
        g_autofree char *who = fixture_who(&(world)->shop, (world)->segments, (rule), (at));       \
        g_assert_cmpstr(who, ==, (users));                                                         \
    } while (0)

/* A list of some users; its id. */
static int64_t list_of(World *world, const char *name, const char *users)
{
    int64_t segment_id = 0;
    PickedCount count;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) each = g_strsplit(users, " ", -1);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (size_t i = 0; each[i] && each[i][0]; i++) {
        int64_t id = id_of(world, each[i]);
        g_array_append_val(ids, id);
    }
    picked_create(world->segments, &(PickedNew){&fixture_actor, name, ids}, &segment_id, &count,
                  &error);
    g_assert_no_error(error);
    g_assert_cmpint(count.added, ==, ids->len);
    return segment_id;
}

static PickedCount pick(World *world, int64_t segment_id, const char *user, bool on)
{
    PickedCount count = {0};
    int64_t id = id_of(world, user);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_append_val(ids, id);
    PickedChange change = {&fixture_actor, segment_id, on ? ids : NULL, on ? NULL : ids};
    picked_change(world->segments, &change, &count, &error);
    g_assert_no_error(error);
    return count;
}

static void rules_see_lists(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t list = list_of(&world, "Regulars", "ann bob dan");
    ASSERT_WHO(&world, "in segment \"regulars\"", FIXTURE_NOW + 1, "ann bob dan");
    ASSERT_WHO(&world, "in segment \"Regulars\"", FIXTURE_NOW, ""); /* nobody was before */
    ASSERT_WHO(&world, "not in segment \"Regulars\" or orders >= 4", FIXTURE_NOW + 1,
               "ann cleo eve");
    ASSERT_WHO(&world, "in segment \"Regulars\" and orders >= 1", FIXTURE_NOW + 1, "ann bob");
    clock_advance(1000);
    g_assert_cmpint(pick(&world, list, "bob", false).removed, ==, 1);
    g_assert_cmpint(pick(&world, list, "bob", false).same, ==, 1);
    g_assert_cmpint(pick(&world, list, "eve", true).added, ==, 1);
    g_assert_cmpint(pick(&world, list, "eve", true).same, ==, 1);
    ASSERT_WHO(&world, "in segment \"Regulars\"", FIXTURE_NOW + 1000, "ann bob dan");
    ASSERT_WHO(&world, "in segment \"Regulars\"", FIXTURE_NOW + 1001, "ann dan eve");
    g_assert_cmpint(pick(&world, list, "eve", false).removed, ==, 1);
    g_assert_cmpint(pick(&world, list, "eve", true).added, ==, 1); /* the same millisecond */
    ASSERT_WHO(&world, "in segment \"Regulars\"", FIXTURE_NOW + 1001, "ann dan eve");
    world_close(&world);
}

static void lists_are_served(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_autofree char *json = g_strdup_printf("{\"name\":\"Café\",\"people\":[\"%" G_GINT64_FORMAT
                                            "\",\"%" G_GINT64_FORMAT "\",\"77\"]}",
                                            id_of(&world, "ann"), id_of(&world, "ann"));
    g_auto(Reply) made = call(&world, "POST /api/segments/lists", json);
    g_assert_cmpint(made.status, ==, 201);
    g_assert_cmpint(number(made.json, "added"), ==, 1);
    g_assert_cmpint(number(made.json, "same"), ==, 1);
    g_assert_cmpint(number(made.json, "unknown"), ==, 1);
    clock_advance(1);
    g_autofree char *members =
        g_strdup_printf("POST /api/segments/%s/members", json_text(made.json, "id", NULL));
    g_autofree char *change = g_strdup_printf(
        "{\"rule\":\"orders >= 1\",\"remove\":[\"%" G_GINT64_FORMAT "\"]}", id_of(&world, "cleo"));
    g_auto(Reply) changed = call(&world, members, change);
    g_assert_cmpint(changed.status, ==, 200);
    g_assert_cmpint(number(changed.json, "added"), ==, 2);
    g_assert_cmpint(number(changed.json, "removed"), ==, 1);
    g_autofree char *one = g_strdup_printf("/api/segments/%s", json_text(made.json, "id", NULL));
    g_autofree char *put = g_strdup_printf("PUT %s", one);
    g_auto(Reply) named = call(&world, put, "{\"name\":\"Bar\"}");
    g_assert_cmpstr(json_text(named.json, "kind", NULL), ==, "list");
    g_assert_cmpstr(json_text(named.json, "rule", NULL), ==, "in segment \"Bar\"");
    ASSERT_WHO(&world, "in segment \"Bar\"", FIXTURE_NOW + 2, "ann bob");
    g_auto(Reply) ruled = call(&world, put, "{\"rule\":\"everybody\"}");
    g_assert_cmpint(ruled.status, ==, 400);
    clock_advance(1);
    g_auto(Reply) frozen = call(&world, "POST /api/segments/lists",
                                "{\"name\":\"Frozen\",\"rule\":\"in segment \\\"Bar\\\"\"}");
    g_assert_cmpint(number(frozen.json, "added"), ==, 2);
    g_auto(Reply) user = call(&world, "POST /api/segments",
                              "{\"name\":\"Both\",\"rule\":\"in segment \\\"bar\\\" and "
                              "in segment \\\"frozen\\\"\"}");
    g_assert_cmpint(user.status, ==, 201);
    g_autofree char *drop = g_strdup_printf("DELETE %s", one);
    g_auto(Reply) used = call(&world, drop, NULL);
    g_assert_cmpint(used.status, ==, 409);
    g_autofree char *both =
        g_strdup_printf("DELETE /api/segments/%s", json_text(user.json, "id", NULL));
    g_auto(Reply) gone = call(&world, both, NULL);
    g_assert_cmpint(gone.status, ==, 204);
    g_auto(Reply) dropped = call(&world, drop, NULL);
    g_assert_cmpint(dropped.status, ==, 204);
    g_assert_cmpint(shop_count(&world.shop, "SELECT COUNT(*) FROM segment_pick"), ==, 2);
    world_close(&world);
}

static void lists_refuse_bad_input(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t segment_id = 0;
    g_assert_true(
        saved_create(world.segments, &fixture_actor, "Rule", "orders >= 1", &segment_id, NULL));
    static const struct {
        const char *why, *json;
        int status;
    } cases[] = {
        {"no name", "{}", 400},
        {"a blank name", "{\"name\":\"  \"}", 400},
        {"a name that is taken", "{\"name\":\"RULE\"}", 409},
        {"what is no id", "{\"name\":\"x\",\"people\":[\"ann\"]}", 400},
        {"no rule", "{\"name\":\"x\",\"rule\":\"orders >\"}", 400},
        {"an unknown segment", "{\"name\":\"x\",\"rule\":\"in segment \\\"y\\\"\"}", 400},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(Reply) reply = call(&world, "POST /api/segments/lists", cases[i].json);
        g_assert_cmpint(reply.status, ==, cases[i].status);
    }
    g_autofree char *rule =
        g_strdup_printf("POST /api/segments/%" G_GINT64_FORMAT "/members", segment_id);
    g_auto(Reply) ruled = call(&world, rule, "{\"add\":[]}");
    g_assert_cmpint(ruled.status, ==, 400);
    g_auto(Reply) nothing = call(&world, "POST /api/segments/7/members", "{\"add\":[]}");
    g_assert_cmpint(nothing.status, ==, 404);
    g_assert_cmpint(shop_count(&world.shop, "SELECT COUNT(*) FROM segment_pick"), ==, 0);
    g_assert_cmpint(shop_count(&world.shop, "SELECT COUNT(*) FROM segment"), ==, 1);
    world_close(&world);
}

/* ---- files ---- */

static void files_are_understood(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_autofree char *ids =
        g_strdup_printf("Person ID;x\n%" G_GINT64_FORMAT ";\n77;\n", id_of(&world, "dan"));
    const struct {
        const char *why, *query, *csv, *column, *by;
        int rows, found, unknown, repeated, empty;
    } cases[] = {
        {"addresses", "", "Name,E-Mail\nAnn,ANN@shop.example \nNobody,no@shop.example\n", "E-Mail",
         "email", 2, 1, 1, 0, 0},
        {"ids of the shop", "", "customer_id,email\nann,x\nbob,\nbob,\n,\n", "customer_id",
         "user_id", 4, 2, 0, 1, 1},
        {"our ids", "", ids, "Person ID", "person_id", 2, 1, 1, 0, 0},
        {"one column without a header", "", "ann@shop.example\nbo@shop.example\n", "1", "auto", 2,
         1, 1, 0, 0},
        {"a column that is named", "column=WHO", "mail,Who\nx@y.de,cleo\n", "Who", "auto", 1, 1, 0,
         0, 0},
        {"what stands in it", "column=a&by=user_id", "a,b\neve,1\nann@shop.example,2\n", "a",
         "user_id", 2, 1, 1, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *query = g_strdup_printf("dry_run=true&%s", cases[i].query);
        g_auto(Reply) reply = upload(&world, query, cases[i].csv);
        g_assert_cmpint(reply.status, ==, 200);
        g_assert_cmpstr(json_text(reply.json, "column", NULL), ==, cases[i].column);
        g_assert_cmpstr(json_text(reply.json, "by", NULL), ==, cases[i].by);
        g_assert_cmpint(number(reply.json, "rows"), ==, cases[i].rows);
        g_assert_cmpint(number(reply.json, "found"), ==, cases[i].found);
        g_assert_cmpint(number(reply.json, "unknown"), ==, cases[i].unknown);
        g_assert_cmpint(number(reply.json, "repeated"), ==, cases[i].repeated);
        g_assert_cmpint(number(reply.json, "empty"), ==, cases[i].empty);
    }
    g_assert_cmpint(shop_count(&world.shop, "SELECT COUNT(*) FROM segment_pick"), ==, 0);
    world_close(&world);
}

static void files_fill_lists(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_auto(Reply) made = upload(&world, "name=Fair", "email,user_id\n,ann\n,zoe\n,dan\n");
    g_assert_cmpint(made.status, ==, 200);
    json_t *picked = json_object_get(made.json, "picked");
    g_assert_cmpint(number(picked, "added"), ==, 2);
    json_t *unknown = json_array_get(json_object_get(made.json, "unknown_sample"), 0);
    g_assert_cmpint(number(unknown, "line"), ==, 3);
    g_assert_cmpstr(json_text(unknown, "value", NULL), ==, "zoe");
    clock_advance(1);
    ASSERT_WHO(&world, "in segment \"Fair\"", FIXTURE_NOW + 1, "ann dan");
    g_assert_cmpint(shop_person(&world.shop, "zoe"), ==, 0); /* nobody was made */
    g_autofree char *more = g_strdup_printf("id=%s", json_text(picked, "id", NULL));
    g_auto(Reply) again = upload(&world, more, "user_id\ndan\neve\n");
    g_assert_cmpint(number(json_object_get(again.json, "picked"), "added"), ==, 1);
    g_assert_cmpint(number(json_object_get(again.json, "picked"), "same"), ==, 1);
    world_close(&world);
}

static void files_refuse_bad_input(TestStore *test)
{
    World world;
    world_open(&world, test);
    static const struct {
        const char *why, *query, *csv;
    } cases[] = {
        {"nothing", "name=x", ""},
        {"a header alone", "name=x", "email,name\n"},
        {"no such column", "name=x&column=phone", "email,name\na@b.de,A\n"},
        {"no column that says who", "name=x", "first,second\na,b\n"},
        {"an archive", "name=x", "PK\x03\x04 and more"},
        {"neither a name nor a list", "", "user_id\nann\n"},
        {"a blank name", "name=%20", "user_id\nann\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(Reply) reply = upload(&world, cases[i].query, cases[i].csv);
        g_assert_cmpint(reply.status, ==, 400);
    }
    g_auto(Reply) nowhere = upload(&world, "id=77", "user_id\nann\n");
    g_assert_cmpint(nowhere.status, ==, 404);
    GString *long_file = g_string_new("user_id\n");
    for (int i = 0; i <= LIMIT_SEGMENT_PICKS; i++)
        g_string_append(long_file, "a\n");
    g_auto(Reply) many = upload(&world, "name=x", long_file->str);
    g_assert_cmpint(many.status, ==, 413);
    g_string_free(long_file, TRUE);
    g_assert_cmpint(shop_count(&world.shop, "SELECT COUNT(*) FROM segment"), ==, 0);
    world_close(&world);
}

/* ---- what happens to people on it ---- */

typedef struct Joining {
    People *people;
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
    return people_merge(joining->people, db, &input, &joining->merge_id, error);
}

static bool undo_run(Db *db, void *data, GError **error)
{
    Joining *joining = data;
    MergeUndo undo = {.merge_id = joining->merge_id, .actor = "local", .at = clock_now_ms()};
    return people_merge_undo(joining->people, db, &undo, error);
}

static void write_now(World *world, WriterRun run, void *data)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(world->shop.test->store), WRITER_REST, run, data, &error);
    g_assert_no_error(error);
}

static void merges_are_followed(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t list = list_of(&world, "Two", "dan bob");
    clock_advance(1000);
    Joining joining = {world.shop.people, id_of(&world, "eve"), id_of(&world, "dan"), 0};
    write_now(&world, merge_run, &joining);
    ASSERT_WHO(&world, "in segment \"Two\"", FIXTURE_NOW + 1000, "bob dan eve");
    g_assert_cmpint(pick(&world, list, "eve", true).same, ==, 1); /* on it as the other */
    write_now(&world, undo_run, &joining);
    ASSERT_WHO(&world, "in segment \"Two\"", FIXTURE_NOW + 1001, "bob dan");
    write_now(&world, merge_run, &joining);
    g_assert_cmpint(pick(&world, list, "eve", false).removed, ==, 1);
    write_now(&world, undo_run, &joining);
    ASSERT_WHO(&world, "in segment \"Two\"", FIXTURE_NOW + 1001, "bob");
    world_close(&world);
}

static void the_record_follows_a_list(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_autoptr(GError) error = NULL;
    Watch *watch = watch_new(world.segments, &error);
    g_assert_no_error(error);
    int64_t list = list_of(&world, "Regulars", "ann"), other = 0;
    clock_advance(1);
    saved_create(world.segments, &fixture_actor, "Buyers", "in segment \"Regulars\" or spent > 90",
                 &other, &error);
    g_assert_no_error(error);
    g_assert_true(watch_pin(watch, &fixture_actor, list, true, NULL));
    g_assert_true(watch_pin(watch, &fixture_actor, other, true, NULL));
    g_assert_true(watch_settle(watch, NULL));
    clock_advance(1000);
    pick(&world, list, "eve", true);
    clock_advance(1000);
    pick(&world, list, "ann", false);
    clock_advance(1000);
    g_assert_true(watch_settle(watch, NULL));
    static const struct {
        int64_t at;
        bool entered;
    } want[] = {{2002, false}, {1002, true}};
    g_autoptr(GArray) steps = watch_recent(world.segments, &(WatchAsk){list, 0, 2}, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(want); i++) {
        const WatchFlip *step = &g_array_index(steps, WatchFlip, i);
        g_assert_cmpint(step->at - FIXTURE_NOW, ==, want[i].at);
        g_assert_cmpint(step->entered, ==, want[i].entered);
    }
    WatchCount count;
    g_assert_true(watch_count(world.segments, &(WatchAsk){other, 0, 0}, &count, NULL));
    g_assert_cmpint(count.members, ==, 3); /* ann (spent), cleo (spent), eve (list) */
    watch_free(watch);
    world_close(&world);
}

/* What the answer does, and what its job does with the rows of a list. */
static bool erase_run(Db *db, void *data, GError **error)
{
    const Joining *bob = data;
    int64_t erasure_id, rows = 0;
    const PersonalTable *table = segments_personal;
    while (!g_str_equal(table->table, "segment_pick"))
        table++;
    return people_erase(bob->people, db, bob->winner, &erasure_id, error) &&
           table->erase(db, bob->winner, 10, &rows, error) && rows == 1;
}

static void the_erased_leave(TestStore *test)
{
    World world;
    world_open(&world, test);
    list_of(&world, "Three", "ann bob");
    clock_advance(1);
    Joining bob = {world.shop.people, id_of(&world, "bob"), 0, 0};
    write_now(&world, erase_run, &bob);
    ASSERT_WHO(&world, "in segment \"Three\"", FIXTURE_NOW + 1, "ann");
    world_close(&world);
}

/* ---- beside lists ---- */

static void a_person_has_groups(TestStore *test)
{
    World world;
    int64_t rule;
    world_open(&world, test);
    list_of(&world, "List", "ann bob");
    g_assert_true(
        saved_create(world.segments, &fixture_actor, "Often", "orders >= 4", &rule, NULL));
    g_autofree char *line =
        g_strdup_printf("GET /api/people/%" G_GINT64_FORMAT "/segments", id_of(&world, "bob"));
    g_auto(Reply) reply = call(&world, line, NULL);
    g_assert_cmpint(reply.status, ==, 200);
    json_t *list = json_object_get(reply.json, "segments");
    g_assert_cmpint(json_array_size(list), ==, 2);
    g_assert_true(json_is_true(json_object_get(json_array_get(list, 0), "holds")));
    g_assert_cmpstr(json_text(json_array_get(list, 0), "kind", NULL), ==, "list");
    g_assert_true(json_is_false(json_object_get(json_array_get(list, 1), "holds")));
    g_auto(Reply) nobody = call(&world, "GET /api/people/77/segments", NULL);
    g_assert_cmpint(nobody.status, ==, 404);
    world_close(&world);
}

static void people_are_exported(TestStore *test)
{
    World world;
    world_open(&world, test);
    fixture_traits(&world.shop, "eve", "\"name\":\"=1+2\"");
    g_auto(Reply) reply = call(&world, "POST /api/segments/export",
                               "{\"rule\":\"name starts with \\\"=\\\" or country = \\\"FR\\\"\","
                               "\"columns\":[\"country\",\"name\",\"orders\"]}");
    g_assert_cmpint(reply.status, ==, 200);
    g_assert_cmpstr(reply.body, ==, "country,name,orders\r\nFR,Cleo,0\r\n,\"'=1+2\",0\r\n");
    static const char *const wrong[] = {"{}", "{\"rule\":\"orders >\"}",
                                        "{\"rule\":\"everybody\",\"columns\":[\"password\"]}"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Reply) bad = call(&world, "POST /api/segments/export", wrong[i]);
        g_assert_cmpint(bad.status, ==, 400);
    }
    world_close(&world);
}

/* The name of the first field that is blamed. */
static const char *blamed(const Reply *reply)
{
    json_t *fields = json_object_get(json_object_get(reply->json, "error"), "fields");
    return json_string_value(json_object_get(json_array_get(fields, 0), "field"));
}

static void faults_are_named(TestStore *test)
{
    World world;
    int64_t rule;
    world_open(&world, test);
    g_assert_true(saved_create(world.segments, &fixture_actor, "A", "orders >= 4", &rule, NULL));
    g_autofree char *steps =
        g_strdup_printf("GET /api/segments/%" G_GINT64_FORMAT "/steps?limit=", rule);
    g_autofree char *negative = g_strconcat(steps, "-1", NULL);
    g_autofree char *good = g_strconcat(steps, "1", NULL);
    g_auto(Reply) refused = call(&world, negative, NULL);
    g_assert_cmpint(refused.status, ==, 400);
    g_assert_cmpstr(blamed(&refused), ==, "limit");
    g_auto(Reply) taken = call(&world, good, NULL);
    g_assert_cmpint(taken.status, ==, 200);
    g_auto(Reply) blank =
        call(&world, "POST /api/segments", "{\"name\":\"  \",\"rule\":\"everybody\"}");
    g_assert_cmpstr(blamed(&blank), ==, "name");
    g_autofree char *put = g_strdup_printf("PUT /api/segments/%" G_GINT64_FORMAT, rule);
    g_auto(Reply) renamed = call(&world, put, "{\"name\":\" \"}");
    g_assert_cmpstr(blamed(&renamed), ==, "name");
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/picked/rules", rules_see_lists);
    test_store_add("/segments/picked/served", lists_are_served);
    test_store_add("/segments/picked/bad", lists_refuse_bad_input);
    test_store_add("/segments/picked/understood", files_are_understood);
    test_store_add("/segments/picked/files", files_fill_lists);
    test_store_add("/segments/picked/bad-files", files_refuse_bad_input);
    test_store_add("/segments/picked/merge", merges_are_followed);
    test_store_add("/segments/picked/watched", the_record_follows_a_list);
    test_store_add("/segments/picked/erase", the_erased_leave);
    test_store_add("/segments/picked/person", a_person_has_groups);
    test_store_add("/segments/picked/export", people_are_exported);
    test_store_add("/segments/picked/faults", faults_are_named);
    return g_test_run();
}
