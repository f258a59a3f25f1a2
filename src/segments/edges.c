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

void edges_shift(const Moment *moment, RuleUnit unit, int64_t count, int64_t at, GArray *edges)
{
    static const int64_t exact[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    if (unit <= RULE_WEEK) {
        edge_add(edges, at - count * exact[unit] + 1);
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

/* `now` being where an instant is seen from. */
void edges_window(const Moment *moment, const RuleWindow *window, int64_t at, GArray *edges)
{
    RuleUnit unit = window->unit;
    switch (window->kind) {
    case RULE_LAST:
    case RULE_LESS_AGO:
    case RULE_MORE_AGO:
        /* from = shifted(now) <= at, resp. at < to = shifted(now) */
        edges_shift(moment, unit, -window->from, at, edges);
        return;
    case RULE_NEXT:
        edge_add(edges, at + 1);
        edges_shift(moment, unit, window->from, at, edges);
        return;
    case RULE_BETWEEN_AGO:
        edges_shift(moment, unit, -window->from, at, edges);
        edges_shift(moment, unit, -window->to, at, edges);
        return;
    case RULE_PERIOD: {
        /* Seen from the instant, the periods from which it is seen lie the other way. */
        RuleWindow back = *window;
        Moment there = {CLAMP(at, ZONE_MS_MIN, ZONE_MS_MAX), moment->zone};
        back.step = -window->step;
        Range seen = window_range(&back, &there);
        edge_add(edges, seen.from);
        edge_add(edges, seen.to);
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

/* ---- dates inside values ---- */

static void date_edges(const Edges *edges, const RuleWindow *window, const char *text)
{
    Range date;
    g_autofree char *upper = g_ascii_strup(text, -1);
    if (!window_date(upper, &edges->evaluation->moment, &date)) return;
    edge_add(edges->found, date.from); /* its first anniversary is found from there */
    edges_window(&edges->evaluation->moment, window, date.from, edges->found);
}

static void json_edges(const Edges *edges, const RuleWindow *window, const json_t *value, int depth)
{
    size_t i;
    json_t *item;
    const char *name;
    if (depth > EDGE_JSON_DEPTH_MAX) return;
    if (json_is_string(value)) date_edges(edges, window, json_string_value(value));
    json_array_foreach((json_t *)(void *)value, i, item) json_edges(edges, window, item, depth + 1);
    json_object_foreach((json_t *)(void *)value, name, item)
        json_edges(edges, window, item, depth + 1);
}

/* Dates in the occurrences that a `where` compares with windows. */
static bool where_edges(const Edges *edges, const RuleNode *where, const json_t *payload)
{
    bool dated = false;
    if (!where) return false;
    if (where->kind == RULE_FIELD && where->test.op == RULE_LIES) {
        json_edges(edges, &where->window, payload, 0);
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
    const char *json = leaf->column->cells[0].json;
    bool lies = leaf->kind == RULE_FIELD && leaf->node->test.op == RULE_LIES;
    if ((!lies && leaf->kind != RULE_ANNIVERSARY) || !json) return;
    json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
    json_edges(edges, &leaf->node->window, value, 0);
    json_decref(value);
}

/* ---- days ---- */

static bool leaf_holds(const Evaluation *evaluation, Leaf *leaf, const Moment *moment)
{
    LeafJudge judge = {moment, (const int64_t *)(void *)evaluation->people->data};
    g_autoptr(PersonSet) set = leaf_conclude(leaf, &judge);
    return set_has(set, 0);
}

/* Local midnight `days` after the moment's day. */
static int64_t midnight(const Evaluation *evaluation, int64_t days)
{
    const Zone *zone = evaluation->moment.zone;
    return zone_add(zone, zone_floor(zone, evaluation->moment.now, ZONE_DAY), ZONE_DAY, days);
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
    int64_t low = 0, high = EDGE_SILENCE_DAYS_MAX;
    if (leaf_holds_at(evaluation, leaf, evaluation->moment.now)) return;
    if (!leaf_holds_at(evaluation, leaf, midnight(evaluation, high))) return;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (leaf_holds_at(evaluation, leaf, midnight(evaluation, middle)))
            high = middle;
        else
            low = middle;
    }
    edge_add(edges->found, midnight(evaluation, high));
}

/* ---- consents ---- */

static bool permission_edges(const Edges *edges, Db *db, const RuleNode *node, GError **error)
{
    Permission permission;
    PermissionQuery query = {edges->judge->person_id, NULL, node->text,
                             node->topic ? node->topic : PERMISSION_TOPIC,
                             edges->evaluation->moment.now};
    People *people = edges->judge->segments->options.people;
    if (!people_permission(people, db, &query, &permission, error)) return false;
    edge_add(edges->found, permission.expires_at);
    edge_add(edges->found, permission.expires_at + 1);
    return true;
}

static bool consent_edges(const Edges *edges, const RuleNode *node, GError **error)
{
    Store *store = edges->judge->segments->options.store;
    People *people = edges->judge->segments->options.people;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool address = people_channel_kind(node->text) != IDENTITY_KIND_END;
    g_autoptr(GPtrArray) rows = people_consents_load(people, db, edges->judge->person_id, error);
    bool done = rows && (!address || permission_edges(edges, db, node, error));
    store_reader_end(store, db);
    for (guint i = 0; done && i < rows->len; i++) {
        const Consent *row = rows->pdata[i];
        const int64_t at[] = {row->occurred_at, row->occurred_at + 1, row->expires_at,
                              row->expires_at + 1};
        for (size_t k = 0; k < G_N_ELEMENTS(at); k++)
            edge_add(edges->found, at[k]);
    }
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
