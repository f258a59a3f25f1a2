#include "store/calm.h"

#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/store_private.h"
#include "store/store_sql.h"

#define CALM_SETTING "calm"

/* No cache of what people are and did depends on these: they are written at each start and stop,
 * and by commands that change no person. Currency and zone of the business (setting) are looked at
 * by whoever uses them. */
static const char *const indifferent[] = {"setting", "node",    "job",   "parked",      "account",
                                          "session", "api_key", "audit", "account_link"};

static bool is_indifferent(const char *table)
{
    for (size_t i = 0; i < G_N_ELEMENTS(indifferent); i++)
        if (strcmp(table, indifferent[i]) == 0) return true;
    return false;
}

/* All below on the writer's thread. */

static void written(void *data, const DbStatement *statement, const DbValue *values)
{
    (void)values;
    Store *store = data;
    if (store->calm != CALM_OVER && !is_indifferent(statement->writes)) store->calm = CALM_ENDS;
}

static void nothing(void *data) { (void)data; }

bool calm_watch(Store *store, GError **error)
{
    WriterWatch watch = {nothing, nothing, nothing, nothing, store, written};
    return writer_watch(store->writer, &watch, error);
}

bool calm_keep(Store *store, Db *db, GError **error)
{
    if (store->calm != CALM_ENDS) return true;
    g_autofree char *path = folder_file(&store->folder, STORE_CALM_FILE);
    g_unlink(path);
    return sql_setting_delete(db, &(SettingDeleteParams){CALM_SETTING}, NULL, error);
}

void calm_kept(Store *store, bool done)
{
    if (done && store->calm == CALM_ENDS) store->calm = CALM_OVER;
}

typedef struct Mark {
    Store *store;
    const char *token;
    bool (*still)(void *data);
    void *data;
} Mark;

static bool mark_save(Db *db, void *data, GError **error)
{
    const Mark *mark = data;
    if (!mark->still(mark->data))
        return fail(error, KITH_ERROR_CONFLICT, "something was written meanwhile");
    SettingSaveParams params = {CALM_SETTING, mark->token, clock_now_ms()};
    if (!db_begin(db, "IMMEDIATE", error)) return false;
    if (!sql_setting_save(db, &params, NULL, error)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, error)) return false;
    mark->store->calm = CALM_UNKNOWN; /* the next write looks again */
    return true;
}

bool store_calm_mark(Store *store, const char *token, bool (*still)(void *data), void *data,
                     GError **error)
{
    Mark mark = {store, token, still, data};
    return writer_between(store->writer, mark_save, &mark, error);
}

bool store_calm_find(Store *store, char **ret_token, GError **error)
{
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool found;
    SettingFindRow row;
    bool done = sql_setting_find(db, &(SettingFindParams){CALM_SETTING}, &row, &found, error);
    if (done) *ret_token = found ? g_strdup(row.value) : NULL;
    store_reader_end(store, db);
    return done;
}
