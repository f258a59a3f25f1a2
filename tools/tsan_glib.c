/* What ThreadSanitizer has to know of GLib's locks: Debian's GLib is built without it, and its
 * locks are futexes of its own, so that every variable they guard would look unguarded. Linked
 * into tests when Meson's b_sanitize is `thread`; each function calls GLib's and says what it
 * means. Run them with G_SLICE=always-malloc, for GLib's own allocator hands memory from thread to
 * thread under locks that nothing here can see; what GLib frees when a thread has ended is its own.
 */
#include <dlfcn.h>
#include <glib.h>

void __tsan_acquire(void *at);
void __tsan_release(void *at);

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) __builtin_trap();
    return found;
}

/* Whoever takes it sees what was done before it was given back. */
#define TAKE(name, Type)                                                                           \
    void(name)(Type * lock)                                                                        \
    {                                                                                              \
        REAL(name)(lock);                                                                          \
        __tsan_acquire(lock);                                                                      \
    }
#define GIVE(name, Type)                                                                           \
    void(name)(Type * lock)                                                                        \
    {                                                                                              \
        __tsan_release(lock);                                                                      \
        REAL(name)(lock);                                                                          \
    }
#define TRY(name, Type)                                                                            \
    gboolean(name)(Type * lock)                                                                    \
    {                                                                                              \
        gboolean taken = REAL(name)(lock);                                                         \
        if (taken) __tsan_acquire(lock);                                                           \
        return taken;                                                                              \
    }

TAKE(g_mutex_lock, GMutex)
GIVE(g_mutex_unlock, GMutex)
TRY(g_mutex_trylock, GMutex)
TAKE(g_rec_mutex_lock, GRecMutex)
GIVE(g_rec_mutex_unlock, GRecMutex)
TAKE(g_rw_lock_writer_lock, GRWLock)
GIVE(g_rw_lock_writer_unlock, GRWLock)
TAKE(g_rw_lock_reader_lock, GRWLock)
GIVE(g_rw_lock_reader_unlock, GRWLock)

void(g_cond_wait)(GCond *cond, GMutex *mutex)
{
    __tsan_release(mutex);
    REAL(g_cond_wait)(cond, mutex);
    __tsan_acquire(mutex);
}

gboolean(g_cond_wait_until)(GCond *cond, GMutex *mutex, gint64 end_time)
{
    __tsan_release(mutex);
    gboolean woken = REAL(g_cond_wait_until)(cond, mutex, end_time);
    __tsan_acquire(mutex);
    return woken;
}

/* What is pushed into a queue or a pool is seen by whoever takes it out. */
void(g_async_queue_push)(GAsyncQueue *queue, gpointer data)
{
    __tsan_release(queue);
    REAL(g_async_queue_push)(queue, data);
}

gpointer(g_async_queue_pop)(GAsyncQueue *queue)
{
    gpointer data = REAL(g_async_queue_pop)(queue);
    __tsan_acquire(queue);
    return data;
}

typedef struct Pool {
    GFunc run;
    gpointer context;
} Pool;

static char pushed; /* only its address counts: all pools share it */

static void pool_run(gpointer data, gpointer context)
{
    const Pool *pool = context;
    __tsan_acquire(&pushed);
    pool->run(data, pool->context);
}

GThreadPool *(g_thread_pool_new)(GFunc run, gpointer context, gint threads_max, gboolean exclusive,
                                 GError **error)
{
    Pool *pool = g_new0(Pool, 1); /* lives as long as the test */
    *pool = (Pool){run, context};
    return REAL(g_thread_pool_new)(pool_run, pool, threads_max, exclusive, error);
}

gboolean(g_thread_pool_push)(GThreadPool *pool, gpointer data, GError **error)
{
    __tsan_release(&pushed);
    return REAL(g_thread_pool_push)(pool, data, error);
}
