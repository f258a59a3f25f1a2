#include "timeline/order_jobs.h"

typedef struct RebaseUnit {
    Orders *orders;
    OrderRebase at;
} RebaseUnit;

static bool rebase_write(Db *db, void *data, GError **error)
{
    RebaseUnit *unit = data;
    return orders_rebase(unit->orders, db, &unit->at, error);
}

bool orders_rebase_ask(Db *db, int64_t now, GError **error)
{
    return jobs_add(db, &(JobAdd){.kind = ORDERS_REBASE_JOB, .key = "", .due_at = now}, error);
}

bool orders_rebase_job(Job *job, Orders *orders, GError **error)
{
    RebaseUnit unit = {.orders = orders, .at = {.person_id = INT64_MIN}};
    while (!unit.at.over) {
        if (job_stopping(job)) {
            job_again(job, 0);
            return true;
        }
        if (!writer_call(store_writer(job_store(job)), WRITER_REST, rebase_write, &unit, error))
            return false;
    }
    return true;
}
