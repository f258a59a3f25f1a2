#include <glib/gstdio.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/error.h"
#include "timeline/business.h"
#include "timeline/import_private.h"
#include "timeline/import_sql.h"

/* ---- begin and end in the store ----------------------------------------------------------- */

typedef struct Begin {
    int64_t import_id;
    const ImportPlan *plan;
} Begin;

/* The first import of an empty profile says what the business reckons in. */
static bool business_fill(Db *db, const ImportPlan *plan, GError **error)
{
    Business business;
    if (!business_load(db, &business, error)) return false;
    bool currency = !*business.currency && *plan->currency;
    bool zone = !*business.zone && *plan->zone_name;
    if (!currency && !zone) return true;
    if (currency) g_strlcpy(business.currency, plan->currency, sizeof(business.currency));
    if (zone) g_strlcpy(business.zone, plan->zone_name, sizeof(business.zone));
    return business_save(db, &business, clock_now_ms(), error);
}

static bool begin_run(Db *db, void *data, GError **error)
{
    Begin *begin = data;
    ImportBeginParams params = {begin->import_id, clock_now_ms()};
    return business_fill(db, begin->plan, error) && sql_import_begin(db, &params, NULL, error);
}

typedef struct End {
    int64_t import_id;
    const char *state, *reason;
} End;

static bool end_run(Db *db, void *data, GError **error)
{
    End *end = data;
    ImportEndParams params = {.import_id = end->import_id,
                              .state = end->state,
                              .error = end->reason,
                              .ended_at = clock_now_ms()};
    return sql_import_end(db, &params, NULL, error);
}

/* Asked to stop by a person: `stopped`; by the end of the process: still `running`, so that the
 * next start goes on. */
static void end_store(Imports *imports, int64_t import_id, bool good, const GError *problem)
{
    g_mutex_lock(&imports->lock);
    bool closing = imports->closing;
    g_mutex_unlock(&imports->lock);
    bool stopped = problem && error_code(problem) == KITH_ERROR_CONFLICT;
    if (stopped && closing) return;
    End end = {import_id,
               good      ? "done"
               : stopped ? "stopped"
                         : "failed",
               problem && !stopped ? problem->message : NULL};
    writer_call(store_writer(imports->parts.store), WRITER_REST, end_run, &end, NULL);
}

/* ---- rates change amounts ----------------------------------------------------------------- */

typedef struct Rebase {
    Orders *orders;
    OrderRebase at;
} Rebase;

static bool rebase_run(Db *db, void *data, GError **error)
{
    Rebase *rebase = data;
    return orders_rebase(rebase->orders, db, &rebase->at, error);
}

static bool rebase_all(Imports *imports, GError **error)
{
    Rebase rebase = {imports->parts.orders, {.person_id = INT64_MIN}};
    Writer *writer = store_writer(imports->parts.store);
    while (!rebase.at.over)
        if (!writer_call(writer, WRITER_REST, rebase_run, &rebase, error)) return false;
    orders_changed(imports->parts.orders);
    return true;
}

/* ---- running ------------------------------------------------------------------------------ */

/* Everything one run needs and owns. */
typedef struct Job {
    Imports *imports;
    ImportRecord record;
    ImportPlan *plan;
    ImportRun run;
} Job;

static void job_free(Job *job)
{
    import_record_clear(&job->record);
    import_plan_free(job->plan);
    g_free(job->run.rejected_path);
    g_free(job);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)

/* One import at a time: two would only take each other's turns at the writer. */
static bool job_claim(Job *job, GError **error)
{
    Imports *imports = job->imports;
    g_mutex_lock(&imports->lock);
    bool free = !imports->run && !imports->closing;
    if (free) {
        imports->run = &job->run;
        imports->progress =
            (ImportProgress){.bytes_total = job->record.file_bytes, .seconds_left = -1};
    }
    g_mutex_unlock(&imports->lock);
    return free || fail(error, KITH_ERROR_CONFLICT, "another import is running; wait for its end");
}

static void job_leave(Job *job)
{
    g_mutex_lock(&job->imports->lock);
    job->imports->run = NULL;
    g_mutex_unlock(&job->imports->lock);
}

