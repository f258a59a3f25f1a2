/* store/jobs.h: work that a transaction asks for and a worker thread does later.
 *
 * A job is a row, so it survives a crash; there is at most one open job per (kind, key). A worker
 * leases it, runs it, and marks it done. An error is retried with growing pauses, as often as its
 * kind says, then the job is parked: shown under "needs attention". A job during which the process
 * died twice is parked too, so that no input can keep the server down. A job must be repeatable:
 * after a crash it runs again from its start, or from where its progress says.
 *
 *     static const JobKind kinds[] = {{.kind = "import", .run = import_run, .retries = 3}};
 *     jobs_start(store, &(JobTable){kinds, G_N_ELEMENTS(kinds), app}, error);
 *     …
 *     JobAdd add = {.kind = "import", .key = "42", .due_at = clock_now_ms(), .payload = "{}"};
 *     jobs_add(db, &add, error); // in a unit of the writer
 */
#pragma once
#include "store/store.h"

enum {
    JOB_WORKERS = 3,
    JOB_LEASE_MS = 60 * 1000,  /* renewed while the process lives */
    JOB_BACKOFF_MS = 5 * 1000, /* first pause after an error; doubled each time */
    JOB_BACKOFF_MS_MAX = 3600 * 1000,
    JOB_DEATHS_MAX = 2,
    JOB_KEPT_MS = 7 * 24 * 3600 * 1000, /* done jobs */
};

typedef struct Job Job;

/* Does the work on a worker's thread; writes through the writer. False = try again later. */
typedef bool (*JobRun)(Job *job, GError **error);

typedef struct JobKind {
    const char *kind;
    JobRun run;
    int retries;      /* runs after the first that failed, 0.. */
    bool sends;       /* sends or triggers something: not run while the store is held */
    int64_t every_ms; /* > 0: due again this long after each end; started by jobs_start */
} JobKind;

typedef struct JobTable {
    const JobKind *kinds;
    size_t count;
    void *context; /* job_context() of each run */
} JobTable;

typedef struct Jobs Jobs;

/* Starts the workers of a store; `table` is copied, its kinds must outlive them. One Jobs per
 * store; store_close stops it. */
Jobs *jobs_start(Store *store, const JobTable *table, GError **error);

/* Asks running jobs to end (job_stopping) and waits for them. */
void jobs_stop(Jobs *jobs);

typedef struct JobAdd {
    const char *kind;
    const char *key;     /* at most one open job of the kind bears it */
    int64_t due_at;      /* UTC ms */
    const char *payload; /* JSON without personal data; NULL = {} */
} JobAdd;

/* Adds a job in the caller's transaction, on the writer's thread. When one of this kind and key is
 * due already, the earlier time counts and the payload is replaced; when it runs, it runs once
 * more afterwards. */
bool jobs_add(Db *db, const JobAdd *add, GError **error);

/* Inside `run`: */
int64_t job_id(const Job *job);
const char *job_key(const Job *job);
const char *job_payload(const Job *job);
const char *job_progress(const Job *job); /* as last saved; NULL = none */
Store *job_store(const Job *job);
void *job_context(const Job *job);
int job_attempt(const Job *job); /* 1 = first */

/* Whether the job should end soon: the process stops. Return true with job_again, or false. */
bool job_stopping(const Job *job);

/* Saves the progress (JSON without personal data). Waits for the commit. */
bool job_progress_set(Job *job, const char *progress, GError **error);

/* After this run has returned true the job is not done but due again at this time. */
void job_again(Job *job, int64_t due_at);

/* Runs every job that is due now in the calling thread, until none is; for tests and the command
 * line. */
bool jobs_run_due(Store *store, const JobTable *table, int64_t *ret_count, GError **error);
