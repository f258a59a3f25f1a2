#include "store/writer_private.h"

#include "base/clock.h"
#include "store/db_driver.h"

enum {
    TRANSACTION_LONG_US = 200 * 1000,
    RETRY_PAUSE_US = 2000, /* times the attempt, before a group is run again */
    GROUP_UNITS_MAX = 4096,
};

/* Until when after the group's begin a lane may start further units; each gets at least one. */
static const int64_t lane_until_us[WRITER_LANES] = {
    [WRITER_ACK] = 12000, [WRITER_HANDOVER] = 13000, [WRITER_TIMER] = 16000, [WRITER_REST] = 18000};

typedef struct Unit {
    WriterUnit unit;
    int64_t submitted_us;
    int attempts;
    GError *error;
} Unit;

typedef struct Between {
    WriterRun run;
    void *data;
    bool done, result;
    GError **error;
} Between;

struct Writer {
    WriterOptions options;
    StoreMetrics *metrics;
    GThread *thread;
    GMutex mutex; /* guards what follows, up to the blank line */
    GCond wake;   /* the writer waits on it */
    GCond told;   /* those who wait for the writer */
    GQueue lanes[WRITER_LANES];
    Between *between;
    bool hold_wanted, held, stopping, stopped;

    Db *db;           /* the writer's thread only; NULL after a lost connection */
    GPtrArray *group; /* Unit * of the group that runs */
    WriterWatch watches[WRITER_WATCHES_MAX]; /* changed only between groups */
    int watch_count;
};

#define WATCHES_TELL(writer, call)                                                                 \
    for (int i_ = 0; i_ < (writer)->watch_count; i_++)                                             \
    (writer)->watches[i_].call((writer)->watches[i_].data)

static void written_tell(void *data, const DbStatement *statement, const DbValue *values)
{
    const Writer *writer = data;
    for (int i = 0; i < writer->watch_count; i++) {
        const WriterWatch *watch = &writer->watches[i];
        if (watch->written) watch->written(watch->data, statement, values);
    }
}

static bool writes_watched(const Writer *writer)
{
    for (int i = 0; i < writer->watch_count; i++)
        if (writer->watches[i].written) return true;
    return false;
}

static void unit_free(Unit *unit)
{
    g_clear_error(&unit->error);
    g_free(unit);
}

static void unit_finish(Unit *unit, StoreMetrics *metrics)
{
    store_metric_add(unit->error ? &metrics->units_failed : &metrics->units, 1);
    if (unit->unit.done) unit->unit.done(unit->unit.data, unit->error);
    unit_free(unit);
}

/* Writes down depth and oldest age after the lanes changed; the mutex is held. */
static void queue_measure(Writer *writer)
{
    int64_t depth = 0, oldest = 0;
    for (int lane = 0; lane < WRITER_LANES; lane++) {
        depth += writer->lanes[lane].length;
        const Unit *head = g_queue_peek_head(&writer->lanes[lane]);
        if (head && (!oldest || head->submitted_us < oldest)) oldest = head->submitted_us;
    }
    store_metric_set(&writer->metrics->queue_depth, depth);
    store_metric_set(&writer->metrics->queue_oldest_us, oldest);
}

void writer_submit_unit(Writer *writer, const WriterUnit *unit)
{
    g_assert(unit->run && unit->lane < WRITER_LANES);
    Unit *copy = g_new0(Unit, 1);
    copy->unit = *unit;
    copy->submitted_us = clock_monotonic_us();
    g_mutex_lock(&writer->mutex);
    bool refused = writer->stopped || (writer->stopping && !writer_is_current(writer));
    if (!refused) {
        g_queue_push_tail(&writer->lanes[unit->lane], copy);
        queue_measure(writer);
        g_cond_signal(&writer->wake);
    }
    g_mutex_unlock(&writer->mutex);
    if (!refused) return;
    fail(&copy->error, KITH_ERROR_UNAVAILABLE, "could not write: the store is being closed");
    unit_finish(copy, writer->metrics);
}

typedef struct Call {
    GMutex mutex;
    GCond cond;
    bool done;
    void *data;
    WriterRun run;
    GError *error;
} Call;

static bool call_run(Db *db, void *data, GError **error)
{
    Call *call = data;
    return call->run(db, call->data, error);
}

static void call_done(void *data, const GError *error)
{
    Call *call = data;
    g_mutex_lock(&call->mutex);
    if (error) call->error = g_error_copy(error);
    call->done = true;
    g_cond_signal(&call->cond);
    g_mutex_unlock(&call->mutex);
}

