#include "store/readers.h"

#include "base/clock.h"
#include "store/db_driver.h"

enum { GRACE_US = 50 * 1000 /* after its deadline, before the watch ends a silent reader */ };

struct Readers {
    ReadersOptions options;
    GThread *watch;
    GMutex mutex;
    GCond changed;   /* a reader came back, hold ended, or stop */
    GPtrArray *idle; /* Db *, owned */
    GPtrArray *open; /* Db * in use */
    int count;       /* of all connections */
    int held;        /* readers_hold calls in force */
    bool stopping;
};

/* The reader whose time ends first; the mutex is held. */
static Db *first_due(const Readers *readers)
{
    Db *first = NULL;
    for (guint i = 0; i < readers->open->len; i++) {
        Db *db = readers->open->pdata[i];
        if (!db->stamp.ended && (!first || db->stamp.deadline_us < first->stamp.deadline_us))
            first = db;
    }
    return first;
}

/* Ends readers whose time is over even when they make no call. The pool's mutex is held during
 * the cut, so that a reader cannot be given back and begun anew meanwhile. */
static void *watch_main(void *data)
{
    Readers *readers = data;
    g_mutex_lock(&readers->mutex);
    while (!readers->stopping) {
        Db *due = first_due(readers);
        int64_t at = due ? due->stamp.deadline_us + GRACE_US : 0;
        if (!due) {
            g_cond_wait(&readers->changed, &readers->mutex);
        } else if (clock_monotonic_us() < at) {
            g_cond_wait_until(&readers->changed, &readers->mutex, at);
        } else {
            due->stamp.ended = true;
            db_cut(due);
            store_metric_add(&readers->options.metrics->readers_cut, 1);
            g_cond_broadcast(&readers->changed);
        }
    }
    g_mutex_unlock(&readers->mutex);
    return NULL;
}

Readers *readers_new(const ReadersOptions *options)
{
    Readers *readers = g_new0(Readers, 1);
    readers->options = *options;
    readers->idle = g_ptr_array_new();
    readers->open = g_ptr_array_new();
    g_mutex_init(&readers->mutex);
    g_cond_init(&readers->changed);
    readers->watch = g_thread_new("kith-readers", watch_main, readers);
    return readers;
}

void readers_free(Readers *readers)
{
    if (!readers) return;
    g_mutex_lock(&readers->mutex);
    g_assert(readers->open->len == 0);
    readers->stopping = true;
    g_cond_broadcast(&readers->changed);
    g_mutex_unlock(&readers->mutex);
    g_thread_join(readers->watch);
    for (guint i = 0; i < readers->idle->len; i++)
        db_free(readers->idle->pdata[i]);
    g_ptr_array_free(readers->idle, TRUE);
    g_ptr_array_free(readers->open, TRUE);
    g_mutex_clear(&readers->mutex);
    g_cond_clear(&readers->changed);
    g_free(readers);
}

/* Waits for a place; then gives an idle connection, or NULL when a new one is to be opened. */
static bool place_take(Readers *readers, Db **ret_db, GError **error)
{
    int64_t until = clock_monotonic_us() + readers->options.time_ms * 1000 * 2;
    g_mutex_lock(&readers->mutex);
    bool good = true;
    while (good &&
           (readers->held || (!readers->idle->len && readers->count >= readers->options.count_max)))
        good = g_cond_wait_until(&readers->changed, &readers->mutex, until);
    if (good) {
        *ret_db = readers->idle->len
                      ? g_ptr_array_steal_index(readers->idle, readers->idle->len - 1)
                      : NULL;
        if (!*ret_db) readers->count++;
    }
    g_mutex_unlock(&readers->mutex);
    return good ||
           fail(error, KITH_ERROR_UNAVAILABLE, "could not read: all %d readers are busy; try again",
                readers->options.count_max);
}

/* Drops a connection that is of no use any more, or was never opened. */
static void place_drop(Readers *readers, Db *db)
{
    db_free(db);
    g_mutex_lock(&readers->mutex);
    readers->count--;
    g_cond_broadcast(&readers->changed);
    g_mutex_unlock(&readers->mutex);
}

static bool transaction_begin(Readers *readers, Db *db, const char *opener, GError **error)
{
    db->stamp = (DbStamp){.deadline_us = clock_monotonic_us() + readers->options.time_ms * 1000};
    return db_begin_at(db, "READ", opener, error);
}

Db *readers_begin(Readers *readers, const char *opener, GError **error)
{
    Db *db = NULL;
    if (!place_take(readers, &db, error)) return NULL;
    if (db && !transaction_begin(readers, db, opener, NULL)) {
        db_free(db); /* perhaps lost while idle: a fresh one tells */
        db = NULL;
    }
    if (!db) {
        db = readers->options.open(readers->options.data, error);
        if (!db || !transaction_begin(readers, db, opener, error)) {
            place_drop(readers, db);
            return NULL;
        }
    }
    g_mutex_lock(&readers->mutex);
    g_ptr_array_add(readers->open, db);
    store_metric_set(&readers->options.metrics->readers_open, readers->open->len);
    g_cond_broadcast(&readers->changed);
    g_mutex_unlock(&readers->mutex);
    return db;
}

void readers_end(Readers *readers, Db *db)
{
    if (!db) return;
    g_mutex_lock(&readers->mutex);
    bool found = g_ptr_array_remove_fast(readers->open, db);
    store_metric_set(&readers->options.metrics->readers_open, readers->open->len);
    g_mutex_unlock(&readers->mutex);
    g_assert(found);
    db_rollback(db);
    if (db->broken) {
        place_drop(readers, db);
        return;
    }
    db->stamp = (DbStamp){0};
    g_mutex_lock(&readers->mutex);
    g_ptr_array_add(readers->idle, db);
    g_cond_broadcast(&readers->changed);
    g_mutex_unlock(&readers->mutex);
}

/* Connections that may have a snapshot; the mutex is held. One that was cut has none, even when
 * its user has not given it back. */
static int snapshots(const Readers *readers)
{
    int count = readers->count - (int)readers->idle->len;
    for (guint i = 0; i < readers->open->len; i++)
        count -= ((const Db *)readers->open->pdata[i])->stamp.ended;
    return count;
}

void readers_hold(Readers *readers)
{
    g_mutex_lock(&readers->mutex);
    readers->held++;
    while (snapshots(readers) > 0)
        g_cond_wait(&readers->changed, &readers->mutex);
    g_mutex_unlock(&readers->mutex);
}

void readers_let(Readers *readers)
{
    g_mutex_lock(&readers->mutex);
    readers->held--;
    g_cond_broadcast(&readers->changed);
    g_mutex_unlock(&readers->mutex);
}
