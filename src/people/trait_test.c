/* Facts about a person: whose word counts, as of when, and what is written at all. */
#include "people/trait.h"

#include <string.h>

#include "people/people_test.h"
#include "people/summary.h"

typedef struct Put {
    People *people;
    TraitReport report;
    TraitOutcome outcome;
} Put;

static bool put_run(Db *db, void *data, GError **error)
{
    Put *put = data;
    return people_traits_put(put->people, db, &put->report, &put->outcome, error);
}

typedef struct Said {
    Trust trust;
    int64_t occurred, received;
    const char *json;
} Said;

static TraitOutcome say(World *world, int64_t stem, const char *name, Said said)
{
    TraitValue value = {slice_of(name), slice_of(said.json)};
    Put put = {world->people, {stem, 1, said.trust, said.occurred, said.received, &value, 1}, {0}};
    world_write(world, put_run, &put);
    return put.outcome;
}

/* The current value of a name as of a time; "-" when there is none. The caller frees. */
static char *current(World *world, const TraitQuery *query, bool unconfirmed)
{
    char *json = NULL;
    Db *db = store_reader_begin(world->test->store, NULL);
    g_autoptr(GPtrArray) traits = people_traits_load(world->people, db, query, NULL);
    store_reader_end(world->test->store, db);
    g_assert_nonnull(traits);
    for (guint i = 0; i < traits->len; i++) {
        const Trait *trait = traits->pdata[i];
        if (trait->unconfirmed == unconfirmed && !json) json = g_strdup(trait->json);
    }
    return json ? json : g_strdup("-");
}

static void expect(World *world, const TraitQuery *query, bool unconfirmed, const char *want)
{
    g_autofree char *found = current(world, query, unconfirmed);
    g_assert_cmpstr(found, ==, want);
}

static const struct {
    const char *why;
    Said said[4];
    int64_t at, known_at; /* 0 = now */
    const char *want;
} cases[] = {
    {"the only word", {{TRUST_FILE, 10, 10, "1"}}, 0, 0, "1"},
    {"the later word of one level",
     {{TRUST_FILE, 10, 10, "1"}, {TRUST_FILE, 20, 20, "2"}},
     0,
     0,
     "2"},
    {"told in the wrong order", {{TRUST_FILE, 20, 10, "2"}, {TRUST_FILE, 10, 20, "1"}}, 0, 0, "2"},
    {"the more trusted word, though older",
     {{TRUST_HAND, 10, 10, "1"}, {TRUST_SHOP, 20, 20, "2"}, {TRUST_FILE, 30, 30, "3"}},
     0,
     0,
     "1"},
    {"what we know today about then",
     {{TRUST_FILE, 10, 10, "1"}, {TRUST_FILE, 20, 20, "2"}},
     15,
     0,
     "1"},
    {"told later about then", {{TRUST_FILE, 20, 20, "2"}, {TRUST_FILE, 10, 30, "1"}}, 15, 0, "1"},
    {"what we knew then", {{TRUST_FILE, 20, 20, "2"}, {TRUST_FILE, 10, 30, "1"}}, 15, 25, "-"},
    {"before anything", {{TRUST_FILE, 10, 10, "1"}}, 5, 0, "-"},
    {"ended", {{TRUST_FILE, 10, 10, "1"}, {TRUST_FILE, 20, 20, "null"}}, 0, 0, "-"},
    {"ended, but not yet then",
     {{TRUST_FILE, 10, 10, "1"}, {TRUST_FILE, 20, 20, "null"}},
     15,
     0,
     "1"},
    {"back to what it was",
     {{TRUST_FILE, 10, 10, "1"}, {TRUST_FILE, 20, 20, "2"}, {TRUST_FILE, 30, 30, "1"}},
     0,
     0,
     "1"},
};

static void the_word_that_counts(TestStore *test)
{
    World world;
    world_open(&world, test);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char user[20];
        g_snprintf(user, sizeof user, "u%zu", i);
        int64_t stem = world_resolve(&world, (ResolveInput){.user_id = slice_of(user)}).stem;
        for (size_t k = 0; k < G_N_ELEMENTS(cases[i].said) && cases[i].said[k].trust; k++)
            say(&world, stem, "size", cases[i].said[k]);
        g_test_message("%s", cases[i].why);
        TraitQuery query = {stem, "size", cases[i].at ? cases[i].at : INT64_MAX,
                            cases[i].known_at ? cases[i].known_at : INT64_MAX};
        expect(&world, &query, false, cases[i].want);
    }
    world_close(&world);
}

static void the_public_key_overrides_nothing(TestStore *test)
{
    World world;
    world_open(&world, test);
    ResolveInput browser = {.user_id = SLICE("b"), .trust = TRUST_TRACK};
    int64_t known = world_resolve(&world, (ResolveInput){.user_id = SLICE("a")}).stem;
    int64_t stranger = world_resolve(&world, browser).stem;
    TraitOutcome outcome = say(&world, known, "name", (Said){TRUST_TRACK, 10, 10, "\"Eve\""});
    g_assert_cmpint(outcome.unconfirmed, ==, 1);
    expect(&world, TRAITS_NOW(known), false, "-");
    expect(&world, TRAITS_NOW(known), true, "\"Eve\"");
    say(&world, known, "name", (Said){TRUST_INGEST, 5, 20, "\"Ann\""});
    expect(&world, TRAITS_NOW(known), false, "\"Ann\"");
    expect(&world, TRAITS_NOW(known), true, "\"Eve\"");
    outcome = say(&world, stranger, "name", (Said){TRUST_TRACK, 10, 10, "\"Bob\""});
    g_assert_cmpint(outcome.unconfirmed, ==, 0);
    expect(&world, TRAITS_NOW(stranger), false, "\"Bob\"");
    g_autofree char *shown = test_store_sql(
        test, "SELECT COUNT(*) FROM person_summary WHERE name = 'Eve' OR search LIKE '%eve%'");
    g_assert_cmpstr(shown, ==, "0");
    world_close(&world);
}

