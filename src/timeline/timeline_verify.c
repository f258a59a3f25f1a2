#include "timeline/timeline_verify.h"

#include <inttypes.h>

#include "timeline/timeline_sql.h"

enum { SCAN_ROWS = 4096 };

typedef struct Verify {
    Timeline *timeline;
    Findings *findings;
    RunsView *view;   /* SQLite */
    KeyMap *messages; /* fingerprint -> received_at of the event that bore it last */
    int64_t newest;   /* events above it came after the start */
    int64_t after_person, after_event;
    int64_t rows;
} Verify;

static void reach_verify(Verify *verify, const EventKeysRow *row)
{
    if (!verify->view || row->person_id == 0) return;
    if (!runs_holds(verify->view, timeline_key(row->person_id), (uint64_t)row->event_id))
        findings_add(verify->findings,
                     "event %" PRId64 " is not on the timeline of its stem %" PRId64, row->event_id,
                     row->person_id);
}

static void message_verify(Verify *verify, const EventKeysRow *row)
{
    if (!row->message_id) return;
    int64_t before;
    Hash128 fingerprint = dedupe_fingerprint(timeline_dedupe(verify->timeline), row->source_id,
                                             slice_of(row->message_id));
    bool seen = keymap_find(verify->messages, fingerprint, &before);
    if (seen && ABS(row->received_at - before) < DEDUPE_WINDOW_MS)
        findings_add(verify->findings,
                     "event %" PRId64 " counts a message of source %" PRId64 " for a second time",
                     row->event_id, row->source_id);
    if (!keymap_put(verify->messages, fingerprint, row->received_at))
        g_error("out of memory: messages to verify");
}

static void row_verify(Verify *verify, const EventKeysRow *row)
{
    verify->after_person = row->person_id;
    verify->after_event = row->event_id;
    verify->rows++;
    if (row->event_id > verify->newest) return;
    findings_checked(verify->findings, 1);
    reach_verify(verify, row);
    message_verify(verify, row);
    if (!names_text(timeline_names(verify->timeline), row->name_id))
        findings_add(verify->findings, "event %" PRId64 " has no name: %" PRId64, row->event_id,
                     row->name_id);
    if (row->occurred_at > row->received_at + EVENT_AHEAD_MS_MAX)
        findings_add(verify->findings, "event %" PRId64 " occurred after it was received",
                     row->event_id);
}

static bool chunk_verify(Verify *verify, Db *db, GError **error)
{
    EventKeysParams params = {.after_person = verify->after_person,
                              .after_event = verify->after_event,
                              .limit = SCAN_ROWS};
    g_auto(DbCursor) cursor = {0};
    verify->rows = 0;
    if (!sql_event_keys_open(db, &params, &cursor, error)) return false;
    EventKeysRow row;
    while (sql_event_keys_next(&cursor, &row))
        row_verify(verify, &row);
    return db_cursor_finish(&cursor, error);
}

static bool newest_find(Verify *verify, Db *db, GError **error)
{
    EventLastRow row;
    bool found;
    verify->newest = INT64_MAX; /* PostgreSQL: nothing has to be matched with its view */
    if (!timeline_runs(verify->timeline)) return true;
    if (!sql_event_last(db, &row, &found, error)) return false;
    verify->newest = found ? row.event_id : 0;
    return true;
}

static bool scan(Verify *verify, GError **error)
{
    Store *store = timeline_store(verify->timeline);
    bool ok = true;
    verify->rows = SCAN_ROWS;
    while (ok && verify->rows == SCAN_ROWS) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        ok = (verify->newest != 0 || newest_find(verify, db, error));
        /* After the newest event is known: everything up to it is in this view. */
        if (ok && !verify->view && timeline_runs(verify->timeline))
            verify->view = runs_view(timeline_runs(verify->timeline));
        ok = ok && chunk_verify(verify, db, error);
        store_reader_end(store, db);
    }
    return ok;
}

bool timeline_verify(Timeline *timeline, Findings *findings, GError **error)
{
    g_autoptr(KeyMap) messages = keymap_new(0);
    Verify verify = {.timeline = timeline,
                     .findings = findings,
                     .messages = messages,
                     .after_person = INT64_MIN};
    findings_part(findings, "timeline");
    bool ok = scan(&verify, error);
    runs_view_unref(verify.view);
    return ok;
}
