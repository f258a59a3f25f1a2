/* Whose event is this: on both databases; orders of arrival; what the public key may not do. */
#include <time.h>

#include "people/people_test.h"

static ResolveInput user(const char *id) { return (ResolveInput){.user_id = slice_of(id)}; }

static ResolveInput call(const char *user_id, const char *anonymous_id, const char *email)
{
    return (ResolveInput){.user_id = slice_of(user_id),
                          .anonymous_id = slice_of(anonymous_id),
                          .email = slice_of(email)};
}

static ResolveInput track(ResolveInput input)
{
    input.trust = TRUST_TRACK;
    return input;
}

static ResolveInput alias(const char *user_id, const char *previous_id)
{
    return (ResolveInput){.user_id = slice_of(user_id), .previous_id = slice_of(previous_id)};
}

static void names_find_the_same_person(TestStore *test)
{
    World world;
    world_open(&world, test);
    ResolveResult first = world_resolve(&world, user("u1"));
    g_assert_true(first.created);
    g_assert_cmpint(first.stem, >, 0);
    ResolveResult again = world_resolve(&world, user(" u1 "));
    g_assert_false(again.created);
    g_assert_cmpint(again.stem, ==, first.stem);
    g_assert_cmpint(world_resolve(&world, call("u1", NULL, "Ann@Shop.de")).person_id, ==,
                    first.person_id);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "ann@shop.DE"), ==, first.person_id);
    world_reopen(&world);
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, "u1"), ==, first.person_id);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "ann@shop.de"), ==, first.person_id);
    world_close(&world);
}

static void a_visitor_has_no_row_until_identified(TestStore *test)
{
    World world;
    world_open(&world, test);
    ResolveResult visit = world_resolve(&world, call(NULL, "a-1", NULL));
    g_assert_cmpint(visit.stem, <, 0);
    g_assert_cmpint(visit.person_id, ==, 0);
    g_autofree char *rows = test_store_sql(test, "SELECT COUNT(*) FROM person_identity");
    g_assert_cmpstr(rows, ==, "0");
    ResolveResult known = world_resolve(&world, call("u1", "a-1", NULL));
    g_assert_true(known.joined);
    g_assert_cmpint(people_person(world.people, visit.stem), ==, known.person_id);
    ResolveResult later = world_resolve(&world, call(NULL, "a-1", NULL));
    g_assert_cmpint(later.stem, ==, visit.stem);
    g_assert_cmpint(later.person_id, ==, known.person_id);
    world_reopen(&world);
    g_assert_cmpint(people_person(world.people, visit.stem), ==, known.person_id);
    world_close(&world);
}

static void placeholders_name_nobody(TestStore *test)
{
    World world;
    world_open(&world, test);
    ResolveResult a = world_resolve(&world, call("null", "a-1", "test@test.com"));
    g_assert_cmpint(a.stem, <, 0);
    g_assert_true(a.refused & RESOLVE_BLOCKED_VALUE);
    ResolveResult nobody = world_resolve(&world, call("undefined", "0", NULL));
    g_assert_cmpint(nobody.stem, ==, 0);
    world_resolve(&world, call("u1", "anonymous", "none"));
    ResolveResult other = world_resolve(&world, call("u2", "anonymous", "none"));
    g_assert_true(other.created);
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, "u1"), !=, other.person_id);
    world_close(&world);
}

/* ---- order of arrival ---- */

enum { CALLS_MAX = 5, NAMES_MAX = 6 };

typedef struct Scene {
    const char *why;
    Trust trust;
    size_t call_count;
    ResolveInput calls[CALLS_MAX];
    /* Names of one group are one person; groups are different people. */
    struct {
        IdentityKind kind;
        const char *value;
        int group;
    } names[NAMES_MAX];
} Scene;

#define S(text)                                                                                    \
    {                                                                                              \
        "" text, sizeof(text) - 1                                                                  \
    }
