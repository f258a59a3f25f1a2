#include "segments/edges.h"

#include "base/clock.h"
#include "people/consent.h"
#include "people/permission.h"

enum {
    EDGE_CLAMP_DAYS = 5, /* months differ by three days; weeks of DST changes by one more */
    EDGE_SILENCE_DAYS_MAX = 1000000,
    EDGE_JSON_DEPTH_MAX = 40,
};

typedef struct Edges {
    Judge *judge;
    Evaluation *evaluation;
    GArray *found;
} Edges;

static void edge_add(GArray *edges, int64_t at)
{
    if (at >= ZONE_MS_MIN && at <= ZONE_MS_MAX) g_array_append_val(edges, at);
}

/* ---- months and years ---- */

typedef struct Shift {
    const Moment *moment;
    RuleUnit unit;
    int64_t count, at;
} Shift;

static int64_t shift_of(const Shift *shift, int64_t now)
{
    int64_t count = shift->unit == RULE_QUARTER ? 3 * shift->count : shift->count;
    ZoneUnit unit = shift->unit == RULE_YEAR ? ZONE_YEAR : ZONE_MONTH;
    return zone_add(shift->moment->zone, now, unit, count);
}

static bool shift_is_past(const Shift *shift, int64_t now)
{
    return shift_of(shift, now) > shift->at;
}

