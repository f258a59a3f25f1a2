/* Who may be written to: the matrix of rules, on both databases. */
#include "people/consent.h"
#include "people/people_test.h"

/* One act: at time `at` (s), about an address (0 = the person, 1 = first, 2 = second). */
typedef struct Act {
    ConsentState state;
    int at, address;
    Trust trust;
    const char *topic; /* NULL = "news" */
    int expires;       /* s, 0 = never */
} Act;

static const struct {
    const char *why;
    Act acts[4];
    int asked_at, address;
    const char *topic;
    ConsentState want;
} cases[] = {
    {"nobody said anything", {{0}}, 100, 1, NULL, CONSENT_UNKNOWN},
    {"a grant", {{CONSENT_GRANTED, 10, 1, TRUST_FILE}}, 100, 1, NULL, CONSENT_GRANTED},
    {"a grant of the person counts for their address",
     {{CONSENT_GRANTED, 10, 0, TRUST_HAND}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"a grant for one address is none for another",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}},
     100,
     2,
     NULL,
     CONSENT_UNKNOWN},
    {"a grant of another topic",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, "offers"}},
     100,
     1,
     NULL,
     CONSENT_UNKNOWN},
    {"a grant of all topics",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, "*"}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"the public key can only ask",
     {{CONSENT_GRANTED, 10, 1, TRUST_TRACK}},
     100,
     1,
     NULL,
     CONSENT_PENDING},
    {"asked, then confirmed by the person",
     {{CONSENT_PENDING, 10, 1, TRUST_TRACK}, {CONSENT_GRANTED, 20, 1, TRUST_PERSON}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"asked again does not take a grant back",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}, {CONSENT_GRANTED, 20, 1, TRUST_TRACK}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"a no",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}, {CONSENT_DENIED, 20, 1, TRUST_PERSON}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"before the no it was allowed",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}, {CONSENT_DENIED, 20, 1, TRUST_PERSON}},
     15,
     1,
     NULL,
     CONSENT_GRANTED},
    {"an import cannot lift a no",
     {{CONSENT_DENIED, 20, 1, TRUST_PERSON}, {CONSENT_GRANTED, 30, 1, TRUST_FILE}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"a server cannot lift a no",
     {{CONSENT_DENIED, 20, 1, TRUST_PERSON}, {CONSENT_GRANTED, 30, 1, TRUST_SHOP}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"a hand cannot lift a no",
     {{CONSENT_DENIED, 20, 1, TRUST_PERSON}, {CONSENT_GRANTED, 30, 1, TRUST_HAND}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"the person at that address can",
     {{CONSENT_DENIED, 20, 1, TRUST_HAND}, {CONSENT_GRANTED, 30, 1, TRUST_PERSON}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"the person at another address cannot",
     {{CONSENT_DENIED, 20, 1, TRUST_HAND}, {CONSENT_GRANTED, 30, 2, TRUST_PERSON}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"a no of the person binds their addresses",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}, {CONSENT_DENIED, 20, 0, TRUST_HAND}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"lifted at one address it still binds the other",
     {{CONSENT_GRANTED, 5, 0, TRUST_FILE},
      {CONSENT_DENIED, 20, 0, TRUST_HAND},
      {CONSENT_GRANTED, 30, 1, TRUST_PERSON}},
     100,
     2,
     NULL,
     CONSENT_DENIED},
    {"a grant that the no ended does not come back with its lifting",
     {{CONSENT_GRANTED, 5, 1, TRUST_FILE},
      {CONSENT_DENIED, 20, 1, TRUST_HAND},
      {CONSENT_GRANTED, 30, 1, TRUST_PERSON, NULL, 40}},
     100,
     1,
     NULL,
     CONSENT_EXPIRED},
    {"the same moment: the no wins",
     {{CONSENT_DENIED, 20, 1, TRUST_PERSON}, {CONSENT_GRANTED, 20, 1, TRUST_PERSON}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"told in the wrong order it is the same",
     {{CONSENT_GRANTED, 30, 1, TRUST_PERSON}, {CONSENT_DENIED, 20, 1, TRUST_HAND}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"a no to one topic leaves the others",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, "*"}, {CONSENT_DENIED, 20, 1, TRUST_PERSON, "offers"}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
    {"a no to everything covers each topic",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE}, {CONSENT_DENIED, 20, 1, TRUST_PERSON, "*"}},
     100,
     1,
     NULL,
     CONSENT_DENIED},
    {"not yet expired",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, NULL, 50}},
     49,
     1,
     NULL,
     CONSENT_GRANTED},
    {"expired on the moment",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, NULL, 50}},
     50,
     1,
     NULL,
     CONSENT_EXPIRED},
    {"a later grant outlives an expired one",
     {{CONSENT_GRANTED, 10, 1, TRUST_FILE, NULL, 50}, {CONSENT_GRANTED, 20, 1, TRUST_FILE}},
     100,
     1,
     NULL,
     CONSENT_GRANTED},
};