static const Scene scenes[] = {
    {"identify ties a visitor and an address",
     TRUST_INGEST,
     3,
     {{.anonymous_id = S("a1"), .email = S("e@x.de")},
      {.user_id = S("u1"), .anonymous_id = S("a1")},
      {.user_id = S("u1"), .email = S("e2@x.de")}},
     {{IDENTITY_USER_ID, "u1", 1},
      {IDENTITY_EMAIL, "e@x.de", 1},
      {IDENTITY_EMAIL, "e2@x.de", 1},
      {IDENTITY_ANONYMOUS_ID, "a1", 1}}},
    {"the same from a browser",
     TRUST_TRACK,
     3,
     {{.anonymous_id = S("a1"), .email = S("e@x.de")},
      {.user_id = S("u1"), .anonymous_id = S("a1")},
      {.user_id = S("u1"), .email = S("e2@x.de")}},
     {{IDENTITY_USER_ID, "u1", 1},
      {IDENTITY_EMAIL, "e@x.de", 1},
      {IDENTITY_EMAIL, "e2@x.de", 1},
      {IDENTITY_ANONYMOUS_ID, "a1", 1}}},
    {"alias of two users, and a visitor of the old one",
     TRUST_INGEST,
     4,
     {{.user_id = S("new"), .previous_id = S("old")},
      {.user_id = S("old"), .anonymous_id = S("a1")},
      {.user_id = S("new"), .email = S("e@x.de")},
      {.user_id = S("old"), .phone = S("+49 30 555 1")}},
     {{IDENTITY_USER_ID, "new", 1},
      {IDENTITY_USER_ID, "old", 1},
      {IDENTITY_EMAIL, "e@x.de", 1},
      {IDENTITY_PHONE, "+49305551", 1},
      {IDENTITY_ANONYMOUS_ID, "a1", 1}}},
    {"alias of a visitor",
     TRUST_TRACK,
     3,
     {{.user_id = S("u1"), .previous_id = S("a1")},
      {.anonymous_id = S("a1")},
      {.user_id = S("u1"), .anonymous_id = S("a2")}},
     {{IDENTITY_USER_ID, "u1", 1},
      {IDENTITY_ANONYMOUS_ID, "a1", 1},
      {IDENTITY_ANONYMOUS_ID, "a2", 1}}},
    {"a chain of aliases",
     TRUST_INGEST,
     5,
     {{.user_id = S("u2"), .previous_id = S("u1")},
      {.user_id = S("u3"), .previous_id = S("u2")},
      {.user_id = S("u4"), .previous_id = S("u3")},
      {.user_id = S("u1"), .email = S("e@x.de")},
      {.user_id = S("u3"), .anonymous_id = S("a1")}},
     {{IDENTITY_USER_ID, "u1", 1},
      {IDENTITY_USER_ID, "u2", 1},
      {IDENTITY_USER_ID, "u4", 1},
      {IDENTITY_EMAIL, "e@x.de", 1},
      {IDENTITY_ANONYMOUS_ID, "a1", 1}}},
    {"the public key cannot alias two users",
     TRUST_TRACK,
     3,
     {{.user_id = S("u2"), .previous_id = S("u1")},
      {.user_id = S("u1")},
      {.user_id = S("u2"), .email = S("e@x.de")}},
     {{IDENTITY_USER_ID, "u1", 1}, {IDENTITY_USER_ID, "u2", 2}, {IDENTITY_EMAIL, "e@x.de", 2}}},
    {"two users of one address stay two",
     TRUST_INGEST,
     2,
     {{.user_id = S("u1"), .email = S("e@x.de")}, {.user_id = S("u2"), .email = S("e@x.de")}},
     {{IDENTITY_USER_ID, "u1", 1}, {IDENTITY_USER_ID, "u2", 2}}},
    {"guest orders by address and telephone, then an account",
     TRUST_FILE,
     3,
     {{.email = S("e@x.de")},
      {.email = S("e@x.de"), .phone = S("030 555 1234")},
      {.user_id = S("u1"), .phone = S("030 555 1234")}},
     {{IDENTITY_USER_ID, "u1", 1},
      {IDENTITY_EMAIL, "e@x.de", 1},
      {IDENTITY_PHONE, "0305551234", 1}}},
};

static void scene_check(World *world, const Scene *scene)
{
    int64_t group_person[4] = {0};
    for (size_t i = 0; i < NAMES_MAX && scene->names[i].value; i++) {
        int64_t who = world_who(world, scene->names[i].kind, scene->names[i].value);
        int64_t *want = &group_person[scene->names[i].group];
        g_assert_cmpint(who, >, 0);
        if (*want) g_assert_cmpint(who, ==, *want);
        *want = who;
    }
    if (group_person[1] && group_person[2]) g_assert_cmpint(group_person[1], !=, group_person[2]);
}

/* A prefix of its own per round, so that one store serves all permutations. */
static Slice prefixed(Slice text, const char *prefix, char *buffer, size_t size)
{
    if (!text.size) return text;
    bool phone = text.data[0] == '+' || text.data[0] == '0';
    if (phone)
        return (Slice){buffer, (size_t)g_snprintf(buffer, size, "%.*s%s", (int)text.size, text.data,
                                                  prefix + 1)};
    return (Slice){buffer,
                   (size_t)g_snprintf(buffer, size, "%s%.*s", prefix, (int)text.size, text.data)};
}

