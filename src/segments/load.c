#include "segments/evaluate.h"

#include "base/error.h"
#include "base/text.h"
#include "segments/segments_sql.h"

#include <string.h>

bool load_chunks(Evaluation *evaluation, LoadChunk chunk, void *load, GError **error)
{
    Store *store = evaluation->segments->options.store;
    bool more = true;
    while (more) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        bool done = chunk(load, db, &more, error);
        store_reader_end(store, db);
        if (!done) return false;
    }
    return true;
}

enum { LOAD_STEMS = 200 }; /* read with one reader */

typedef struct StemsLoad {
    const GArray *stems;
    LoadChunk chunk;
    void *load;
    LoadAt *at;
    guint next;
    bool more; /* of the stem at hand */
} StemsLoad;

static bool stems_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    StemsLoad *stems = data;
    for (int i = 0; i < LOAD_STEMS && (stems->more || stems->next < stems->stems->len); i++) {
        if (!stems->more) {
            int64_t stem = g_array_index(stems->stems, int64_t, stems->next++);
            *stems->at = (LoadAt){stem, INT64_MIN, stem};
        }
        if (!stems->chunk(stems->load, db, &stems->more, error)) return false;
    }
    *ret_more = stems->more || stems->next < stems->stems->len;
    return true;
}

bool load_spans(Evaluation *evaluation, LoadChunk chunk, void *load, LoadAt *at, GError **error)
{
    *at = (LoadAt){INT64_MIN, INT64_MIN, INT64_MAX};
    if (!evaluation->stems) return load_chunks(evaluation, chunk, load, error);
    StemsLoad stems = {evaluation->stems, chunk, load, at, 0, false};
    return stems.stems->len == 0 || load_chunks(evaluation, stems_chunk, &stems, error);
}

bool evaluation_has(const Evaluation *evaluation, TapSource source)
{
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (!tap_is_open(tap)) continue;
        if (tap->source == source && (source != TAP_EVENTS || tap->name_id)) return true;
    }
    return false;
}

/* ---- people ---- */

typedef struct PeopleLoad {
    Evaluation *evaluation;
    LoadAt at;
} PeopleLoad;

static bool people_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    PeopleLoad *load = data;
    CrowdPeopleParams params = {load->at.person, load->at.last, load_rows(load->evaluation)};
    CrowdPeopleRow row;
    int64_t rows = 0;
    People *people = load->evaluation->segments->options.people;
    g_auto(DbCursor) cursor = {0};
    if (!sql_crowd_people_open(db, &params, &cursor, error)) return false;
    for (; sql_crowd_people_next(&cursor, &row); rows++) {
        load->at.person = row.person_id + 1;
        bool listed = row.listed && people_person(people, row.person_id) == row.person_id;
        if (!listed || people_is_erased(people, row.person_id)) continue;
        g_array_append_val(load->evaluation->people, row.person_id);
    }
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

bool load_people(Evaluation *evaluation, GError **error)
{
    PeopleLoad load = {.evaluation = evaluation};
    return load_spans(evaluation, people_chunk, &load, &load.at, error);
}

/* ---- occurrences ---- */

bool evaluation_hears(const Evaluation *evaluation, const Tap *tap, const Seen *seen)
{
    if (tap->source != seen->source || !tap_is_open(tap)) return false;
    if (tap->source == TAP_EVENTS && tap->name_id != seen->name_id) return false;
    if (seen->at < tap->range.from || seen->at >= tap->range.to) return false;
    Matcher matcher = {&evaluation->moment, true};
    return match_where(&matcher, tap->where, seen->payload);
}

void evaluation_value(const Tap *tap, const Seen *seen, Occurrence *occurrence)
{
    if (!tap->value) return;
    if (tap->fingerprint) {
        occurrence->has_value = match_fingerprint(tap->value, seen->payload, &occurrence->value);
        return;
    }
    occurrence->has_value = match_number(tap->value, seen->payload, &occurrence->value);
    if (tap->negative) occurrence->value = -occurrence->value;
    occurrence->aside = tap->negative;
}

