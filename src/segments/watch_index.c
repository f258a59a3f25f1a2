#include "segments/fill.h"
#include "segments/watch_private.h"

#include "base/error.h"
#include "base/text.h"
#include "segments/watch_sql.h"

void watched_free(Watched *watched)
{
    if (!watched) return;
    g_free(watched->name);
    rule_free(watched->rule);
    g_free(watched);
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
        g_ptr_array_add(list, watched);
    }
    return db_cursor_finish(&cursor, error);
}

static void index_add(WatchIndex *index, const Evaluation *evaluation)
{
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->source == TAP_EVENTS && !tap->name_id)
            index->events = true; /* a name that did not come in yet */
        else if (tap->source == TAP_EVENTS)
            g_hash_table_add(index->names, GINT_TO_POINTER((int)tap->name_id));
        else
            index->orders = true;
    }
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        const Leaf *leaf = evaluation->leaves->pdata[i];
        index->tags = index->tags || leaf->kind == RULE_TAG;
        index->lists = index->lists || leaf->list_id != 0;
        bool consent = leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED;
        index->consents = index->consents || consent;
        index->orders = index->orders || leaf->kind == RULE_CONSENT; /* existing customers */
    }
    index->traits = index->traits || evaluation->columns->len > 0;
    index->any = true;
}

/* A rule that cannot be judged any more (a segment it names is gone) is left alone. */
static bool index_rule(Watch *watch, WatchIndex *index, const Watched *watched)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, watch->segments, 0);
    bool known = watched->rule && evaluation_business(&evaluation, NULL) &&
                 plan_rule(&evaluation, watched->rule, NULL);
    if (known) index_add(index, &evaluation);
    return known;
}

static bool is_own(const RuleEvent *event)
{
    Slice name = event->name ? slice_of(event->name) : (Slice){0};
    return text_equal_ascii_case(name, SLICE("Segment Entered")) ||
           text_equal_ascii_case(name, SLICE("Segment Exited"));
}

static bool node_hears_own(const RuleNode *node)
{
    if (is_own(&node->event) || is_own(&node->to)) return true;
    for (uint32_t i = 0; i < node->step_count; i++)
        if (is_own(&node->steps[i].event)) return true;
    for (uint32_t i = 0; i < node->item_count; i++)
        if (node_hears_own(node->items[i])) return true;
    return false;
}

bool watch_check(Segments *segments, const char *text, GError **error)
{
    gpointer inner;
    GHashTableIter iter;
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, 0);
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, error);
    if (!rule || !evaluation_business(&evaluation, error) || !plan_rule(&evaluation, rule, error))
        return false;
    bool hears = node_hears_own(rule->root);
    g_hash_table_iter_init(&iter, evaluation.inner_of);
    while (g_hash_table_iter_next(&iter, NULL, &inner))
        hears = hears || node_hears_own(((const Rule *)inner)->root);
    Feed *feed = segments->options.feed;
    if (!hears) return !feed || fill_want(&evaluation, feed, FEED_KEPT, error);
    return fail(error, KITH_ERROR_INVALID,
                "a rule about \"Segment Entered\" or \"Segment Exited\" cannot be watched: the "
                "record itself writes such events, so that it could lead back to itself");
}

static void index_set(Watch *watch, WatchIndex *index)
{
    g_mutex_lock(&watch->mutex);
    GHashTable *older = watch->index.names;
    watch->index = *index;
    watch->state.watched = watch->watched->len;
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
    WatchIndex index = {.names = g_hash_table_new(g_direct_hash, g_direct_equal)};
    for (guint i = list->len; i > 0; i--)
        if (!index_rule(watch, &index, list->pdata[i - 1])) g_ptr_array_remove_index(list, i - 1);
    if (watch->watched) g_ptr_array_unref(watch->watched);
    watch->watched = g_steal_pointer(&list);
    index_set(watch, &index);
    return true;
}

bool watch_concerns(Watch *watch, const StoreChange *change)
{
    g_mutex_lock(&watch->mutex);
    const WatchIndex *index = &watch->index;
    bool concerns = false;
    switch (change->kind) {
    case CHANGE_EVENT:
        concerns = index->events ||
                   g_hash_table_contains(index->names, GINT_TO_POINTER((int)change->name_id));
        break;
    case CHANGE_ORDER:
        concerns = index->orders;
        break;
    case CHANGE_TRAIT:
        concerns = index->traits;
        break;
    case CHANGE_TAG:
        concerns = index->tags;
        break;
    case CHANGE_LIST:
        concerns = index->lists;
        break;
    case CHANGE_CONSENT:
        concerns = index->consents;
        break;
    case CHANGE_PERSON:
        concerns = index->any;
        break;
    case CHANGE_KINDS:
        break;
    }
    g_mutex_unlock(&watch->mutex);
    return concerns;
}
