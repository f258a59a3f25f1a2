#include "segments/watch_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "net/audit.h"
#include "segments/watch_sql.h"
#include "segments/watch_write.h"

enum {
    WATCH_PAUSE_MS = 1000,       /* after a failure */
    ITEMS_MAX = 2 * WATCH_BATCH, /* judged at once: whom something happened to, or falls due of */
    RECORD_ROWS = 500,           /* cleared in one unit */
    DUE_ROWS = 10000,            /* of all segments, looked through for that */
};

/* ---- hearing of changes; on the writer's thread ---- */

/* Without a stem an event is nobody's, while of other things more people are meant than were named.
 */
static bool is_of_everybody(const StoreChange *change)
{
    return change->kind != CHANGE_EVENT && change->kind != CHANGE_ORDER;
}

static bool watch_changed(void *data, Db *db, const StoreChange *change, GError **error)
{
    Watch *watch = data;
    if (change->stem == 0) {
        watch->many = watch->many || is_of_everybody(change);
        return true;
    }
    int64_t person = people_person(segments_people(watch->segments), change->stem);
    bool apart = change->stem > 0 && person != change->stem && change->kind == CHANGE_PERSON;
    if (!watch_concerns(watch, change, person, apart ? change->stem : 0)) return true;
    watch->noted = true;
    if (person && !sql_dirty_note(db, &(DirtyNoteParams){person, change->at}, NULL, error))
        return false;
    return !apart || sql_dirty_note(db, &(DirtyNoteParams){change->stem, change->at}, NULL, error);
}

static void watch_wake(Watch *watch)
{
    g_mutex_lock(&watch->mutex);
    watch->woken = true;
    g_cond_signal(&watch->cond);
    g_mutex_unlock(&watch->mutex);
}

static void group_commit(void *data)
{
    Watch *watch = data;
    if (watch->many) g_atomic_int_set(&watch->recheck, 1);
    if (watch->noted || watch->many) watch_wake(watch);
    watch->noted = watch->many = false;
}

static void nothing(void *data) { (void)data; }

/* What was rolled back was noted as a hint all the same: they do not count any more. */
static void group_undo(void *data) { watch_hints_widen(data); }

void watch_renew(Watch *watch)
{
    if (!watch) return;
    g_atomic_int_set(&watch->renew, 1);
    watch_wake(watch);
}

/* ---- what waits ---- */

/* What is read of the list: not whom nothing can be judged of yet. */
typedef struct Reading {
    Watch *watch;
    int64_t now;
    int64_t oldest;     /* of all that waits */
    GArray *items;      /* with room for all */
    GHashTable *people; /* of items; keys in them */
} Reading;

static void item_read(Reading *reading, const WatchItem *item)
{
    reading->oldest = MIN(reading->oldest, item->at);
    bool room = reading->items->len < ITEMS_MAX;
    if (!room || watch_flies(reading->watch, item->stem) ||
        g_hash_table_contains(reading->people, &item->stem))
        return;
    g_array_append_val(reading->items, *item);
    guint last = reading->items->len - 1;
    g_hash_table_add(reading->people, &g_array_index(reading->items, WatchItem, last).stem);
}

/* What is due of who is on the list as well is found again. */
static bool dues_read(Db *db, Reading *reading, GError **error)
{
    DueListRow row;
    g_auto(DbCursor) cursor = {0};
    const Moves *flight = reading->watch->flight;
    DueListParams params = {reading->now, WATCH_BATCH + (flight ? flight->dues->len : 0)};
    if (!sql_due_list_open(db, &params, &cursor, error)) return false;
    while (sql_due_list_next(&cursor, &row))
        item_read(reading, &(WatchItem){.stem = row.person_id, .at = row.due_at});
    return db_cursor_finish(&cursor, error);
}

static bool dirty_read(Db *db, Reading *reading, GError **error)
{
    DirtyListRow row;
    g_auto(DbCursor) cursor = {0};
    const Moves *flight = reading->watch->flight;
    DirtyListParams params = {WATCH_BATCH + (flight ? flight->done->len : 0)};
    if (!sql_dirty_list_open(db, &params, &cursor, error)) return false;
    while (sql_dirty_list_next(&cursor, &row))
        item_read(reading,
                  &(WatchItem){.stem = row.person_id, .at = row.at, .revision = row.revision});
    return db_cursor_finish(&cursor, error);
}

