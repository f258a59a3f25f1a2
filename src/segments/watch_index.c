#include "segments/watch_private.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "segments/watch_sql.h"
#include "timeline/payload.h"

#include <string.h>

void watched_free(Watched *watched)
{
    if (!watched) return;
    g_free(watched->name);
    g_free(watched->told);
    rule_free(watched->rule);
    g_free(watched);
}

/* NULL, and the segment is left alone, where its name makes no payload. */
static char *told_make(const Watched *watched)
{
    char segment[ID_TEXT_SIZE];
    id_format(watched->segment_id, segment);
    json_t *properties = json_pack("{s:s, s:s, s:I}", "segment", watched->name, "segment_id",
                                   segment, "version", (json_int_t)watched->version);
    char *told = payload_from_json(properties, NULL);
    json_decref(properties);
    return told;
}

static bool rows_read(Db *db, GPtrArray *list, GError **error)
{
    WatchSegmentsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_watch_segments_open(db, &cursor, error)) return false;
    while (sql_watch_segments_next(&cursor, &row)) {
        Watched *watched = g_new0(Watched, 1);
        *watched = (Watched){.segment_id = row.segment_id,
                             .version = row.version,
                             .recorded = row.recorded.set ? row.recorded.value : 0,
                             .notify = row.notify != 0,
                             .name = g_strdup(row.name),
                             .rule = rule_parse(slice_of(row.rule), NULL, NULL)};
        watched->told = told_make(watched);
        g_ptr_array_add(list, watched);
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- masks ---- */

static void mask_set(WatchMask *mask, guint i) { mask->words[i / 64] |= UINT64_C(1) << i % 64; }

static void mask_or(WatchMask *mask, const WatchMask *other)
{
    for (int i = 0; i < WATCH_WORDS; i++)
        mask->words[i] |= other->words[i];
}

static bool mask_is_empty(const WatchMask *mask)
{
    uint64_t all = 0;
    for (int i = 0; i < WATCH_WORDS; i++)
        all |= mask->words[i];
    return all == 0;
}

static WatchMask *name_mask(WatchIndex *index, int64_t name_id)
{
    gpointer key = GINT_TO_POINTER((int)name_id);
    WatchMask *mask = g_hash_table_lookup(index->names, key);
    if (mask) return mask;
    mask = g_new0(WatchMask, 1);
    g_hash_table_insert(index->names, key, mask);
    return mask;
}

/* ---- what rules look at ---- */

static void index_add(WatchIndex *index, const Evaluation *evaluation, guint rule)
{
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->source == TAP_EVENTS && !tap->name_id)
            mask_set(&index->events, rule);
        else if (tap->source == TAP_EVENTS)
            mask_set(name_mask(index, tap->name_id), rule);
        else
            mask_set(&index->orders, rule);
    }
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        const Leaf *leaf = evaluation->leaves->pdata[i];
        if (leaf->kind == RULE_TAG) mask_set(&index->tags, rule);
        if (leaf->list_id != 0) mask_set(&index->lists, rule);
        bool consent = leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED;
        if (consent) mask_set(&index->consents, rule);
        if (leaf->kind == RULE_CONSENT) mask_set(&index->orders, rule); /* existing customers */
    }
    if (evaluation->columns->len > 0) mask_set(&index->traits, rule);
    mask_set(&index->any, rule);
}

/* A rule that cannot be judged any more (a segment it names is gone) is left alone. */
static bool index_rule(Watch *watch, WatchIndex *index, Watched *watched, guint rule)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, watch->segments, 0);
    bool known = watched->rule && watched->told && evaluation_business(&evaluation, NULL) &&
                 plan_rule(&evaluation, watched->rule, NULL);
    if (!known) return false;
    index_add(index, &evaluation, rule);
    for (guint i = 0; i < evaluation.leaves->len; i++)
        watched->ranked = watched->ranked || leaf_is_shared(evaluation.leaves->pdata[i]);
    return true;
}

static void hints_widen(Watch *watch)
{
    GHashTableIter iter;
    gpointer hint;
    g_hash_table_iter_init(&iter, watch->hints);
    while (g_hash_table_iter_next(&iter, NULL, &hint)) {
        memset(&((WatchHint *)hint)->rules, 0xff, sizeof(WatchMask));
        ((WatchHint *)hint)->whole = false;
    }
}

