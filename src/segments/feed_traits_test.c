/* Random rules about traits, what lists show, and tags, over random lives: a plain model (of
 * traits), SQL and columns agree, at moments of the past too, while people are joined, parted and
 * erased. */
#include "people/erase.h"
#include "people/merge.h"
#include "people/person.h"
#include "people/personal.h"
#include "people/trait.h"
#include "segments/feed_traits.h"
#include "segments/segments_fixture.h"

enum { PEOPLE = 14, STEPS = 32, RULES = 14, GONE_MAX = 4, TRAITS = 4 };

static const char *const trait_names[TRAITS] = {"tier", "size", "vip", "joined"};
static const char *const trait_values[TRAITS][6] = {
    {"\"gold\"", "\"Silver\"", "\"GOLD\"", "null", "[\"gold\",\"tin\"]", "7"},
    {"38", "44.5", "\"38\"", "-3", "null", "1e3"},
    {"true", "false", "null", "\"yes\"", "1", "{\"since\":2020}"},
    {"\"2024-02-29\"", "\"2023-11-05\"", "\"2024-05-30\"", "null", "\"soon\"", "20240101"},
};
static const Trust trusts[] = {TRUST_TRACK, TRUST_FILE, TRUST_HAND, TRUST_PERSON};

typedef struct Row {
    int person, trait;
    const char *json;
    int64_t trust, occurred_at, received_at;
    bool confirmed;
} Row;

typedef struct Join {
    int winner, loser;
    int64_t merge_id;
} Join;

typedef struct Town {
    Shop shop;
    Segments *sql, *held;
    Feed *feed;
    GArray *rows, *joins; /* of Row; of Join */
    int64_t ids[PEOPLE];
    int root[PEOPLE]; /* -1: erased */
    int gone;
    int64_t now;
} Town;

static int below(int count) { return g_test_rand_int_range(0, count); }

/* ---- living ---- */

typedef struct Act {
    Town *town;
    int person, other;
    Row row;
    const char *tag;
    int64_t id;
} Act;

static void act_run(Town *town, Act *act, WriterRun run)
{
    g_autoptr(GError) error = NULL;
    act->town = town;
    writer_call(store_writer(town->shop.test->store), WRITER_REST, run, act, &error);
    g_assert_no_error(error);
}

static bool trait_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    TraitOutcome outcome;
    const Row *row = &act->row;
    TraitValue value = {slice_of(trait_names[row->trait]), slice_of(row->json)};
    TraitReport report = {.stem = act->town->ids[row->person],
                          .source_id = 1,
                          .trust = (Trust)row->trust,
                          .occurred_at = row->occurred_at,
                          .received_at = row->received_at,
                          .traits = &value,
                          .count = 1};
    if (!people_traits_put(act->town->shop.people, db, &report, &outcome, error)) return false;
    act->id = outcome.written;
    act->row.confirmed = outcome.unconfirmed == 0;
    return true;
}

static void trait_tell(Town *town, int person)
{
    int trait = below(TRAITS);
    Act act = {.row = {.person = person,
                       .trait = trait,
                       .json = trait_values[trait][below(6)],
                       .trust = trusts[below(G_N_ELEMENTS(trusts))],
                       .occurred_at = FIXTURE_NOW - below(30) * CLOCK_DAY_MS,
                       .received_at = FIXTURE_NOW - below(3) * CLOCK_DAY_MS}};
    act_run(town, &act, trait_run);
    if (act.id) g_array_append_val(town->rows, act.row);
}

static bool shown_run(Db *db, void *data, GError **error)
{
    static const char *const countries[] = {"\"DE\"", "\"fr\"", "\"Italia\"", "null"};
    static const char *const names[] = {"\"Zoë\"", "\"zoe\"", "\"Max 7\"", "null"};
    const Act *act = data;
    TraitValue values[] = {{SLICE("country"), slice_of(countries[below(4)])},
                           {SLICE("name"), slice_of(names[below(4)])}};
    TraitReport report = {.stem = act->town->ids[act->person],
                          .source_id = 1,
                          .trust = TRUST_FILE,
                          .occurred_at = FIXTURE_NOW - below(1000),
                          .received_at = FIXTURE_NOW,
                          .traits = values,
                          .count = 2};
    return people_traits_put(act->town->shop.people, db, &report, NULL, error);
}

static bool tag_run(Db *db, void *data, GError **error)
{
    static const char *const tags[] = {"Wholesale", "wholesale ", "Press"};
    const Act *act = data;
    const char *some[] = {tags[below(3)], "Guest"};
    HandTags input = {.person_id = act->town->ids[act->person],
                      .tags = some,
                      .count = (size_t)below(3),
                      .actor = "test",
                      .at = FIXTURE_NOW};
    return people_tags_set(act->town->shop.people, db, &input, error);
}