static void scene_call(World *world, const Scene *scene, size_t index, const char *prefix)
{
    char texts[5][80];
    ResolveInput input = scene->calls[index];
    input.trust = scene->trust;
    input.user_id = prefixed(input.user_id, prefix, texts[0], sizeof texts[0]);
    input.anonymous_id = prefixed(input.anonymous_id, prefix, texts[1], sizeof texts[1]);
    input.email = prefixed(input.email, prefix, texts[2], sizeof texts[2]);
    input.phone = prefixed(input.phone, prefix, texts[3], sizeof texts[3]);
    input.previous_id = prefixed(input.previous_id, prefix, texts[4], sizeof texts[4]);
    world_resolve(world, input);
}

static void scene_check_prefixed(World *world, const Scene *scene, const char *prefix)
{
    Scene copy = *scene;
    char texts[NAMES_MAX][80];
    for (size_t i = 0; i < NAMES_MAX && copy.names[i].value; i++)
        copy.names[i].value = prefixed(slice_of(copy.names[i].value), prefix, texts[i], 80).data;
    scene_check(world, &copy);
}

/* Calls `visit` order by order: Heap's algorithm. */
static void scene_permute(World *world, const Scene *scene, size_t *order, size_t count, int *round)
{
    if (count == 1) {
        char prefix[16];
        g_snprintf(prefix, sizeof prefix, "p%05d", (*round)++);
        for (size_t repeat = 0; repeat < 2; repeat++)
            for (size_t i = 0; i < scene->call_count; i++)
                scene_call(world, scene, order[i], prefix);
        scene_check_prefixed(world, scene, prefix);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        scene_permute(world, scene, order, count - 1, round);
        size_t other = count % 2 ? 0 : i, keep = order[other];
        order[other] = order[count - 1];
        order[count - 1] = keep;
    }
}

static void every_order_of_arrival_ends_equal(TestStore *test)
{
    World world;
    world_open(&world, test);
    int round = 10000;
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        g_test_message("%s", scenes[i].why);
        size_t order[CALLS_MAX] = {0, 1, 2, 3, 4};
        scene_permute(&world, &scenes[i], order, scenes[i].call_count, &round);
    }
    g_test_message("%d orders", round - 10000);
    world_close(&world);
}

/* ---- promise 8 ---- */

static void the_public_key_joins_no_two_known_people(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t ann = world_resolve(&world, call("ann", NULL, "ann@x.de")).person_id;
    int64_t bob = world_resolve(&world, call("bob", NULL, "bob@x.de")).person_id;
    int64_t guest = world_resolve(&world, call(NULL, NULL, "guest@x.de")).person_id;
    const ResolveInput attacks[] = {
        alias("ann", "bob"),
        alias("bob", "ann"),
        call("ann", NULL, "bob@x.de"),
        call("bob", NULL, "guest@x.de"),
        call("eve", NULL, "guest@x.de"),
        call("ann", "dev", NULL),
        call("bob", "dev", NULL),
        call(NULL, "dev", "guest@x.de"),
    };
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++)
            world_resolve(&world, track(attacks[i]));
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, "ann"), ==, ann);
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, "bob"), ==, bob);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "ann@x.de"), ==, ann);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "bob@x.de"), ==, bob);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "guest@x.de"), ==, guest);
    int64_t eve = world_who(&world, IDENTITY_USER_ID, "eve");
    g_assert_true(eve != ann && eve != bob && eve != guest);
    g_assert_cmpint(world_who(&world, IDENTITY_ANONYMOUS_ID, "dev"), ==, ann);
    world_close(&world);
}

static void a_server_takes_an_address_back(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t eve = world_resolve(&world, track(call("eve", NULL, "victim@x.de"))).person_id;
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "victim@x.de"), ==, eve);
    int64_t victim = world_resolve(&world, call(NULL, NULL, "victim@x.de")).person_id;
    g_assert_cmpint(victim, !=, eve);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "victim@x.de"), ==, victim);
    ResolveResult again = world_resolve(&world, track(call("eve", NULL, "victim@x.de")));
    g_assert_true(again.refused & RESOLVE_ADDRESS_OF_OTHER);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "victim@x.de"), ==, victim);
    world_reopen(&world);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "victim@x.de"), ==, victim);
    world_close(&world);
}

static void a_server_joins_a_guest_and_an_account(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t guest = world_resolve(&world, call(NULL, NULL, "g@x.de")).person_id;
    int64_t account = world_resolve(&world, user("u1")).person_id;
    g_assert_cmpint(guest, !=, account);
    ResolveResult both = world_resolve(&world, call("u1", NULL, "g@x.de"));
    g_assert_true(both.joined);
    g_assert_cmpint(both.person_id, ==, account);
    g_assert_cmpint(people_person(world.people, guest), ==, account);
    g_autofree char *reason = test_store_sql(test, "SELECT reason FROM merge");
    g_assert_cmpstr(reason, ==, "same e-mail address");
    world_close(&world);
}

