#include "segments/suggest.h"

#include "base/error.h"
#include "base/text.h"
#include "segments/suggest_sql.h"
#include "segments/tally.h"
#include "timeline/payload.h"

#include <string.h>

#define ORDER_EVENT  "Order Completed"
#define REFUND_EVENT "Order Refunded"

/* ---- events ---- */

typedef struct EventLook {
    People *people;
    int64_t before_person, before_event, name_id;
    int64_t *counts; /* by number of the name; NULL: not counted */
    guint count_size;
    Tally *tally; /* of the properties of `name_id`; or NULL */
    int64_t looked_at, found;
} EventLook;

static void properties_add(EventLook *look, const SuggestEventsRow *row)
{
    const char *name;
    json_t *value, *plain = payload_decode(row->payload);
    json_t *properties = json_object_get(plain, "properties");
    int64_t person = people_person(look->people, row->person_id);
    if (person == 0) person = row->person_id;
    json_object_foreach(properties, name, value) tally_add(look->tally, name, value, person);
    json_decref(plain);
    look->found++;
}

static bool events_chunk(EventLook *look, Db *db, bool *ret_more, GError **error)
{
    SuggestEventsRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    SuggestEventsParams params = {look->before_person, look->before_event, look->name_id,
                                  SUGGEST_CHUNK};
    if (!sql_suggest_events_open(db, &params, &cursor, error)) return false;
    for (; sql_suggest_events_next(&cursor, &row); rows++) {
        look->before_person = row.person_id;
        look->before_event = row.event_id;
        if (look->counts && row.name_id > 0 && row.name_id < look->count_size)
            look->counts[row.name_id]++;
        bool wanted = look->tally && row.payload && look->found < SUGGEST_EVENTS_MAX;
        if (wanted && !people_is_erased(look->people, row.person_id)) properties_add(look, &row);
    }
    look->looked_at += rows;
    *ret_more = rows == SUGGEST_CHUNK;
    return db_cursor_finish(&cursor, error);
}

static json_t *event_json(const char *name, int64_t count, bool seen)
{
    return json_pack("{s:s, s:I, s:b}", "name", name, "count", (json_int_t)count, "seen",
                     (int)seen);
}

static json_t *events_json(const GArray *names, const EventLook *look)
{
    json_t *events = json_array();
    for (guint i = 0; i < names->len; i++) {
        const NameInfo *info = &g_array_index(names, NameInfo, i);
        if (strcmp(info->name, EVENT_NAME_UNLISTED) == 0) continue;
        int64_t count = info->name_id < look->count_size ? look->counts[info->name_id] : 0;
        json_array_append_new(events, event_json(info->name, count, true));
    }
    return events;
}

/* Usual names that have not come yet can be chosen too. */
static void usual_add(json_t *events, Names *names)
{
    for (size_t i = 0; event_name_word(i); i++)
        if (!names_find(names, slice_of(event_name_word(i))))
            json_array_append_new(events, event_json(event_name_word(i), 0, false));
}

/* Chunk after chunk, each with a reader of its own; until enough of one name was found. */
static bool events_look(Segments *segments, EventLook *look, unsigned chunks, GError **error)
{
    bool more = true, done = true;
    for (unsigned i = 0; done && more && i < chunks; i++) {
        Db *db = store_reader_begin(segments_store(segments), error);
        if (!db) return false;
        done = events_chunk(look, db, &more, error);
        store_reader_end(segments_store(segments), db);
        more = more && look->found < SUGGEST_EVENTS_MAX;
    }
    return done;
}

static json_t *events_read(Segments *segments, int64_t *ret_looked_at, GError **error)
{
    Names *dictionary = timeline_names(segments_timeline(segments));
    g_autoptr(GArray) names = names_list(dictionary);
    guint size = 1;
    for (guint i = 0; i < names->len; i++)
        size = MAX(size, (guint)g_array_index(names, NameInfo, i).name_id + 1);
    g_autofree int64_t *counts = g_new0(int64_t, size);
    EventLook look = {.people = segments_people(segments),
                      .before_person = INT64_MAX,
                      .before_event = INT64_MAX,
                      .counts = counts,
                      .count_size = size};
    if (!events_look(segments, &look, SUGGEST_COUNTED, error)) return NULL;
    *ret_looked_at = look.looked_at;
    json_t *events = events_json(names, &look);
    usual_add(events, dictionary);
    return events;
}

/* ---- traits, countries, tags ---- */

static void stored_trait(Segments *segments, Tally *tally, const SuggestTraitsRow *row)
{
    int64_t person = people_person(segments_people(segments), row->person_id);
    bool counts = row->confirmed && person && !people_is_erased(segments_people(segments), person);
    json_t *value = counts ? json_loads(row->value, JSON_DECODE_ANY, NULL) : NULL;
    if (value) tally_add(tally, row->name, value, person);
    json_decref(value);
}

static bool traits_read(Segments *segments, Db *db, Tally *tally, GError **error)
{
    SuggestTraitsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_suggest_traits_open(db, &(SuggestTraitsParams){SUGGEST_ROWS}, &cursor, error))
        return false;
    while (sql_suggest_traits_next(&cursor, &row))
        if (strcmp(row.name, "country") != 0) stored_trait(segments, tally, &row);
    return db_cursor_finish(&cursor, error);
}