static void what_was_said_is_not_written_again(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t stem = world_resolve(&world, (ResolveInput){.user_id = SLICE("a")}).stem;
    g_assert_cmpint(say(&world, stem, "x", (Said){TRUST_FILE, 10, 10, "1"}).written, ==, 1);
    g_assert_cmpint(say(&world, stem, "x", (Said){TRUST_FILE, 20, 20, "1"}).unchanged, ==, 1);
    g_assert_cmpint(say(&world, stem, "x", (Said){TRUST_SHOP, 20, 20, "1"}).written, ==, 1);
    g_assert_cmpint(say(&world, stem, "y", (Said){TRUST_FILE, 20, 20, "null"}).unchanged, ==, 1);
    g_autofree char *rows = test_store_sql(test, "SELECT COUNT(*) FROM trait");
    g_assert_cmpstr(rows, ==, "2");
    world_close(&world);
}

static void merges_bring_traits_together_and_apart(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t a = world_resolve(&world, (ResolveInput){.user_id = SLICE("a")}).stem;
    int64_t b = world_resolve(&world, (ResolveInput){.user_id = SLICE("b")}).stem;
    say(&world, a, "size", (Said){TRUST_FILE, 10, 10, "1"});
    say(&world, b, "size", (Said){TRUST_FILE, 20, 20, "2"});
    int64_t merge_id = world_merge(&world, a, b);
    expect(&world, TRAITS_NOW(a), false, "2");
    g_assert_true(world_undo(&world, merge_id));
    expect(&world, TRAITS_NOW(a), false, "1");
    expect(&world, TRAITS_NOW(b), false, "2");
    world_close(&world);
}

static void limits_refuse(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t stem = world_resolve(&world, (ResolveInput){.user_id = SLICE("a")}).stem;
    g_autofree char *long_name = g_strnfill(TRAIT_NAME_MAX + 1, 'n');
    g_autofree char *body = g_strnfill(TRAIT_VALUE_MAX, 'v');
    g_autofree char *long_json = g_strdup_printf("\"%s\"", body);
    g_assert_cmpint(say(&world, stem, long_name, (Said){TRUST_FILE, 1, 1, "1"}).refused, ==, 1);
    g_assert_cmpint(say(&world, stem, "", (Said){TRUST_FILE, 1, 1, "1"}).refused, ==, 1);
    g_assert_cmpint(say(&world, stem, "x", (Said){TRUST_FILE, 1, 1, long_json}).refused, ==, 1);
    unsigned refused = 0;
    for (int i = 0; i < TRAIT_NAMES_MAX + 2; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "n%d", i);
        refused += say(&world, stem, name, (Said){TRUST_FILE, 1, 1, "1"}).refused;
    }
    g_assert_cmpuint(refused, ==, 2);
    world_close(&world);
}

/* ---- the row of lists ---- */

static const struct {
    const char *why, *name, *json, *want_name, *want_country, *search;
} rows[] = {
    {"a full name", "name", "\" Ann  Lee \"", "Ann  Lee", NULL, "ann"},
    {"a first name alone", "firstName", "\"Ann\"", "Ann", NULL, "ann"},
    {"accents fold", "name", "\"Zoë Æther\"", "Zoë Æther", NULL, "zoe"},
    {"capital sharp s folds", "name", "\"Weiß\"", "Weiß", NULL, "weiss"},
    {"a country in the address", "address", "{\"countryCode\":\"DE\",\"country\":\"Germany\"}",
     NULL, "DE", ""},
    {"a number is no name", "name", "17", NULL, NULL, ""},
    {"an object is no name", "name", "{\"a\":1}", NULL, NULL, ""},
    {"broken JSON is no name", "name", "{{{", NULL, NULL, ""},
};

static void a_row_is_made_of_traits(TestStore *test)
{
    World world;
    world_open(&world, test);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char user[20];
        g_snprintf(user, sizeof user, "u%zu", i);
        int64_t stem = world_resolve(&world, (ResolveInput){.user_id = slice_of(user)}).stem;
        say(&world, stem, rows[i].name, (Said){TRUST_FILE, 1, 1, rows[i].json});
        g_auto(Summary) summary = {0};
        Db *db = store_reader_begin(test->store, NULL);
        g_assert_true(people_summary_compute(world.people, db, stem, &summary, NULL));
        store_reader_end(test->store, db);
        g_test_message("%s", rows[i].why);
        g_assert_cmpstr(summary.name, ==, rows[i].want_name);
        g_assert_cmpstr(summary.country, ==, rows[i].want_country);
        g_assert_nonnull(strstr(summary.search, rows[i].search));
        g_assert_nonnull(strstr(summary.search, user));
    }
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/trait/counts", the_word_that_counts);
    test_store_add("/people/trait/public_key", the_public_key_overrides_nothing);
    test_store_add("/people/trait/again", what_was_said_is_not_written_again);
    test_store_add("/people/trait/merge", merges_bring_traits_together_and_apart);
    test_store_add("/people/trait/limits", limits_refuse);
    test_store_add("/people/trait/row", a_row_is_made_of_traits);
    return g_test_run();
}