typedef struct Put {
    People *people;
    ConsentInput input;
} Put;

static bool put_run(Db *db, void *data, GError **error)
{
    Put *put = data;
    return people_consent_put(put->people, db, &put->input, error);
}

static const char *address_of(int which, int round, char text[40])
{
    if (!which) return NULL;
    g_snprintf(text, 40, "a%d-%d@x.de", round, which);
    return text;
}

static void act_put(World *world, const Act *act, int64_t stem, int round)
{
    char text[40];
    Put put = {world->people,
               {.stem = stem,
                .address = address_of(act->address, round, text),
                .channel = "email",
                .topic = act->topic ? act->topic : "news",
                .state = act->state,
                .basis = "consent",
                .actor = "test",
                .source_id = 1,
                .trust = act->trust,
                .occurred_at = act->at * 1000,
                .received_at = act->at * 1000,
                .expires_at = act->expires * 1000}};
    world_write(world, put_run, &put);
}

static ConsentState ask(World *world, int64_t person_id, const char *address, int at)
{
    ConsentQuery query = {person_id, address, "email", "news", at * 1000, INT64_MAX};
    ConsentState state = CONSENT_UNKNOWN;
    Db *db = store_reader_begin(world->test->store, NULL);
    g_assert_true(people_consent_state(world->people, db, &query, &state, NULL));
    store_reader_end(world->test->store, db);
    return state;
}

static int64_t person_with_addresses(World *world, int round)
{
    char user[20], text[40];
    g_snprintf(user, sizeof user, "u%d", round);
    for (int which = 1; which <= 2; which++)
        world_resolve(world, (ResolveInput){.user_id = slice_of(user),
                                            .email = slice_of(address_of(which, round, text))});
    return world_who(world, IDENTITY_USER_ID, user);
}

static void the_matrix(TestStore *test)
{
    World world;
    world_open(&world, test);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[40];
        int64_t person_id = person_with_addresses(&world, (int)i);
        for (size_t k = 0; k < G_N_ELEMENTS(cases[i].acts) && cases[i].acts[k].state; k++)
            act_put(&world, &cases[i].acts[k], person_id, (int)i);
        ConsentState state =
            ask(&world, person_id, address_of(cases[i].address, (int)i, text), cases[i].asked_at);
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(consent_state_name(state), ==, consent_state_name(cases[i].want));
    }
    world_close(&world);
}

static void a_no_binds_whoever_holds_the_address(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t first = person_with_addresses(&world, 1);
    act_put(&world, &(Act){CONSENT_DENIED, 20, 1, TRUST_PERSON}, first, 1);
    int64_t other = world_resolve(&world, (ResolveInput){.user_id = SLICE("else")}).person_id;
    act_put(&world, &(Act){CONSENT_GRANTED, 30, 0, TRUST_SHOP}, other, 9);
    g_assert_cmpint(ask(&world, other, "A1-1@X.de", 100), ==, CONSENT_DENIED);
    g_assert_cmpint(ask(&world, 0, "a1-1@x.de", 100), ==, CONSENT_DENIED);
    g_assert_cmpint(ask(&world, other, "free@x.de", 100), ==, CONSENT_GRANTED);
    world_close(&world);
}

static void bad_input_is_refused(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t stem = person_with_addresses(&world, 1);
    Put bad[] = {
        {world.people,
         {.stem = stem, .channel = "email", .topic = "", .state = CONSENT_GRANTED, .actor = "t"}},
        {world.people,
         {.stem = stem, .channel = "email", .topic = "n", .state = CONSENT_EXPIRED, .actor = "t"}},
        {world.people,
         {.stem = stem,
          .channel = "email",
          .topic = "n",
          .state = CONSENT_GRANTED,
          .address = "no address",
          .actor = "t"}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(
            writer_call(store_writer(test->store), WRITER_REST, put_run, &bad[i], &error));
        g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    }
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/consent/matrix", the_matrix);
    test_store_add("/people/consent/address", a_no_binds_whoever_holds_the_address);
    test_store_add("/people/consent/bad", bad_input_is_refused);
    return g_test_run();
}
