#include "segments/feed_private.h"

enum { FEED_RETRY_US = 2 * G_USEC_PER_SEC, FEED_LOOK_US = 5 * G_USEC_PER_SEC };

/* ---- names ---- */

static void name_free(gpointer data)
{
    FeedName *name = data;
    g_ptr_array_unref(name->paths);
    g_ptr_array_unref(name->held);
    g_free(name);
}

FeedName *feed_name_add(Feed *feed, int64_t name_id)
{
    FeedName *name = g_hash_table_lookup(feed->names, &name_id);
    if (name) return name;
    name = g_new0(FeedName, 1);
    name->name_id = name_id;
    name->paths = g_ptr_array_new_with_free_func(g_free);
    name->held = g_ptr_array_new_with_free_func(g_free);
    name->again = true;
    g_hash_table_insert(feed->names, &name->name_id, name);
    return name;
}

/* ---- reading everything ---- */

EventColumnsOptions feed_columns_options(const Feed *feed)
{
    EventColumnsOptions options = {.bytes_max = feed->options.bytes_max,
                                   .properties_max = LIMIT_FEED_PROPERTIES};
    memcpy(options.key, store_secret(feed->options.store, "columns"), sizeof options.key);
    return options;
}

static EventColumns *columns_make(const Feed *feed)
{
    EventColumnsOptions options = feed_columns_options(feed);
    return event_columns_new(&options);
}

/* Everything stored by now will be read: what is queued about it is not needed. */
static void everything_begin(Feed *feed)
{
    g_autoptr(GArray) names = names_list(timeline_names(feed->options.timeline));
    g_array_unref(feed_queue_take(feed->queue));
    feed->stale = false;
    g_array_set_size(feed->deferred, 0);
    feed_again_drop(&feed->again);
    g_mutex_lock(&feed->write);
    g_clear_pointer(&feed->columns, event_columns_free);
    feed->columns = columns_make(feed);
    g_mutex_unlock(&feed->write);
    for (guint i = 0; i < names->len; i++)
        feed_name_add(feed, g_array_index(names, NameInfo, i).name_id);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((FeedName *)value)->again = true;
    for (guint i = 0; i < feed->traits->len; i++)
        ((FeedTrait *)feed->traits->pdata[i])->again = true;
    feed->wanted = true;
}

static bool everything_read(Feed *feed, GError **error)
{
    return feed_read_people(feed, error) && feed_read_orders(feed, error) &&
           feed_read_names(feed, error) && feed_read_traits(feed, error);
}

/* Until it is worth trying again; `lock` is held. */
static void retry_wait(Feed *feed)
{
    int64_t until = g_get_monotonic_time() + FEED_RETRY_US;
    if (!feed->stop) g_cond_wait_until(&feed->wake, &feed->lock, until);
}

/* `lock` is held, and let go meanwhile. */
static void everything_run(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    g_atomic_int_set(&feed->ready, 0);
    if (feed_snapshot_load(feed)) {
        g_atomic_int_set(&feed->ready, 1);
        g_mutex_unlock(&feed->lock);
        feed_want_ahead(feed);
        g_mutex_lock(&feed->lock);
        return;
    }
    everything_begin(feed);
    g_mutex_unlock(&feed->lock);
    feed_want_ahead(feed);
    bool done = everything_read(feed, &error);
    g_mutex_lock(&feed->lock);
    feed->rebuilds++;
    done = done && !feed->stale && feed_drain(feed, NULL, NULL);
    if (!done) feed->stale = true;
    if (done) g_atomic_int_set(&feed->ready, 1);
    if (!done) retry_wait(feed);
}

/* `lock` is held, and let go meanwhile. */
static void anew_run(Feed *feed)
{
    feed->anew = false;
    feed_let_go(feed);
    g_mutex_unlock(&feed->lock);
    feed_want_ahead(feed);
    g_mutex_lock(&feed->lock);
}

static void wanted_run(Feed *feed)
{
    g_mutex_unlock(&feed->lock);
    bool done = feed_read_names(feed, NULL) && feed_read_traits(feed, NULL);
    g_mutex_lock(&feed->lock);
    if (!done) retry_wait(feed);
}

static void publish(Feed *feed)
{
    if (!feed->changed) return;
    g_mutex_lock(&feed->write);
    event_columns_publish(feed->columns, 0);
    g_mutex_unlock(&feed->write);
    feed->changed = false;
}

/* What was said of somebody who was erased leaves memory, not only sight. */
static void purge_run(Feed *feed)
{
    if (!feed_drain(feed, NULL, NULL)) {
        retry_wait(feed);
        return;
    }
    publish(feed);
    feed->again.purge = false;
    g_mutex_unlock(&feed->lock);
    event_columns_fold(feed->columns); /* replaced by this thread alone */
    g_mutex_lock(&feed->lock);
}