static bool join_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    const int64_t *ids = act->town->ids;
    MergeInput input = {ids[act->person], ids[act->other], "by hand", "test", FIXTURE_NOW};
    return people_merge(act->town->shop.people, db, &input, &act->id, error);
}

static bool part_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    MergeUndo undo = {act->id, "test", FIXTURE_NOW};
    return people_merge_undo(act->town->shop.people, db, &undo, error);
}

static bool erase_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    return people_erase(act->town->shop.people, db, act->town->ids[act->person], &act->id, error);
}

static void roots_find(Town *town)
{
    for (int i = 0; i < PEOPLE; i++)
        if (town->root[i] >= 0) town->root[i] = i;
    for (guint turn = 0; turn < town->joins->len; turn++)
        for (guint i = 0; i < town->joins->len; i++) {
            const Join *join = &g_array_index(town->joins, Join, i);
            for (int k = 0; k < PEOPLE; k++)
                if (town->root[k] == join->loser) town->root[k] = join->winner;
        }
}

static void join(Town *town, int winner, int loser)
{
    Act act = {.person = winner, .other = loser};
    act_run(town, &act, join_run);
    Join one = {winner, loser, act.id};
    g_array_append_val(town->joins, one);
    roots_find(town);
}

static void part(Town *town, guint which)
{
    Act act = {.id = g_array_index(town->joins, Join, which).merge_id};
    act_run(town, &act, part_run);
    g_array_remove_index(town->joins, which);
    roots_find(town);
}

static void forget(Town *town, int person)
{
    Act act = {.person = person};
    act_run(town, &act, erase_run);
    for (guint i = town->joins->len; i > 0; i--)
        if (town->root[g_array_index(town->joins, Join, i - 1).loser] == person)
            g_array_remove_index(town->joins, i - 1);
    for (int i = 0; i < PEOPLE; i++)
        if (town->root[i] == person) town->root[i] = -1;
    town->gone++;
    roots_find(town);
    g_autoptr(GError) error = NULL;
    if (below(2)) people_erase_all(town->shop.people, &error);
    g_assert_no_error(error);
}

static int somebody(const Town *town)
{
    int person = below(PEOPLE);
    while (town->root[person] < 0)
        person = below(PEOPLE);
    return person;
}

static void town_live(Town *town)
{
    Act act = {.person = somebody(town)};
    for (int i = 0; i < 4; i++)
        trait_tell(town, somebody(town));
    act_run(town, &act, shown_run);
    act.person = town->root[somebody(town)];
    act_run(town, &act, tag_run);
    int first = town->root[somebody(town)], second = town->root[somebody(town)];
    int chance = below(10);
    if (chance < 4 && first != second && town->joins->len < 5)
        join(town, first, second);
    else if (chance < 7 && town->joins->len > 0)
        part(town, (guint)below((int)town->joins->len));
    else if (chance == 9 && town->gone < GONE_MAX)
        forget(town, first);
}