/* ---- memory follows the database ---- */

static void a_failed_unit_leaves_no_trace(TestStore *test)
{
    World world;
    world_open(&world, test);
    world_resolve(&world, call("u1", NULL, NULL));
    int64_t guest = world_resolve(&world, call(NULL, NULL, "g@x.de")).person_id;
    PeopleSize before = people_size(world.people);
    ResolveInput input = {.user_id = SLICE("u1"),
                          .anonymous_id = SLICE("a9"),
                          .email = SLICE("g@x.de"),
                          .phone = SLICE("030 123 99 11"),
                          .source_id = 1,
                          .shop_id = 1,
                          .trust = TRUST_INGEST,
                          .at = 1};
    WorldResolve attempt = {world.people, &input, {0}, true};
    Writer *writer = store_writer(test->store);
    g_assert_false(writer_call(writer, WRITER_REST, world_resolve_run, &attempt, NULL));
    g_assert_true(attempt.result.joined);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "g@x.de"), ==, guest);
    g_assert_cmpint(world_who(&world, IDENTITY_PHONE, "030 123 99 11"), ==, 0);
    g_assert_cmpint(world_who(&world, IDENTITY_ANONYMOUS_ID, "a9"), ==, 0);
    PeopleSize after = people_size(world.people);
    g_assert_cmpuint(after.identities, ==, before.identities);
    g_assert_cmpuint(after.links, ==, before.links);
    world_close(&world);
}

static void limits_refuse_without_failing(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t ann = world_resolve(&world, user("ann")).person_id;
    unsigned refused = 0;
    for (int i = 0; i < IDENTITY_PER_PERSON_MAX + 5; i++) {
        g_autofree char *email = g_strdup_printf("a%d@x.de", i);
        refused |= world_resolve(&world, call("ann", NULL, email)).refused;
    }
    g_assert_true(refused & RESOLVE_TOO_MANY);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "a0@x.de"), ==, ann);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "a104@x.de"), ==, 0);
    world_close(&world);
}

typedef struct Timing {
    People *people;
    int64_t user_us, both_us;
} Timing;

enum { TIMING_CALLS = 300000 };

static int64_t timing_run_one(People *people, Db *db, const ResolveInput *input, GError **error)
{
    ResolveResult result;
    clock_t begun = clock(); /* of the processor: others may keep it busy meanwhile */
    for (int i = 0; i < TIMING_CALLS; i++)
        g_assert_true(people_resolve(people, db, input, &result, error));
    g_assert_cmpint(result.person_id, >, 0);
    return (int64_t)(clock() - begun) * 1000000 / CLOCKS_PER_SEC;
}

static bool timing_run(Db *db, void *data, GError **error)
{
    Timing *timing = data;
    ResolveInput input = {.user_id = SLICE("user-1234567"),
                          .source_id = 1,
                          .shop_id = 1,
                          .trust = TRUST_TRACK,
                          .at = 1};
    timing->user_us = timing_run_one(timing->people, db, &input, error);
    input.anonymous_id = SLICE("5f0c2d3e-1111-4222-8333-1234567890ab");
    timing->both_us = timing_run_one(timing->people, db, &input, error);
    return true;
}

static void a_known_user_costs_no_database(TestStore *test)
{
    World world;
    world_open(&world, test);
    world_resolve(&world, call("user-1234567", "5f0c2d3e-1111-4222-8333-1234567890ab", NULL));
    Timing timing = {world.people, 0, 0};
    world_write(&world, timing_run, &timing);
    g_test_message("known user_id: %.1f ns; with anonymous_id: %.1f ns",
                   (double)timing.user_us * 1000 / TIMING_CALLS,
                   (double)timing.both_us * 1000 / TIMING_CALLS);
    /* A query would be twenty times slower; sanitizers slow it down several times. */
    g_assert_cmpint(timing.user_us, <, 4 * TIMING_CALLS);
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/resolve/same", names_find_the_same_person);
    test_store_add("/people/resolve/visitor", a_visitor_has_no_row_until_identified);
    test_store_add("/people/resolve/placeholders", placeholders_name_nobody);
    test_store_add("/people/resolve/orders", every_order_of_arrival_ends_equal);
    test_store_add("/people/resolve/public_key", the_public_key_joins_no_two_known_people);
    test_store_add("/people/resolve/take_back", a_server_takes_an_address_back);
    test_store_add("/people/resolve/guest", a_server_joins_a_guest_and_an_account);
    test_store_add("/people/resolve/failed_unit", a_failed_unit_leaves_no_trace);
    test_store_add("/people/resolve/limits", limits_refuse_without_failing);
    test_store_add("/people/resolve/cost", a_known_user_costs_no_database);
    return g_test_run();
}
