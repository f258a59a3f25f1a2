/* Random grants, refusals, columns that say no, merges, undos and expiries against a plain model:
 * each address lives through its history in order of time and keeps what stands now. The model has
 * no rows, no stems and no SQL; the single answer and the count must both agree with it. */
#include "people/consent.h"
#include "people/people_test.h"
#include "people/permission_count.h"

enum { PAIRS = 12, PEOPLE = 2 * PAIRS, ACTS = 400, ACTS_MAX = ACTS * 4, SOURCES = 2, STEP_MS = 10 };

/* One thing that was said, as the model knows it. */
typedef struct ModelAct {
    ConsentState state;
    DenialReason reason;
    int address; /* whose address; -1 = the person as such */
    int person;  /* under whom it was said; -1 = only the address */
    int source;
    bool by_person;
    int64_t at, expires_at;
} ModelAct;

typedef struct Model {
    World world;
    int64_t stems[PEOPLE], merges[PAIRS], merged_at[PAIRS];
    ModelAct acts[ACTS_MAX];
    size_t act_count;
    int64_t now;
    int followed; /* counts that judged only who changed */
} Model;

static bool is_merged(const Model *model, int person) { return model->merges[person / 2] != 0; }

static bool same_person(const Model *model, int a, int b)
{
    return a == b || (a / 2 == b / 2 && is_merged(model, a));
}

/* ---- the model ---------------------------------------------------------------------------- */

/* What stands at one address after some of its history. */
typedef struct Standing {
    bool denied_address[DENIAL_REASONS], denied_person[DENIAL_REASONS];
    int64_t granted[SOURCES + 1][2]; /* until when; source (the last: the person), names address */
    bool has_grant[SOURCES + 1][2], declined[SOURCES], pending, expired;
} Standing;

static bool is_denied(const Standing *now)
{
    for (int i = 0; i < DENIAL_REASONS; i++)
        if (now->denied_address[i] || now->denied_person[i]) return true;
    return false;
}

static void grants_forget(Standing *now)
{
    memset(now->has_grant, 0, sizeof now->has_grant);
    memset(now->declined, 0, sizeof now->declined);
    now->pending = false;
}

static void grant_live(Standing *now, const ModelAct *act)
{
    int slot = act->by_person ? SOURCES : act->source, named = act->address >= 0;
    if (act->by_person) {
        if (named) memset(now->denied_address, 0, sizeof now->denied_address);
        memset(now->denied_person, 0, sizeof now->denied_person);
        memset(now->declined, 0, sizeof now->declined);
    } else {
        now->declined[act->source] = false;
    }
    int64_t until = act->expires_at ? act->expires_at : INT64_MAX;
    now->granted[slot][named] =
        now->has_grant[slot][named] ? MAX(until, now->granted[slot][named]) : until;
    now->has_grant[slot][named] = true;
}

static void act_live(Standing *now, const ModelAct *act)
{
    if (act->state == CONSENT_GRANTED) grant_live(now, act);
    if (act->state == CONSENT_PENDING) now->pending = true;
    if (act->state == CONSENT_DECLINED) {
        now->declined[act->source] = true;
        now->has_grant[act->source][0] = now->has_grant[act->source][1] = false;
    }
    if (act->state != CONSENT_DENIED) return;
    grants_forget(now);
    (act->address >= 0 ? now->denied_address : now->denied_person)[act->reason] = true;
}

/* Acts are kept in order of time. */
static Standing standing_of(const Model *model, int person, int address)
{
    Standing now = {0};
    for (size_t i = 0; i < model->act_count; i++) {
        const ModelAct *act = &model->acts[i];
        bool bears =
            act->address >= 0 ? act->address == address : same_person(model, act->person, person);
        if (bears) act_live(&now, act);
    }
    return now;
}

static bool grants_now(const Standing *now, int64_t at, bool named_only)
{
    for (int source = 0; source <= SOURCES; source++)
        for (int named = named_only; named < 2; named++)
            if (now->has_grant[source][named] && now->granted[source][named] > at) return true;
    return false;
}

static bool refuses(const Standing *now)
{
    for (int i = 0; i < DENIAL_REASONS; i++)
        if (i != DENIAL_BOUNCED && i != DENIAL_CLEANED &&
            (now->denied_address[i] || now->denied_person[i]))
            return true;
    return false;
}

