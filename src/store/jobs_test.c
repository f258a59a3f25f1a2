/* Jobs, stages and what needs attention: run once, again, later, or parked; over deaths too. */
#include "store/jobs.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/attention.h"
#include "store/stage.h"
#include "store/testdb.h"

enum { START_MS_AGO = 1000 };

/* What the jobs of a test have done. */
typedef struct Log {
    GMutex mutex;
    GString *runs;   /* key, then a space */
    int fail_first;  /* this many runs fail */
    bool again_once; /* the first run asks to come again */
    gint block;      /* atomic: runs wait while set */
} Log;

static bool log_run(Job *job, GError **error)
{
    Log *log = job_context(job);
    while (g_atomic_int_get(&log->block) && !job_stopping(job))
        g_usleep(1000);
    g_mutex_lock(&log->mutex);
    g_string_append_printf(log->runs, "%s ", job_key(job));
    bool failing = log->fail_first-- > 0, again = log->again_once;
    log->again_once = false;
    g_mutex_unlock(&log->mutex);
    if (again) job_again(job, clock_now_ms() + 5000);
    return !failing || fail(error, KITH_ERROR_UNAVAILABLE, "planned failure");
}

static bool progress_run(Job *job, GError **error)
{
    Log *log = job_context(job);
    g_mutex_lock(&log->mutex);
    g_string_append_printf(log->runs, "%s:%s ", job_payload(job),
                           job_progress(job) ? job_progress(job) : "none");
    g_mutex_unlock(&log->mutex);
    if (job_attempt(job) > 1) return true;
    return job_progress_set(job, "{\"line\":7}", error) && fail(error, KITH_ERROR_UNAVAILABLE, "x");
}

static const JobKind kinds[] = {
    {.kind = "log", .run = log_run, .retries = 2},
    {.kind = "progress", .run = progress_run, .retries = 2},
    {.kind = "mail", .run = log_run, .sends = true},
};

static bool add_run(Db *db, void *data, GError **error) { return jobs_add(db, data, error); }

static void add(TestStore *test, const char *kind, const char *key, int64_t due_at)
{
    g_autoptr(GError) error = NULL;
    JobAdd job = {kind, key, due_at, "{\"a\":1}"};
    writer_call(store_writer(test->store), WRITER_REST, add_run, &job, &error);
    g_assert_no_error(error);
}

static void log_init(Log *log)
{
    *log = (Log){.runs = g_string_new(NULL)};
    g_mutex_init(&log->mutex);
}

static int64_t run_due(TestStore *test, Log *log)
{
    int64_t count = 0;
    JobTable table = {kinds, G_N_ELEMENTS(kinds), log};
    g_autoptr(GError) error = NULL;
    jobs_run_due(test->store, &table, &count, &error);
    g_assert_no_error(error);
    return count;
}

static char *state_of(TestStore *test, const char *key)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT state FROM job WHERE job_key = '%s' ORDER BY job_id DESC LIMIT 1", key);
    return test_store_sql(test, sql);
}

static void state_is(TestStore *test, const char *key, const char *want)
{
    g_autofree char *state = state_of(test, key);
    g_assert_cmpstr(state, ==, want);
}

static void due_once_and_in_time(TestStore *test)
{
    Log log;
    log_init(&log);
    clock_simulate(1800000000000);
    int64_t now = clock_now_ms();
    add(test, "log", "late", now + 60000);
    add(test, "log", "now", now);
    add(test, "log", "now", now);          /* one open job per key */
    add(test, "log", "late", now + 30000); /* the earlier time counts */
    g_assert_cmpint(run_due(test, &log), ==, 1);
    g_assert_cmpint(run_due(test, &log), ==, 0);
    state_is(test, "now", "done");
    clock_advance(30000);
    g_assert_cmpint(run_due(test, &log), ==, 1);
    add(test, "log", "now", clock_now_ms()); /* a done one may be asked for again */
    g_assert_cmpint(run_due(test, &log), ==, 1);
    g_assert_cmpstr(log.runs->str, ==, "now late now ");
    clock_restore();
    g_string_free(log.runs, TRUE);
}

static void failures_are_retried_then_parked(TestStore *test)
{
    Log log;
    log_init(&log);
    clock_simulate(1800000000000);
    log.fail_first = 100;
    add(test, "log", "bad", clock_now_ms());
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "bad", "due");
    clock_advance(JOB_BACKOFF_MS - 1);
    g_assert_cmpint(run_due(test, &log), ==, 0); /* not before its pause is over */
    clock_advance(1);
    g_assert_cmpint(run_due(test, &log), ==, 1);
    clock_advance(JOB_BACKOFF_MS * 2);
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "bad", "parked");
    g_autofree char *reason = test_store_sql(test, "SELECT reason FROM parked");
    g_assert_cmpstr(reason, ==, "planned failure");
    log.fail_first = 0;
    int64_t parked_id = test_store_number(test, "SELECT parked_id FROM parked");
    g_autoptr(GError) error = NULL;
    g_assert_true(attention_settle(test->store, parked_id, true, &error));
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "bad", "done");
    g_assert_false(attention_settle(test->store, parked_id, true, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_NOT_FOUND);
    clock_restore();
    g_string_free(log.runs, TRUE);
}