void evaluation_tell(Evaluation *evaluation, const Seen *seen)
{
    int64_t person = -1;
    if (evaluation->sink) {
        evaluation->sink(evaluation->sink_data, seen);
        return;
    }
    if (evaluation->facts) {
        facts_add_seen(evaluation->facts, seen);
        return;
    }
    for (guint i = 0; i < evaluation->taps->len; i++) {
        Tap *tap = evaluation->taps->pdata[i];
        if (!evaluation_hears(evaluation, tap, seen)) continue;
        if (person < 0) person = evaluation_index(evaluation, seen->stem);
        if (person < 0) return;
        Occurrence occurrence = {.person = (uint32_t)person, .at = seen->at, .id = seen->id};
        evaluation_value(tap, seen, &occurrence);
        leaf_take(tap->leaf, tap->step, &occurrence);
    }
}

/* ---- events ---- */

typedef struct EventLoad {
    Evaluation *evaluation;
    GHashTable *names; /* name ids that some tap hears, as pointers */
    GString *payloads; /* ",1,12,": names whose payload is looked into */
    int64_t person, event, last_event;
} EventLoad;

/* What a public key says about money is not known (promise 8). */
static void money_drop(json_t *payload)
{
    static const char *const money[] = {"revenue", "net_revenue", "total"};
    json_t *properties = json_object_get(payload, "p");
    for (size_t i = 0; i < G_N_ELEMENTS(money); i++)
        json_object_del(properties, money[i]);
}

json_t *event_payload(const char *stored, int64_t flags)
{
    json_t *payload = stored ? json_loads(stored, JSON_ALLOW_NUL, NULL) : NULL;
    if (payload && (flags & EVENT_UNCONFIRMED)) money_drop(payload);
    return payload;
}

static void event_seen(Evaluation *evaluation, const LoadEventsRow *row)
{
    if (row->flags & EVENT_EVIDENCE) return;
    json_t *payload = event_payload(row->payload, row->flags);
    Seen seen = {.source = TAP_EVENTS,
                 .name_id = row->name_id,
                 .stem = row->person_id,
                 .at = row->occurred_at,
                 .id = row->event_id,
                 .payload = payload};
    evaluation_tell(evaluation, &seen);
    json_decref(payload);
}

static bool event_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    EventLoad *load = data;
    LoadEventsParams params = {.after_person = load->person,
                               .after_event = load->event,
                               .names = load->payloads->str,
                               .rows = load_rows(load->evaluation)};
    LoadEventsRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_events_open(db, &params, &cursor, error)) return false;
    for (; sql_load_events_next(&cursor, &row); rows++) {
        load->person = row.person_id;
        load->event = row.event_id;
        bool heard = g_hash_table_contains(load->names, GINT_TO_POINTER((int)row.name_id));
        if (heard && row.event_id <= load->last_event) event_seen(load->evaluation, &row);
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

static bool last_event_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    EventLoad *load = data;
    LoadEventLastRow row;
    bool found;
    *ret_more = false;
    if (!sql_load_event_last(db, &row, &found, error)) return false;
    load->last_event = found ? row.event_id : 0;
    return true;
}

/* ---- events of a few ---- */

static bool event_of_one(void *data, const TimelineEvent *event)
{
    EventLoad *load = data;
    if (!g_hash_table_contains(load->names, GINT_TO_POINTER((int)event->name_id))) return true;
    LoadEventsRow row = {.event_id = event->event_id,
                         .person_id = event->stem,
                         .name_id = event->name_id,
                         .flags = event->flags,
                         .occurred_at = event->occurred_at,
                         .payload = event->payload};
    event_seen(load->evaluation, &row);
    return true;
}

/* One stem after the other, by the way a timeline is read. */
static bool stem_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    EventLoad *load = data;
    Timeline *timeline = load->evaluation->segments->options.timeline;
    const GArray *stems = load->evaluation->stems;
    if (load->event < 0) load->event = 0; /* here: the place among the stems */
    *ret_more = load->event + 1 < stems->len;
    if (load->event >= stems->len) return true;
    int64_t stem = g_array_index(stems, int64_t, load->event++);
    return timeline_each(timeline, db, stem, event_of_one, load, error);
}

bool load_events(Evaluation *evaluation, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_direct_hash, g_direct_equal);
    GString *payloads = g_string_new(",");
    EventLoad load = {.evaluation = evaluation,
                      .names = names,
                      .payloads = payloads,
                      .person = INT64_MIN,
                      .event = INT64_MIN};
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->source != TAP_EVENTS || !tap->name_id || !tap_is_open(tap)) continue;
        g_hash_table_add(names, GINT_TO_POINTER((int)tap->name_id));
        if (tap->where || tap->value)
            g_string_append_printf(payloads, "%" G_GINT64_FORMAT ",", tap->name_id);
    }
    bool done = evaluation->stems ? load_chunks(evaluation, stem_chunk, &load, error)
                                  : load_chunks(evaluation, last_event_chunk, &load, error) &&
                                        load_chunks(evaluation, event_chunk, &load, error);
    g_string_free(payloads, TRUE);
    return done;
}