/* Whether an address is refused for good: what shows is a wish, not only a dead mailbox. */
static bool model_may(const Model *model, int person)
{
    bool refused = false, may = false;
    for (int address = 0; address < PEOPLE; address++) {
        if (!same_person(model, person, address)) continue;
        Standing now = standing_of(model, person, address);
        refused |= refuses(&now);
    }
    for (int address = 0; address < PEOPLE; address++) {
        if (!same_person(model, person, address)) continue;
        Standing now = standing_of(model, person, address);
        may |= !is_denied(&now) && grants_now(&now, model->now, refused);
    }
    return may;
}

/* ---- the store ---------------------------------------------------------------------------- */

typedef struct Put {
    People *people;
    ConsentInput input;
} Put;

static bool put_run(Db *db, void *data, GError **error)
{
    Put *put = data;
    return people_consent_put(put->people, db, &put->input, error);
}

static void address_text(int person, char text[32]) { g_snprintf(text, 32, "p%d@x.de", person); }

static void model_add(Model *model, ModelAct act)
{
    g_assert_cmpuint(model->act_count, <, ACTS_MAX);
    model->acts[model->act_count++] = act;
}

static void act_store(Model *model, const ModelAct *act)
{
    char text[32];
    if (act->address >= 0) address_text(act->address, text);
    Put put = {model->world.people,
               {.stem = act->person < 0 ? 0 : model->stems[act->person],
                .address = act->address >= 0 ? text : NULL,
                .channel = "email",
                .topic = PERMISSION_TOPIC,
                .state = act->state,
                .reason = act->reason,
                .basis = "test",
                .actor = "test",
                .source_id = 100 + act->source,
                .trust = act->by_person ? TRUST_PERSON : TRUST_FILE,
                .occurred_at = act->at,
                .received_at = act->at,
                .expires_at = act->expires_at}};
    world_write(&model->world, put_run, &put);
}

static void act_random(Model *model)
{
    static const ConsentState states[] = {CONSENT_GRANTED, CONSENT_GRANTED, CONSENT_DENIED,
                                          CONSENT_PENDING, CONSENT_DECLINED};
    int person = g_test_rand_int_range(0, PEOPLE);
    ModelAct act = {.state = states[g_test_rand_int_range(0, G_N_ELEMENTS(states))],
                    .address = g_test_rand_int_range(0, 3) ? person : -1,
                    .person = person,
                    .source = g_test_rand_int_range(0, SOURCES),
                    .at = model->now};
    bool open = act.state == CONSENT_GRANTED || act.state == CONSENT_DENIED;
    act.by_person = open && g_test_rand_int_range(0, 3) == 0;
    if (act.state == CONSENT_DENIED && act.address >= 0)
        act.reason = (DenialReason)g_test_rand_int_range(0, DENIAL_ERASED);
    if (act.address >= 0 && g_test_rand_int_range(0, 4) == 0) act.person = -1;
    if (act.state == CONSENT_GRANTED && g_test_rand_int_range(0, 3) == 0)
        act.expires_at = model->now + g_test_rand_int_range(1, 60) * STEP_MS;
    act_store(model, &act);
    model_add(model, act);
    if (act.state != CONSENT_DENIED || act.address >= 0) return;
    for (int other = 0; other < PEOPLE; other++) { /* binds the addresses they have then */
        ModelAct bound = act;
        bound.address = other;
        if (same_person(model, person, other)) model_add(model, bound);
    }
}

/* ---- merges ------------------------------------------------------------------------------- */

typedef struct Join {
    Model *model;
    int pair;
} Join;

static bool join_run(Db *db, void *data, GError **error)
{
    Join *join = data;
    Model *model = join->model;
    int64_t winner = model->stems[2 * join->pair], loser = model->stems[2 * join->pair + 1];
    MergeInput input = {winner, loser, "by hand", "test", model->now};
    return people_merge(model->world.people, db, &input, &model->merges[join->pair], error);
}

static bool part_run(Db *db, void *data, GError **error)
{
    Join *join = data;
    MergeUndo undo = {join->model->merges[join->pair], "test", join->model->now};
    return people_merge_undo(join->model->world.people, db, &undo, error);
}

/* Whether a refusal of the person still stands, whatever came after it. */
static bool stands(const Model *model, const ModelAct *denial)
{
    for (size_t i = 0; i < model->act_count; i++) {
        const ModelAct *act = &model->acts[i];
        bool lifts = act->state == CONSENT_GRANTED && act->by_person && act->at > denial->at;
        if (lifts && act->person >= 0 && same_person(model, act->person, denial->person))
            return false;
    }
    return true;
}

