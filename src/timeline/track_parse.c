#include "timeline/track_parse.h"

#include "base/limits.h"

enum { CALLS_FIRST = 32 };

typedef enum FieldKind { FIELD_KIND_TEXT, FIELD_KIND_TIME, FIELD_KIND_OBJECT } FieldKind;

typedef struct CallField {
    Slice name;
    FieldKind kind;
    size_t offset;
    const char *complaint; /* when its value has the wrong type */
} CallField;

#define FIELD(json, kind, member, complaint)                                                       \
    {                                                                                              \
        {"" json, sizeof(json) - 1}, kind, offsetof(TrackCall, member), complaint                  \
    }

static const CallField call_fields[] = {
    FIELD("messageId", FIELD_KIND_TEXT, message_id, "messageId must be a text"),
    FIELD("timestamp", FIELD_KIND_TIME, timestamp, "timestamp must be an ISO 8601 time"),
    FIELD("userId", FIELD_KIND_TEXT, user_id, "userId must be a text"),
    FIELD("anonymousId", FIELD_KIND_TEXT, anonymous_id, "anonymousId must be a text"),
    FIELD("event", FIELD_KIND_TEXT, event, "event must be a text"),
    FIELD("properties", FIELD_KIND_OBJECT, properties, "properties must be an object"),
    FIELD("context", FIELD_KIND_OBJECT, context, "context must be an object"),
    FIELD("traits", FIELD_KIND_OBJECT, traits, "traits must be an object"),
    FIELD("name", FIELD_KIND_TEXT, name, "name must be a text"),
    FIELD("category", FIELD_KIND_TEXT, category, "category must be a text"),
    FIELD("sentAt", FIELD_KIND_TIME, sent_at, "sentAt must be an ISO 8601 time"),
    FIELD("originalTimestamp", FIELD_KIND_TIME, original_timestamp,
          "originalTimestamp must be an ISO 8601 time"),
    FIELD("groupId", FIELD_KIND_TEXT, group_id, "groupId must be a text"),
    FIELD("previousId", FIELD_KIND_TEXT, previous_id, "previousId must be a text"),
};

static const CallField *field_find(const JsonReader *reader)
{
    for (size_t i = 0; i < G_N_ELEMENTS(call_fields); i++)
        if (json_read_is(reader, call_fields[i].name)) return &call_fields[i];
    return NULL;
}

static bool text_take(TrackScan *scan, JsonReadToken token, Slice *slot)
{
    if (token == JSON_READ_NUMBER) *slot = scan->reader.text;
    if (token == JSON_READ_STRING) return json_read_text(&scan->reader, scan->arena, slot);
    return true;
}

static bool object_take(TrackScan *scan, Slice *slot, bool is_context)
{
    unsigned depth = scan->reader.depth - 1;
    if (!json_read_raw(&scan->reader, slot)) return false;
    if (is_context) {
        scan->context = *slot;
        scan->context_at = depth;
    }
    return true;
}

/* A context: most often the same bytes as that of the call before, which need no second look. */
static bool context_take(TrackScan *scan, Slice *slot)
{
    JsonReader *reader = &scan->reader;
    bool repeats = scan->context_at == reader->depth && json_read_repeat(reader, scan->context);
    if (repeats) *slot = (Slice){reader->data + reader->start, scan->context.size};
    return repeats;
}

/* Stores one member; a value of the wrong type refuses the call, but is read past. */
static bool field_take(TrackScan *scan, const CallField *field, TrackCall *call)
{
    Slice *slot = (Slice *)(void *)((char *)call + field->offset);
    bool is_context = field->offset == offsetof(TrackCall, context);
    if (is_context && context_take(scan, slot)) return true;
    JsonReadToken token = json_read_next(&scan->reader);
    if (token == JSON_READ_NULL) return true;
    bool is_object = token == JSON_READ_OBJECT;
    bool is_text = token == JSON_READ_STRING || token == JSON_READ_NUMBER;
    if (field->kind == FIELD_KIND_OBJECT && is_object) return object_take(scan, slot, is_context);
    if (field->kind != FIELD_KIND_OBJECT && is_text) return text_take(scan, token, slot);
    if (token != JSON_READ_ERROR && !call->refused) call->refused = field->complaint;
    return json_read_skip(&scan->reader);
}

