#include "store/jobs.h"

#include "base/clock.h"
#include "store/jobs_sql.h"
#include "store/store_private.h"
#include "store/store_sql.h"

enum {
    POLL_MS = 500,       /* between looks for due jobs when nobody wakes the dispatcher */
    CANDIDATES_MAX = 16, /* due jobs looked at in one round */
    FORGET_EVERY_MS = 3600 * 1000,
    SETTLE_PAUSE_US = 200 * 1000, /* before the end of a job is written again */
};

/* Why a job is due again after its process died. Such a job is a suspect: it runs alone, so that a
 * second death blames nobody else. */
static const char died_reason[] = "the process died during it";

struct Job {
    Jobs *jobs;
    const JobKind *kind;
    int64_t id, due_at, again_at;
    int attempt;
    char *key, *payload, *progress, *reason;
};

struct Jobs {
    Store *store;
    JobTable table;
    const char *owner; /* this process's token */
    GMutex mutex;      /* guards the rest */
    GCond wake;        /* the dispatcher */
    GCond work;        /* the workers */
    GPtrArray *running;
    GQueue waiting; /* Job *, claimed */
    GThread *dispatcher, *workers[JOB_WORKERS];
    bool woken, stopping;
    int64_t renewed_us, forgot_us;
};

static void job_free(Job *job)
{
    if (!job) return;
    g_free(job->key);
    g_free(job->payload);
    g_free(job->progress);
    g_free(job->reason);
    g_free(job);
}

int64_t job_id(const Job *job) { return job->id; }
const char *job_key(const Job *job) { return job->key; }
const char *job_payload(const Job *job) { return job->payload; }
const char *job_progress(const Job *job) { return job->progress; }
Store *job_store(const Job *job) { return job->jobs->store; }
void *job_context(const Job *job) { return job->jobs->table.context; }
int job_attempt(const Job *job) { return job->attempt; }
void job_again(Job *job, int64_t due_at) { job->again_at = due_at; }
bool job_stopping(const Job *job)
{
    return g_atomic_int_get((const gint *)&job->jobs->store->stopping);
}

bool jobs_add(Db *db, const JobAdd *add, GError **error)
{
    Store *store = db_store(db);
    JobAddParams params = {
        store_id_next(store), add->kind, add->key, add->due_at, add->payload ? add->payload : "{}",
        clock_now_ms()};
    if (!sql_job_add(db, &params, NULL, error)) return false;
    g_atomic_int_set(&store->jobs_added, 1);
    return true;
}

static const JobKind *kind_find(const Jobs *jobs, const char *kind)
{
    for (size_t i = 0; i < jobs->table.count; i++)
        if (strcmp(jobs->table.kinds[i].kind, kind) == 0) return &jobs->table.kinds[i];
    return NULL;
}

/* ---- ends of a run; units of the writer ---- */

static bool park(Db *db, const Job *job, const char *reason, GError **error)
{
    int64_t changed = 0, now = clock_now_ms();
    JobParkParams params = {job->id, reason, now};
    if (!sql_job_park(db, &params, &changed, error)) return false;
    if (!changed) return true;
    g_autofree char *stage = g_strdup_printf("job:%s", job->kind ? job->kind->kind : "unknown");
    ParkedAddParams parked = {store_id_next(db_store(db)), stage, job->id, reason, now};
    return sql_parked_add(db, &parked, NULL, error);
}

static bool done_unit(Db *db, void *data, GError **error)
{
    Job *job = data;
    int64_t now = clock_now_ms();
    int64_t every = job->kind->every_ms, again = job->again_at;
    if (every > 0 && !again) again = now + every;
    if (again) {
        JobRetryParams params = {job->id, job->jobs->owner, again, NULL, 0, now};
        return sql_job_retry(db, &params, NULL, error);
    }
    JobDoneParams params = {job->id, job->jobs->owner, job->due_at, now};
    return sql_job_done(db, &params, NULL, error);
}

static bool failed_unit(Db *db, void *data, GError **error)
{
    Job *job = data;
    int64_t now = clock_now_ms();
    bool for_ever = job->kind->every_ms > 0; /* what repeats anyhow is never parked for an error */
    if (job->attempt > job->kind->retries && !for_ever) return park(db, job, job->reason, error);
    int64_t pause = (int64_t)JOB_BACKOFF_MS << MIN(job->attempt - 1, 12);
    JobRetryParams params = {job->id,     job->jobs->owner, now + MIN(pause, JOB_BACKOFF_MS_MAX),
                             job->reason, job->attempt,     now};
    return sql_job_retry(db, &params, NULL, error);
}

