#include "timeline/timeline_routes.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/money.h"
#include "net/request.h"
#include "net/stream.h"
#include "timeline/live.h"
#include "timeline/payload.h"
#include "timeline/timeline_sql.h"

enum { PAGE_LIMIT = 50, LIVE_LIMIT = 100, STREAM_RING = 512, STREAM_BURST = 20 };

typedef struct TimelineRoutes {
    Timeline *timeline;
    Stream *stream;
    uint64_t told; /* newest item published; writer's thread */
} TimelineRoutes;

/* ---- replies ---- */

static const Field money_reply_fields[] = {
    {"minor", FIELD_INT, .required = true},
    {"currency", FIELD_TEXT, .required = true},
};
static const Schema money_reply = SCHEMA_REPLY("TimelineMoney", money_reply_fields);

static const Field line_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"product_key", FIELD_TEXT, .required = true},
    {"quantity", FIELD_NUMBER, .required = true},
    {"value", FIELD_OBJECT, .required = true, .of = &money_reply},
};
static const Schema line_reply = SCHEMA_REPLY("TimelineOrderLine", line_fields);

static const Field order_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"number", FIELD_TEXT, .required = true},
    {"state", FIELD_TEXT, .required = true},
    {"revenue", FIELD_OBJECT, .required = true, .of = &money_reply},
    {"net_revenue", FIELD_OBJECT, .required = true, .of = &money_reply},
    {"lines", FIELD_LIST, .required = true, .of = &line_reply},
};
static const Schema order_reply = SCHEMA_REPLY("TimelineOrder", order_fields);

static const char *const family_choices[] = {"order", "visit", "mail", "service", "other", NULL};

static const Field item_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"family", FIELD_TEXT, .required = true, .choices = family_choices},
    {"type", FIELD_TEXT, .required = true, .doc = "The call it came by; kith: by Kith itself."},
    {"occurred_at", FIELD_TIME, .required = true},
    {"received_at", FIELD_TIME, .required = true},
    {"source", FIELD_TEXT, .doc = "Name of the source."},
    {"trust", FIELD_TEXT, .required = true},
    {"confirmed", FIELD_BOOL, .required = true},
    {"imported", FIELD_BOOL, .required = true},
    {"visitor", FIELD_BOOL, .required = true, .doc = "Happened before we knew who it was."},
    {"text", FIELD_TEXT, .required = true,
     .doc = "What it was about, as far as it says; or empty."},
    {"properties", FIELD_OBJECT, .required = true},
    {"context", FIELD_OBJECT, .required = true},
    {"order", FIELD_OBJECT, .of = &order_reply},
    {"money", FIELD_OBJECT, .of = &money_reply},
};
static const Schema item_reply = SCHEMA_REPLY("TimelineItem", item_fields);

static const Field timeline_fields[] = {
    {"items", FIELD_LIST, .required = true, .of = &item_reply},
    {"next", FIELD_TEXT, .doc = "Give it as `before` for older ones; null at the end."},
    {"total", FIELD_INT, .required = true},
};
static const Schema timeline_reply = SCHEMA_REPLY("Timeline", timeline_fields);

typedef struct TimelineQuery {
    const char *before, *family;
    int64_t limit;
} TimelineQuery;

static const Field timeline_query_fields[] = {
    {"before", FIELD_TEXT, .offset = offsetof(TimelineQuery, before), .max = 64},
    {"family", FIELD_TEXT, .offset = offsetof(TimelineQuery, family), .choices = family_choices},
    {"limit", FIELD_INT, .offset = offsetof(TimelineQuery, limit), .min = 1,
     .max = TIMELINE_LIMIT_MAX, .otherwise = PAGE_LIMIT},
};
static const Schema timeline_query = SCHEMA("TimelineQuery", TimelineQuery, timeline_query_fields);

/* ---- one item ---- */

static json_t *id_json(int64_t id)
{
    char text[ID_TEXT_SIZE];
    return json_stringn(text, id_format(id, text));
}

static json_t *money_json(int64_t minor, const char *currency)
{
    return json_pack("{s:I, s:s}", "minor", (json_int_t)minor, "currency", currency);
}

static bool lines_json(Db *db, int64_t stem, int64_t order_id, const char *currency, json_t *lines,
                       GError **error)
{
    EventOrderLinesParams params = {.person_id = stem, .order_id = order_id};
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_order_lines_open(db, &params, &cursor, error)) return false;
    EventOrderLinesRow row;
    while (sql_event_order_lines_next(&cursor, &row))
        json_array_append_new(lines, json_pack("{s:s, s:s, s:f, s:o}", "name", row.name,
                                               "product_key", row.product_key, "quantity",
                                               (double)row.quantity / DECIMAL_SCALE, "value",
                                               money_json(row.value, currency)));
    return db_cursor_finish(&cursor, error);
}