/* The country that pages show, wherever it comes from. */
static bool countries_read(Segments *segments, Db *db, Tally *tally, GError **error)
{
    SuggestPeopleRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_suggest_people_open(db, &(SuggestPeopleParams){SUGGEST_ROWS}, &cursor, error))
        return false;
    while (sql_suggest_people_next(&cursor, &row)) {
        bool counts = row.listed && row.country &&
                      !people_is_erased(segments_people(segments), row.person_id);
        json_t *country = counts ? json_string(row.country) : NULL;
        if (country) tally_add(tally, "country", country, row.person_id);
        json_decref(country);
    }
    return db_cursor_finish(&cursor, error);
}

/* One look with one reader. */
typedef bool (*LookRead)(Segments *segments, Db *db, Tally *tally, GError **error);
static bool look_read(Segments *segments, LookRead read, Tally *tally, GError **error)
{
    Db *db = store_reader_begin(segments_store(segments), error);
    if (!db) return false;
    bool done = read(segments, db, tally, error);
    store_reader_end(segments_store(segments), db);
    return done;
}

static json_t *traits_json(Segments *segments, GError **error)
{
    static const char *const shown[] = {"name", "email", "phone", "country", "created_at"};
    static const char *const computed[] = {"orders", "spent", "lifetime_value",
                                           "average_order_value"};
    g_autoptr(Tally) tally = tally_new(true);
    for (size_t i = 0; i < G_N_ELEMENTS(computed); i++)
        tally_known(tally, &computed[i], 1, "number");
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        tally_known(tally, &shown[i], 1, strcmp(shown[i], "created_at") == 0 ? "date" : "text");
    bool done = look_read(segments, countries_read, tally, error) &&
                look_read(segments, traits_read, tally, error);
    return done ? tally_json(tally) : NULL;
}

/* A tag is a word of the shop's own about people: it is offered as it is. */
static json_t *tags_json(Db *db, GError **error)
{
    SuggestTagsRow row;
    g_autoptr(GTree) seen =
        g_tree_new_full((GCompareDataFunc)(void (*)(void))g_strcmp0, NULL, g_free, NULL);
    json_t *tags = json_array();
    g_auto(DbCursor) cursor = {0};
    if (!sql_suggest_tags_open(db, &(SuggestTagsParams){SUGGEST_ROWS}, &cursor, error)) goto fail;
    while (sql_suggest_tags_next(&cursor, &row)) {
        bool full = json_array_size(tags) >= TALLY_TRACKED_MAX;
        if (full || g_tree_lookup(seen, row.tag)) continue;
        g_tree_insert(seen, g_strdup(row.tag), (void *)tags);
        json_array_append_new(tags, json_string(row.tag));
    }
    if (db_cursor_finish(&cursor, error)) return tags;
fail:
    json_decref(tags);
    return NULL;
}

static json_t *tags_read(Segments *segments, GError **error)
{
    Db *db = store_reader_begin(segments_store(segments), error);
    if (!db) return NULL;
    json_t *tags = tags_json(db, error);
    store_reader_end(segments_store(segments), db);
    return tags;
}

json_t *suggest_names(Segments *segments, GError **error)
{
    int64_t looked_at = 0;
    json_t *events = events_read(segments, &looked_at, error);
    json_t *traits = events ? traits_json(segments, error) : NULL;
    json_t *tags = traits ? tags_read(segments, error) : NULL;
    if (tags)
        return json_pack("{s:o, s:I, s:o, s:o}", "events", events, "looked_at",
                         (json_int_t)looked_at, "traits", traits, "tags", tags);
    json_decref(events);
    json_decref(traits);
    return NULL;
}

/* ---- the properties of one event ---- */

typedef struct Known {
    const char *path[2];
    const char *type;
} Known;

/* What docs/rules.md promises of orders and refunds, whatever their events say. */
static void known_add(Tally *tally, const char *event)
{
    static const Known of_orders[] = {
        {{"revenue"}, "number"},
        {{"net_revenue"}, "number"},
        {{"item_count"}, "number"},
        {{"coupon"}, "text"},
        {{"products", "name"}, "text"},
        {{"products", "category"}, "text"},
        {{"products", "product_id"}, "text"},
        {{"products", "quantity"}, "number"},
        {{"products", "price"}, "number"},
        {{"currency"}, "text"},
    };
    static const Known of_refunds[] = {{{"amount"}, "number"}, {{"currency"}, "text"}};
    bool orders = strcmp(event, ORDER_EVENT) == 0, refunds = strcmp(event, REFUND_EVENT) == 0;
    const Known *known = orders ? of_orders : of_refunds;
    size_t count = orders ? G_N_ELEMENTS(of_orders) : G_N_ELEMENTS(of_refunds);
    for (size_t i = 0; (orders || refunds) && i < count; i++)
        tally_known(tally, known[i].path, known[i].path[1] ? 2 : 1, known[i].type);
}

static bool is_usual(const char *event)
{
    for (size_t i = 0; event_name_word(i); i++)
        if (strcmp(event_name_word(i), event) == 0) return true;
    return false;
}

json_t *suggest_properties(Segments *segments, const char *event, GError **error)
{
    int64_t name_id = names_find(timeline_names(segments_timeline(segments)), slice_of(event));
    if (!name_id && !is_usual(event)) {
        fail(error, KITH_ERROR_NOT_FOUND, "nothing of the name \"%.100s\" has come in", event);
        return NULL;
    }
    g_autoptr(Tally) tally = tally_new(false);
    known_add(tally, event);
    EventLook look = {.people = segments_people(segments),
                      .before_person = INT64_MAX,
                      .before_event = INT64_MAX,
                      .name_id = name_id,
                      .tally = tally};
    if (name_id && !events_look(segments, &look, SUGGEST_LOOKS, error)) return NULL;
    return json_pack("{s:s, s:I, s:o}", "event", event, "looked_at", (json_int_t)look.found,
                     "properties", tally_json(tally));
}
