/* people/people_test.h: what the tests of this folder share. Not part of the product.
 *
 *     World world; world_open(&world, test);
 *     ResolveResult who = world_resolve(&world, (ResolveInput){.user_id = SLICE("u"), …});
 *     world_close(&world);
 */
#pragma once
#include "base/clock.h"
#include "people/merge.h"
#include "people/people.h"
#include "people/resolve.h"
#include "people/verify.h"
#include "store/store.h"
#include "store/testdb.h"

typedef struct World {
    TestStore *test;
    People *people;
} World;

static inline void world_open(World *world, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    world->test = test;
    world->people = people_open(test->store, &error);
    g_assert_no_error(error);
}

/* Every test ends with a store that `kith verify` finds whole. */
static inline int world_verify(World *world);
static inline void world_close(World *world)
{
    g_assert_cmpint(world_verify(world), ==, 0);
    people_free(world->people);
}

/* The same store as another process start sees it. */
static inline void world_reopen(World *world)
{
    world_close(world);
    test_store_reopen(world->test);
    world_open(world, world->test);
}

static inline void world_write(World *world, WriterRun run, void *data)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(world->test->store), WRITER_REST, run, data, &error);
    g_assert_no_error(error);
}

typedef struct WorldResolve {
    People *people;
    const ResolveInput *input;
    ResolveResult result;
    bool fail_after; /* the unit is made to fail after it resolved */
} WorldResolve;

static inline bool world_resolve_run(Db *db, void *data, GError **error)
{
    WorldResolve *call = data;
    if (!people_resolve(call->people, db, call->input, &call->result, error)) return false;
    if (call->fail_after) return fail(error, KITH_ERROR_INTERNAL, "made to fail");
    return true;
}

static inline ResolveResult world_resolve(World *world, ResolveInput input)
{
    if (!input.trust) input.trust = TRUST_INGEST;
    if (!input.at) input.at = clock_now_ms();
    input.source_id = input.shop_id = 1;
    WorldResolve call = {world->people, &input, {0}, false};
    world_write(world, world_resolve_run, &call);
    return call.result;
}

static inline int64_t world_who(World *world, IdentityKind kind, const char *value)
{
    return people_find(world->people, kind, 1, slice_of(value));
}

typedef struct WorldMerge {
    People *people;
    int64_t winner, loser, merge_id;
    int64_t undo; /* merge to undo instead */
} WorldMerge;

static inline bool world_merge_run(Db *db, void *data, GError **error)
{
    WorldMerge *call = data;
    MergeUndo undo = {call->undo, "test", clock_now_ms()};
    if (call->undo) return people_merge_undo(call->people, db, &undo, error);
    MergeInput input = {call->winner, call->loser, "by hand", "test", clock_now_ms()};
    return people_merge(call->people, db, &input, &call->merge_id, error);
}

/* The merge's id, or 0 when it was refused. */
static inline int64_t world_merge(World *world, int64_t winner, int64_t loser)
{
    WorldMerge call = {world->people, winner, loser, 0, 0};
    Writer *writer = store_writer(world->test->store);
    return writer_call(writer, WRITER_REST, world_merge_run, &call, NULL) ? call.merge_id : 0;
}

static inline bool world_undo(World *world, int64_t merge_id)
{
    WorldMerge call = {world->people, 0, 0, 0, merge_id};
    Writer *writer = store_writer(world->test->store);
    return writer_call(writer, WRITER_REST, world_merge_run, &call, NULL);
}

/* Breaches that `kith verify` would show. */
static inline int world_verify(World *world)
{
    g_autoptr(GError) error = NULL;
    g_auto(Findings) findings = {0};
    findings_init(&findings);
    people_verify(world->people, &findings, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < findings.texts->len; i++)
        g_test_message("%s", (char *)findings.texts->pdata[i]);
    return (int)findings.wrong;
}