/* The one crossing between two instants that differ. */
static int64_t shift_bisect(const Shift *shift, int64_t low, int64_t high)
{
    bool before = shift_is_past(shift, low);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (shift_is_past(shift, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void shift_between(const Shift *shift, int64_t low, int64_t high, GArray *edges)
{
    if (low < high && shift_is_past(shift, low) != shift_is_past(shift, high))
        edge_add(edges, shift_bisect(shift, low, high));
}

/* Whether clocks are changed on this day or on the one it is shifted to: then what is shifted does
 * not only grow. */
static bool shift_is_crooked(const Shift *shift, int64_t start, int64_t end)
{
    const Zone *zone = shift->moment->zone;
    int64_t first = shift_of(shift, start);
    int64_t from = zone_floor(zone, first, ZONE_DAY), to = zone_add(zone, from, ZONE_DAY, 1);
    return zone_offset_ms(zone, start) != zone_offset_ms(zone, end) ||
           zone_offset_ms(zone, from) != zone_offset_ms(zone, to);
}

/* Crossings inside one local day, and at its start. */
static void shift_day(const Shift *shift, int64_t start, int64_t end, GArray *edges)
{
    shift_between(shift, start - 1, start, edges);
    if (!shift_is_crooked(shift, start, end)) {
        shift_between(shift, start, end - 1, edges);
        return;
    }
    const int64_t step = 15 * CLOCK_MINUTE_MS;
    for (int64_t at = start; at < end; at += step) {
        shift_between(shift, at - 1, at, edges);
        shift_between(shift, at, MIN(at + step, end) - 1, edges);
    }
}

int64_t edges_exact(RuleUnit unit, int64_t count, int64_t at)
{
    static const int64_t exact[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    return at - count * exact[unit] + 1;
}

void edges_shift(const Moment *moment, RuleUnit unit, int64_t count, int64_t at, GArray *edges)
{
    if (unit <= RULE_WEEK) {
        edge_add(edges, edges_exact(unit, count, at));
        return;
    }
    Shift back = {moment, unit, -count, 0}, shift = {moment, unit, count, at};
    const Zone *zone = moment->zone;
    int64_t near = zone_floor(zone, shift_of(&back, CLAMP(at, ZONE_MS_MIN, ZONE_MS_MAX)), ZONE_DAY);
    for (int day = -EDGE_CLAMP_DAYS; day <= EDGE_CLAMP_DAYS; day++) {
        int64_t start = zone_add(zone, near, ZONE_DAY, day);
        int64_t end = zone_add(zone, start, ZONE_DAY, 1);
        if (start > ZONE_MS_MIN && end <= ZONE_MS_MAX) shift_day(&shift, start, end, edges);
    }
}

/* ---- windows ---- */

void edges_crossings(const Moment *moment, const RuleWindow *window, int64_t at,
                     const EdgesSink *sink)
{
    switch (window->kind) {
    case RULE_LAST:
    case RULE_LESS_AGO:
    case RULE_MORE_AGO:
        /* from = shifted(now) <= at, resp. at < to = shifted(now) */
        sink->shift(sink->data, window->unit, -window->from, at);
        return;
    case RULE_NEXT:
        sink->point(sink->data, at + 1);
        sink->shift(sink->data, window->unit, window->from, at);
        return;
    case RULE_BETWEEN_AGO:
        sink->shift(sink->data, window->unit, -window->from, at);
        sink->shift(sink->data, window->unit, -window->to, at);
        return;
    case RULE_PERIOD: {
        /* Seen from the instant, the periods from which it is seen lie the other way. */
        RuleWindow back = *window;
        Moment there = {CLAMP(at, ZONE_MS_MIN, ZONE_MS_MAX), moment->zone};
        back.step = -window->step;
        Range seen = window_range(&back, &there);
        sink->point(sink->data, seen.from);
        sink->point(sink->data, seen.to);
        return;
    }
    case RULE_ALWAYS:
    case RULE_SINCE:
    case RULE_BEFORE:
    case RULE_AFTER:
    case RULE_ON:
    case RULE_BETWEEN_DATE:
    case RULE_WINDOWS:
        return;
    }
}

typedef struct Crossings {
    const Moment *moment;
    GArray *edges;
} Crossings;

static void crossing_point(void *data, int64_t at) { edge_add(((Crossings *)data)->edges, at); }

static void crossing_shift(void *data, RuleUnit unit, int64_t count, int64_t at)
{
    const Crossings *crossings = data;
    edges_shift(crossings->moment, unit, count, at, crossings->edges);
}

void edges_window(const Moment *moment, const RuleWindow *window, int64_t at, GArray *edges)
{
    Crossings crossings = {moment, edges};
    EdgesSink sink = {crossing_point, crossing_shift, &crossings};
    edges_crossings(moment, window, at, &sink);
}

/* ---- dates inside values ---- */

static void dates_find(const Moment *moment, const json_t *value, int depth, GArray *dates)
{
    size_t i;
    json_t *item;
    Range date;
    const char *name;
    if (depth > EDGE_JSON_DEPTH_MAX) return;
    if (json_is_string(value)) {
        g_autofree char *upper = g_ascii_strup(json_string_value(value), -1);
        if (window_date(upper, moment, &date)) g_array_append_val(dates, date.from);
    }
    json_array_foreach((json_t *)(void *)value, i, item) dates_find(moment, item, depth + 1, dates);
    json_object_foreach((json_t *)(void *)value, name, item)
        dates_find(moment, item, depth + 1, dates);
}

void edges_dates(const Moment *moment, const json_t *value, GArray *dates)
{
    dates_find(moment, value, 0, dates);
}

static void json_edges(const Edges *edges, const RuleWindow *window, const json_t *value)
{
    const Moment *moment = &edges->evaluation->moment;
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int64_t));
    edges_dates(moment, value, dates);
    for (guint i = 0; i < dates->len; i++) {
        int64_t date = g_array_index(dates, int64_t, i);
        edge_add(edges->found, date); /* its first anniversary is found from there */
        edges_window(moment, window, date, edges->found);
    }
}

/* Dates in the occurrences that a `where` compares with windows. */
static bool where_edges(const Edges *edges, const RuleNode *where, const json_t *payload)
{
    bool dated = false;
    if (!where) return false;
    if (where->kind == RULE_FIELD && where->test.op == RULE_LIES) {
        json_edges(edges, &where->window, payload);
        return true;
    }
    for (uint32_t i = 0; i < where->item_count; i++)
        dated = where_edges(edges, where->items[i], payload) || dated;
    return dated;
}

/* ---- occurrences ---- */

static void seen_edges(const Edges *edges, const Tap *tap, const Seen *seen)
{
    Tap wide = *tap;
    wide.range = (Range){INT64_MIN, INT64_MAX};
    bool named =
        seen->source == tap->source && (tap->source != TAP_EVENTS || seen->name_id == tap->name_id);
    if (!named) return;
    bool dated = where_edges(edges, tap->where, seen->payload);
    if (!dated && !evaluation_hears(edges->evaluation, &wide, seen)) return;
    const RuleNode *node = tap->leaf->node;
    edge_add(edges->found, seen->at + 1);
    edges_window(&edges->evaluation->moment, &node->window, seen->at, edges->found);
}

static void tap_edges(const Edges *edges, const Tap *tap)
{
    const Facts *facts = &edges->judge->facts;
    for (guint i = 0; i < facts->seen->len; i++)
        seen_edges(edges, tap, &g_array_index(facts->seen, Seen, i));
}

/* ---- traits ---- */

static void trait_edges(const Edges *edges, const Leaf *leaf)
{
    const Facts *facts = &edges->judge->facts;
    for (guint i = 0; i < facts->traits->len; i++) {
        const FactTrait *trait = &g_array_index(facts->traits, FactTrait, i);
        if (!leaf->column->shown && g_str_equal(trait->name, leaf->column->name))
            edge_add(edges->found, trait->occurred_at);
    }
    const char *json = trait_column_json(leaf->column, 0);
    bool lies = leaf->kind == RULE_FIELD && leaf->node->test.op == RULE_LIES;
    if ((!lies && leaf->kind != RULE_ANNIVERSARY) || !json) return;
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    json_edges(edges, &leaf->node->window, value);
    json_decref(value);
}

/* ---- days ---- */

static bool leaf_holds(const Evaluation *evaluation, Leaf *leaf, const Moment *moment)
{
    LeafJudge judge = {moment, (const int64_t *)(void *)evaluation->people->data};
    g_autoptr(PersonSet) set = leaf_conclude(leaf, &judge);
    return set_has(set, 0);
}

int64_t edges_midnight(const Moment *moment, int64_t days)
{
    const Zone *zone = moment->zone;
    return zone_add(zone, zone_floor(zone, moment->now, ZONE_DAY), ZONE_DAY, days);
}

static int64_t midnight(const Evaluation *evaluation, int64_t days)
{
    return edges_midnight(&evaluation->moment, days);
}

static bool leaf_holds_at(const Evaluation *evaluation, Leaf *leaf, int64_t now)
{
    Moment moment = {now, evaluation->moment.zone};
    return leaf_holds(evaluation, leaf, &moment);
}

/* The first midnight at which a leaf says something else. Birthdays come every year: what does not
 * happen within EDGE_DAYS_MAX never does. */
static void day_edges(const Edges *edges, Leaf *leaf)
{
    const Evaluation *evaluation = edges->evaluation;
    bool now = leaf_holds_at(evaluation, leaf, evaluation->moment.now);
    for (int day = 1; day <= EDGE_DAYS_MAX; day++) {
        int64_t at = midnight(evaluation, day);
        if (leaf_holds_at(evaluation, leaf, at) == now) continue;
        edge_add(edges->found, at);
        return;
    }
}

/* Silence only grows: it begins to be long at one midnight. */
static void silence_edges(const Edges *edges, Leaf *leaf)
{
    const Evaluation *evaluation = edges->evaluation;
    LeafJudge judge = {&evaluation->moment, (const int64_t *)(void *)evaluation->people->data, 0};
    int64_t day, today = window_day_of(&evaluation->moment, evaluation->moment.now);
    leaf_silent_days(leaf, &judge, &day);
    if (day > today && day - today < EDGE_SILENCE_DAYS_MAX)
        edge_add(edges->found, midnight(evaluation, day - today));
}

/* ---- consents ---- */

static bool permission_edges(const ConsentEdges *ask, Db *db, GArray *edges, GError **error)
{
    Permission permission;
    const RuleNode *node = ask->node;
    PermissionQuery query = {ask->person_id, NULL, node->text,
                             node->topic ? node->topic : PERMISSION_TOPIC, ask->at};
    if (people_channel_kind(node->text) == IDENTITY_KIND_END) return true;
    if (!people_permission(ask->people, db, &query, &permission, error)) return false;
    edge_add(edges, permission.expires_at);
    edge_add(edges, permission.expires_at + 1);
    return true;
}

bool edges_consent(const ConsentEdges *ask, Db *db, GArray *edges, GError **error)
{
    g_autoptr(GPtrArray) rows = people_consents_load(ask->people, db, ask->person_id, error);
    for (guint i = 0; rows && i < rows->len; i++) {
        const Consent *row = rows->pdata[i];
        const int64_t at[] = {row->occurred_at, row->occurred_at + 1, row->expires_at,
                              row->expires_at + 1};
        for (size_t k = 0; k < G_N_ELEMENTS(at); k++)
            edge_add(edges, at[k]);
    }
    return rows && permission_edges(ask, db, edges, error);
}

static bool consent_edges(const Edges *edges, const RuleNode *node, GError **error)
{
    const SegmentsOptions *options = &edges->judge->segments->options;
    ConsentEdges ask = {options->people, node, edges->judge->person_id,
                        edges->evaluation->moment.now};
    Db *db = store_reader_begin(options->store, error);
    if (!db) return false;
    bool done = edges_consent(&ask, db, edges->found, error);
    store_reader_end(options->store, db);
    return done;
}

/* ---- lists ---- */

static void pick_edges(const Edges *edges, const Leaf *leaf)
{
    const GArray *picks = edges->judge->facts.picks;
    for (guint i = 0; i < picks->len; i++) {
        const FactPick *pick = &g_array_index(picks, FactPick, i);
        if (pick->segment_id != leaf->list_id) continue;
        edge_add(edges->found, pick->added_at + 1);
        if (pick->removed_at != INT64_MAX) edge_add(edges->found, pick->removed_at + 1);
    }
}

/* ---- the whole ---- */

static bool leaf_edges(const Edges *edges, Leaf *leaf, GError **error)
{
    if (leaf->column) trait_edges(edges, leaf);
    switch (leaf->kind) {
    case RULE_CONSENT:
    case RULE_BOUNCED:
        return consent_edges(edges, leaf->node, error);
    case RULE_BIRTHDAY:
    case RULE_ANNIVERSARY:
        day_edges(edges, leaf);
        return true;
    case RULE_SILENT:
        silence_edges(edges, leaf);
        return true;
    case RULE_FIELD:
    case RULE_DID:
    case RULE_AMOUNT:
    case RULE_MOMENT:
    case RULE_SEQUENCE:
    case RULE_GAP:
    case RULE_RATIO:
    case RULE_TOP:
    case RULE_LIFECYCLE:
    case RULE_SEGMENT:
        pick_edges(edges, leaf);
        return true;
    case RULE_TAG:
    case RULE_RANDOM:
    case RULE_EVERYBODY:
    case RULE_AND:
    case RULE_OR:
    case RULE_NOT:
    case RULE_KINDS:
        break;
    }
    return true;
}

bool edges_find(Judge *judge, Evaluation *evaluation, GArray *edges, GError **error)
{
    Edges finding = {judge, evaluation, edges};
    for (guint i = 0; i < evaluation->taps->len; i++)
        tap_edges(&finding, evaluation->taps->pdata[i]);
    for (guint i = 0; i < evaluation->leaves->len; i++)
        if (!leaf_edges(&finding, evaluation->leaves->pdata[i], error)) return false;
    return true;
}