bool writer_call_unit(Writer *writer, const WriterUnit *unit, GError **error)
{
    g_assert(!writer_is_current(writer) && !unit->done);
    Call call = {.data = unit->data, .run = unit->run};
    g_mutex_init(&call.mutex);
    g_cond_init(&call.cond);
    WriterUnit wrapped = *unit;
    wrapped.run = call_run;
    wrapped.done = call_done;
    wrapped.data = &call;
    writer_submit_unit(writer, &wrapped);
    g_mutex_lock(&call.mutex);
    while (!call.done)
        g_cond_wait(&call.cond, &call.mutex);
    g_mutex_unlock(&call.mutex);
    g_mutex_clear(&call.mutex);
    g_cond_clear(&call.cond);
    if (!call.error) return true;
    g_propagate_error(error, call.error);
    return false;
}

bool writer_is_current(const Writer *writer) { return g_thread_self() == writer->thread; }

int64_t writer_depth(const Writer *writer)
{
    return store_metric_get(&writer->metrics->queue_depth);
}

int64_t writer_age_ms(const Writer *writer)
{
    int64_t oldest = store_metric_get(&writer->metrics->queue_oldest_us);
    return oldest ? MAX(clock_monotonic_us() - oldest, 0) / 1000 : 0;
}

static Unit *lane_pop(Writer *writer, WriterLane lane)
{
    g_mutex_lock(&writer->mutex);
    Unit *unit = g_queue_pop_head(&writer->lanes[lane]);
    if (unit) queue_measure(writer);
    g_mutex_unlock(&writer->mutex);
    return unit;
}

static void unit_measure(Writer *writer, const Unit *unit, int64_t us)
{
    if (us > WRITER_UNIT_MS_MAX * 1000) store_metric_add(&writer->metrics->units_slow, 1);
    if (us <= store_metric_get(&writer->metrics->unit_slowest_us)) return;
    store_metric_set(&writer->metrics->unit_slowest_us, us);
    atomic_store(&writer->metrics->unit_slowest_place, unit->unit.place);
}

/* Runs one unit in its savepoint. False: the whole transaction is lost; `error` says why. A
 * failure of the unit alone is kept in the unit. */
static bool unit_run(Writer *writer, Unit *unit, GError **error)
{
    int64_t begun = clock_monotonic_us();
    g_clear_error(&unit->error);
    unit->attempts++;
    if (!db_savepoint(writer->db, &unit->error)) {
        if (db_alive(writer->db)) return true;
        g_propagate_error(error, g_error_copy(unit->error));
        return false;
    }
    WATCHES_TELL(writer, unit_begin);
    writer->db->written = writes_watched(writer) ? written_tell : NULL;
    writer->db->written_data = writer;
    bool done = unit->unit.run(writer->db, unit->unit.data, &unit->error) &&
                db_savepoint_release(writer->db, &unit->error);
    unit_measure(writer, unit, clock_monotonic_us() - begun);
    if (done) return true;
    g_assert(unit->error); /* a unit that fails says why */
    WATCHES_TELL(writer, unit_undo);
    bool whole =
        !db_alive(writer->db) || writer->db->retry || !db_savepoint_rollback(writer->db, NULL);
    if (whole) g_propagate_error(error, g_error_copy(unit->error));
    return !whole;
}

/* Runs the units of one lane until its time is over; at least one. */
static bool lane_run(Writer *writer, WriterLane lane, int64_t begun, GError **error)
{
    Unit *unit;
    while (writer->group->len < GROUP_UNITS_MAX && (unit = lane_pop(writer, lane))) {
        g_ptr_array_add(writer->group, unit);
        if (!unit_run(writer, unit, error)) return false;
        if (clock_monotonic_us() - begun > lane_until_us[lane]) break;
    }
    return true;
}

static bool connection_ready(Writer *writer, GError **error)
{
    if (writer->db && !writer->db->broken) return true;
    g_clear_pointer(&writer->db, db_free);
    writer->db = writer->options.open(writer->options.data, error);
    if (writer->db) store_metric_add(&writer->metrics->reconnects, 1);
    return writer->db != NULL;
}

static bool group_commit(Writer *writer, int64_t begun, GError **error)
{
    const WriterOptions *options = &writer->options;
    if (options->before_commit && !options->before_commit(writer->db, options->data, error)) {
        db_rollback(writer->db);
        return false;
    }
    int64_t commit_begun = clock_monotonic_us();
    if (!db_commit(writer->db, error)) return false;
    int64_t now = clock_monotonic_us();
    store_histogram_add(&writer->metrics->commit_ms, now - commit_begun);
    store_histogram_add(&writer->metrics->group_ms, now - begun);
    if (now - begun > TRANSACTION_LONG_US) store_metric_add(&writer->metrics->transactions_long, 1);
    store_metric_set(&writer->metrics->group_size_last, writer->group->len);
    return true;
}