/* A refusal of the person given while the two were one stays with both. */
static void part_model(Model *model, int pair)
{
    size_t count = model->act_count;
    for (size_t i = 0; i < count; i++) {
        ModelAct act = model->acts[i];
        if (act.state != CONSENT_DENIED || act.address >= 0 || act.person / 2 != pair) continue;
        if (act.at < model->merged_at[pair] || !stands(model, &act)) continue;
        act.person ^= 1;
        model_add(model, act);
    }
    model->merges[pair] = 0;
}

static int act_compare(const void *a, const void *b)
{
    int64_t x = ((const ModelAct *)a)->at, y = ((const ModelAct *)b)->at;
    return x < y ? -1 : x > y;
}

static void merge_random(Model *model)
{
    Join join = {model, g_test_rand_int_range(0, PAIRS)};
    if (!model->merges[join.pair]) {
        world_write(&model->world, join_run, &join);
        model->merged_at[join.pair] = model->now;
        return;
    }
    world_write(&model->world, part_run, &join);
    part_model(model, join.pair);
    qsort(model->acts, model->act_count, sizeof model->acts[0], act_compare);
}

/* ---- comparing ---------------------------------------------------------------------------- */

static void compare(Model *model)
{
    Db *db = store_reader_begin(model->world.test->store, NULL);
    for (int person = 0; person < PEOPLE; person++) {
        PermissionQuery query = {model->stems[person], NULL, "email", PERMISSION_TOPIC, model->now};
        Permission answer;
        g_assert_true(people_permission(model->world.people, db, &query, &answer, NULL));
        bool want = model_may(model, person);
        if (answer.may != want)
            g_test_message("person %d (merged %d) at %" G_GINT64_FORMAT ": %s", person,
                           is_merged(model, person), model->now,
                           permission_reason_name(answer.reason));
        g_assert_cmpint(answer.may, ==, want);
    }
    store_reader_end(model->world.test->store, db);
}

/* The count is of now: the model's clock is set to it, which lets everything run out. */
static void compare_count(Model *model)
{
    g_autoptr(PermissionCount) count =
        people_permission_count(model->world.people, "email", PERMISSION_TOPIC, NULL, NULL);
    g_assert_nonnull(count);
    model->now = count->at_ms;
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        for (int person = 0; person < PEOPLE; person++)
            if (model->stems[person] == entry->person_id)
                g_assert_cmpint(permission_may(entry->reason), ==, model_may(model, person));
    }
    compare(model);
}

/* A count that followed what changed is what counting everybody says. */
static void compare_kept(Model *model)
{
    g_autoptr(GError) error = NULL;
    People *people = model->world.people;
    g_autoptr(PermissionCount) kept =
        people_permission_count(people, "email", PERMISSION_TOPIC, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PermissionEntry));
    PermissionCount all = {
        .channel = kept->channel, .topic = kept->topic, .at_ms = kept->at_ms, .entries = entries};
    g_assert_true(permission_count_all(people, NULL, &all, &error));
    g_assert_cmpint(kept->entries->len, ==, entries->len);
    for (guint i = 0; i < entries->len; i++) {
        const PermissionEntry *a = &g_array_index(kept->entries, PermissionEntry, i);
        const PermissionEntry *b = &g_array_index(entries, PermissionEntry, i);
        g_assert_cmpint(a->person_id, ==, b->person_id);
        g_assert_cmpstr(permission_reason_name(a->reason), ==, permission_reason_name(b->reason));
        g_assert_cmpint(a->expires_at, ==, b->expires_at);
        g_assert_cmpint(a->law, ==, b->law);
    }
    model->followed += kept->full_ms != kept->at_ms;
}

static void a_random_history(TestStore *test)
{
    Model *model = g_new0(Model, 1);
    world_open(&model->world, test);
    for (int i = 0; i < PEOPLE; i++) {
        char text[32], user[32];
        address_text(i, text);
        g_snprintf(user, sizeof user, "u%d", i);
        ResolveInput input = {.user_id = slice_of(user), .email = slice_of(text)};
        model->stems[i] = world_resolve(&model->world, input).stem;
    }
    model->now = clock_now_ms() - CLOCK_DAY_MS;
    for (int i = 0; i < ACTS; i++) {
        model->now += STEP_MS;
        if (g_test_rand_int_range(0, 5) == 0)
            merge_random(model);
        else
            act_random(model);
        if (i % 8 == 0) compare(model);
        if (i % 3 == 0) compare_kept(model);
    }
    compare(model);
    compare_count(model);
    g_assert_cmpint(model->followed, >, 0); /* else everybody was counted each time */
    world_close(&model->world);
    g_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/permission/model", a_random_history);
    return g_test_run();
}
