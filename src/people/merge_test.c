/* Random merges, undos, sightings and denials against a model that knows only stems and edges. */
#include "people/consent.h"
#include "people/people_test.h"
#include "people/summary.h"

enum { PEOPLE = 24, VISITORS = 8, STEMS = PEOPLE + VISITORS, MERGES_MAX = 4000 };

typedef struct Edge {
    int64_t merge_id;
    int loser, winner; /* indexes of stems */
    bool active;
} Edge;

/* What must hold, from the stems up: no forest, no undo log, no ids of persons. */
typedef struct Model {
    int64_t stem[STEMS]; /* people first, then visitors */
    bool tied[STEMS];    /* a visitor that was identified */
    int tie[STEMS];      /* to which stem */
    Edge edges[MERGES_MAX];
    int edge_count;
    uint32_t denied[MERGES_MAX]; /* sets of stems that were one person when a no was given */
    int denied_count;
    int refused, undone;
} Model;

static int model_root(const Model *model, int index)
{
    if (index >= PEOPLE) {
        if (!model->tied[index]) return index;
        index = model->tie[index];
    }
    for (int i = 0; i < model->edge_count; i++) {
        const Edge *edge = &model->edges[i];
        if (!edge->active || edge->loser != index) continue;
        index = edge->winner;
        i = -1;
    }
    return index;
}

static uint32_t model_people(const Model *model, int root)
{
    uint32_t set = 0;
    for (int i = 0; i < PEOPLE; i++)
        if (model_root(model, i) == root) set |= 1u << i;
    return set;
}

static bool model_denied(const Model *model, int root)
{
    uint32_t set = model_people(model, root);
    for (int i = 0; i < model->denied_count; i++)
        if (model->denied[i] & set) return true;
    return false;
}

/* ---- steps ---- */

typedef struct Denial {
    People *people;
    int64_t stem;
} Denial;

static bool denial_run(Db *db, void *data, GError **error)
{
    const Denial *denial = data;
    ConsentInput input = {
        .stem = denial->stem,
        .channel = "email",
        .topic = "*",
        .state = CONSENT_DENIED,
        .actor = "test",
        .source_id = 1,
        .trust = TRUST_HAND,
        .occurred_at = clock_now_ms(),
        .received_at = clock_now_ms(),
    };
    return people_consent_put(denial->people, db, &input, error);
}

static void step_merge(World *world, Model *model, GRand *rand)
{
    int a = g_rand_int_range(rand, 0, PEOPLE), b = g_rand_int_range(rand, 0, PEOPLE);
    bool roots = model_root(model, a) == a && model_root(model, b) == b && a != b;
    int64_t merge_id = world_merge(world, model->stem[a], model->stem[b]);
    g_assert_true((merge_id != 0) == roots);
    if (!roots) {
        model->refused++;
        return;
    }
    model->edges[model->edge_count++] = (Edge){merge_id, b, a, true};
}

static void step_undo(World *world, Model *model, GRand *rand)
{
    if (!model->edge_count) return;
    Edge *edge = &model->edges[g_rand_int_range(rand, 0, model->edge_count)];
    g_assert_true(world_undo(world, edge->merge_id) == edge->active);
    if (edge->active) model->undone++;
    edge->active = false;
}

static void step_sight(World *world, Model *model, GRand *rand)
{
    char user[16], device[16];
    int a = g_rand_int_range(rand, 0, PEOPLE), v = g_rand_int_range(rand, PEOPLE, STEMS);
    g_snprintf(user, sizeof user, "user-%d", a);
    g_snprintf(device, sizeof device, "device-%d", v);
    ResolveResult who = world_resolve(
        world, (ResolveInput){.user_id = slice_of(user), .anonymous_id = slice_of(device)});
    g_assert_cmpint(who.stem, ==, model->stem[a]);
    g_assert_cmpint(who.person_id, ==, model->stem[model_root(model, a)]);
    if (model->tied[v]) return; /* shared devices stay with whom they were first */
    model->tied[v] = true;
    model->tie[v] = a;
}

static void step_deny(World *world, Model *model, GRand *rand)
{
    int a = g_rand_int_range(rand, 0, PEOPLE);
    if (model->denied_count > 12) return; /* else soon everybody is denied */
    Denial denial = {world->people, model->stem[model_root(model, a)]};
    world_write(world, denial_run, &denial);
    model->denied[model->denied_count++] = model_people(model, model_root(model, a));
}

/* ---- comparison ---- */

