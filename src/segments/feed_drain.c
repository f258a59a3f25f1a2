#include "segments/feed_private.h"

#include "base/error.h"
#include "base/ids.h"

GHashTable *feed_ids_new(void)
{
    return g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
}

void feed_ids_add(GHashTable *ids, int64_t id)
{
    if (!g_hash_table_contains(ids, &id)) g_hash_table_add(ids, g_memdup2(&id, sizeof id));
}

static GArray *ids_list(GHashTable *ids)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, ids);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_array_append_val(list, *(int64_t *)key);
    return list;
}

void feed_again_init(FeedAgain *again)
{
    *again = (FeedAgain){.people = feed_ids_new(),
                         .orders = feed_ids_new(),
                         .events = feed_ids_new(),
                         .traits = feed_ids_new(),
                         .later = feed_ids_new()};
}

void feed_again_clear(FeedAgain *again)
{
    g_hash_table_unref(again->people);
    g_hash_table_unref(again->orders);
    g_hash_table_unref(again->events);
    g_hash_table_unref(again->traits);
    g_hash_table_unref(again->later);
}

void feed_again_drop(FeedAgain *again)
{
    g_hash_table_remove_all(again->people);
    g_hash_table_remove_all(again->orders);
    g_hash_table_remove_all(again->events);
    g_hash_table_remove_all(again->traits);
    g_hash_table_remove_all(again->later);
}

static bool building(const Feed *feed)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((const FeedName *)value)->building) return true;
    return false;
}

/* A name that never was: everything of it comes by the queue. */
static FeedName *name_begin(Feed *feed, int64_t name_id)
{
    FeedName *name = feed_name_add(feed, name_id);
    name->again = false;
    g_mutex_lock(&feed->write);
    if (event_columns_hold(feed->columns, (uint32_t)name_id, NULL, 0, NULL))
        event_columns_ready(feed->columns, (uint32_t)name_id, NULL);
    g_mutex_unlock(&feed->write);
    return name;
}

static void defer(Feed *feed, FeedOp *op)
{
    g_array_append_val(feed->deferred, *op);
    op->payload = NULL; /* moved */
}

static void event_apply(Feed *feed, FeedOp *op, GHashTable *skip)
{
    if (op->flags & EVENT_EVIDENCE) return;
    if (skip && g_hash_table_contains(skip, &op->id)) return;
    FeedName *name = g_hash_table_lookup(feed->names, &op->name_id);
    if (!name) name = name_begin(feed, op->name_id);
    if (name->building) {
        defer(feed, op);
        return;
    }
    json_t *payload = name->held->len ? event_payload(op->payload, op->flags) : NULL;
    Seen seen = {.source = TAP_EVENTS,
                 .name_id = op->name_id,
                 .stem = op->stem,
                 .at = op->at,
                 .id = op->id,
                 .payload = payload};
    feed_append(feed, name, &seen);
    json_decref(payload);
    feed->changed = true;
}

static void person_apply(FeedAgain *again, int64_t stem, bool building)
{
    feed_ids_add(again->traits, stem);
    if (building) feed_ids_add(again->later, stem);
}

static bool op_apply(Feed *feed, FeedOp *op, GHashTable *skip)
{
    FeedAgain *again = &feed->again;
    switch (op->kind) {
    case FEED_EVENT:
        event_apply(feed, op, skip);
        return true;
    case FEED_EVENTS:
        feed_ids_add(again->events, op->stem);
        if (building(feed)) defer(feed, op);
        return true;
    case FEED_ORDERS:
        feed_ids_add(again->orders, op->stem);
        return true;
    case FEED_PERSON:
        feed_ids_add(again->people, op->stem);
        person_apply(again, op->stem, feed_traits_building(feed));
        return true;
    case FEED_TRAITS:
        person_apply(again, op->stem, feed_traits_building(feed));
        return true;
    case FEED_PURGE:
        again->purge = true;
        return true;
    case FEED_STALE:
        feed->stale = true;
        return false;
    case FEED_OPS:
        break;
    }
    g_assert_not_reached();
}

static bool ops_apply(Feed *feed, GArray *ops, GHashTable *skip)
{
    for (guint i = 0; i < ops->len; i++)
        if (!op_apply(feed, &g_array_index(ops, FeedOp, i), skip)) return false;
    return true;
}

/* What is read again may have been queued as well: the ids read are skipped in the queue as it is
 * after the reading. */
static bool events_again(Feed *feed, GError **error)
{
    GHashTable *events = feed->again.events;
    while (g_hash_table_size(events) > 0) {
        g_autoptr(GHashTable) ids = feed_ids_new();
        g_autoptr(GArray) stems = ids_list(events);
        if (!feed_reread_events(feed, stems, ids, error)) return false;
        g_hash_table_remove_all(events);
        g_autoptr(GArray) ops = feed_queue_take(feed->queue);
        if (!ops_apply(feed, ops, ids)) return false;
    }
    return true;
}

typedef bool (*Reread)(Feed *feed, const GArray *stems, GError **error);

static bool set_again(Feed *feed, GHashTable *set, Reread reread, GError **error)
{
    if (g_hash_table_size(set) == 0) return true;
    g_autoptr(GArray) stems = ids_list(set);
    if (!reread(feed, stems, error)) return false;
    g_hash_table_remove_all(set);
    return true;
}

static bool again_run(Feed *feed, GError **error)
{
    FeedAgain *again = &feed->again;
    return events_again(feed, error) && feed_crowd_touch(feed, again->people, error) &&
           set_again(feed, again->orders, feed_reread_orders, error) &&
           set_again(feed, again->traits, feed_reread_traits, error);
}

static bool ops_run(Feed *feed, GArray *ops, GHashTable *skip, GError **error)
{
    bool done = ops_apply(feed, ops, skip) && again_run(feed, error);
    if (!done && error && !*error)
        return fail(error, KITH_ERROR_UNAVAILABLE, "what changed is not known: all is read anew");
    return done;
}

bool feed_drain(Feed *feed, GHashTable *skip, GError **error)
{
    g_autoptr(GArray) ops = feed_queue_take(feed->queue);
    return ops_run(feed, ops, skip, error);
}

bool feed_drain_deferred(Feed *feed, GHashTable *skip, GError **error)
{
    g_autoptr(GArray) ops = feed->deferred;
    feed->deferred = feed_ops_new();
    return ops_run(feed, ops, skip, error);
}
