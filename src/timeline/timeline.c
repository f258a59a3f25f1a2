#include "timeline/timeline.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "store/changes.h"
#include "timeline/live.h"
#include "timeline/timeline_private.h"
#include "timeline/timeline_sql.h"

enum { SCAN_ROWS = 4096 };

/* Ids are minted just before their rows are written, so a seal may come between: rows this much
 * older than what the files cover are scanned once more (adding an entry twice is harmless). */
#define SCAN_MARGIN ((INT64_C(2) * CLOCK_SECOND_MS) << 22)

/* ---- sources ---- */

static void source_keep(Timeline *timeline, const EventSourcesRow *row)
{
    EventSource *source = g_new0(EventSource, 1);
    source->source_id = row->source_id;
    source->shop_id = row->shop_id;
    source->trust = (Trust)row->trust;
    g_strlcpy(source->name, row->name, sizeof source->name);
    g_strlcpy(source->kind, row->kind, sizeof source->kind);
    g_mutex_lock(&timeline->lock);
    g_hash_table_replace(timeline->sources, &source->source_id, source);
    g_mutex_unlock(&timeline->lock);
}

static bool sources_load(Timeline *timeline, Db *db, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_sources_open(db, &cursor, error)) return false;
    EventSourcesRow row;
    while (sql_event_sources_next(&cursor, &row))
        source_keep(timeline, &row);
    return db_cursor_finish(&cursor, error);
}

static bool source_copy(Timeline *timeline, int64_t source_id, EventSource *ret_source)
{
    g_mutex_lock(&timeline->lock);
    const EventSource *source = g_hash_table_lookup(timeline->sources, &source_id);
    if (source) *ret_source = *source;
    g_mutex_unlock(&timeline->lock);
    return source != NULL;
}

bool timeline_source(Timeline *timeline, Db *db, int64_t source_id, EventSource *ret_source)
{
    if (source_copy(timeline, source_id, ret_source)) return true;
    return sources_load(timeline, db, NULL) && source_copy(timeline, source_id, ret_source);
}

/* ---- opening: the runs are brought up to date ---- */

typedef struct Scan {
    int64_t after;           /* go on above this event id */
    int64_t stems, messages; /* each set of runs is complete up to here */
    int64_t messages_from;   /* older messages have left the window */
    int64_t rows;            /* of the last chunk */
} Scan;

static void scan_row(Timeline *timeline, const EventKeysRow *row, Scan *scan)
{
    scan->after = row->event_id;
    scan->rows++;
    if (row->event_id > scan->stems && row->person_id != 0)
        runs_add(timeline->runs, timeline_key(row->person_id), (uint64_t)row->event_id);
    if (row->event_id <= scan->messages || row->event_id < scan->messages_from) return;
    if (!row->message_id) return;
    Hash128 fingerprint =
        dedupe_fingerprint(timeline->dedupe, row->source_id, slice_of(row->message_id));
    dedupe_add(timeline->dedupe, fingerprint, row->event_id);
}

static bool scan_chunk(Timeline *timeline, Db *db, Scan *scan, GError **error)
{
    EventKeysParams params = {.after_event = scan->after, .limit = SCAN_ROWS};
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_keys_open(db, &params, &cursor, error)) return false;
    EventKeysRow row;
    while (sql_event_keys_next(&cursor, &row))
        scan_row(timeline, &row, scan);
    return db_cursor_finish(&cursor, error);
}

/* Adds what the sealed files lack. Chunks end within a reader's time; each has its own snapshot,
 * and nothing is appended yet. */
static bool runs_catch_up(Timeline *timeline, GError **error)
{
    Scan scan = {.stems = MAX((int64_t)runs_through(timeline->runs) - SCAN_MARGIN, 0),
                 .messages = MAX(dedupe_through(timeline->dedupe) - SCAN_MARGIN, 0),
                 .messages_from = id_floor(clock_now_ms() - DEDUPE_WINDOW_MS)};
    scan.after = MIN(scan.stems, MAX(scan.messages, scan.messages_from - 1));
    bool ok = true;
    do {
        scan.rows = 0;
        Db *db = store_reader_begin(timeline->store, error);
        if (!db) return false;
        ok = scan_chunk(timeline, db, &scan, error);
        store_reader_end(timeline->store, db);
    } while (ok && scan.rows == SCAN_ROWS);
    if (ok && scan.after > 0) {
        runs_cover(timeline->runs, (uint64_t)scan.after);
        runs_cover(dedupe_runs(timeline->dedupe), (uint64_t)scan.after);
    }
    return ok;
}

