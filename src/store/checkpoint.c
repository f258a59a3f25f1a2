#include "store/checkpoint.h"

#include "base/clock.h"
#include "store/db_driver.h"

enum { NEARLY_FRAMES = 300 /* 2.4 MB of pages left to copy and flush: some milliseconds */ };

struct Checkpoint {
    Store *store;
    Db *db;
    _Atomic int64_t page_bytes; /* of this file: older ones may differ */
    GThread *thread;
    GMutex mutex; /* guards what follows */
    GCond wake;
    bool running;     /* from start to stop */
    bool pressed;     /* the writer was asked to wait, until the thread lets it */
    int64_t press_at; /* bytes of log from which the writer waits */
};

/* One PASSIVE round: frames in the log and frames already copied. */
static bool round_run(Checkpoint *checkpoint, int *ret_frames, int *ret_copied)
{
    StoreMetrics *metrics = &checkpoint->store->metrics;
    int frames = 0, copied = 0;
    int code = sqlite3_wal_checkpoint_v2(sqlite_handle(checkpoint->db), NULL,
                                         SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    if (code != SQLITE_OK && code != SQLITE_BUSY) return false;
    *ret_frames = MAX(frames, 0);
    *ret_copied = MAX(copied, 0);
    int64_t bytes = *ret_frames * checkpoint->page_bytes;
    store_metric_set(&metrics->wal_bytes, bytes);
    store_metric_max(&metrics->wal_bytes_max, bytes);
    store_metric_add(&metrics->checkpoints, 1);
    return true;
}

static bool is_pressed(Checkpoint *checkpoint)
{
    g_mutex_lock(&checkpoint->mutex);
    bool pressed = checkpoint->pressed;
    g_mutex_unlock(&checkpoint->mutex);
    return pressed;
}

/* After each commit, on the writer's thread. */
static int committed(void *data, sqlite3 *handle, const char *name, int frames)
{
    Checkpoint *checkpoint = data;
    (void)handle, (void)name;
    int64_t bytes = frames * checkpoint->page_bytes;
    store_metric_set(&checkpoint->store->metrics.wal_bytes, bytes);
    store_metric_max(&checkpoint->store->metrics.wal_bytes_max, bytes);
    if (bytes < CHECKPOINT_HOLD_BYTES) return SQLITE_OK;
    g_mutex_lock(&checkpoint->mutex);
    if (checkpoint->running && !checkpoint->pressed && bytes >= checkpoint->press_at) {
        checkpoint->pressed = true;
        writer_hold_ask(checkpoint->store->writer);
        g_cond_signal(&checkpoint->wake);
    }
    g_mutex_unlock(&checkpoint->mutex);
    return SQLITE_OK;
}

void checkpoint_watch(Checkpoint *checkpoint, Db *db)
{
    checkpoint->page_bytes = sqlite_page_bytes(db);
    sqlite3_wal_hook(sqlite_handle(db), committed, checkpoint);
}

/* Lets the writer go on. A log that would not begin anew (somebody outside this process reads)
 * may grow as much again before the writer waits again. */
static void press_end(Checkpoint *checkpoint)
{
    int64_t bytes = store_metric_get(&checkpoint->store->metrics.wal_bytes);
    g_mutex_lock(&checkpoint->mutex);
    if (checkpoint->pressed) writer_let(checkpoint->store->writer);
    checkpoint->pressed = false;
    checkpoint->press_at = bytes + CHECKPOINT_HOLD_BYTES;
    g_mutex_unlock(&checkpoint->mutex);
}

/* Flushes the pages copied so far. A PASSIVE round that the writer overtakes does not, so that all
 * would be left to the moment in which the writer is held: 50 MB, 0.2 s. */
static bool pages_flush(Checkpoint *checkpoint)
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(sqlite_handle(checkpoint->db), "main",
                                    SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK || !file || !file->pMethods) return false;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) == SQLITE_OK;
}

/* With the writer held: copies the rest and begins the log anew. RESTART returns BUSY at once
 * when a reader still needs the old log (no busy handler is set on this connection). */