/* Runs the lanes (or, when `again`, the units already in the group) and commits. */
static bool group_run(Writer *writer, bool again, GError **error)
{
    if (!connection_ready(writer, error)) return false;
    int64_t begun = clock_monotonic_us();
    if (!db_begin(writer->db, "IMMEDIATE", error)) return false;
    bool whole = true;
    for (guint i = 0; again && whole && i < writer->group->len; i++)
        whole = unit_run(writer, writer->group->pdata[i], error);
    for (int lane = 0; !again && whole && lane < WRITER_LANES; lane++)
        whole = lane_run(writer, (WriterLane)lane, begun, error);
    if (!whole) {
        db_rollback(writer->db);
        return false;
    }
    return group_commit(writer, begun, error);
}

/* After a failure that vanishes when tried again: keeps the units that may run again in the group
 * and tells the others. False when nothing is left to try. */
static bool group_keep(Writer *writer, const GError *error)
{
    GPtrArray *old = writer->group;
    writer->group = g_ptr_array_new();
    for (guint i = 0; i < old->len; i++) {
        Unit *unit = old->pdata[i];
        if (unit->unit.again && unit->attempts < WRITER_ATTEMPTS_MAX) {
            store_metric_add(&writer->metrics->units_retried, 1);
            g_ptr_array_add(writer->group, unit);
            continue;
        }
        if (!unit->error) unit->error = g_error_copy(error);
        unit_finish(unit, writer->metrics);
    }
    g_ptr_array_free(old, TRUE);
    return writer->group->len > 0;
}

/* Takes the units of a group that could not even begin, so that they hear of it. */
static void group_take_all(Writer *writer)
{
    Unit *unit;
    for (int lane = 0; lane < WRITER_LANES; lane++)
        while (writer->group->len < GROUP_UNITS_MAX && (unit = lane_pop(writer, (WriterLane)lane)))
            g_ptr_array_add(writer->group, unit);
}

static void group_finish(Writer *writer, const GError *error)
{
    GPtrArray *group = writer->group;
    writer->group = g_ptr_array_new();
    store_metric_add(error ? &writer->metrics->groups_failed : &writer->metrics->groups, 1);
    for (guint i = 0; i < group->len; i++) {
        Unit *unit = group->pdata[i];
        if (error && !unit->error) unit->error = g_error_copy(error);
        unit_finish(unit, writer->metrics);
    }
    g_ptr_array_free(group, TRUE);
}

static void group(Writer *writer)
{
    g_autoptr(GError) error = NULL;
    bool again = false, done;
    for (int attempt = 1;; attempt++) {
        g_clear_error(&error);
        done = group_run(writer, again, &error);
        if (!done) WATCHES_TELL(writer, group_undo);
        bool lost = !done && writer->db && writer->db->broken;
        if (lost && writer->group->len == 0 && attempt == 1) continue; /* connect anew, once */
        bool vanishes = !done && writer->db && writer->db->retry && !writer->db->unknown;
        if (!vanishes || !group_keep(writer, error)) break;
        again = true;
        g_usleep((gulong)(RETRY_PAUSE_US * attempt));
    }
    if (done) WATCHES_TELL(writer, group_commit);
    if (writer->options.after_commit) writer->options.after_commit(writer->options.data, done);
    if (!done && writer->group->len == 0 && !again) group_take_all(writer);
    group_finish(writer, error);
}

static bool lanes_empty(const Writer *writer)
{
    for (int lane = 0; lane < WRITER_LANES; lane++)
        if (writer->lanes[lane].length) return false;
    return true;
}

static void between_run(Writer *writer, Between *between)
{
    GError *error = NULL;
    bool result = connection_ready(writer, &error);
    result = result && between->run(writer->db, between->data, &error);
    g_mutex_lock(&writer->mutex);
    between->result = result;
    between->done = true;
    if (error) g_propagate_error(between->error, error);
    writer->between = NULL;
    g_cond_broadcast(&writer->told);
    g_mutex_unlock(&writer->mutex);
}