static void progress_is_kept(TestStore *test)
{
    Log log;
    log_init(&log);
    clock_simulate(1800000000000);
    add(test, "progress", "p", clock_now_ms());
    run_due(test, &log);
    clock_advance(JOB_BACKOFF_MS);
    run_due(test, &log);
    g_assert_cmpstr(log.runs->str, ==, "{\"a\":1}:none {\"a\":1}:{\"line\":7} ");
    clock_restore();
    g_string_free(log.runs, TRUE);
}

static void asked_for_again(TestStore *test)
{
    Log log;
    log_init(&log);
    clock_simulate(1800000000000);
    log.again_once = true;
    add(test, "log", "tick", clock_now_ms());
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "tick", "due");
    clock_advance(5000);
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "tick", "done");
    clock_restore();
    g_string_free(log.runs, TRUE);
}

enum { LOOKS_MAX = 12000 }; /* 5 ms apart: a minute */

static void wait_for_state(TestStore *test, const char *key, const char *want)
{
    for (int i = 0; i < LOOKS_MAX; i++) {
        g_autofree char *state = state_of(test, key);
        if (g_strcmp0(state, want) == 0) return;
        g_usleep(5000);
    }
    g_error("job %s never became %s", key, want);
}

/* With threads: woken by the commit, once more when asked for while it runs. */
static void workers_run_them(TestStore *test)
{
    Log log;
    log_init(&log);
    JobTable table = {kinds, G_N_ELEMENTS(kinds), &log};
    g_autoptr(GError) error = NULL;
    Jobs *jobs = jobs_start(test->store, &table, &error);
    g_assert_no_error(error);
    g_atomic_int_set(&log.block, 1);
    add(test, "log", "busy", clock_now_ms());
    wait_for_state(test, "busy", "running");
    add(test, "log", "busy", clock_now_ms());
    g_atomic_int_set(&log.block, 0);
    wait_for_state(test, "busy", "done");
    g_assert_cmpstr(log.runs->str, ==, "busy busy ");
    for (int i = 0; i < 20; i++) {
        g_autofree char *key = g_strdup_printf("many-%d", i);
        add(test, "log", key, clock_now_ms());
    }
    for (int i = 0; i < 20; i++) {
        g_autofree char *key = g_strdup_printf("many-%d", i);
        wait_for_state(test, key, "done");
    }
    jobs_stop(jobs);
    g_string_free(log.runs, TRUE);
}

/* Nothing is sent from a store that is held. */
static void held_stores_send_nothing(TestStore *test)
{
    Log log;
    log_init(&log);
    g_autofree char *sql = g_strdup("INSERT INTO setting VALUES ('store.held', 'a test', 0)");
    g_free(test_store_sql(test, sql));
    test_store_reopen(test);
    g_assert_true(store_held(test->store, NULL));
    add(test, "mail", "m", clock_now_ms() - START_MS_AGO);
    add(test, "log", "l", clock_now_ms() - START_MS_AGO);
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "m", "due");
    g_assert_true(store_release(test->store, NULL));
    g_assert_cmpint(run_due(test, &log), ==, 1);
    state_is(test, "m", "done");
    g_string_free(log.runs, TRUE);
}

/* ---- deaths ---- */