/* Adds "order" and "money" when the event is the one of an order. */
static bool order_json(Db *db, const TimelineEvent *event, json_t *item, GError **error)
{
    EventOrderParams params = {.person_id = event->stem, .event_id = event->event_id};
    EventOrderRow row;
    bool found;
    if (event_name_family(slice_of(event->name)) != FAMILY_ORDER) return true;
    if (!sql_event_order(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    json_t *lines = json_array();
    json_t *order =
        json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}", "id", id_json(row.order_id), "number",
                  row.number && *row.number ? row.number : row.order_key, "state", row.state,
                  "revenue", money_json(row.revenue, row.currency), "net_revenue",
                  money_json(row.net_revenue, row.currency), "lines", lines);
    json_object_set_new(item, "order", order);
    json_object_set_new(item, "money", money_json(row.revenue, row.currency));
    json_object_set_new(item, "confirmed", json_boolean(row.confirmed != 0));
    g_autofree char *currency = g_strdup(row.currency);
    return lines_json(db, event->stem, row.order_id, currency, lines, error);
}

/* What the event was about: the first of these that it says. */
static const char *item_text(const json_t *properties, const json_t *context)
{
    static const char *const words[] = {"title", "name",  "subject",  "product", "query",
                                        "text",  "email", "order_id", "path",    "url"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *text = json_string_value(json_object_get(properties, words[i]));
        if (text && *text) return text;
    }
    const char *title = json_string_value(json_object_get(context, "title"));
    return title ? title : "";
}

static json_t *part_json(json_t *plain, const char *name, const char *otherwise)
{
    json_t *part = json_object_get(plain, name);
    if (!part && otherwise) part = json_object_get(plain, otherwise);
    return part ? json_incref(part) : json_object();
}

static json_t *item_json(Timeline *timeline, Db *db, const TimelineEvent *event)
{
    EventSource source = {0};
    bool known = timeline_source(timeline, db, event->source_id, &source);
    json_t *plain = payload_decode(event->payload);
    json_t *properties = part_json(plain, "properties", "traits");
    json_t *context = part_json(plain, "context", NULL);
    const char *other = json_string_value(json_object_get(plain, "name"));
    const char *name = other ? other : event->name;
    json_t *item = json_pack(
        "{s:o, s:s, s:s, s:s, s:I, s:I, s:o, s:s, s:b, s:b, s:b, s:s, s:o, s:o, s:n, s:n}", "id",
        id_json(event->event_id), "name", name, "family",
        event_family_name(event_name_family(slice_of(event->name))), "type",
        event_type_name((EventType)(event->flags & EVENT_TYPE_MASK)), "occurred_at",
        (json_int_t)event->occurred_at, "received_at", (json_int_t)event->received_at, "source",
        known ? json_string(source.name) : json_null(), "trust",
        trust_name(known ? source.trust : TRUST_TRACK), "confirmed",
        !(event->flags & EVENT_UNCONFIRMED), "imported", (event->flags & EVENT_IMPORTED) != 0,
        "visitor", event->stem < 0, "text", item_text(properties, context), "properties",
        properties, "context", context, "order", "money");
    json_decref(plain);
    return item;
}

/* ---- the timeline of a person ---- */

/* "OCCURRED_AT_EVENT_ID"; anything else begins at the newest. */
static bool cursor_parse(const char *text, TimelineAsk *ask, GError **error)
{
    long long at, id;
    int used = 0;
    if (!text || !*text) return true;
    if (sscanf(text, "%19lld_%19lld%n", &at, &id, &used) != 2 || text[used] != '\0')
        return fail(error, KITH_ERROR_INVALID, "before: use the `next` of the page before");
    ask->before_at = at;
    ask->before_id = id;
    return true;
}

static json_t *page_next(const TimelinePage *page)
{
    if (!page->more || page->events->len == 0) return json_null();
    const TimelineEvent *last = g_ptr_array_index(page->events, page->events->len - 1);
    return json_sprintf("%" G_GINT64_FORMAT "_%" G_GINT64_FORMAT, last->occurred_at,
                        last->event_id);
}

static json_t *page_json(Timeline *timeline, Db *db, const TimelineAsk *ask, GError **error)
{
    g_autoptr(TimelinePage) page = timeline_read(timeline, db, ask, error);
    if (!page) return NULL;
    json_t *items = json_array();
    for (guint i = 0; i < page->events->len; i++) {
        const TimelineEvent *event = g_ptr_array_index(page->events, i);
        json_t *item = item_json(timeline, db, event);
        json_array_append_new(items, item);
        if (order_json(db, event, item, error)) continue;
        json_decref(items);
        return NULL;
    }
    return json_pack("{s:o, s:o, s:I}", "items", items, "next", page_next(page), "total",
                     (json_int_t)page->total);
}

static bool person_check(Timeline *timeline, Db *db, int64_t person_id, GError **error)
{
    PersonKnownParams params = {.person_id = person_id};
    PersonKnownRow row;
    bool found = false;
    bool erased = people_is_erased(timeline_people(timeline), person_id);
    if (!erased && !sql_person_known(db, &params, &row, &found, error)) return false;
    return found || fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
}

