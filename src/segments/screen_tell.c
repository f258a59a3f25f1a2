#include "segments/screen_private.h"

#include "segments/edges.h"
#include "segments/kernel.h"

/* One tap under way, over the rows of everybody who is asked for. */
typedef struct LookTap {
    Look *look;
    const Tap *tap;
    Fill fill;
    uint32_t ask;
} LookTap;

/* ---- hearing ---- */

/* Of a sequence only where it begins moves with its window; anniversaries are told by their days.
 */
static bool has_window(const Tap *tap)
{
    RuleKind kind = tap->leaf->kind;
    return kind != RULE_ANNIVERSARY && (kind != RULE_SEQUENCE || tap->step == 0);
}

static void occurrence_take(const LookTap *at, const LookHeard *heard)
{
    Look *look = at->look;
    const Tap *tap = at->tap;
    int64_t seen = heard->seen.at, now = look->evaluation.moment.now;
    if (has_window(tap)) look_window(look, at->ask, &tap->leaf->node->window, seen);
    if (leaf_is_shared(tap->leaf)) return; /* a rank is decided by others */
    if (seen >= now) {
        look_moment(look, at->ask, seen + 1);
        return;
    }
    if (seen < tap->range.from || seen >= tap->range.to) return;
    look_moment(look, at->ask, seen + 1);
    g_array_append_val(look->heard, *heard);
}

static void date_visit(void *data, const RuleWindow *window, int64_t date)
{
    const LookTap *at = data;
    look_window(at->look, at->ask, window, date);
}

static void hit_take(LookTap *at, const EventHit *hit)
{
    const Fill *fill = &at->fill;
    LookHeard heard = {at->tap, at->ask, {.at = hit->at, .id = hit->id}};
    Place place = {.part = hit->part, .i = hit->position};
    if (!hit->part) place.columns = fill->name->base->grouped;
    if (fill->where) {
        fill_where_dates(fill->where, &place, date_visit, at);
        if (!fill_where_holds(fill->where, &place)) return;
    }
    heard.seen.aside = at->tap->negative;
    heard.seen.has_value = fill->value && fill_value_read(fill->value, &place, &heard.seen.value);
    if (heard.seen.aside) heard.seen.value = -heard.seen.value;
    occurrence_take(at, &heard);
}

static void tap_hear(LookTap *at)
{
    const Look *look = at->look;
    GArray *hits = look->screen->hits;
    for (at->ask = 0; at->fill.name && at->ask < look->asks->len; at->ask++) {
        uint32_t row, end;
        g_array_set_size(hits, 0);
        for (look_rows(look, at->ask, &row, &end); row < end; row++)
            event_row(at->fill.name, g_array_index(look->screen->rows, uint32_t, row), hits);
        for (guint h = 0; h < hits->len; h++)
            hit_take(at, &g_array_index(hits, EventHit, h));
    }
}

/* A leaf is heard by all of its taps, or by none. */
static bool leaf_hear(Look *look, const Leaf *leaf)
{
    bool can = true;
    const Evaluation *evaluation = &look->evaluation;
    g_autoptr(GArray) taps = g_array_new(FALSE, TRUE, sizeof(LookTap));
    for (guint i = 0; i < evaluation->taps->len; i++) {
        LookTap at = {.look = look, .tap = evaluation->taps->pdata[i]};
        if (at.tap->leaf != leaf) continue;
        at.fill.tap = at.tap;
        can = fill_open(&at.fill, evaluation) && can;
        g_array_append_val(taps, at);
    }
    for (guint i = 0; i < taps->len; i++) {
        LookTap *at = &g_array_index(taps, LookTap, i);
        if (can) tap_hear(at);
        fill_clear(&at->fill);
    }
    return can;
}

/* ---- hearing what columns do not hold: products of orders, names that are not held ---- */

/* Dates that a `where` compares with windows. */
static void where_dates(LookTap *at, const RuleNode *where, const json_t *payload)
{
    for (uint32_t i = 0; i < where->item_count; i++)
        where_dates(at, where->items[i], payload);
    if (where->kind != RULE_FIELD || where->test.op != RULE_LIES) return;
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int64_t));
    edges_dates(&at->look->evaluation.moment, payload, dates);
    for (guint i = 0; i < dates->len; i++)
        look_window(at->look, at->ask, &where->window, g_array_index(dates, int64_t, i));
}

static void seen_take(LookTap *at, const Seen *seen)
{
    const Tap *tap = at->tap;
    Tap wide = *tap;
    LookHeard heard = {tap, at->ask, {.at = seen->at, .id = seen->id}};
    wide.range = (Range){INT64_MIN, INT64_MAX};
    bool named =
        seen->source == tap->source && (tap->source != TAP_EVENTS || seen->name_id == tap->name_id);
    if (!named) return;
    if (tap->where) where_dates(at, tap->where, seen->payload);
    if (!evaluation_hears(&at->look->evaluation, &wide, seen)) return;
    evaluation_value(tap, seen, &heard.seen);
    occurrence_take(at, &heard);
}

static void facts_hear(Look *look, const Facts *facts)
{
    const GPtrArray *taps = look->evaluation.taps;
    for (guint i = 0; i < facts->seen->len; i++) {
        const Seen *seen = &g_array_index(facts->seen, Seen, i);
        int64_t ask = look_place(look, seen->stem);
        for (guint t = 0; ask >= 0 && t < taps->len; t++) {
            LookTap at = {.look = look, .tap = taps->pdata[t], .ask = (uint32_t)ask};
            if (tap_is_open(at.tap)) seen_take(&at, seen);
        }
    }
}

static bool facts_read(Look *look, GError **error)
{
    Evaluation *evaluation = &look->evaluation;
    bool orders = evaluation_has(evaluation, TAP_ORDERS) || evaluation_has(evaluation, TAP_REFUNDS);
    bool events = evaluation_has(evaluation, TAP_EVENTS);
    if (!orders && !events) return true;
    g_auto(Facts) facts;
    facts_init(&facts);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < look->ids->len; i++)
        people_stems(look->screen->segments->options.people, g_array_index(look->ids, int64_t, i),
                     stems);
    evaluation->stems = stems;
    evaluation->facts = &facts;
    bool done =
        (!orders || load_orders(evaluation, error)) && (!events || load_events(evaluation, error));
    evaluation->stems = NULL;
    evaluation->facts = NULL;
    if (done) facts_hear(look, &facts);
    return done;
}

bool look_hear(Look *look, GError **error)
{
    look->evaluation.read = look->screen->business.read; /* lent */
    for (guint i = 0; i < look->evaluation.leaves->len; i++) {
        Leaf *leaf = look->evaluation.leaves->pdata[i];
        leaf->filled = leaf_hear(look, leaf);
    }
    look->evaluation.read = (FeedRead){0};
    return facts_read(look, error);
}

/* ---- telling ---- */

void look_tell(const Look *look)
{
    for (guint i = 0; i < look->heard->len; i++) {
        LookHeard *heard = &g_array_index(look->heard, LookHeard, i);
        Leaf *leaf = heard->tap->leaf;
        for (uint32_t slot = look->slots[heard->ask]; slot < look->slots[heard->ask + 1]; slot++) {
            if (heard->seen.at >= g_array_index(look->slot_at, int64_t, slot)) continue;
            heard->seen.person = slot;
            leaf_take(leaf, heard->tap->step, &heard->seen);
        }
    }
}