static gint item_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = ((const WatchItem *)a)->at, y = ((const WatchItem *)b)->at;
    return (x > y) - (x < y);
}

static bool items_read(Reading *reading, GError **error)
{
    Store *store = segments_store(reading->watch->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    reading->people = g_hash_table_new(id_hash, g_int64_equal);
    bool done = dirty_read(db, reading, error) && dues_read(db, reading, error);
    g_hash_table_unref(reading->people);
    store_reader_end(store, db);
    g_array_sort(reading->items, item_compare);
    return done;
}

/* ---- a record that begins, or follows an edit ---- */

bool watch_scans(const Watch *watch, const Watched *watched)
{
    for (guint i = 0; i < watch->scan->len; i++) {
        const WatchScan *scan = &g_array_index(watch->scan, WatchScan, i);
        if (scan->segment_id == watched->segment_id) return scan->version == watched->version;
    }
    return false;
}

/* All that are behind are gone over together. */
static void scan_begin(Watch *watch)
{
    watch->scan_person = INT64_MIN;
    for (guint i = 0; i < watch->watched->len; i++) {
        const Watched *watched = watch->watched->pdata[i];
        WatchScan scan = {watched->segment_id, watched->version};
        if (watched->recorded != watched->version) g_array_append_val(watch->scan, scan);
    }
}

static bool scan_end(Watch *watch, GError **error)
{
    for (guint i = 0; i < watch->watched->len; i++) {
        Watched *watched = watch->watched->pdata[i];
        bool behind = watched->recorded != watched->version && watch_scans(watch, watched);
        if (behind && !watch_recorded(watch, watched, error)) return false;
    }
    g_array_set_size(watch->scan, 0);
    return true;
}

static bool people_read(Watch *watch, int64_t now, GArray *items, GError **error)
{
    RecordPeopleRow row;
    Store *store = segments_store(watch->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    RecordPeopleParams params = {watch->scan_person, WATCH_BATCH};
    DbCursor cursor = {0};
    bool done = sql_record_people_open(db, &params, &cursor, error);
    while (done && sql_record_people_next(&cursor, &row)) {
        WatchItem item = {.stem = row.person_id, .at = now, .scan = true};
        g_array_append_val(items, item);
    }
    done = done && db_cursor_finish(&cursor, error);
    db_cursor_clear(&cursor);
    store_reader_end(store, db);
    return done;
}

/* One chunk of people for the records that are behind; `ret_did`: there were some. */
static bool record_step(Watch *watch, int64_t now, bool *ret_did, GError **error)
{
    if (watch->scan->len == 0) scan_begin(watch);
    *ret_did = watch->scan->len > 0;
    if (!*ret_did) return true;
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(WatchItem));
    if (!people_read(watch, now, items, error)) return false;
    if (!watch_move(watch, items, now, error)) return false;
    if (items->len < WATCH_BATCH) return watch_land(watch, error) && scan_end(watch, error);
    watch->scan_person = g_array_index(items, WatchItem, items->len - 1).stem;
    return true;
}

/* ---- one step ---- */

static void state_set(Watch *watch, const Reading *reading)
{
    g_mutex_lock(&watch->mutex);
    watch->state.waiting = reading->items->len;
    watch->state.lag_ms = MAX(reading->now - reading->oldest, 0);
    watch->state.as_of = MIN(reading->oldest, reading->now);
    g_mutex_unlock(&watch->mutex);
}

/* Where others are asked for, what is on its way lands first. */
static bool watch_follow(Watch *watch, GError **error)
{
    if (!g_atomic_int_get(&watch->renew)) return true;
    if (!watch_land(watch, error)) return false;
    g_atomic_int_set(&watch->renew, 0);
    if (watch_read(watch, error)) return true;
    g_atomic_int_set(&watch->renew, 1);
    return false;
}

/* Judges who waits longest; `ret_did`: somebody did, or something was on its way. */
static bool watch_step(Watch *watch, bool *ret_did, GError **error)
{
    bool began, found, flew = watch->flight != NULL;
    if (!watch_follow(watch, error)) return false;
    int64_t now = clock_now_ms();
    g_autoptr(GArray) items = g_array_sized_new(FALSE, FALSE, sizeof(WatchItem), ITEMS_MAX);
    Reading reading = {.watch = watch, .now = now, .oldest = now, .items = items};
    if (!watch_recheck(watch, now, &found, error)) return false;
    if (!items_read(&reading, error)) return false;
    state_set(watch, &reading);
    if (!watch_move(watch, items, now, error)) return false;
    if (!record_step(watch, now, &began, error)) return false;
    bool moved = items->len > 0 || began;
    if (!moved && !watch_land(watch, error)) return false;
    *ret_did = moved || found || flew;
    return true;
}

bool watch_settle(Watch *watch, GError **error)
{
    bool did = true;
    g_assert(!watch->thread);
    while (did)
        if (!watch_step(watch, &did, error)) return false;
    return true;
}

/* ---- the thread ---- */

/* What is watched may have changed meanwhile: it is read anew before the next try. */
static void watch_failed(Watch *watch)
{
    g_mutex_lock(&watch->mutex);
    watch->state.failures++;
    g_mutex_unlock(&watch->mutex);
    g_atomic_int_set(&watch->renew, 1);
}

/* Until something is put on the list, falls due, or the longest wait is over. */
static void watch_wait(Watch *watch, int64_t ms)
{
    int64_t until = g_get_monotonic_time() + ms * 1000;
    g_mutex_lock(&watch->mutex);
    while (!watch->woken && !watch->stopping)
        if (!g_cond_wait_until(&watch->cond, &watch->mutex, until)) break;
    watch->woken = false;
    g_mutex_unlock(&watch->mutex);
}

static bool watch_is_stopping(Watch *watch)
{
    g_mutex_lock(&watch->mutex);
    bool stopping = watch->stopping;
    g_mutex_unlock(&watch->mutex);
    return stopping;
}

static int64_t until_due(Watch *watch)
{
    DueNextRow row;
    bool found = false;
    Store *store = segments_store(watch->segments);
    Db *db = store_reader_begin(store, NULL);
    if (!db) return WATCH_IDLE_MS;
    bool done = sql_due_next(db, &row, &found, NULL);
    store_reader_end(store, db);
    int64_t wait = done && found ? row.due_at - clock_now_ms() : WATCH_IDLE_MS;
    return CLAMP(wait, 1, WATCH_IDLE_MS);
}

static gpointer watch_thread(gpointer data)
{
    Watch *watch = data;
    Store *store = segments_store(watch->segments);
    while (!watch_is_stopping(watch)) {
        bool did = false;
        g_autoptr(GError) error = NULL;
        if (store_held(store, NULL)) {
            watch_wait(watch, WATCH_PAUSE_MS);
            continue;
        }
        if (!watch_step(watch, &did, &error)) {
            watch_failed(watch);
            watch_wait(watch, WATCH_PAUSE_MS);
            continue;
        }
        if (!did) watch_wait(watch, until_due(watch));
    }
    watch_land(watch, NULL);
    return NULL;
}

bool watch_start(Watch *watch, GError **error)
{
    if (!watch_read(watch, error)) return false;
    watch->thread = g_thread_new("watch", watch_thread, watch);
    return true;
}

void watch_stop(Watch *watch)
{
    if (!watch || !watch->thread) return;
    g_mutex_lock(&watch->mutex);
    watch->stopping = true;
    g_cond_signal(&watch->cond);
    g_mutex_unlock(&watch->mutex);
    g_thread_join(watch->thread);
    watch->thread = NULL;
}

/* ---- opening ---- */

static bool watch_listen(Watch *watch, GError **error)
{
    Store *store = segments_store(watch->segments);
    WriterWatch hook = {.unit_begin = nothing,
                        .unit_undo = group_undo,
                        .group_commit = group_commit,
                        .group_undo = group_undo,
                        .data = watch};
    if (!store_listen(store, &(StoreListener){watch_changed, watch}, error)) return false;
    watch->listening = true;
    return writer_watch(store_writer(store), &hook, error);
}

Watch *watch_new(Segments *segments, GError **error)
{
    Watch *watch = g_new0(Watch, 1);
    watch->segments = segments;
    watch->scan = g_array_new(FALSE, FALSE, sizeof(WatchScan));
    watch->memory = watch_memory_new();
    watch_figures_init(&watch->figures);
    watch->hints = g_hash_table_new_full(id_hash, g_int64_equal, NULL, g_free);
    g_mutex_init(&watch->mutex);
    g_cond_init(&watch->cond);
    if (watch_read(watch, error) && watch_listen(watch, error)) {
        segments->watch = watch;
        return watch;
    }
    watch_free(watch);
    return NULL;
}

void watch_free(Watch *watch)
{
    if (!watch) return;
    watch_stop(watch);
    watch_land(watch, NULL);
    Store *store = segments_store(watch->segments);
    if (watch->listening) {
        store_unlisten(store, watch);
        writer_unwatch(store_writer(store), watch);
    }
    watch->segments->watch = NULL;
    if (watch->watched) g_ptr_array_unref(watch->watched);
    if (watch->index.names) g_hash_table_unref(watch->index.names);
    g_hash_table_unref(watch->hints);
    watch_memory_free(watch->memory);
    watch_figures_clear(&watch->figures);
    g_array_unref(watch->scan);
    g_free(watch->business);
    g_mutex_clear(&watch->mutex);
    g_cond_clear(&watch->cond);
    g_free(watch);
}

WatchState watch_state(Watch *watch)
{
    g_mutex_lock(&watch->mutex);
    WatchState state = watch->state;
    g_mutex_unlock(&watch->mutex);
    return state;
}

/* ---- pinning ---- */

typedef struct Pin {
    int64_t segment_id, audit_id;
    const Actor *by;
    bool watched;
} Pin;

static bool pin_run(Db *db, void *data, GError **error)
{
    bool found;
    const Pin *pin = data;
    WatchSegmentRow row;
    int64_t now = clock_now_ms();
    if (!sql_watch_segment(db, &(WatchSegmentParams){pin->segment_id}, &row, &found, error))
        return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such segment");
    if (row.watched_at.set == pin->watched) return true;
    WatchSetParams params = {pin->segment_id, pin->watched ? db_int(now) : (DbInt){0}};
    AuditEntry entry = {.audit_id = pin->audit_id,
                        .at = now,
                        .by = pin->by,
                        .action = pin->watched ? "segment.watch" : "segment.unwatch",
                        .kind = "segment",
                        .id = pin->segment_id};
    return sql_watch_set(db, &params, NULL, error) && audit_add(db, &entry, error);
}

typedef struct Clearing {
    int64_t segment_id;
    int64_t person;  /* what falls due of them and of those before is cleared; INT64_MAX: of all */
    int64_t members; /* cleared last; 0: no more there */
} Clearing;

static bool dues_clear(Db *db, Clearing *clearing, GError **error)
{
    bool found;
    RecordDueLastRow last = {0};
    RecordDueLastParams next = {clearing->person, DUE_ROWS};
    if (!sql_record_due_last(db, &next, &last, &found, error)) return false;
    int64_t person = last.person_id.set ? last.person_id.value : INT64_MAX;
    RecordClearDueParams params = {clearing->segment_id, clearing->person, person};
    clearing->person = person;
    return sql_record_clear_due(db, &params, NULL, error);
}

static bool clear_run(Db *db, void *data, GError **error)
{
    Clearing *clearing = data;
    RecordClearMembersParams member = {clearing->segment_id, RECORD_ROWS};
    return sql_record_clear_members(db, &member, &clearing->members, error) &&
           dues_clear(db, clearing, error);
}

bool watch_forget(Watch *watch, int64_t segment_id, GError **error)
{
    Writer *writer = store_writer(segments_store(watch->segments));
    Clearing clearing = {segment_id, INT64_MIN, 1};
    watch_renew(watch);
    while (clearing.members > 0 || clearing.person < INT64_MAX)
        if (!writer_call(writer, WRITER_REST, clear_run, &clearing, error)) return false;
    return true;
}

bool watch_pin(Watch *watch, const Actor *by, int64_t segment_id, bool watched, GError **error)
{
    Store *store = segments_store(watch->segments);
    Pin pin = {segment_id, store_id_next(store), by, watched};
    g_autoptr(SavedSegment) saved = saved_get(watch->segments, segment_id, error);
    if (!saved || (watched && !watch_check(watch->segments, saved->name, saved->rule, error)))
        return false;
    if (watched && watch_state(watch).watched >= WATCH_SEGMENTS_MAX)
        return fail(error, KITH_ERROR_LIMIT, "at most %d segments can be watched",
                    WATCH_SEGMENTS_MAX);
    if (!writer_call(store_writer(store), WRITER_REST, pin_run, &pin, error)) return false;
    watch_renew(watch);
    return watched || watch_forget(watch, segment_id, error);
}