static bool timeline_handle(Request *request, GError **error)
{
    TimelineRoutes *routes = request_context(request);
    const TimelineQuery *query = request_query(request);
    TimelineAsk ask = {.person_id = request_path_id(request, "id"),
                       .limit = (unsigned)query->limit};
    EventFamily family;
    if (query->family && event_family_find(query->family, &family)) ask.families = 1u << family;
    if (!cursor_parse(query->before, &ask, error)) return false;
    Store *store = timeline_store(routes->timeline);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    json_t *reply = person_check(routes->timeline, db, ask.person_id, error)
                        ? page_json(routes->timeline, db, &ask, error)
                        : NULL;
    store_reader_end(store, db);
    return reply && request_reply_json(request, 200, reply);
}

/* ---- live ---- */

typedef struct LiveQuery {
    int64_t limit, after;
} LiveQuery;

static const Field live_query_fields[] = {
    {"limit", FIELD_INT, .offset = offsetof(LiveQuery, limit), .min = 1, .max = 1000,
     .otherwise = LIVE_LIMIT},
    {"after", FIELD_INT, .offset = offsetof(LiveQuery, after), .min = 0, .max = INT64_MAX,
     .doc = "Only items with a higher number."},
};
static const Schema live_query = SCHEMA("LiveQuery", LiveQuery, live_query_fields);

static const char *const status_choices[] = {"accepted", "refused", "duplicate", NULL};

static const Field live_item_fields[] = {
    {"number", FIELD_INT, .required = true, .doc = "Rises by one from item to item."},
    {"at", FIELD_TIME, .required = true},
    {"status", FIELD_TEXT, .required = true, .choices = status_choices},
    {"type", FIELD_TEXT},
    {"name", FIELD_TEXT},
    {"person", FIELD_ID, .doc = "The person's id; null for a visitor."},
    {"who", FIELD_TEXT, .doc = "The id it came with."},
    {"visitor", FIELD_BOOL, .required = true},
    {"source", FIELD_TEXT},
    {"key", FIELD_TEXT},
    {"reason", FIELD_TEXT},
    {"properties", FIELD_OBJECT, .required = true},
};
static const Schema live_item_reply = SCHEMA_REPLY("LiveItem", live_item_fields);

static const Field live_fields[] = {
    {"items", FIELD_LIST, .required = true, .of = &live_item_reply},
    {"accepted", FIELD_INT, .required = true, .doc = "Since Kith started."},
    {"duplicate", FIELD_INT, .required = true},
    {"refused", FIELD_INT, .required = true},
};
static const Schema live_reply = SCHEMA_REPLY("Live", live_fields);

static int64_t live_person(void *context, int64_t stem) { return people_person(context, stem); }

static bool live_handle(Request *request, GError **error)
{
    (void)error;
    TimelineRoutes *routes = request_context(request);
    const LiveQuery *query = request_query(request);
    Live *live = timeline_live(routes->timeline);
    int64_t counts[LIVE_STATUSES];
    live_counts(live, counts);
    json_t *items = live_list(live, (uint64_t)query->after, (unsigned)query->limit, live_person,
                              timeline_people(routes->timeline));
    return request_reply_json(request, 200,
                              json_pack("{s:o, s:I, s:I, s:I}", "items", items, "accepted",
                                        (json_int_t)counts[LIVE_ACCEPTED], "duplicate",
                                        (json_int_t)counts[LIVE_DUPLICATE], "refused",
                                        (json_int_t)counts[LIVE_REFUSED]));
}

/* On the thread that added the items. Under load the newest few of each burst are shown. */
static void live_publish(void *data)
{
    TimelineRoutes *routes = data;
    Live *live = timeline_live(routes->timeline);
    uint64_t after = routes->told;
    routes->told = live_newest(live);
    if (stream_watchers(routes->stream) == 0) return;
    json_t *items =
        live_list(live, after, STREAM_BURST, live_person, timeline_people(routes->timeline));
    for (size_t i = json_array_size(items); i > 0; i--) {
        char *text = json_dumps(json_array_get(items, i - 1), JSON_COMPACT);
        stream_publish(routes->stream, "item", text);
        free(text);
    }
    json_decref(items);
}

static bool live_stream_handle(Request *request, GError **error)
{
    TimelineRoutes *routes = request_context(request);
    return request_reply_stream(request, routes->stream, error);
}

static const Route routes_table[] = {
    {"GET", "/api/people/{id}/timeline", SCOPE_USER, .query = &timeline_query,
     .reply = &timeline_reply, .handle = timeline_handle,
     .summary = "What happened with a person, the latest first"},
    {"GET", "/api/live", SCOPE_USER, .query = &live_query, .reply = &live_reply,
     .handle = live_handle, .summary = "What arrived and what was refused, and why"},
    {"GET", "/api/live/stream", SCOPE_USER, .handle = live_stream_handle,
     .summary = "The same as server-sent events, as it arrives"},
};

void timeline_add_routes(Timeline *timeline, Server *server)
{
    TimelineRoutes *routes = g_new0(TimelineRoutes, 1);
    routes->timeline = timeline;
    routes->stream = server_stream_new(server, STREAM_RING);
    timeline_keep(timeline, routes, g_free);
    live_listen(timeline_live(timeline), live_publish, routes);
    server_add_routes(server, routes_table, G_N_ELEMENTS(routes_table), routes);
}