static void job_run(Job *job)
{
    g_autoptr(GError) failure = NULL;
    bool done = job->kind->run(job, &failure);
    if (!done) {
        g_free(job->reason);
        job->reason = g_strdup(failure ? failure->message : "failed without a reason");
    }
    /* A full disk must not make a finished job look like one that died. */
    Writer *writer = store_writer(job->jobs->store);
    WriterRun end = done ? done_unit : failed_unit;
    while (!writer_call(writer, WRITER_REST, end, job, NULL) && !job_stopping(job))
        g_usleep(SETTLE_PAUSE_US);
}

typedef struct ProgressUnit {
    const Job *job;
    const char *progress;
} ProgressUnit;

static bool progress_unit(Db *db, void *data, GError **error)
{
    const ProgressUnit *unit = data;
    JobProgressSaveParams params = {unit->job->id, unit->job->jobs->owner, unit->progress,
                                    clock_now_ms()};
    return sql_job_progress_save(db, &params, NULL, error);
}

bool job_progress_set(Job *job, const char *progress, GError **error)
{
    ProgressUnit unit = {job, progress};
    if (!writer_call(store_writer(job->jobs->store), WRITER_REST, progress_unit, &unit, error))
        return false;
    g_free(job->progress);
    job->progress = g_strdup(progress);
    return true;
}

/* ---- finding and claiming ---- */

static bool due_list(Jobs *jobs, GPtrArray *found, GError **error)
{
    Db *db = store_reader_begin(jobs->store, error);
    if (!db) return false;
    JobDueListParams params = {clock_now_ms(), CANDIDATES_MAX};
    JobDueListRow row;
    DbCursor cursor;
    bool done = sql_job_due_list_open(db, &params, &cursor, error);
    while (done && sql_job_due_list_next(&cursor, &row)) {
        const JobKind *kind = kind_find(jobs, row.kind);
        if (!kind || (kind->sends && store_held(jobs->store, NULL))) continue;
        Job *job = g_new0(Job, 1);
        *job = (Job){.jobs = jobs, .kind = kind, .id = row.job_id, .due_at = row.due_at};
        job->attempt = (int)row.attempts + 1;
        job->key = g_strdup(row.job_key);
        job->payload = g_strdup(row.payload);
        job->progress = g_strdup(row.progress);
        job->reason = g_strdup(row.reason);
        g_ptr_array_add(found, job);
    }
    done = done && db_cursor_finish(&cursor, error);
    db_cursor_clear(&cursor);
    store_reader_end(jobs->store, db);
    store_metric_set(&jobs->store->metrics.jobs_waiting, found->len);
    return done;
}

typedef struct ClaimUnit {
    Job *job;
    bool claimed;
} ClaimUnit;

static bool claim_unit(Db *db, void *data, GError **error)
{
    ClaimUnit *unit = data;
    int64_t changed = 0;
    JobClaimParams params = {unit->job->id, unit->job->jobs->owner, clock_real_ms() + JOB_LEASE_MS,
                             clock_now_ms()};
    if (!sql_job_claim(db, &params, &changed, error)) return false;
    unit->claimed = changed == 1;
    return true;
}

static bool job_claim(Job *job)
{
    ClaimUnit unit = {job, false};
    return writer_call(store_writer(job->jobs->store), WRITER_TIMER, claim_unit, &unit, NULL) &&
           unit.claimed;
}

/* ---- orphans: jobs whose process died ---- */

static bool orphan_settle(Db *db, const JobOrphansRow *row, GError **error)
{
    int64_t now = clock_now_ms();
    bool second = g_strcmp0(row->reason, died_reason) == 0;
    if (second) {
        JobKind kind = {.kind = row->kind};
        Job job = {.kind = &kind, .id = row->job_id};
        return park(db, &job, "the process died twice during this job", error);
    }
    JobRetryParams params = {row->job_id,   row->owner ? row->owner : "",
                             now,           "the process died during it",
                             row->attempts, now};
    return sql_job_retry(db, &params, NULL, error);
}

