/* The Nth call to the database fails, for every N, until the work goes through untouched: after
 * each failure memory and database say the same, and nothing is half-done. */
#include "people/consent.h"
#include "people/erase.h"
#include "people/people_test.h"
#include "people/person.h"
#include "people/trait.h"
#include "store/fault.h"

typedef struct Work {
    World *world;
    int64_t round; /* gives each attempt names of its own */
    int64_t a, b;
} Work;

static bool resolve_all(Work *work, Db *db, GError **error)
{
    char user[40], device[40], email[40];
    g_snprintf(user, sizeof user, "user-%" G_GINT64_FORMAT, work->round);
    g_snprintf(device, sizeof device, "device-%" G_GINT64_FORMAT, work->round);
    g_snprintf(email, sizeof email, "guest%" G_GINT64_FORMAT "@x.de", work->round);
    ResolveInput calls[] = {
        {.user_id = slice_of(user), .anonymous_id = slice_of(device)},
        {.email = slice_of(email)},
        {.user_id = slice_of(user), .email = slice_of(email)}, /* joins the two */
    };
    ResolveResult who;
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        calls[i].source_id = calls[i].shop_id = 1;
        calls[i].trust = TRUST_INGEST;
        calls[i].at = clock_now_ms();
        if (!people_resolve(work->world->people, db, &calls[i], &who, error)) return false;
    }
    work->a = who.person_id;
    return true;
}

static bool facts_put(Work *work, Db *db, GError **error)
{
    TraitValue trait = {SLICE("name"), SLICE("\"Ann\"")};
    TraitReport report = {work->a, 1, TRUST_FILE, 1, 1, &trait, 1};
    ConsentInput consent = {.stem = work->a,
                            .channel = "email",
                            .topic = "*",
                            .state = CONSENT_GRANTED,
                            .actor = "test",
                            .source_id = 1,
                            .trust = TRUST_FILE,
                            .occurred_at = 1,
                            .received_at = 1};
    return people_traits_put(work->world->people, db, &report, NULL, error) &&
           people_consent_put(work->world->people, db, &consent, error);
}

static bool work_run(Db *db, void *data, GError **error)
{
    Work *work = data;
    int64_t erasure_id;
    if (!resolve_all(work, db, error) || !facts_put(work, db, error)) return false;
    return work->round % 2 == 0 ||
           people_erase(work->world->people, db, work->a, &erasure_id, error);
}

/* True when the unit met the failure. */
static bool attempt(World *world, Work *work, int64_t nth)
{
    g_autoptr(GError) error = NULL;
    store_fault_at(nth);
    bool done = writer_call(store_writer(world->test->store), WRITER_REST, work_run, work, &error);
    bool hit = store_fault_hit();
    store_fault_at(0);
    g_assert_true(done || hit);
    return hit;
}

static void every_call_may_fail(TestStore *test)
{
    World world;
    world_open(&world, test);
    int64_t failed = 0;
    for (int64_t kind = 0; kind < 2; kind++) {
        for (int64_t nth = 1;; nth++) {
            Work work = {.world = &world, .round = nth * 2 + kind};
            bool hit = attempt(&world, &work, nth);
            g_assert_cmpint(world_verify(&world), ==, 0);
            if (!hit) break;
            failed++;
        }
    }
    g_test_message("%" G_GINT64_FORMAT " calls failed once", failed);
    g_assert_cmpint(failed, >, 40);
    PeopleSize before = people_size(world.people);
    world_reopen(&world);
    PeopleSize after = people_size(world.people);
    g_assert_cmpuint(before.identities, ==, after.identities);
    g_assert_cmpuint(before.links, ==, after.links);
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/fault", every_call_may_fail);
    return g_test_run();
}