static bool runs_begin(Timeline *timeline, GError **error)
{
    g_autofree char *folder = g_build_filename(store_dir(timeline->store), "runs", NULL);
    RunsOptions options = {.folder = folder, .name = "person"};
    timeline->runs = runs_open(&options, error);
    return timeline->runs && runs_catch_up(timeline, error);
}

static bool hourly_run(Db *db, void *data, GError **error)
{
    return timeline_hourly(data, db, clock_now_ms(), error);
}

static bool timeline_begin(Timeline *timeline, GError **error)
{
    Db *db = store_reader_begin(timeline->store, error);
    if (!db) return false;
    bool ok = names_load(timeline->names, db, error) && sources_load(timeline, db, error);
    store_reader_end(timeline->store, db);
    WriterWatch watch = names_watch(timeline->names);
    if (!ok || !writer_watch(store_writer(timeline->store), &watch, error)) return false;
    timeline->watched = true;
    timeline->dedupe = dedupe_open(timeline->store, error);
    if (!timeline->dedupe) return false;
    if (store_kind(timeline->store) == DB_SQLITE) return runs_begin(timeline, error);
    return writer_call(store_writer(timeline->store), WRITER_REST, hourly_run, timeline, error);
}

typedef struct Kept {
    void *data;
    GDestroyNotify destroy;
} Kept;

static void kept_free(gpointer data)
{
    Kept *kept = data;
    kept->destroy(kept->data);
    g_free(kept);
}

void timeline_keep(Timeline *timeline, void *data, GDestroyNotify destroy)
{
    Kept *kept = g_new(Kept, 1);
    *kept = (Kept){data, destroy};
    g_ptr_array_add(timeline->kept, kept);
}

Timeline *timeline_open(Store *store, People *people, GError **error)
{
    Timeline *timeline = g_new0(Timeline, 1);
    timeline->store = store;
    timeline->people = people;
    g_mutex_init(&timeline->lock);
    timeline->sources = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    timeline->names = names_new(store_secret(store, "names"));
    timeline->live = live_new();
    timeline->kept = g_ptr_array_new_with_free_func(kept_free);
    if (timeline_begin(timeline, error)) return timeline;
    timeline_free(timeline);
    return NULL;
}

void timeline_free(Timeline *timeline)
{
    if (!timeline) return;
    if (timeline->watched) writer_unwatch(store_writer(timeline->store), timeline->names);
    runs_free(timeline->runs);
    dedupe_free(timeline->dedupe);
    names_free(timeline->names);
    live_free(timeline->live);
    g_ptr_array_unref(timeline->kept);
    g_hash_table_unref(timeline->sources);
    g_mutex_clear(&timeline->lock);
    g_free(timeline);
}

Store *timeline_store(Timeline *timeline) { return timeline->store; }
People *timeline_people(Timeline *timeline) { return timeline->people; }
Names *timeline_names(Timeline *timeline) { return timeline->names; }
Dedupe *timeline_dedupe(Timeline *timeline) { return timeline->dedupe; }
Live *timeline_live(Timeline *timeline) { return timeline->live; }
Runs *timeline_runs(Timeline *timeline) { return timeline->runs; }

bool timeline_hourly(Timeline *timeline, Db *db, int64_t now, GError **error)
{
    if (!dedupe_expire(timeline->dedupe, db, now, error)) return false;
    if (timeline->runs) {
        runs_seal(timeline->runs);
        runs_seal(dedupe_runs(timeline->dedupe));
    }
    return true;
}

/* ---- appending ---- */

static bool name_take(Timeline *timeline, Db *db, const EventInput *input, int64_t *ret_name_id,
                      GError **error)
{
    NameAsk ask = {.name = input->name,
                   .source_id = input->source_id,
                   .is_public = input->flags & EVENT_UNCONFIRMED,
                   .at = input->received_at};
    return names_take(timeline->names, db, &ask, ret_name_id, error);
}