static void restart_try(Checkpoint *checkpoint)
{
    Store *store = checkpoint->store;
    writer_hold(store->writer);
    int code = sqlite3_wal_checkpoint_v2(sqlite_handle(checkpoint->db), NULL,
                                         SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    writer_let(store->writer);
    if (code == SQLITE_OK) {
        store_metric_add(&store->metrics.wal_restarts, 1);
        store_metric_set(&store->metrics.wal_bytes, 0);
    }
}

static void log_restart(Checkpoint *checkpoint)
{
    Store *store = checkpoint->store;
    int frames = 0, copied = 0;
    if (!round_run(checkpoint, &frames, &copied) || !pages_flush(checkpoint)) return;
    int64_t bytes = frames * checkpoint->page_bytes;
    if (bytes < CHECKPOINT_RESTART_BYTES) return;
    bool gate = bytes >= CHECKPOINT_GATE_BYTES;
    if (gate) readers_hold(store->readers);
    /* Copy while the writer goes on, until little is left; each round has less to do. */
    for (int round = 0; round < 8 && frames - copied > NEARLY_FRAMES; round++)
        if (!round_run(checkpoint, &frames, &copied) || !pages_flush(checkpoint)) break;
    restart_try(checkpoint);
    if (gate) readers_let(store->readers);
}

static void *checkpoint_main(void *data)
{
    Checkpoint *checkpoint = data;
    g_mutex_lock(&checkpoint->mutex);
    while (checkpoint->running) {
        int64_t until = clock_monotonic_us() + CHECKPOINT_PERIOD_MS * 1000;
        if (!checkpoint->pressed) g_cond_wait_until(&checkpoint->wake, &checkpoint->mutex, until);
        if (!checkpoint->running) break;
        g_mutex_unlock(&checkpoint->mutex);
        log_restart(checkpoint);
        if (is_pressed(checkpoint)) press_end(checkpoint);
        g_mutex_lock(&checkpoint->mutex);
    }
    g_mutex_unlock(&checkpoint->mutex);
    return NULL;
}

Checkpoint *checkpoint_new(Store *store)
{
    Checkpoint *checkpoint = g_new0(Checkpoint, 1);
    checkpoint->store = store;
    g_mutex_init(&checkpoint->mutex);
    g_cond_init(&checkpoint->wake);
    return checkpoint;
}

bool checkpoint_start(Checkpoint *checkpoint, GError **error)
{
    checkpoint->db = sqlite_open(checkpoint->store->file, SQLITE_CHECKPOINT, error);
    if (!checkpoint->db) return false;
    sqlite3_busy_timeout(sqlite_handle(checkpoint->db), 0);
    checkpoint->running = true;
    checkpoint->press_at = CHECKPOINT_HOLD_BYTES;
    checkpoint->thread = g_thread_new("kith-checkpoint", checkpoint_main, checkpoint);
    return true;
}

void checkpoint_stop(Checkpoint *checkpoint)
{
    if (!checkpoint || !checkpoint->thread) return;
    g_mutex_lock(&checkpoint->mutex);
    checkpoint->running = false;
    g_cond_signal(&checkpoint->wake);
    g_mutex_unlock(&checkpoint->mutex);
    g_thread_join(g_steal_pointer(&checkpoint->thread));
    press_end(checkpoint);
}

void checkpoint_free(Checkpoint *checkpoint)
{
    if (!checkpoint) return;
    checkpoint_stop(checkpoint);
    db_free(checkpoint->db);
    g_mutex_clear(&checkpoint->mutex);
    g_cond_clear(&checkpoint->wake);
    g_free(checkpoint);
}

/* ---- emptying the log ---- */

enum { EMPTY_ATTEMPTS = 100, EMPTY_PAUSE_US = 50 * 1000 };

static bool log_truncate(Db *db, void *data, GError **error)
{
    int *code = data;
    (void)error;
    *code =
        sqlite3_wal_checkpoint_v2(sqlite_handle(db), NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return true;
}

bool store_log_empty(Store *store, GError **error)
{
    if (store_kind(store) != DB_SQLITE) return true;
    int code = SQLITE_BUSY;
    bool ran = true;
    /* Without readers the writer is held for a moment only. */
    readers_hold(store->readers);
    for (int attempt = 0; ran && attempt < EMPTY_ATTEMPTS && code == SQLITE_BUSY; attempt++) {
        if (attempt) g_usleep(EMPTY_PAUSE_US);
        ran = writer_between(store->writer, log_truncate, &code, error);
    }
    readers_let(store->readers);
    if (!ran) return false;
    if (code == SQLITE_OK) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not empty the database's log: %s",
                sqlite3_errstr(code));
}