/* Runs `work` in a child process and waits for it; whether it died of a signal. */
static bool child_dies(TestStore *test, void (*work)(TestStore *test))
{
    pid_t child = fork();
    if (child == 0) {
        /* Its failed assertion is wanted: the harness must not read it. */
        bool quiet = freopen("/dev/null", "w", stderr) && freopen("/dev/null", "w", stdout);
        test_store_open(test);
        work(test);
        test_store_close(test);
        _exit(quiet ? 0 : 1);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    return WIFSIGNALED(status);
}

static bool deadly_run(Job *job, GError **error G_GNUC_UNUSED)
{
    g_assert_cmpstr(job_key(job), !=, "deadly"); /* the planted bug */
    return true;
}

static const JobKind deadly[] = {{.kind = "deadly", .run = deadly_run, .retries = 5}};

static void deadly_work(TestStore *test)
{
    JobTable table = {deadly, 1, NULL};
    Jobs *jobs = jobs_start(test->store, &table, NULL);
    for (int i = 0; i < LOOKS_MAX; i++) {
        g_autofree char *harmless = state_of(test, "harmless");
        g_autofree char *bad = state_of(test, "deadly");
        if (g_strcmp0(harmless, "done") == 0 && g_strcmp0(bad, "parked") == 0) break;
        g_usleep(5000);
    }
    jobs_stop(jobs);
}

/* A job that kills the process is tried twice, then parked; the others go on. */
static void a_deadly_job_is_parked(TestStore *test)
{
    add(test, "deadly", "deadly", clock_now_ms());
    add(test, "deadly", "harmless", clock_now_ms());
    test_store_close(test);
    g_assert_true(child_dies(test, deadly_work));
    g_assert_true(child_dies(test, deadly_work));
    g_assert_false(child_dies(test, deadly_work));
    state_is(test, "deadly", "parked");
    state_is(test, "harmless", "done");
    g_autofree char *stage = test_store_sql(test, "SELECT stage FROM parked");
    g_assert_cmpstr(stage, ==, "job:deadly");
}

enum { ITEMS = 20, DEADLY_ITEM = 13 };

typedef struct Saving {
    Stage *stage;
    int64_t position;
} Saving;

static bool save_run(Db *db, void *data, GError **error)
{
    Saving *saving = data;
    return stage_save(saving->stage, db, saving->position, error);
}

/* Works through items 1..ITEMS; the position is saved every fifth. */
static void stage_work(TestStore *test)
{
    g_autoptr(Stage) stage = stage_open(test->store, "sample", NULL);
    for (int64_t item = stage_position(stage) + 1; item <= ITEMS; item++) {
        if (stage_begin(stage, item)) {
            g_assert_cmpint(item, !=, DEADLY_ITEM); /* the planted bug */
            stage_end(stage);
        }
        Saving saving = {stage, item};
        if (item % 5 == 0)
            g_assert_true(
                writer_call(store_writer(test->store), WRITER_REST, save_run, &saving, NULL));
    }
}

static bool item_count(const AttentionItem *item, void *data, GError **error G_GNUC_UNUSED)
{
    g_assert_cmpstr(item->stage, ==, "sample");
    g_assert_cmpint(item->item, ==, DEADLY_ITEM);
    g_assert_nonnull(strstr(item->reason, "died twice"));
    *(int64_t *)data = item->parked_id;
    return true;
}

/* The planted assert: the process dies twice on an item, which is then parked, and the stage goes
 * on behind it. */
static void a_deadly_item_is_parked(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    test_store_close(test);
    g_assert_true(child_dies(test, stage_work));
    g_assert_cmpint(test_store_number(test, "SELECT position FROM stage"), ==, 10);
    g_assert_true(child_dies(test, stage_work));
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM parked"), ==, 0);
    g_assert_false(child_dies(test, stage_work));
    g_assert_cmpint(test_store_number(test, "SELECT position FROM stage"), ==, ITEMS);
    test_store_open(test);
    int64_t parked_id = 0;
    Db *db = store_reader_begin(test->store, &error);
    g_assert_true(attention_each(db, 10, item_count, &parked_id, &error));
    store_reader_end(test->store, db);
    g_assert_cmpint(parked_id, >, 0);
    g_autoptr(Stage) stage = stage_open(test->store, "sample", &error);
    g_assert_false(stage_begin(stage, DEADLY_ITEM));
    g_assert_cmpint(stage_retry_next(stage), ==, 0);
    g_assert_true(attention_settle(test->store, parked_id, true, &error));
    g_assert_cmpint(stage_retry_next(stage), ==, DEADLY_ITEM);
    g_assert_true(stage_begin(stage, DEADLY_ITEM));
    stage_end(stage);
}

/* Dying once on each of two items, by a kill from outside, parks neither. */
static void killed_work(TestStore *test)
{
    g_autoptr(Stage) stage = stage_open(test->store, "killed", NULL);
    int64_t item = stage_position(stage) + 1;
    Saving saving = {stage, item};
    g_assert_true(stage_begin(stage, item));
    g_assert_true(writer_call(store_writer(test->store), WRITER_REST, save_run, &saving, NULL));
    kill(getpid(), SIGKILL);
}

static void deaths_on_different_items_park_nothing(TestStore *test)
{
    test_store_close(test);
    for (int i = 0; i < 4; i++)
        g_assert_true(child_dies(test, killed_work));
    test_store_open(test);
    g_autoptr(Stage) stage = stage_open(test->store, "killed", NULL);
    g_assert_cmpint(stage_position(stage), ==, 4);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM parked"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/jobs/due", due_once_and_in_time);
    test_store_add("/store/jobs/retried", failures_are_retried_then_parked);
    test_store_add("/store/jobs/progress", progress_is_kept);
    test_store_add("/store/jobs/again", asked_for_again);
    test_store_add("/store/jobs/workers", workers_run_them);
    test_store_add("/store/jobs/held", held_stores_send_nothing);
    test_store_add("/store/jobs/deadly", a_deadly_job_is_parked);
    test_store_add("/store/stage/deadly", a_deadly_item_is_parked);
    test_store_add("/store/stage/different", deaths_on_different_items_park_nothing);
    return g_test_run();
}