static Job *job_new(Imports *imports, int64_t import_id, GError **error)
{
    g_autoptr(Job) job = g_new0(Job, 1);
    job->imports = imports;
    if (!import_record_load(imports, import_id, &job->record, error)) return NULL;
    if (strcmp(job->record.state, "done") == 0) {
        fail(error, KITH_ERROR_CONFLICT, "this file was imported already");
        return NULL;
    }
    job->plan = import_record_plan(imports, &job->record, error);
    if (!job->plan || !import_plan_check(job->plan, error)) return NULL;
    job->run = (ImportRun){.parts = &imports->parts,
                           .plan = job->plan,
                           .import_id = import_id,
                           .source_id = job->record.source_id,
                           .shop_id = job->record.shop_id,
                           .path = job->record.file_path,
                           .rejected_path = import_rejected_name(job->record.file_path),
                           .position = job->record.position,
                           .line = job->record.line,
                           .counts = import_counts_load(job->record.counts),
                           .progress = &imports->progress,
                           .progress_lock = &imports->lock};
    randombytes_buf(job->run.seen_key, sizeof(job->run.seen_key));
    return g_steal_pointer(&job);
}

/* Runs a claimed job to its end. */
static bool job_run(Job *job, GError **error)
{
    Imports *imports = job->imports;
    int64_t import_id = job->run.import_id;
    Begin begin = {import_id, job->plan};
    g_autoptr(GError) problem = NULL;
    bool good =
        writer_call(store_writer(imports->parts.store), WRITER_REST, begin_run, &begin, &problem) &&
        import_run_file(&job->run, &problem) &&
        (job->plan->kind != IMPORT_RATES || rebase_all(imports, &problem));
    job_leave(job);
    end_store(imports, import_id, good, problem);
    if (good && import_file_is_ours(imports, job->record.file_path))
        g_unlink(job->record.file_path);
    if (!good) g_propagate_error(error, g_steal_pointer(&problem));
    return good;
}

bool imports_run(Imports *imports, int64_t import_id, ImportShow show, void *context,
                 GError **error)
{
    g_autoptr(Job) job = job_new(imports, import_id, error);
    if (!job || !job_claim(job, error)) return false;
    job->run.show = show;
    job->run.show_context = context;
    return job_run(job, error);
}

static void *job_thread(void *data)
{
    g_autoptr(Job) job = data;
    job_run(job, NULL);
    return NULL;
}

bool imports_start(Imports *imports, int64_t import_id, GError **error)
{
    Job *job = job_new(imports, import_id, error);
    if (!job) return false;
    if (!job_claim(job, error)) {
        job_free(job);
        return false;
    }
    g_mutex_lock(&imports->lock);
    GThread *before = imports->thread;
    imports->thread = g_thread_new("import", job_thread, job);
    g_mutex_unlock(&imports->lock);
    if (before) g_thread_join(before); /* it has left its job, so it ends at once */
    return true;
}

bool imports_stop(Imports *imports, int64_t import_id, GError **error)
{
    g_mutex_lock(&imports->lock);
    bool runs = imports->run && imports->run->import_id == import_id;
    if (runs) g_atomic_int_set(&imports->run->stop, 1);
    g_mutex_unlock(&imports->lock);
    return runs || fail(error, KITH_ERROR_NOT_FOUND, "this import does not run");
}

/* The first of those that were running, 0 when none. */
static bool running_find(Imports *imports, int64_t *ret_import_id, GError **error)
{
    Db *db = store_reader_begin(imports->parts.store, error);
    if (!db) return false;
    g_auto(DbCursor) cursor = {0};
    ImportRunningRow row;
    *ret_import_id = 0;
    bool good = sql_import_running_open(db, &cursor, error);
    if (good && sql_import_running_next(&cursor, &row)) *ret_import_id = row.import_id;
    good = good && db_cursor_finish(&cursor, error);
    store_reader_end(imports->parts.store, db);
    return good;
}

bool imports_resume(Imports *imports, GError **error)
{
    int64_t import_id;
    if (!running_find(imports, &import_id, error)) return false;
    if (!import_id) return true;
    g_autoptr(GError) problem = NULL;
    if (imports_start(imports, import_id, &problem)) return true;
    end_store(imports, import_id, false, problem);
    return true;
}
