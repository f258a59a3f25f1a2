#include "store/attention.h"

#include "base/clock.h"
#include "store/jobs_sql.h"
#include "store/store_private.h"
#include "store/store_sql.h"

bool attention_each(Db *db, int64_t limit,
                    bool (*visit)(const AttentionItem *item, void *data, GError **error),
                    void *data, GError **error)
{
    ParkedListParams params = {limit};
    ParkedListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_parked_list_open(db, &params, &cursor, error)) return false;
    while (sql_parked_list_next(&cursor, &row)) {
        AttentionItem item = {row.parked_id, row.stage, row.item, row.reason, row.at};
        if (!visit(&item, data, error)) return false;
    }
    return db_cursor_finish(&cursor, error);
}

typedef struct SettleUnit {
    int64_t parked_id;
    bool retry;
    char *stage; /* of a stage's item that is to be tried again */
    int64_t item;
} SettleUnit;

static bool job_settle(Db *db, int64_t id, bool retry, GError **error)
{
    JobUnparkParams unpark = {id, clock_now_ms()};
    JobDropParams drop = {id, clock_now_ms()};
    if (!retry) return sql_job_drop(db, &drop, NULL, error);
    g_atomic_int_set(&db_store(db)->jobs_added, 1);
    return sql_job_unpark(db, &unpark, NULL, error);
}

static bool settle_unit(Db *db, void *data, GError **error)
{
    SettleUnit *unit = data;
    ParkedFindParams find = {unit->parked_id};
    ParkedFindRow row;
    bool found = false;
    if (!sql_parked_find(db, &find, &row, &found, error)) return false;
    if (!found)
        return fail(error, KITH_ERROR_NOT_FOUND, "no parked item %" G_GINT64_FORMAT,
                    unit->parked_id);
    bool job = g_str_has_prefix(row.stage, "job:");
    g_free(unit->stage);
    unit->stage = job ? NULL : g_strdup(row.stage);
    unit->item = row.item;
    ParkedSettleParams settle = {unit->parked_id, clock_now_ms()};
    if (!sql_parked_settle(db, &settle, NULL, error)) return false;
    return !job || job_settle(db, unit->item, unit->retry, error);
}

static void retry_note(Store *store, const char *stage, int64_t item)
{
    Retry retry = {.item = item};
    g_strlcpy(retry.stage, stage, sizeof retry.stage);
    g_mutex_lock(&store->retry_mutex);
    g_array_append_val(store->retries, retry);
    g_mutex_unlock(&store->retry_mutex);
}

bool attention_settle(Store *store, int64_t parked_id, bool retry, GError **error)
{
    SettleUnit unit = {.parked_id = parked_id, .retry = retry};
    bool done = writer_call(store_writer(store), WRITER_REST, settle_unit, &unit, error);
    if (done && retry && unit.stage) retry_note(store, unit.stage, unit.item);
    g_free(unit.stage);
    return done;
}