static bool orphans_unit(Db *db, void *data G_GNUC_UNUSED, GError **error)
{
    JobOrphansParams params = {clock_real_ms()};
    JobOrphansRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_job_orphans_open(db, &params, &cursor, error)) return false;
    while (sql_job_orphans_next(&cursor, &row))
        if (!orphan_settle(db, &row, error)) return false;
    return db_cursor_finish(&cursor, error);
}

/* At the start: what ran in this folder before is an orphan, whatever its lease says. */
static bool orphans_first(Db *db, const Jobs *jobs, GError **error)
{
    JobOrphanMineParams params = {jobs->owner};
    bool done = db_kind(db) == DB_SQLITE ? sql_job_orphan_all(db, NULL, error)
                                         : sql_job_orphan_mine(db, &params, NULL, error);
    return done && orphans_unit(db, NULL, error);
}

/* ---- threads ---- */

static bool renew_unit(Db *db, void *data, GError **error)
{
    Jobs *jobs = data;
    bool done = true;
    g_mutex_lock(&jobs->mutex);
    for (guint i = 0; done && i < jobs->running->len; i++) {
        const Job *job = jobs->running->pdata[i];
        JobRenewParams params = {job->id, jobs->owner, clock_real_ms() + JOB_LEASE_MS};
        done = sql_job_renew(db, &params, NULL, error);
    }
    g_mutex_unlock(&jobs->mutex);
    return done;
}

static bool forget_unit(Db *db, void *data G_GNUC_UNUSED, GError **error)
{
    JobForgetParams params = {clock_now_ms() - JOB_KEPT_MS};
    return sql_job_forget(db, &params, NULL, error);
}

/* Renews leases, takes over what dead processes left, forgets what is long done. */
static void housekeep(Jobs *jobs)
{
    Writer *writer = store_writer(jobs->store);
    int64_t now = clock_monotonic_us();
    if (now - jobs->renewed_us > JOB_LEASE_MS * 1000 / 4) {
        jobs->renewed_us = now;
        writer_call(writer, WRITER_TIMER, renew_unit, jobs, NULL);
        writer_call(writer, WRITER_TIMER, orphans_unit, NULL, NULL);
    }
    if (now - jobs->forgot_us > (int64_t)FORGET_EVERY_MS * 1000) {
        jobs->forgot_us = now;
        writer_call(writer, WRITER_REST, forget_unit, NULL, NULL);
    }
}

static bool is_suspect(const Job *job) { return g_strcmp0(job->reason, died_reason) == 0; }

/* Whether one more job may begin now: a worker is free, and suspects run alone. */
static bool may_begin(Jobs *jobs, const Job *job)
{
    g_mutex_lock(&jobs->mutex);
    guint running = jobs->running->len;
    bool alone = running && is_suspect(jobs->running->pdata[0]);
    bool may = !jobs->stopping && !alone && running < (is_suspect(job) ? 1 : JOB_WORKERS);
    g_mutex_unlock(&jobs->mutex);
    return may;
}

/* Hands claimed jobs to the workers, no more than may run. */
static void dispatch(Jobs *jobs)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    if (!due_list(jobs, found, NULL)) return;
    while (found->len && may_begin(jobs, found->pdata[0])) {
        Job *job = g_ptr_array_steal_index(found, 0);
        if (!job_claim(job)) {
            job_free(job);
            continue;
        }
        g_mutex_lock(&jobs->mutex);
        g_ptr_array_add(jobs->running, job);
        g_queue_push_tail(&jobs->waiting, job);
        g_cond_signal(&jobs->work);
        g_mutex_unlock(&jobs->mutex);
    }
}

static void *dispatcher_main(void *data)
{
    Jobs *jobs = data;
    g_mutex_lock(&jobs->mutex);
    while (!jobs->stopping) {
        int64_t until = clock_monotonic_us() + POLL_MS * 1000;
        while (!jobs->woken && !jobs->stopping)
            if (!g_cond_wait_until(&jobs->wake, &jobs->mutex, until)) break;
        jobs->woken = false;
        if (jobs->stopping) break;
        g_mutex_unlock(&jobs->mutex);
        housekeep(jobs);
        dispatch(jobs);
        g_mutex_lock(&jobs->mutex);
    }
    g_mutex_unlock(&jobs->mutex);
    return NULL;
}

