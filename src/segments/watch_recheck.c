#include "segments/watch_private.h"

#include "base/clock.h"
#include "base/zones.h"
#include "segments/ranks.h"
#include "segments/segments_sql.h"
#include "segments/watch_sql.h"
#include "segments/watch_write.h"

enum { NOTE_ROWS = 500 }; /* of one unit of the writer */

/* ---- whom the record is wrong about ---- */

/* Who is in one of two lists, both rising. */
static GArray *ids_differ(const GArray *a, const GArray *b)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0, k = 0; i < a->len || k < b->len;) {
        int64_t x = i < a->len ? g_array_index(a, int64_t, i) : INT64_MAX;
        int64_t y = k < b->len ? g_array_index(b, int64_t, k) : INT64_MAX;
        int64_t less = MIN(x, y);
        if (x != y) g_array_append_val(out, less);
        i += x == less;
        k += y == less;
    }
    return out;
}

typedef struct Noting {
    const GArray *ids;
    guint from;
    int64_t at;
} Noting;

static bool note_run(Db *db, void *data, GError **error)
{
    const Noting *noting = data;
    for (guint i = noting->from; i < MIN(noting->from + NOTE_ROWS, noting->ids->len); i++) {
        DirtyNoteParams params = {g_array_index(noting->ids, int64_t, i), noting->at};
        if (!sql_dirty_note(db, &params, NULL, error)) return false;
    }
    return true;
}

static bool people_note(const Watch *watch, const GArray *ids, int64_t at, GError **error)
{
    Writer *writer = store_writer(segments_store(watch->segments));
    Noting noting = {ids, 0, at};
    for (; noting.from < ids->len; noting.from += NOTE_ROWS)
        if (!writer_call(writer, WRITER_TIMER, note_run, &noting, error)) return false;
    return true;
}

static bool segment_recheck(const Watch *watch, const Watched *watched, int64_t now, bool *ret_did,
                            GError **error)
{
    const Rule *rules[] = {watched->rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = now};
    g_autoptr(SegmentAnswer) answer = segments_ask(watch->segments, &ask, error);
    if (!answer) return false;
    g_autoptr(GArray) is = segment_answer_ids(answer, 0);
    g_autoptr(GArray) recorded = watch_members(watch->segments, watched->segment_id, error);
    if (!recorded) return false;
    g_autoptr(GArray) wrong = ids_differ(is, recorded);
    *ret_did = *ret_did || wrong->len > 0;
    return people_note(watch, wrong, now, error);
}

static bool records_recheck(Watch *watch, int64_t now, bool all, bool *ret_did, GError **error)
{
    ranks_forget(watch->segments);
    watch->ranked_at = now;
    for (guint i = 0; i < watch->watched->len; i++) {
        const Watched *watched = watch->watched->pdata[i];
        bool behind = watched->recorded != watched->version; /* is gone over anyway */
        if (behind || !(all || watched->ranked)) continue;
        if (!segment_recheck(watch, watched, now, ret_did, error)) return false;
    }
    return true;
}

/* ---- the business ---- */

static char *business_text(const Evaluation *evaluation)
{
    return g_strdup_printf("%s %s %" G_GINT64_FORMAT, zone_name(evaluation->moment.zone),
                           evaluation->currency, evaluation->gap_days);
}

static bool business_recorded(Watch *watch, GError **error)
{
    bool found;
    LoadSettingRow row;
    if (watch->business) return true;
    Store *store = segments_store(watch->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done =
        sql_load_setting(db, &(LoadSettingParams){"segments.business"}, &row, &found, error);
    if (done) watch->business = g_strdup(found ? row.value : "");
    store_reader_end(store, db);
    return done;
}

typedef struct Behind {
    const Watch *watch;
    const char *business;
} Behind;

static bool behind_run(Db *db, void *data, GError **error)
{
    const Behind *behind = data;
    const GPtrArray *list = behind->watch->watched;
    for (guint i = 0; i < list->len; i++) {
        WatchBehindParams params = {((const Watched *)list->pdata[i])->segment_id};
        if (!sql_watch_behind(db, &params, NULL, error)) return false;
    }
    WatchBusinessSaveParams save = {behind->business, clock_now_ms()};
    return sql_watch_business_save(db, &save, NULL, error);
}

/* Instants of the calendar and amounts are others with it: all records are gone over. */
static bool business_follow(Watch *watch, bool *ret_did, GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, watch->segments, 0);
    if (!business_recorded(watch, error) || !evaluation_business(&evaluation, error)) return false;
    g_autofree char *business = business_text(&evaluation);
    if (g_str_equal(business, watch->business)) return true;
    Behind behind = {watch, business};
    Writer *writer = store_writer(segments_store(watch->segments));
    if (!writer_call(writer, WRITER_TIMER, behind_run, &behind, error)) return false;
    g_free(watch->business);
    watch->business = g_steal_pointer(&business);
    watch_renew(watch);
    *ret_did = true;
    return true;
}

bool watch_recheck(Watch *watch, int64_t now, bool *ret_did, GError **error)
{
    *ret_did = false;
    if (watch->watched->len == 0) return true;
    if (!business_follow(watch, ret_did, error)) return false;
    bool all = g_atomic_int_compare_and_exchange(&watch->recheck, 1, 0);
    bool old = watch->ranked_at == 0 || now - watch->ranked_at >= JUDGE_RANK_AGE_MS;
    if (!all && !old) return true;
    if (watch_land(watch, error) && records_recheck(watch, now, all, ret_did, error)) return true;
    if (all) g_atomic_int_set(&watch->recheck, 1);
    watch->ranked_at = 0;
    return false;
}