static void town_open(Town *town, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    clock_simulate(FIXTURE_NOW);
    *town = (Town){.rows = g_array_new(FALSE, FALSE, sizeof(Row)),
                   .joins = g_array_new(FALSE, FALSE, sizeof(Join))};
    static const PersonalTable *const personal[] = {people_personal, NULL};
    shop_open(&town->shop, test);
    people_set_domains(town->shop.people, &(PeopleDomains){.personal = personal});
    writer_call(store_writer(test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    for (int i = 0; i < PEOPLE; i++) {
        char user[16];
        g_snprintf(user, sizeof user, "u%d", i);
        fixture_send(&town->shop, fixture_event(user, "Seen", 40, ""));
        town->ids[i] = shop_person(&town->shop, user);
        town->root[i] = i;
    }
    for (int i = 0; i < 40; i++)
        trait_tell(town, below(PEOPLE));
    town->sql = segments_new(&(SegmentsOptions){
        .store = test->store, .people = town->shop.people, .timeline = town->shop.timeline});
    town->held = fixture_segments(&town->shop);
    FeedOptions options = {.store = test->store,
                           .people = town->shop.people,
                           .timeline = town->shop.timeline,
                           .chunk_rows = FIXTURE_CHUNK_ROWS};
    town->feed = feed_new(&options, &error);
    g_assert_no_error(error);
    segments_set_feed(town->held, town->feed);
}

static void town_close(Town *town)
{
    feed_free(town->feed);
    segments_free(town->held);
    segments_free(town->sql);
    shop_end(&town->shop);
    g_array_unref(town->rows);
    g_array_unref(town->joins);
    clock_restore();
}

/* ---- the plain way ---- */

static bool counts_more(const Row *a, const Row *b)
{
    if (!b) return true;
    if (a->trust != b->trust) return a->trust > b->trust;
    if (a->occurred_at != b->occurred_at) return a->occurred_at > b->occurred_at;
    if (a->received_at != b->received_at) return a->received_at > b->received_at;
    return strcmp(a->json, b->json) < 0;
}

/* The JSON of a trait at a moment; NULL: none. */
static const char *plain_value(const Town *town, int person, int trait)
{
    const Row *best = NULL;
    for (guint i = 0; i < town->rows->len; i++) {
        const Row *row = &g_array_index(town->rows, Row, i);
        bool mine = town->root[row->person] == person && row->trait == trait && row->confirmed;
        if (mine && row->occurred_at <= town->now && counts_more(row, best)) best = row;
    }
    return best && strcmp(best->json, "null") != 0 ? best->json : NULL;
}

static bool any_of(const char *json, const char *const *list)
{
    return json && g_strv_contains(list, json);
}

/* Rules about traits with the values that pass them, by hand. */
typedef struct Known {
    const char *rule;
    int trait;
    const char *passing[7]; /* "": no value */
} Known;

static const Known known_rules[] = {
    {"tier = \"gold\"", 0, {"\"gold\"", "\"GOLD\"", "[\"gold\",\"tin\"]"}},
    {"tier != \"gold\"", 0, {"\"Silver\"", "7", ""}},
    {"tier contains \"ol\"", 0, {"\"gold\"", "\"GOLD\"", "[\"gold\",\"tin\"]"}},
    {"tier in (\"tin\", \"silver\")", 0, {"\"Silver\"", "[\"gold\",\"tin\"]"}},
    {"tier exists", 0, {"\"gold\"", "\"Silver\"", "\"GOLD\"", "[\"gold\",\"tin\"]", "7"}},
    {"tier is missing", 0, {""}},
    {"tier = 7", 0, {"7"}},
    {"size = 38", 1, {"38"}},
    {"size >= 38", 1, {"38", "44.5", "1e3"}},
    {"size != 38", 1, {"44.5", "\"38\"", "-3", "1e3", ""}},
    {"size between -5 and 44.5", 1, {"38", "44.5", "-3"}},
    {"size in (38, 1000)", 1, {"38", "1e3"}},
    {"size = \"38\"", 1, {"\"38\""}},
    {"size exists", 1, {"38", "44.5", "\"38\"", "-3", "1e3"}},
    {"vip = true", 2, {"true"}},
    {"vip != true", 2, {"false", "\"yes\"", "1", "{\"since\":2020}", ""}},
    {"vip.since = 2020", 2, {"{\"since\":2020}"}},
    {"vip.since is missing", 2, {"true", "false", "\"yes\"", "1", ""}},
    {"joined = 2024-02-29", 3, {"\"2024-02-29\""}},
    {"joined after 2024-01-01", 3, {"\"2024-02-29\"", "\"2024-05-30\""}},
    {"joined exists",
     3,
     {"\"2024-02-29\"", "\"2023-11-05\"", "\"2024-05-30\"", "\"soon\"", "20240101"}},
};

/* Those that only SQL and columns are asked. */
static const char *const other_rules[] = {
    "country = \"DE\"",
    "country != \"DE\"",
    "country is missing",
    "name contains \"zo\"",
    "name = \"Max 7\"",
    "created_at in last 3 days",
    "created_at before 2024-05-30",
    "created_at after 2020-01-01",
    "created_at <= 2024-06-01",
    "created_at < 2024-06-01",
    "created_at >= 2024-06-01T12:00:00Z",
    "created_at > 2024-06-01T12:00:00Z",
    "created_at != 2024-06-01",
    "created_at this month",
    "created_at contains \"2024\"",
    "tag \"wholesale\"",
    "not tag \"guest\"",
    "top 3 by size",
    "top 40 % by size",
    "anniversary of joined in next 60 days",
    "country = \"DE\" and size > 0 or tag \"press\" and tier exists",
};

static bool known_holds(const Town *town, const Known *known, int person)
{
    const char *json = plain_value(town, person, known->trait);
    return any_of(json ? json : "", known->passing);
}

/* ---- asking ---- */

static SegmentAnswer *ask(Segments *segments, const Rule *rule, int64_t at)
{
    g_autoptr(GError) error = NULL;
    SegmentAsk one = {.rules = &rule, .count = 1, .at = at};
    SegmentAnswer *answer = segments_ask(segments, &one, &error);
    g_assert_no_error(error);
    return answer;
}

static void sets_compare(const Town *town, const char *text, const SegmentAnswer *sql,
                         const SegmentAnswer *held)
{
    g_assert_cmpuint(sql->people->len, ==, held->people->len);
    for (uint32_t i = 0; i < sql->people->len; i++) {
        g_assert_cmpint(g_array_index(sql->people, int64_t, i), ==,
                        g_array_index(held->people, int64_t, i));
        if (set_has(sql->sets[0], i) != set_has(held->sets[0], i))
            g_test_message("person %u at %" G_GINT64_FORMAT ": sql %d: %s", i, town->now,
                           set_has(sql->sets[0], i), text);
        g_assert_cmpint(set_has(sql->sets[0], i), ==, set_has(held->sets[0], i));
    }
}

static void plain_compare(const Town *town, const Known *known, const SegmentAnswer *sql)
{
    for (int person = 0; person < PEOPLE; person++) {
        if (town->root[person] != person) continue;
        uint32_t index = 0;
        while (g_array_index(sql->people, int64_t, index) != town->ids[person])
            index++;
        bool want = known_holds(town, known, person), is = set_has(sql->sets[0], index);
        if (want != is)
            g_test_message("u%d at %" G_GINT64_FORMAT ": %s, is %d", person, town->now, known->rule,
                           is);
        g_assert_cmpint(is, ==, want);
    }
}

/* Whether columns alone answered. */
static bool rule_compare(const Town *town, int index)
{
    g_autoptr(GError) error = NULL;
    bool is_known = index < (int)G_N_ELEMENTS(known_rules);
    const char *text =
        is_known ? known_rules[index].rule : other_rules[index - (int)G_N_ELEMENTS(known_rules)];
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    g_autoptr(SegmentAnswer) sql = ask(town->sql, rule, town->now);
    g_autoptr(SegmentAnswer) held = ask(town->held, rule, town->now);
    sets_compare(town, text, sql, held);
    if (is_known) plain_compare(town, &known_rules[index], sql);
    g_assert_cmpint(sql->engine, ==, SEGMENT_SQL);
    return held->engine == SEGMENT_COLUMNS;
}

static void traits_agree_three_ways(TestStore *test)
{
    Town town;
    int all = (int)(G_N_ELEMENTS(known_rules) + G_N_ELEMENTS(other_rules)), columns = 0;
    town_open(&town, test);
    for (int step = 0; step < STEPS; step++) {
        town.now = FIXTURE_NOW + 1000 - below(4) * below(10) * CLOCK_DAY_MS;
        for (int i = 0; i < RULES; i++)
            columns += rule_compare(&town, below(all));
        if (step % 8 == 0) feed_settle(town.feed);
        town_live(&town);
    }
    g_test_message("%d of %d answers by columns alone", columns, STEPS * RULES);
    g_assert_cmpint(columns, >, STEPS * RULES / 2);
    feed_settle(town.feed);
    for (int i = 0; i < all; i++)
        g_assert_true(rule_compare(&town, i));
    town_close(&town);
}

/* ---- memory ---- */

/* Whether a word of any trait's dictionary has a text. */
static bool memory_has(Town *town, const char *text)
{
    FeedRead read;
    bool found = false;
    if (!feed_begin(town->feed, "EUR", &read)) return true;
    for (uint32_t slot = 0; slot < 32; slot++) {
        const EventName *name = event_view_name(read.view, FEED_NAME_TRAITS + slot);
        for (uint32_t p = 0; name && p < name->property_count; p++)
            for (uint32_t code = 0; code < name->properties[p].codes; code++) {
                EventWord word = event_word(&name->properties[p], code);
                found = found || (word.text && strstr(word.text, text));
            }
    }
    feed_end(&read);
    return found;
}

static void an_erased_persons_texts_leave_memory(TestStore *test)
{
    Town town;
    town_open(&town, test);
    feed_settle(town.feed);
    fixture_traits(&town.shop, "u1", "\"name\":\"Canary One\",\"nest\":\"canary-7\"");
    static const char *const rules[] = {"name exists", "nest exists"};
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autoptr(Rule) rule = rule_parse(slice_of(rules[i]), NULL, NULL);
        g_autoptr(SegmentAnswer) first = ask(town.held, rule, FIXTURE_NOW + 1000);
        feed_settle(town.feed);
        g_autoptr(SegmentAnswer) again = ask(town.held, rule, FIXTURE_NOW + 1000);
        g_assert_cmpint(again->engine, ==, SEGMENT_COLUMNS);
        g_assert_cmpuint(set_count(again->sets[0]), ==, 1);
    }
    g_assert_true(memory_has(&town, "Canary One") && memory_has(&town, "canary-7"));
    Act act = {.person = 1};
    act_run(&town, &act, erase_run);
    g_assert_true(people_erase_all(town.shop.people, NULL));
    int64_t until = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (memory_has(&town, "anary") && g_get_monotonic_time() < until)
        g_usleep(10000);
    g_assert_false(memory_has(&town, "anary"));
    town_close(&town);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/traits/agree", traits_agree_three_ways);
    test_store_add("/segments/traits/erased", an_erased_persons_texts_leave_memory);
    return g_test_run();
}
