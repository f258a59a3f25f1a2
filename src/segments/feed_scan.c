#include "segments/feed_private.h"

#include "base/clock.h"

/* Ids are minted when something is received: what waits for the writer longer than this is lost in
 * no queue, it was answered with an error. */
#define FRESH_IDS ((int64_t)CLOCK_HOUR_MS << 22)

/* A reading by the scans of load*.c whose occurrences go to the columns. */
typedef struct Scan {
    Feed *feed;
    GHashTable *names; /* gint64 name_id -> FeedName; NULL: orders and refunds */
    GHashTable *ids;   /* gets what was read; may be NULL */
    int64_t ids_from;  /* only from this one on */
    Evaluation evaluation;
} Scan;

static const RuleField any_field = {(const char **)(void *)feed_order_paths, 1};

static void scan_take(void *data, const Seen *seen)
{
    Scan *scan = data;
    if (seen->source != TAP_EVENTS) {
        feed_append_bought(scan->feed, seen);
        return;
    }
    const FeedName *name = g_hash_table_lookup(scan->names, &seen->name_id);
    if (!name) return;
    if (scan->ids && seen->id >= scan->ids_from) feed_ids_add(scan->ids, seen->id);
    feed_append(scan->feed, name, seen);
}

static void scan_init(Scan *scan, Feed *feed, const GArray *stems)
{
    *scan = (Scan){.feed = feed};
    evaluation_init(&scan->evaluation, feed->segments, INT64_MAX);
    g_strlcpy(scan->evaluation.currency, feed->currency, CURRENCY_SIZE);
    scan->evaluation.stems = stems;
    scan->evaluation.sink = scan_take;
    scan->evaluation.sink_data = scan;
}

static void scan_clear(Scan *scan)
{
    evaluation_clear(&scan->evaluation);
    g_clear_pointer(&scan->names, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

/* A tap without a leaf: it makes the scan read, what it reads goes to the sink. */
static Tap *tap_add(Scan *scan, TapSource source)
{
    Tap *tap = g_new0(Tap, 1);
    tap->source = source;
    g_ptr_array_add(scan->evaluation.taps, tap);
    return tap;
}

/* ---- people ---- */

bool feed_read_people(Feed *feed, GError **error)
{
    g_auto(Scan) scan;
    scan_init(&scan, feed, NULL);
    if (!evaluation_business(&scan.evaluation, error)) return false;
    if (!load_people(&scan.evaluation, error)) return false;
    g_mutex_lock(&feed->lock);
    feed_crowd_unref(feed->crowd);
    feed->crowd = feed_crowd_new(scan.evaluation.people);
    g_strlcpy(feed->currency, scan.evaluation.currency, CURRENCY_SIZE);
    g_mutex_unlock(&feed->lock);
    return true;
}

/* ---- orders ---- */

static bool orders_scan(Feed *feed, const GArray *stems, GError **error)
{
    g_auto(Scan) scan;
    scan_init(&scan, feed, stems);
    tap_add(&scan, TAP_ORDERS);
    tap_add(&scan, TAP_REFUNDS);
    return load_orders(&scan.evaluation, error);
}

bool feed_read_orders(Feed *feed, GError **error)
{
    EventColumns *columns = feed->columns;
    g_mutex_lock(&feed->write);
    bool held =
        event_columns_hold(columns, FEED_NAME_ORDERS, feed_order_paths, FEED_ORDER_PATHS, NULL) &&
        event_columns_hold(columns, FEED_NAME_REFUNDS, feed_refund_paths, FEED_REFUND_PATHS, NULL);
    g_mutex_unlock(&feed->write);
    if (!held) return true; /* over the budget: by SQL */
    if (!orders_scan(feed, NULL, error)) return false;
    g_mutex_lock(&feed->write);
    event_columns_ready(columns, FEED_NAME_ORDERS, NULL);
    event_columns_ready(columns, FEED_NAME_REFUNDS, NULL);
    g_mutex_unlock(&feed->write);
    return true;
}

bool feed_reread_orders(Feed *feed, const GArray *stems, GError **error)
{
    g_mutex_lock(&feed->write);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        event_columns_clear(feed->columns, FEED_NAME_ORDERS, stem ? stem : FEED_TILL);
        event_columns_clear(feed->columns, FEED_NAME_REFUNDS, stem ? stem : FEED_TILL);
    }
    g_mutex_unlock(&feed->write);
    feed->changed = true;
    return orders_scan(feed, stems, error);
}

/* ---- events ---- */

static void name_tap(Scan *scan, const FeedName *name)
{
    Tap *tap = tap_add(scan, TAP_EVENTS);
    tap->name_id = name->name_id;
    tap->value = name->held->len ? &any_field : NULL;
}

/* Begins to hold what is marked; those that no budget allows stay with SQL. */
static void names_begin(Feed *feed, Scan *scan)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        FeedName *name = value;
        if (!name->again) continue;
        name->again = false;
        g_ptr_array_unref(name->held);
        name->held = g_ptr_array_ref(name->paths);
        g_mutex_lock(&feed->write);
        name->building =
            event_columns_hold(feed->columns, (uint32_t)name->name_id,
                               (const char *const *)name->held->pdata, name->held->len, NULL);
        g_mutex_unlock(&feed->write);
        if (!name->building) continue;
        g_hash_table_insert(scan->names, &name->name_id, name);
        name_tap(scan, name);
    }
    feed->wanted = false;
}