static bool type_take(TrackScan *scan, TrackCall *call)
{
    JsonReadToken token = json_read_next(&scan->reader);
    Slice type;
    if (token != JSON_READ_STRING) return json_read_skip(&scan->reader);
    if (!json_read_text(&scan->reader, scan->arena, &type)) return false;
    if (call->has_type) return true; /* the path says it */
    call->has_type = event_type_find(type, &call->type);
    if (!call->has_type && !call->refused)
        call->refused = "type must be identify, track, page, screen, group or alias";
    return true;
}

/* The members of one call, up to its closing brace. */
static bool call_members(TrackScan *scan, TrackCall *call)
{
    while (json_read_next(&scan->reader) == JSON_READ_NAME) {
        const CallField *field = field_find(&scan->reader);
        bool ok;
        if (field)
            ok = field_take(scan, field, call);
        else if (json_read_is(&scan->reader, SLICE("type")))
            ok = type_take(scan, call);
        else
            ok = json_read_next(&scan->reader) != JSON_READ_ERROR && json_read_skip(&scan->reader);
        if (!ok) return false;
    }
    return !scan->reader.problem;
}

static const char *blanked_reason(const TrackScan *scan, size_t at)
{
    for (size_t i = 0; i < scan->blanked_count; i++)
        if (scan->blanked[i].at == at) return scan->blanked[i].reason;
    return "an event must be an object";
}

static TrackCall *call_add(TrackScan *scan, TrackBatch *batch, size_t *capacity)
{
    if (batch->count == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : CALLS_FIRST;
        TrackCall *calls = arena_alloc(scan->arena, larger * sizeof *calls);
        if (!calls) return NULL;
        if (batch->count) memcpy(calls, batch->calls, batch->count * sizeof *calls);
        batch->calls = calls;
        *capacity = larger;
    }
    TrackCall *call = &batch->calls[batch->count++];
    *call = (TrackCall){0};
    return call;
}

/* `ret_start`: offset of the call that was being read when something failed. */
static bool batch_items(TrackScan *scan, TrackBatch *batch, size_t *ret_start, GError **error)
{
    JsonReader *reader = &scan->reader;
    size_t capacity = 0;
    for (;;) {
        JsonReadToken token = json_read_next(reader);
        if (token == JSON_READ_ARRAY_END) return true;
        if (token == JSON_READ_ERROR) return json_read_fail(reader, error);
        *ret_start = reader->start;
        if (batch->count == LIMIT_BATCH_EVENTS)
            return fail(error, KITH_ERROR_LIMIT, "a batch has at most %d events",
                        LIMIT_BATCH_EVENTS);
        TrackCall *call = call_add(scan, batch, &capacity);
        if (!call) return fail(error, KITH_ERROR_LIMIT, "the batch needs too much memory");
        if (token != JSON_READ_OBJECT) call->refused = blanked_reason(scan, reader->start);
        if (token == JSON_READ_OBJECT ? !call_members(scan, call) : !json_read_skip(reader))
            return json_read_fail(reader, error);
        call->bytes = reader->position - *ret_start;
        *ret_start = SIZE_MAX;
    }
}

static bool root_text(TrackScan *scan, Slice *slot)
{
    return text_take(scan, json_read_next(&scan->reader), slot) && json_read_skip(&scan->reader);
}