static void compare_stems(World *world, const Model *model, int root)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(world->people, model->stem[root], stems);
    guint want = 0;
    for (int i = 0; i < STEMS; i++)
        if (model_root(model, i) == root) want++;
    g_assert_cmpuint(stems->len, ==, want);
}

static void compare_consent(World *world, const Model *model, Db *db, int root)
{
    ConsentQuery query = {.person_id = model->stem[root],
                          .channel = "email",
                          .topic = "offers",
                          .at_ms = clock_now_ms(),
                          .known_at_ms = INT64_MAX};
    ConsentState state;
    g_assert_true(people_consent_state(world->people, db, &query, &state, NULL));
    g_assert_cmpint(state == CONSENT_DENIED, ==, model_denied(model, root));
}

static void compare_summary(World *world, Db *db, int64_t person_id, bool listed)
{
    g_auto(Summary) summary = {0};
    g_assert_true(people_summary_compute(world->people, db, person_id, &summary, NULL));
    g_assert_true(summary.listed == listed);
}

static void compare(World *world, const Model *model)
{
    Db *db = store_reader_begin(world->test->store, NULL);
    g_assert_nonnull(db);
    for (int i = 0; i < STEMS; i++) {
        int root = model_root(model, i);
        int64_t want = root < PEOPLE ? model->stem[root] : 0;
        g_assert_cmpint(people_person(world->people, model->stem[i]), ==, want);
        if (i < PEOPLE) compare_summary(world, db, model->stem[i], root == i);
        if (i >= PEOPLE || root != i) continue;
        compare_stems(world, model, i);
        compare_consent(world, model, db, i);
    }
    store_reader_end(world->test->store, db);
}

static void model_begin(World *world, Model *model)
{
    for (int i = 0; i < STEMS; i++) {
        char name[16];
        g_snprintf(name, sizeof name, i < PEOPLE ? "user-%d" : "device-%d", i);
        ResolveInput input = {.user_id = i < PEOPLE ? slice_of(name) : (Slice){0},
                              .anonymous_id = i < PEOPLE ? (Slice){0} : slice_of(name)};
        model->stem[i] = world_resolve(world, input).stem;
    }
}

static void random_merges_and_undos_match_the_stems(TestStore *test)
{
    World world;
    world_open(&world, test);
    g_autofree Model *model = g_new0(Model, 1);
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    clock_simulate(1750000000000);
    model_begin(&world, model);
    int steps = test->kind == DB_SQLITE ? 6000 : 1500;
    for (int step = 0; step < steps && model->edge_count < MERGES_MAX - 1; step++) {
        clock_advance(1000);
        int dice = g_rand_int_range(rand, 0, 100);
        if (dice < 45)
            step_merge(&world, model, rand);
        else if (dice < 85)
            step_undo(&world, model, rand);
        else if (dice < 99)
            step_sight(&world, model, rand);
        else
            step_deny(&world, model, rand);
        if (step % 10 == 0) compare(&world, model);
        if (step % 1000 == 999) world_reopen(&world);
    }
    compare(&world, model);
    g_test_message("%d steps: %d merges, %d refused, %d undone, %d denials", steps,
                   model->edge_count, model->refused, model->undone, model->denied_count);
    clock_restore();
    world_close(&world);
}

static void a_no_given_while_merged_stays_with_both(TestStore *test)
{
    World world;
    world_open(&world, test);
    clock_simulate(1750000000000);
    int64_t a = world_resolve(&world, (ResolveInput){.user_id = SLICE("a")}).person_id;
    int64_t b = world_resolve(&world, (ResolveInput){.user_id = SLICE("b")}).person_id;
    int64_t merge_id = world_merge(&world, a, b);
    clock_advance(1000);
    Denial denial = {world.people, a};
    world_write(&world, denial_run, &denial);
    clock_advance(1000);
    g_assert_true(world_undo(&world, merge_id));
    Db *db = store_reader_begin(test->store, NULL);
    for (int i = 0; i < 2; i++) {
        ConsentQuery query = {i ? b : a, NULL, "email", "x", clock_now_ms(), INT64_MAX};
        ConsentState state;
        g_assert_true(people_consent_state(world.people, db, &query, &state, NULL));
        g_assert_cmpint(state, ==, CONSENT_DENIED);
    }
    store_reader_end(test->store, db);
    clock_restore();
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/merge/random", random_merges_and_undos_match_the_stems);
    test_store_add("/people/merge/no_stays", a_no_given_while_merged_stays_with_both);
    return g_test_run();
}