/* ---- tags ---- */

typedef struct TagLoad {
    Evaluation *evaluation;
    LoadAt at;
    char *tag; /* owned */
} TagLoad;

void evaluation_tell_tag(Evaluation *evaluation, const FactTag *row)
{
    if (evaluation->fact_sink) {
        evaluation->fact_sink->tag(evaluation->sink_data, row);
        return;
    }
    if (evaluation->facts) {
        facts_add_tag(evaluation->facts, row);
        return;
    }
    g_autofree char *tag = text_fold(slice_of(row->tag));
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        if (leaf->kind != RULE_TAG || leaf->filled) continue;
        g_autofree char *asked = text_fold(slice_of(leaf->node->text));
        if (!g_str_equal(asked, tag)) continue;
        int64_t person = evaluation_index(evaluation, row->stem);
        if (person >= 0) set_add(leaf->set, (uint32_t)person);
    }
}

static bool tag_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    TagLoad *load = data;
    bool begins = load->at.id == INT64_MIN;
    LoadTagsParams params = {.person_id = load->at.person,
                             .tag = begins ? "" : load->tag,
                             .last = load->at.last,
                             .rows = load_rows(load->evaluation)};
    LoadTagsRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_tags_open(db, &params, &cursor, error)) return false;
    g_autofree char *last = NULL;
    for (; sql_load_tags_next(&cursor, &row); rows++) {
        evaluation_tell_tag(load->evaluation, &(FactTag){row.person_id, row.tag, row.at});
        load->at.person = row.person_id;
        load->at.id = 0;
        g_free(last);
        last = g_strdup(row.tag);
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    bool done = db_cursor_finish(&cursor, error);
    if (last) {
        g_free(load->tag);
        load->tag = g_steal_pointer(&last);
    }
    return done;
}

bool load_tags(Evaluation *evaluation, GError **error)
{
    TagLoad load = {.evaluation = evaluation, .tag = g_strdup("")};
    bool done = load_spans(evaluation, tag_chunk, &load, &load.at, error);
    g_free(load.tag);
    return done;
}

/* ---- the whole ---- */

static bool leaf_is_open(const Leaf *leaf, RuleKind kind)
{
    return leaf->kind == kind && !leaf->filled;
}

static bool has_leaf(const Evaluation *evaluation, RuleKind kind)
{
    for (guint i = 0; i < evaluation->leaves->len; i++)
        if (leaf_is_open(evaluation->leaves->pdata[i], kind)) return true;
    return false;
}

static bool is_needed(const Evaluation *evaluation, LoadKind kind)
{
    switch (kind) {
    case LOAD_ORDERS:
        return evaluation_has(evaluation, TAP_ORDERS) || evaluation_has(evaluation, TAP_REFUNDS);
    case LOAD_EVENTS:
        return evaluation_has(evaluation, TAP_EVENTS);
    case LOAD_TRAITS:
        return evaluation->columns->len > 0;
    case LOAD_TAGS:
        return has_leaf(evaluation, RULE_TAG);
    case LOAD_PICKS:
        return has_leaf(evaluation, RULE_SEGMENT);
    case LOAD_KINDS:
        break;
    }
    g_assert_not_reached();
}

bool load_all(Evaluation *evaluation, GError **error)
{
    static bool (*const loads[LOAD_KINDS])(Evaluation * evaluation, GError * *error) = {
        [LOAD_ORDERS] = load_orders, [LOAD_EVENTS] = load_events, [LOAD_TRAITS] = load_traits,
        [LOAD_TAGS] = load_tags,     [LOAD_PICKS] = load_picks,
    };
    for (LoadKind kind = 0; kind < LOAD_KINDS; kind++) {
        uint64_t before = evaluation->rows_read;
        if (is_needed(evaluation, kind) && !loads[kind](evaluation, error)) return false;
        evaluation->rows_of[kind] = evaluation->rows_read - before;
    }
    return load_consents(evaluation, error);
}