/* One member of the root. A body without "batch" is itself a call: its members go to `root`. */
static bool root_member(TrackScan *scan, TrackBatch *batch, TrackCall *root, size_t *ret_start,
                        bool *ret_batch, GError **error)
{
    JsonReader *reader = &scan->reader;
    bool ok;
    if (json_read_is(reader, SLICE("batch"))) {
        if (json_read_next(reader) != JSON_READ_ARRAY)
            return reader->problem
                       ? json_read_fail(reader, error)
                       : fail(error, KITH_ERROR_INVALID, "batch must be a list of events");
        *ret_batch = true;
        return batch_items(scan, batch, ret_start, error);
    }
    const CallField *field = field_find(reader);
    if (json_read_is(reader, SLICE("writeKey")))
        ok = root_text(scan, &batch->write_key);
    else if (field)
        ok = field_take(scan, field, root);
    else if (json_read_is(reader, SLICE("type")))
        ok = type_take(scan, root);
    else
        ok = json_read_next(reader) != JSON_READ_ERROR && json_read_skip(reader);
    if (ok) return true;
    return reader->problem ? json_read_fail(reader, error)
                           : fail(error, KITH_ERROR_LIMIT, "the event needs too much memory");
}

static bool root_is_call(TrackScan *scan, const TrackCall *root, TrackBatch *batch, GError **error)
{
    size_t capacity = 0;
    if (!root->has_type && !root->refused)
        return fail(error, KITH_ERROR_INVALID, "the body needs a batch, or a call with its type");
    TrackCall *call = call_add(scan, batch, &capacity);
    if (!call) return fail(error, KITH_ERROR_LIMIT, "the event needs too much memory");
    *call = *root;
    call->bytes = scan->reader.position;
    return true;
}

static bool root_read(TrackScan *scan, TrackCall *root, TrackBatch *batch, size_t *ret_start,
                      GError **error)
{
    JsonReader *reader = &scan->reader;
    bool has_batch = false;
    if (json_read_next(reader) != JSON_READ_OBJECT)
        return reader->problem ? json_read_fail(reader, error)
                               : fail(error, KITH_ERROR_INVALID, "the body must be a JSON object");
    while (json_read_next(reader) == JSON_READ_NAME)
        if (!root_member(scan, batch, root, ret_start, &has_batch, error)) return false;
    if (reader->problem || json_read_next(reader) != JSON_READ_DONE)
        return json_read_fail(reader, error);
    if (!has_batch) return root_is_call(scan, root, batch, error);
    batch->sent_at = root->sent_at;
    batch->context = root->context;
    return true;
}

/* End of the value that starts at `at`, found by brackets and quotes alone; 0 when it does not
 * end. */
static size_t value_end(const char *body, size_t at, size_t size)
{
    size_t depth = 0;
    for (bool quoted = false; at < size; at++) {
        char byte = body[at];
        if (quoted && byte == '\\')
            at++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && (byte == '{' || byte == '['))
            depth++;
        else if (!quoted && (byte == '}' || byte == ']') && --depth == 0)
            return at + 1;
    }
    return 0;
}

/* Replaces the call at `start`, over a limit of the reader, by `null` and notes why. */
static bool call_blank(TrackScan *scan, char *body, size_t size, size_t start)
{
    size_t end = start == SIZE_MAX ? 0 : value_end(body, start, size);
    if (end < start + 4 || scan->blanked_count == TRACK_BLANKED_MAX) return false;
    scan->blanked[scan->blanked_count].at = start;
    scan->blanked[scan->blanked_count++].reason = scan->reader.problem;
    memcpy(body + start, "null", 4);
    memset(body + start + 4, ' ', end - start - 4);
    return true;
}

bool track_parse(TrackScan *scan, char *body, size_t size, const EventType *single,
                 TrackBatch *ret_batch, GError **error)
{
    scan->blanked_count = 0;
    for (;;) {
        g_autoptr(GError) problem = NULL;
        TrackCall root = {.has_type = single != NULL, .type = single ? *single : EVENT_TRACK};
        size_t start = SIZE_MAX;
        *ret_batch = (TrackBatch){0};
        scan->context = (Slice){0};
        json_read_init(&scan->reader, body, size, LIMIT_JSON_DEPTH);
        if (root_read(scan, &root, ret_batch, &start, &problem)) return true;
        if (!scan->reader.over_limit || !call_blank(scan, body, size, start)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
    }
}
