#include "app/jobs.h"

#include "app/app_private.h"

#include "base/clock.h"
#include "base/ids.h"
#include "people/erase.h"
#include "timeline/order_jobs.h"
#include "timeline/reconcile.h"
#include "timeline/retention.h"

/* Hourly housekeeping of the timeline: heads are sealed, old messages forgotten. */
static bool hourly_write(Db *db, void *data, GError **error)
{
    return timeline_hourly(data, db, clock_now_ms(), error);
}

static bool hourly_run(Job *job, GError **error)
{
    App *app = job_context(job);
    imports_tidy(app_imports(app), false);
    return writer_call(store_writer(app_store(app)), WRITER_REST, hourly_write, app_timeline(app),
                       error);
}

static bool retention_daily(Job *job, GError **error)
{
    App *app = job_context(job);
    return retention_run(app_timeline(app), job, clock_now_ms(), NULL, error);
}

static bool rebase_run(Job *job, GError **error)
{
    return orders_rebase_job(job, app_orders(job_context(job)), error);
}

static bool erase_rest_run(Job *job, GError **error)
{
    int64_t erasure_id = 0;
    if (!id_parse(slice_of(job_key(job)), &erasure_id, error)) return false;
    return people_erase_rest(app_people(job_context(job)), erasure_id, error);
}

static bool mail_test_run(Job *job, GError **error)
{
    return delivery_test_run(app_delivery(job_context(job)), job, error);
}

static bool mail_user_run(Job *job, GError **error)
{
    return delivery_user_run(app_delivery(job_context(job)), job, error);
}

static bool address_run(Job *job, GError **error)
{
    return delivery_address_run(app_delivery(job_context(job)), job, error);
}

static bool letter_run(Job *job, GError **error)
{
    App *app = job_context(job);
    return letters_send(app->measure, app->delivery, app->url, clock_now_ms(), error);
}

static bool shop_reconcile_run(Job *job, GError **error)
{
    App *app = job_context(job);
    return reconcile_run(app->hooks, job, error);
}

static bool mailbox_tidy_run(Job *job, GError **error)
{
    return mailbox_tidy(delivery_mailbox(app_delivery(job_context(job))), clock_now_ms(), error);
}

static bool inbound_read(Job *job, GError **error)
{
    return inbound_run(app_inbound(job_context(job)), job, error);
}

static bool answer_run(Job *job, GError **error)
{
    return inbox_answer_run(app_inbox(job_context(job)), job, error);
}

static const JobKind kinds[] = {
    {.kind = PEOPLE_ERASE_JOB, .run = erase_rest_run, .retries = 9},
    {.kind = "timeline.hourly", .run = hourly_run, .retries = 3, .every_ms = CLOCK_HOUR_MS},
    {.kind = RETENTION_JOB, .run = retention_daily, .retries = 3, .every_ms = CLOCK_DAY_MS},
    {.kind = ORDERS_REBASE_JOB, .run = rebase_run, .retries = 3},
    {.kind = DELIVERY_TEST_JOB, .run = mail_test_run},
    {.kind = DELIVERY_ADDRESS_JOB, .run = address_run},
    {.kind = DELIVERY_USER_JOB, .run = mail_user_run, .sends = true},
    {.kind = LETTER_JOB, .run = letter_run, .retries = 3, .sends = true, .every_ms = CLOCK_HOUR_MS},
    {.kind = INBOUND_JOB, .run = inbound_read, .every_ms = INBOUND_EVERY_MS},
    {.kind = INBOUND_NOW_JOB, .run = inbound_read, .retries = 3},
    {.kind = INBOX_ANSWER_JOB, .run = answer_run, .retries = 3, .sends = true},
    {.kind = RECONCILE_JOB, .run = shop_reconcile_run, .retries = 9},
    {.kind = DELIVERY_TIDY_JOB, .run = mailbox_tidy_run, .retries = 3, .every_ms = CLOCK_DAY_MS},
};

JobTable app_job_table(App *app)
{
    return (JobTable){.kinds = kinds, .count = G_N_ELEMENTS(kinds), .context = app};
}

bool app_jobs_start(App *app, GError **error)
{
    JobTable table = app_job_table(app);
    app->jobs = jobs_start(app_store(app), &table, error);
    return app->jobs != NULL;
}