/* A name over the budget: kept in the payload, the event under the common name. */
static bool unlisted_append(Timeline *timeline, Db *db, const EventInput *input,
                            int64_t *ret_event_id, GError **error)
{
    const char *payload = input->payload && input->payload[1] != '}' ? input->payload : NULL;
    g_auto(Buffer) with_name = BUFFER_INIT(PAYLOAD_BYTES_MAX);
    buffer_append(&with_name, SLICE("{\"n\":"));
    json_append_quoted(&with_name, input->name);
    buffer_append_text(&with_name, payload ? "," : "}");
    if (payload) buffer_append_text(&with_name, payload + 1);
    EventInput unlisted = *input;
    unlisted.name = SLICE(EVENT_NAME_UNLISTED);
    unlisted.flags = (input->flags & ~(unsigned)EVENT_UNCONFIRMED) | EVENT_UNLISTED;
    unlisted.payload = with_name.failed ? input->payload : with_name.data;
    int64_t name_id;
    if (!name_take(timeline, db, &unlisted, &name_id, error)) return false;
    unlisted.flags |= input->flags;
    return event_write(timeline, db, &unlisted, MAX(name_id, 1), ret_event_id, error);
}

static void message_note(Timeline *timeline, const EventInput *input, int64_t event_id)
{
    if (!timeline->runs) return;
    if (!input->message_id) {
        runs_cover(dedupe_runs(timeline->dedupe), (uint64_t)event_id);
        return;
    }
    Hash128 fingerprint =
        input->fingerprint
            ? *input->fingerprint
            : dedupe_fingerprint(timeline->dedupe, input->source_id, slice_of(input->message_id));
    dedupe_add(timeline->dedupe, fingerprint, event_id);
}

bool event_write(Timeline *timeline, Db *db, const EventInput *input, int64_t name_id,
                 int64_t *ret_event_id, GError **error)
{
    int64_t event_id = input->event_id ? input->event_id : store_id_next(timeline->store);
    EventInsertParams row = {
        .event_id = event_id,
        .person_id = input->person_id,
        .name_id = name_id,
        .source_id = input->source_id,
        .flags = (int64_t)((unsigned)input->type | input->flags),
        .occurred_at = input->occurred_at,
        .received_at = input->received_at,
        .message_id = input->message_id,
        .payload = input->payload ? input->payload : "{}",
    };
    if (!sql_event_insert(db, &row, NULL, error)) return false;
    if (timeline->runs && input->person_id != 0)
        runs_add(timeline->runs, timeline_key(input->person_id), (uint64_t)event_id);
    else if (timeline->runs)
        runs_cover(timeline->runs, (uint64_t)event_id);
    message_note(timeline, input, event_id);
    if (ret_event_id) *ret_event_id = event_id;
    StoreChange change = {.kind = CHANGE_EVENT,
                          .stem = input->person_id,
                          .at = input->received_at,
                          .name_id = name_id,
                          .event_id = event_id,
                          .occurred_at = input->occurred_at};
    return store_changed(db, &change, error);
}

bool event_append(Timeline *timeline, Db *db, const EventInput *input, int64_t *ret_event_id,
                  GError **error)
{
    g_assert(input->name.size >= 1 && input->name.size <= EVENT_NAME_BYTES_MAX);
    int64_t name_id;
    if (!name_take(timeline, db, input, &name_id, error)) return false;
    if (name_id == 0) return unlisted_append(timeline, db, input, ret_event_id, error);
    return event_write(timeline, db, input, name_id, ret_event_id, error);
}

bool event_delete(Timeline *timeline, Db *db, const EventKey *key, GError **error)
{
    (void)timeline;
    EventDeleteParams params = {.person_id = key->person_id, .event_id = key->event_id};
    StoreChange change = {.kind = CHANGE_EVENT,
                          .stem = key->person_id,
                          .at = clock_now_ms(),
                          .name_id = key->name_id,
                          .event_id = key->event_id};
    return sql_event_delete(db, &params, NULL, error) &&
           (key->name_id == 0 || store_changed(db, &change, error));
}

/* ---- erasure ---- */

typedef struct Forget {
    Timeline *timeline;
    int64_t stem;
} Forget;

/* On the writer's thread only because the runs belong to it. */
static bool forget_run(Db *db, void *data, GError **error)
{
    const Forget *forget = data;
    (void)db;
    return runs_remove(forget->timeline->runs, timeline_key(forget->stem), error);
}

static bool purge_run(Db *db, void *data, GError **error)
{
    Timeline *timeline = data;
    (void)db;
    (void)error;
    runs_purge(timeline->runs);
    return true;
}

bool timeline_forget(Timeline *timeline, int64_t stem, GError **error)
{
    live_forget(timeline->live, stem);
    if (!timeline->runs) return true;
    Forget forget = {timeline, stem};
    return writer_call(store_writer(timeline->store), WRITER_REST, forget_run, &forget, error);
}

bool timeline_purge(Timeline *timeline, GError **error)
{
    if (!timeline->runs) return true;
    return writer_call(store_writer(timeline->store), WRITER_REST, purge_run, timeline, error);
}