static void *worker_main(void *data)
{
    Jobs *jobs = data;
    g_mutex_lock(&jobs->mutex);
    for (;;) {
        Job *job = g_queue_pop_head(&jobs->waiting);
        if (!job && jobs->stopping) break;
        if (!job) {
            g_cond_wait(&jobs->work, &jobs->mutex);
            continue;
        }
        g_mutex_unlock(&jobs->mutex);
        job_run(job);
        g_mutex_lock(&jobs->mutex);
        g_ptr_array_remove_fast(jobs->running, job);
        job_free(job);
        jobs->woken = true;
        g_cond_signal(&jobs->wake);
    }
    g_mutex_unlock(&jobs->mutex);
    return NULL;
}

void jobs_wake(Jobs *jobs)
{
    g_mutex_lock(&jobs->mutex);
    jobs->woken = true;
    g_cond_signal(&jobs->wake);
    g_mutex_unlock(&jobs->mutex);
}

/* Adds the kinds that repeat, and settles what a dead process left. */
static bool start_unit(Db *db, void *data, GError **error)
{
    const Jobs *jobs = data;
    if (!orphans_first(db, jobs, error)) return false;
    for (size_t i = 0; i < jobs->table.count; i++) {
        const JobKind *kind = &jobs->table.kinds[i];
        JobAdd add = {.kind = kind->kind, .key = "", .due_at = clock_now_ms()};
        if (kind->every_ms > 0 && !jobs_add(db, &add, error)) return false;
    }
    return true;
}

static Jobs *jobs_new(Store *store, const JobTable *table)
{
    Jobs *jobs = g_new0(Jobs, 1);
    *jobs = (Jobs){.store = store, .table = *table};
    jobs->owner = node_token(store->node);
    jobs->running = g_ptr_array_new();
    g_queue_init(&jobs->waiting);
    g_mutex_init(&jobs->mutex);
    g_cond_init(&jobs->wake);
    g_cond_init(&jobs->work);
    jobs->renewed_us = jobs->forgot_us = clock_monotonic_us();
    return jobs;
}

static void jobs_free(Jobs *jobs)
{
    g_ptr_array_free(jobs->running, TRUE);
    g_mutex_clear(&jobs->mutex);
    g_cond_clear(&jobs->wake);
    g_cond_clear(&jobs->work);
    g_free(jobs);
}

Jobs *jobs_start(Store *store, const JobTable *table, GError **error)
{
    g_assert(!store->jobs);
    Jobs *jobs = jobs_new(store, table);
    if (!writer_call(store_writer(store), WRITER_REST, start_unit, jobs, error)) {
        jobs_free(jobs);
        return NULL;
    }
    g_atomic_int_set(&store->stopping, 0);
    jobs->woken = true;
    for (int i = 0; i < JOB_WORKERS; i++)
        jobs->workers[i] = g_thread_new("kith-worker", worker_main, jobs);
    jobs->dispatcher = g_thread_new("kith-jobs", dispatcher_main, jobs);
    g_atomic_pointer_set(&store->jobs, jobs);
    return jobs;
}

void jobs_stop(Jobs *jobs)
{
    if (!jobs) return;
    Store *store = jobs->store;
    store_jobs_detach(store);
    g_atomic_int_set(&store->stopping, 1);
    g_mutex_lock(&jobs->mutex);
    jobs->stopping = true;
    g_cond_broadcast(&jobs->wake);
    g_cond_broadcast(&jobs->work);
    g_mutex_unlock(&jobs->mutex);
    g_thread_join(jobs->dispatcher);
    for (int i = 0; i < JOB_WORKERS; i++)
        g_thread_join(jobs->workers[i]);
    jobs_free(jobs);
}

bool jobs_run_due(Store *store, const JobTable *table, int64_t *ret_count, GError **error)
{
    int64_t count = 0;
    bool done = true;
    Jobs *jobs = jobs_new(store, table);
    for (int64_t before = -1; done && before != count;) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
        before = count;
        done = due_list(jobs, found, error);
        for (guint i = 0; done && i < found->len; i++) {
            if (!job_claim(found->pdata[i])) continue;
            job_run(found->pdata[i]);
            count++;
        }
    }
    jobs_free(jobs);
    if (done) *ret_count = count;
    return done;
}