/* Makes what was read visible; what could not be read is read from the beginning later. */
static void names_end(Feed *feed, Scan *scan, bool done)
{
    GHashTableIter iter;
    gpointer value;
    if (!done) g_array_set_size(feed->deferred, 0);
    feed->wanted = feed->wanted || !done;
    g_hash_table_iter_init(&iter, scan->names);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        FeedName *name = value;
        name->building = false;
        name->again = name->again || !done;
        if (!done) continue;
        g_mutex_lock(&feed->write);
        event_columns_ready(feed->columns, (uint32_t)name->name_id, NULL);
        g_mutex_unlock(&feed->write);
    }
    feed->changed = true;
}

static bool nothing_run(Db *db, void *data, GError **error)
{
    (void)db, (void)data, (void)error;
    return true;
}

/* All groups stored so far have been told of. */
static bool barrier(Feed *feed, GError **error)
{
    return writer_call(store_writer(feed->options.store), WRITER_REST, nothing_run, NULL, error);
}

bool feed_read_names(Feed *feed, GError **error)
{
    g_auto(Scan) scan;
    g_autoptr(GHashTable) ids = feed_ids_new();
    g_mutex_lock(&feed->lock);
    scan_init(&scan, feed, NULL);
    scan.names = g_hash_table_new(g_int64_hash, g_int64_equal);
    scan.ids = ids;
    scan.ids_from = store_id_next(feed->options.store) - FRESH_IDS;
    names_begin(feed, &scan);
    g_mutex_unlock(&feed->lock);
    if (g_hash_table_size(scan.names) == 0) return true;
    bool done = load_events(&scan.evaluation, error) && barrier(feed, error);
    g_mutex_lock(&feed->lock);
    done = done && feed_drain(feed, NULL, error);
    names_end(feed, &scan, done);
    done = done && feed_drain_deferred(feed, ids, error);
    g_mutex_unlock(&feed->lock);
    return done;
}

bool feed_reread_events(Feed *feed, const GArray *stems, GHashTable *ret_ids, GError **error)
{
    GHashTableIter iter;
    gpointer value;
    g_auto(Scan) scan;
    scan_init(&scan, feed, stems);
    scan.names = g_hash_table_new(g_int64_hash, g_int64_equal);
    scan.ids = ret_ids;
    scan.ids_from = INT64_MIN;
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        FeedName *name = value;
        if (name->building) continue;
        g_hash_table_insert(scan.names, &name->name_id, name);
        name_tap(&scan, name);
        g_mutex_lock(&feed->write);
        for (guint i = 0; i < stems->len; i++)
            event_columns_clear(feed->columns, (uint32_t)name->name_id,
                                g_array_index(stems, int64_t, i));
        g_mutex_unlock(&feed->write);
    }
    feed->changed = true;
    return load_events(&scan.evaluation, error) && barrier(feed, error);
}