/* Waits for work. False: time to end. */
static bool work_wait(Writer *writer, Between **ret_between)
{
    g_mutex_lock(&writer->mutex);
    for (;;) {
        writer->held = writer->hold_wanted;
        if (writer->held) {
            g_cond_broadcast(&writer->told);
        } else if (writer->between || !lanes_empty(writer)) {
            break;
        } else if (writer->stopping) {
            writer->stopped = true;
            g_cond_broadcast(&writer->told);
            break;
        }
        g_cond_wait(&writer->wake, &writer->mutex);
    }
    *ret_between = writer->between;
    bool work = !writer->stopped;
    g_mutex_unlock(&writer->mutex);
    return work;
}

static void *writer_main(void *data)
{
    Writer *writer = data;
    Between *between = NULL;
    while (work_wait(writer, &between)) {
        if (between)
            between_run(writer, between);
        else
            group(writer);
    }
    return NULL;
}

Writer *writer_new(const WriterOptions *options)
{
    Writer *writer = g_new0(Writer, 1);
    writer->options = *options;
    writer->metrics = options->metrics;
    writer->db = options->db;
    writer->group = g_ptr_array_new();
    g_mutex_init(&writer->mutex);
    g_cond_init(&writer->wake);
    g_cond_init(&writer->told);
    for (int lane = 0; lane < WRITER_LANES; lane++)
        g_queue_init(&writer->lanes[lane]);
    g_mutex_lock(&writer->mutex); /* `thread` is set before the thread looks at it */
    writer->thread = g_thread_new("kith-writer", writer_main, writer);
    g_mutex_unlock(&writer->mutex);
    return writer;
}

void writer_stop(Writer *writer)
{
    g_mutex_lock(&writer->mutex);
    writer->stopping = true;
    g_cond_signal(&writer->wake);
    g_mutex_unlock(&writer->mutex);
    g_thread_join(writer->thread);
    g_clear_pointer(&writer->db, db_free);
}

void writer_free(Writer *writer)
{
    if (!writer) return;
    g_ptr_array_free(writer->group, TRUE);
    g_mutex_clear(&writer->mutex);
    g_cond_clear(&writer->wake);
    g_cond_clear(&writer->told);
    g_free(writer);
}

void writer_hold_ask(Writer *writer)
{
    g_mutex_lock(&writer->mutex);
    writer->hold_wanted = true;
    g_cond_signal(&writer->wake);
    g_mutex_unlock(&writer->mutex);
}

void writer_hold(Writer *writer)
{
    writer_hold_ask(writer);
    g_mutex_lock(&writer->mutex);
    while (!writer->held && !writer->stopped)
        g_cond_wait(&writer->told, &writer->mutex);
    g_mutex_unlock(&writer->mutex);
}

void writer_let(Writer *writer)
{
    g_mutex_lock(&writer->mutex);
    writer->hold_wanted = writer->held = false;
    g_cond_signal(&writer->wake);
    g_mutex_unlock(&writer->mutex);
}

bool writer_between(Writer *writer, WriterRun run, void *data, GError **error)
{
    g_assert(!writer_is_current(writer));
    Between between = {.run = run, .data = data, .error = error};
    g_mutex_lock(&writer->mutex);
    while (writer->between && !writer->stopped)
        g_cond_wait(&writer->told, &writer->mutex);
    bool refused = writer->stopping || writer->stopped;
    if (!refused) {
        writer->between = &between;
        g_cond_signal(&writer->wake);
    }
    while (!refused && !between.done)
        g_cond_wait(&writer->told, &writer->mutex);
    g_mutex_unlock(&writer->mutex);
    if (refused)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not run: the store is being closed");
    return between.result;
}

typedef struct WatchChange {
    Writer *writer;
    const WriterWatch *add; /* NULL: remove the one with `data` */
    void *data;
} WatchChange;

static bool watch_change(Db *db, void *data, GError **error)
{
    (void)db, (void)error;
    const WatchChange *change = data;
    Writer *writer = change->writer;
    if (change->add) {
        g_assert(writer->watch_count < WRITER_WATCHES_MAX);
        writer->watches[writer->watch_count++] = *change->add;
        return true;
    }
    for (int i = 0; i < writer->watch_count; i++)
        if (writer->watches[i].data == change->data)
            writer->watches[i--] = writer->watches[--writer->watch_count];
    return true;
}

bool writer_watch(Writer *writer, const WriterWatch *watch, GError **error)
{
    WatchChange change = {writer, watch, NULL};
    return writer_between(writer, watch_change, &change, error);
}

void writer_unwatch(Writer *writer, void *data)
{
    WatchChange change = {writer, NULL, data};
    writer_between(writer, watch_change, &change, NULL); /* fails only when the writer has ended */
}