void watch_hints_widen(Watch *watch)
{
    g_mutex_lock(&watch->mutex);
    hints_widen(watch);
    g_mutex_unlock(&watch->mutex);
}

/* The places of the rules are others now. */
static void index_set(Watch *watch, WatchIndex *index)
{
    g_mutex_lock(&watch->mutex);
    GHashTable *older = watch->index.names;
    watch->index = *index;
    watch->state.watched = watch->watched->len;
    hints_widen(watch);
    g_mutex_unlock(&watch->mutex);
    if (older) g_hash_table_unref(older);
}

bool watch_read(Watch *watch, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)watched_free);
    Store *store = segments_store(watch->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = rows_read(db, list, error);
    store_reader_end(store, db);
    if (!done) return false;
    WatchIndex index = {.names =
                            g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free)};
    for (guint i = 0; i < list->len;)
        if (index_rule(watch, &index, list->pdata[i], i))
            i++;
        else
            g_ptr_array_remove_index(list, i);
    if (watch->watched) g_ptr_array_unref(watch->watched);
    watch->watched = g_steal_pointer(&list);
    watch_memory_clear(watch->memory);
    index_set(watch, &index);
    return true;
}

/* ---- which rules a change concerns ---- */

static WatchMask concerned(const WatchIndex *index, const StoreChange *change)
{
    WatchMask mask = {0};
    const WatchMask *named = NULL;
    switch (change->kind) {
    case CHANGE_EVENT:
        named = g_hash_table_lookup(index->names, GINT_TO_POINTER((int)change->name_id));
        mask = index->events;
        if (named) mask_or(&mask, named);
        return mask;
    case CHANGE_ORDER:
        return index->orders;
    case CHANGE_TRAIT:
        return index->traits;
    case CHANGE_TAG:
        return index->tags;
    case CHANGE_LIST:
        return index->lists;
    case CHANGE_CONSENT:
        return index->consents;
    case CHANGE_PERSON:
        return index->any;
    case CHANGE_KINDS:
        break;
    }
    return mask;
}

static void hint_add(Watch *watch, int64_t person, int64_t at, const WatchMask *rules)
{
    WatchHint *hint = g_hash_table_lookup(watch->hints, &person);
    if (!hint) {
        hint = g_new(WatchHint, 1);
        *hint = (WatchHint){.person = person, .at = INT64_MAX};
        g_hash_table_insert(watch->hints, &hint->person, hint);
    }
    hint->notes++;
    hint->at = MIN(hint->at, at);
    mask_or(&hint->rules, rules);
}

bool watch_concerns(Watch *watch, const StoreChange *change, int64_t person, int64_t stem)
{
    g_mutex_lock(&watch->mutex);
    WatchMask rules = concerned(&watch->index, change);
    bool concerns = !mask_is_empty(&rules);
    if (concerns && person) hint_add(watch, person, change->at, &rules);
    if (concerns && stem) hint_add(watch, stem, change->at, &rules);
    g_mutex_unlock(&watch->mutex);
    return concerns;
}

/* What was noted after the row was read is not judged yet: then the hint stays as it is. */
WatchMask watch_hint_take(Watch *watch, int64_t person, int64_t revision)
{
    WatchMask rules;
    memset(&rules, 0xff, sizeof rules);
    g_mutex_lock(&watch->mutex);
    WatchHint *hint = g_hash_table_lookup(watch->hints, &person);
    bool same = hint && hint->notes == revision;
    if (same || (hint && hint->whole && hint->notes > revision)) rules = hint->rules;
    if (same) {
        hint->rules = (WatchMask){0};
        hint->at = INT64_MAX;
        hint->whole = true;
    }
    g_mutex_unlock(&watch->mutex);
    return rules;
}

void watch_hint_drop(Watch *watch, int64_t person)
{
    g_mutex_lock(&watch->mutex);
    g_hash_table_remove(watch->hints, &person);
    g_mutex_unlock(&watch->mutex);
}

/* What was noted before the hint began was judged by all rules. */
int64_t watch_hint_follow(Watch *watch, int64_t person, int64_t revision)
{
    int64_t at = INT64_MAX;
    g_mutex_lock(&watch->mutex);
    WatchHint *hint = g_hash_table_lookup(watch->hints, &person);
    if (hint) {
        hint->notes = revision;
        hint->whole = true;
        at = hint->at;
    }
    g_mutex_unlock(&watch->mutex);
    return at;
}