static void *feed_main(void *data)
{
    Feed *feed = data;
    g_mutex_lock(&feed->lock);
    while (!feed->stop) {
        bool is_long = g_atomic_int_compare_and_exchange(&feed->is_long, 1, 0);
        if (feed->stale) {
            everything_run(feed);
        } else if (feed->anew) {
            anew_run(feed);
        } else if (feed->wanted) {
            wanted_run(feed);
        } else if (is_long) {
            feed_drain(feed, NULL, NULL);
        } else if (feed->again.purge) {
            purge_run(feed);
        } else {
            feed->idle = true;
            g_cond_broadcast(&feed->settled);
            g_cond_wait_until(&feed->wake, &feed->lock, g_get_monotonic_time() + FEED_LOOK_US);
            feed->idle = false;
        }
    }
    g_mutex_unlock(&feed->lock);
    return NULL;
}

/* On the writer's thread, which must not wait for `lock`: a wake that comes between the look and
 * the wait is made up for some seconds later (FEED_LOOK_US). */
static void queue_is_long(void *data)
{
    Feed *feed = data;
    g_atomic_int_set(&feed->is_long, 1);
    g_cond_broadcast(&feed->wake);
}

Feed *feed_new(const FeedOptions *options, GError **error)
{
    Feed *feed = g_new0(Feed, 1);
    feed->options = *options;
    feed->segments = segments_new(&(SegmentsOptions){.store = options->store,
                                                     .people = options->people,
                                                     .timeline = options->timeline,
                                                     .chunk_rows = options->chunk_rows});
    feed->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, name_free);
    feed->deferred = feed_ops_new();
    feed->traits = g_ptr_array_new_with_free_func(feed_trait_free);
    feed_again_init(&feed->again);
    feed->stale = true;
    g_mutex_init(&feed->lock);
    g_mutex_init(&feed->write);
    g_cond_init(&feed->wake);
    g_cond_init(&feed->settled);
    feed->queue = feed_queue_new(&(FeedQueueOptions){.store = options->store,
                                                     .ops_max = options->ops_max,
                                                     .is_long = queue_is_long,
                                                     .data = feed},
                                 error);
    if (feed->queue) {
        feed_snapshot_open(feed);
        feed->thread = g_thread_new("kith-columns", feed_main, feed);
        return feed;
    }
    feed_free(feed);
    return NULL;
}

void feed_free(Feed *feed)
{
    if (!feed) return;
    g_mutex_lock(&feed->lock);
    feed->stop = true;
    g_cond_broadcast(&feed->wake);
    g_mutex_unlock(&feed->lock);
    if (feed->thread) g_thread_join(feed->thread);
    feed_snapshot_save(feed);
    feed_snapshot_clear(feed);
    feed_queue_free(feed->queue);
    g_clear_pointer(&feed->columns, event_columns_free);
    feed_crowd_unref(feed->crowd);
    g_array_unref(feed->deferred);
    g_ptr_array_unref(feed->traits);
    feed_again_clear(&feed->again);
    g_hash_table_unref(feed->names);
    segments_free(feed->segments);
    g_mutex_clear(&feed->lock);
    g_mutex_clear(&feed->write);
    g_cond_clear(&feed->wake);
    g_cond_clear(&feed->settled);
    g_free(feed);
}

/* ---- asking ---- */

static bool begin(Feed *feed, const char *currency, FeedRead *ret_read)
{
    if (!g_atomic_int_get(&feed->ready) || feed->stale) return false;
    if (strcmp(currency, feed->currency) != 0) feed->stale = true;
    bool done = !feed->stale && feed_drain(feed, NULL, NULL);
    if (feed->stale) g_cond_broadcast(&feed->wake);
    if (!done) return false;
    publish(feed);
    EventView *view = event_columns_view(feed->columns);
    feed_crowd_extend(feed, view);
    *ret_read = (FeedRead){.view = view,
                           .people = g_array_ref(feed->crowd->people),
                           .index = feed->crowd->index,
                           .rows = event_view_rows(view),
                           .crowd = feed_crowd_ref(feed->crowd)};
    return true;
}

bool feed_begin(Feed *feed, const char *currency, FeedRead *ret_read)
{
    if (!g_atomic_int_get(&feed->ready)) return false;
    g_mutex_lock(&feed->lock);
    bool begun = begin(feed, currency, ret_read);
    g_mutex_unlock(&feed->lock);
    return begun;
}

void feed_end(FeedRead *read)
{
    if (!read->view) return;
    event_view_unref(read->view);
    g_array_unref(read->people);
    feed_crowd_unref(read->crowd);
    *read = (FeedRead){0};
}

void feed_settle(Feed *feed)
{
    g_mutex_lock(&feed->lock);
    while (feed->stale || feed->anew || feed->wanted || !feed->idle)
        g_cond_wait(&feed->settled, &feed->lock);
    g_mutex_unlock(&feed->lock);
}

void feed_answered(Feed *feed, SegmentEngine engine) { g_atomic_int_inc(&feed->answers[engine]); }

void feed_usage(Feed *feed, FeedUsage *ret_usage)
{
    *ret_usage = (FeedUsage){0};
    for (int i = 0; i < SEGMENT_ENGINES; i++)
        ret_usage->answers[i] = g_atomic_int_get(&feed->answers[i]);
    g_mutex_lock(&feed->lock);
    ret_usage->ready = g_atomic_int_get(&feed->ready) && !feed->stale;
    ret_usage->rebuilds = feed->rebuilds;
    ret_usage->loaded = feed->loaded;
    if (feed->columns) event_columns_usage(feed->columns, &ret_usage->columns);
    g_mutex_unlock(&feed->lock);
}
