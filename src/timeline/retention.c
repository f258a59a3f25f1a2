#include "timeline/retention.h"

#include "base/clock.h"
#include "base/zones.h"
#include "timeline/business.h"
#include "timeline/event.h"
#include "timeline/retention_sql.h"

#include <string.h>

/* What orders stand on. */
static const char *const kept[] = {"Order Completed", "Order Refunded", "Order Cancelled", NULL};

bool retention_allowed(Slice name)
{
    for (size_t i = 0; kept[i]; i++)
        if (slice_is(name, kept[i])) return false;
    return true;
}

typedef struct Rule {
    int64_t name_id, before; /* events that occurred before this are over */
} Rule;

typedef struct Due {
    int64_t person_id, event_id, name_id, day;
} Due;

/* One run over the whole table. */
typedef struct Sweep {
    Timeline *timeline;
    const Zone *zone;
    GArray *rules; /* of Rule, by name_id */
    GArray *due;   /* of Due: what the last read found */
    int64_t person_id, event_id;
    int64_t deleted;
    guint begin, end; /* of `due`, what one unit deletes */
    bool over;
} Sweep;

static void sweep_clear(Sweep *sweep)
{
    g_clear_pointer(&sweep->rules, g_array_unref);
    g_clear_pointer(&sweep->due, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sweep, sweep_clear)

static bool rules_load(Sweep *sweep, Db *db, int64_t now, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    if (!sql_retention_rules_open(db, &cursor, error)) return false;
    RetentionRulesRow row;
    while (sql_retention_rules_next(&cursor, &row)) {
        const char *name = names_text(timeline_names(sweep->timeline), row.name_id);
        Rule rule = {row.name_id, now - row.days * CLOCK_DAY_MS};
        if (name && retention_allowed(slice_of(name))) g_array_append_val(sweep->rules, rule);
    }
    return db_cursor_finish(&cursor, error);
}

static bool sweep_begin(Sweep *sweep, Db *db, int64_t now, GError **error)
{
    Business business;
    if (!business_load(db, &business, error)) return false;
    sweep->zone = zone_find(slice_of(*business.zone ? business.zone : "UTC"), error);
    return sweep->zone && rules_load(sweep, db, now, error);
}

static const Rule *rule_find(const Sweep *sweep, int64_t name_id)
{
    for (guint i = 0; i < sweep->rules->len; i++) {
        const Rule *rule = &g_array_index(sweep->rules, Rule, i);
        if (rule->name_id == name_id) return rule;
    }
    return NULL;
}

static void due_add(Sweep *sweep, const RetentionScanRow *row)
{
    const Rule *rule = rule_find(sweep, row->name_id);
    if (!rule || row->occurred_at >= rule->before) return;
    int64_t local = row->occurred_at + zone_offset_ms(sweep->zone, row->occurred_at);
    Due due = {row->person_id, row->event_id, row->name_id, local / CLOCK_DAY_MS};
    g_array_append_val(sweep->due, due);
}

static bool sweep_read(Sweep *sweep, Db *db, GError **error)
{
    RetentionScanParams params = {
        .person_id = sweep->person_id, .event_id = sweep->event_id, .rows = RETENTION_SCAN_ROWS};
    g_auto(DbCursor) cursor = {0};
    if (!sql_retention_scan_open(db, &params, &cursor, error)) return false;
    RetentionScanRow row;
    int64_t count = 0;
    for (; sql_retention_scan_next(&cursor, &row); count++) {
        sweep->person_id = row.person_id;
        sweep->event_id = row.event_id;
        due_add(sweep, &row);
    }
    sweep->over = count < RETENTION_SCAN_ROWS;
    return db_cursor_finish(&cursor, error);
}

static bool delete_run(Db *db, void *data, GError **error)
{
    Sweep *sweep = data;
    for (guint i = sweep->begin; i < sweep->end; i++) {
        const Due *due = &g_array_index(sweep->due, Due, i);
        EventKey key = {due->person_id, due->event_id, due->name_id};
        if (!event_delete(sweep->timeline, db, &key, error)) return false;
        RetentionCountParams count = {.name_id = due->name_id, .day = due->day};
        if (!sql_retention_count(db, &count, NULL, error)) return false;
    }
    return true;
}

static bool sweep_delete(Sweep *sweep, GError **error)
{
    Writer *writer = store_writer(timeline_store(sweep->timeline));
    for (sweep->begin = 0; sweep->begin < sweep->due->len; sweep->begin = sweep->end) {
        sweep->end = MIN(sweep->begin + RETENTION_UNIT_ROWS, sweep->due->len);
        if (!writer_call(writer, WRITER_REST, delete_run, sweep, error)) return false;
        sweep->deleted += sweep->end - sweep->begin;
    }
    return true;
}

static bool sweep_step(Sweep *sweep, GError **error)
{
    Store *store = timeline_store(sweep->timeline);
    g_array_set_size(sweep->due, 0);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool read = sweep_read(sweep, db, error);
    store_reader_end(store, db);
    return read && sweep_delete(sweep, error);
}

bool retention_run(Timeline *timeline, Job *job, int64_t now, int64_t *ret_deleted, GError **error)
{
    g_auto(Sweep) sweep = {.timeline = timeline,
                           .rules = g_array_new(FALSE, FALSE, sizeof(Rule)),
                           .due = g_array_new(FALSE, FALSE, sizeof(Due)),
                           .person_id = INT64_MIN};
    Db *db = store_reader_begin(timeline_store(timeline), error);
    if (!db) return false;
    bool begun = sweep_begin(&sweep, db, now, error);
    store_reader_end(timeline_store(timeline), db);
    if (!begun) return false;
    sweep.over = sweep.rules->len == 0;
    while (!sweep.over && !(job && job_stopping(job)))
        if (!sweep_step(&sweep, error)) return false;
    if (ret_deleted) *ret_deleted = sweep.deleted;
    return true;
}
