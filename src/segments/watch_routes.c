#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "net/request.h"
#include "people/json.h"
#include "segments/evaluate.h"
#include "segments/segments_routes.h"
#include "segments/segments_sql.h"
#include "segments/watch.h"

enum { RECENT_ROWS = 50, RECENT_ROWS_MAX = 200 };

typedef struct WatchInput {
    bool watched;
} WatchInput;
static const Field watch_input_fields[] = {
    {"watched", FIELD_BOOL, .required = true, .offset = offsetof(WatchInput, watched),
     .doc = "Whether a record is kept of who comes and goes; ending forgets it."},
};
static const Schema watch_input = SCHEMA("SegmentWatchInput", WatchInput, watch_input_fields);

typedef struct StepsInput {
    int64_t limit;
} StepsInput;
static const Field steps_input_fields[] = {
    {"limit", FIELD_INT, .min = 1, .max = RECENT_ROWS_MAX, .otherwise = RECENT_ROWS,
     .offset = offsetof(StepsInput, limit)},
};
static const Schema steps_input = SCHEMA("SegmentStepsQuery", StepsInput, steps_input_fields);

static const Field record_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"version", FIELD_INT, .required = true, .doc = "Rises with every change of the rule."},
    {"members", FIELD_INT, .required = true},
    {"entered", FIELD_INT, .required = true, .doc = "In the last 24 hours."},
    {"left", FIELD_INT, .required = true, .doc = "In the last 24 hours."},
    {"since", FIELD_TIME, .required = true, .doc = "When watching began."},
    {"last_at", FIELD_TIME, .doc = "When somebody last came in or left; null: nobody yet."},
};
static const Schema record_reply = SCHEMA_REPLY("WatchedSegment", record_fields);
static const Field watched_fields[] = {
    {"segments", FIELD_LIST, .required = true, .of = &record_reply},
    {"as_of", FIELD_TIME, .required = true,
     .doc = "Up to when the records are complete, or were last counted if that takes long."},
    {"lag_ms", FIELD_INT, .required = true, .doc = "Age of the oldest change not judged yet."},
};
static const Schema watched_reply = SCHEMA_REPLY("WatchedSegments", watched_fields);

static const Field step_fields[] = {
    {"person_id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .doc = "As on the list of people; null: nameless, or not there any more."},
    {"at", FIELD_TIME, .required = true},
    {"entered", FIELD_BOOL, .required = true},
};
static const Schema step_reply = SCHEMA_REPLY("SegmentStep", step_fields);
static const Field steps_fields[] = {
    {"steps", FIELD_LIST, .required = true, .of = &step_reply, .doc = "The latest first."},
};
static const Schema steps_reply = SCHEMA_REPLY("SegmentSteps", steps_fields);

static const SavedSegment *saved_find(const GPtrArray *list, int64_t segment_id)
{
    for (guint i = 0; i < list->len; i++) {
        const SavedSegment *saved = list->pdata[i];
        if (saved->segment_id == segment_id) return saved;
    }
    return NULL;
}

static json_t *record_json(const SavedSegment *saved, const WatchFigure *figure)
{
    return json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "id", json_id(saved->segment_id),
                     "name", saved->name, "version", (json_int_t)saved->version, "members",
                     (json_int_t)figure->count.members, "entered",
                     (json_int_t)figure->count.entered, "left", (json_int_t)figure->count.left,
                     "since", (json_int_t)saved->watched_at, "last_at", json_time(figure->last_at));
}

static bool watched_get(Request *request, GError **error)
{
    Segments *segments = request_context(request);
    int64_t as_of = 0;
    if (!segments->watch) return fail(error, KITH_ERROR_UNAVAILABLE, "no record is kept here");
    g_autoptr(GPtrArray) saved = saved_list(segments, error);
    if (!saved) return false;
    g_autoptr(GArray) figures = watch_figures(segments->watch, saved, &as_of, error);
    if (!figures) return false;
    WatchState state = watch_state(segments->watch);
    json_t *list = json_array();
    for (guint i = 0; i < figures->len; i++) {
        const WatchFigure *figure = &g_array_index(figures, WatchFigure, i);
        json_array_append_new(list, record_json(saved_find(saved, figure->segment_id), figure));
    }
    json_t *reply =
        json_pack("{s:o, s:I, s:I}", "segments", list, "as_of", (json_int_t)MIN(state.as_of, as_of),
                  "lag_ms", (json_int_t)state.lag_ms);
    return request_reply_json(request, 200, reply);
}

static bool watch_put(Request *request, GError **error)
{
    Segments *segments = request_context(request);
    const WatchInput *input = request_input(request);
    int64_t segment_id = request_path_id(request, "id");
    if (!segments->watch) return fail(error, KITH_ERROR_UNAVAILABLE, "no record is kept here");
    return watch_pin(segments->watch, request_actor(request), segment_id, input->watched, error) &&
           request_reply_empty(request, 204);
}

static bool step_put(Db *db, json_t *list, const WatchFlip *step, GError **error)
{
    bool found;
    SegmentPersonRow row = {0};
    SegmentPersonParams params = {step->person_id};
    if (!sql_segment_person(db, &params, &row, &found, error)) return false;
    const char *name = !found ? NULL : row.name ? row.name : row.email;
    json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:b}", "person_id",
                                          json_id(step->person_id), "name", json_text(name), "at",
                                          (json_int_t)step->at, "entered", step->entered));
    return true;
}

static bool steps_put(Segments *segments, json_t *list, const GArray *steps, GError **error)
{
    Store *store = segments_store(segments);
    Db *db = store_reader_begin(store, error);
    bool done = db != NULL;
    for (guint i = 0; done && i < steps->len; i++)
        done = step_put(db, list, &g_array_index(steps, WatchFlip, i), error);
    if (db) store_reader_end(store, db);
    return done;
}

static bool steps_get(Request *request, GError **error)
{
    Segments *segments = request_context(request);
    const StepsInput *input = request_query(request);
    WatchAsk ask = {.segment_id = request_path_id(request, "id"), .rows = input->limit};
    g_autoptr(SavedSegment) saved = saved_get(segments, ask.segment_id, error);
    g_autoptr(GArray) steps = saved ? watch_recent(segments, &ask, error) : NULL;
    if (!steps) return false;
    json_t *reply = json_pack("{s:[]}", "steps");
    if (steps_put(segments, json_object_get(reply, "steps"), steps, error))
        return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

static const Route watch_routes[] = {
    {"GET", "/api/segments/watched", SCOPE_USER, .reply = &watched_reply, .handle = watched_get,
     .summary = "The segments of which a record is kept, and how far it has come"},
    {"PUT", "/api/segments/{id}/watch", SCOPE_USER, .request = &watch_input, .handle = watch_put,
     .summary = "Begin or end to keep a record of who comes and goes"},
    {"GET", "/api/segments/{id}/steps", SCOPE_USER, .query = &steps_input, .reply = &steps_reply,
     .handle = steps_get, .summary = "Who came into a watched segment or left it last"},
};

void segments_add_watch_routes(Server *server, Segments *segments)
{
    server_add_routes(server, watch_routes, G_N_ELEMENTS(watch_routes), segments);
}
