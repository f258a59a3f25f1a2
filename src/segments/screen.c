#include "segments/screen.h"

#include "base/clock.h"
#include "segments/edges.h"
#include "segments/kernel.h"
#include "segments/ranks.h"

#include <string.h>

struct Screen {
    Segments *segments;
    Evaluation business; /* whose zone, currency and columns these are; nothing is planned in it */
    GArray *people;      /* of int64_t */
    GArray *starts;      /* of uint32_t: of each of them, and the end: where in `rows` */
    GArray *rows;        /* of uint32_t, of the view */
    GArray *stems;       /* of int64_t, of all of them */
    Facts facts;         /* traits, once a rule asks for them */
    bool traits_read, shown_read;
    GArray *hits;  /* of EventHit */
    GArray *edges; /* of int64_t */
};

/* One rule, over those who are asked for. */
typedef struct Look {
    Screen *screen;
    GArray *asks;            /* of ScreenAsk */
    Evaluation now, before;  /* everything before `now`, resp. before each one's `from` */
    const uint32_t *persons; /* places of the asked in `people` */
    int64_t *visible;        /* of each: the one instant after `from` since which more is seen; 0 */
    bool *judged;            /* of each: to be judged */
} Look;

/* ---- reading ---- */

static void person_rows(Screen *screen, int64_t person)
{
    uint32_t row;
    guint before = screen->stems->len;
    people_stems(screen->segments->options.people, person, screen->stems);
    for (guint i = before; i < screen->stems->len; i++)
        if (event_view_row(screen->business.read.view, g_array_index(screen->stems, int64_t, i),
                           &row))
            g_array_append_val(screen->rows, row);
    g_array_append_val(screen->starts, screen->rows->len);
}

static gint id_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool screen_begin(Screen *screen, GError **error)
{
    Evaluation *business = &screen->business;
    Feed *feed = screen->segments->options.feed;
    if (!evaluation_business(business, error)) return false;
    if (!feed_begin(feed, business->currency, &business->read)) return false;
    for (guint i = 0; i < screen->people->len; i++)
        person_rows(screen, g_array_index(screen->people, int64_t, i));
    g_array_sort(screen->stems, id_compare);
    return true;
}

Screen *screen_new(Segments *segments, const GArray *people, int64_t now, GError **error)
{
    uint32_t start = 0;
    if (!segments->options.feed) return NULL;
    g_autoptr(Screen) screen = g_new0(Screen, 1);
    screen->segments = segments;
    evaluation_init(&screen->business, segments, now);
    facts_init(&screen->facts);
    screen->people = g_array_copy((GArray *)(void *)people);
    screen->starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    screen->rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    screen->stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    screen->hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    screen->edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_append_val(screen->starts, start);
    return screen_begin(screen, error) ? g_steal_pointer(&screen) : NULL;
}

void screen_free(Screen *screen)
{
    if (!screen) return;
    evaluation_clear(&screen->business);
    facts_clear(&screen->facts);
    g_array_unref(screen->people);
    g_array_unref(screen->starts);
    g_array_unref(screen->rows);
    g_array_unref(screen->stems);
    g_array_unref(screen->hits);
    g_array_unref(screen->edges);
    g_free(screen);
}

static int64_t place_of(const GArray *people, int64_t person_id)
{
    guint place;
    bool found = g_array_binary_search((GArray *)(void *)people, &person_id, id_compare, &place);
    return found ? (int64_t)place : -1;
}

bool screen_is_somebody(const Screen *screen, int64_t person_id)
{
    return place_of(screen->business.read.people, person_id) >= 0;
}

/* Reads the traits of all people of the screen, resp. what the list shows of them. */
static bool facts_read(Screen *screen, bool shown, GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, screen->segments, screen->business.moment.now);
    TraitColumn *column = trait_column_new("", 0);
    column->shown = shown;
    g_ptr_array_add(evaluation.columns, column);
    evaluation.stems = screen->stems;
    evaluation.facts = &screen->facts;
    return load_traits(&evaluation, error);
}

/* What a rule asks for and was not read yet. */
static bool facts_load(const Look *look, GError **error)
{
    Screen *screen = look->screen;
    for (guint i = 0; i < look->now.columns->len; i++) {
        bool shown = ((const TraitColumn *)look->now.columns->pdata[i])->shown;
        bool *have = shown ? &screen->shown_read : &screen->traits_read;
        if (!*have && !facts_read(screen, shown, error)) return false;
        *have = true;
    }
    return true;
}

/* ---- edges ---- */

static void edge_take(Look *look, uint32_t i, int64_t edge)
{
    ScreenAsk *ask = &g_array_index(look->asks, ScreenAsk, i);
    if (edge <= ask->from) return;
    if (edge <= look->now.moment.now)
        look->judged[i] = true;
    else
        ask->next = MIN(ask->next, edge);
}

/* An occurrence at `at` is seen from the ms after it on. */
static void visible_take(Look *look, uint32_t i, int64_t at)
{
    const ScreenAsk *ask = &g_array_index(look->asks, ScreenAsk, i);
    if (at < ask->from) return;
    if (at >= look->now.moment.now) {
        edge_take(look, i, at + 1);
        return;
    }
    if (look->visible[i] && look->visible[i] != at + 1) look->judged[i] = true;
    look->visible[i] = at + 1;
}

/* Days that months, quarters and years have at least and at most. */
static void unit_days(RuleUnit unit, int64_t *ret_least, int64_t *ret_most)
{
    *ret_least = unit == RULE_MONTH ? 28 : unit == RULE_QUARTER ? 89 : 365;
    *ret_most = unit == RULE_MONTH ? 31 : unit == RULE_QUARTER ? 92 : 366;
}

/* Where exactly is dear to find out and seldom matters: not before a day that is early enough. */
static void shift_take(Look *look, uint32_t i, const RuleWindow *window, int64_t at, int64_t count)
{
    int64_t least, most, slack = 5 * CLOCK_DAY_MS;
    if (window->unit <= RULE_WEEK) {
        GArray *edges = look->screen->edges;
        g_array_set_size(edges, 0);
        edges_shift(&look->now.moment, window->unit, -count, at, edges);
        for (guint e = 0; e < edges->len; e++)
            edge_take(look, i, g_array_index(edges, int64_t, e));
        return;
    }
    unit_days(window->unit, &least, &most);
    int64_t early = at + MIN(count * least, count * most) * CLOCK_DAY_MS - slack;
    int64_t late = at + MAX(count * least, count * most) * CLOCK_DAY_MS + slack;
    int64_t from = g_array_index(look->asks, ScreenAsk, i).from;
    if (late > from) edge_take(look, i, MAX(early, from + 1));
}

static void window_take(Look *look, uint32_t i, const RuleWindow *window, int64_t at)
{
    GArray *edges = look->screen->edges;
    switch (window->kind) {
    case RULE_LAST:
    case RULE_LESS_AGO:
    case RULE_MORE_AGO:
        shift_take(look, i, window, at, window->from);
        return;
    case RULE_BETWEEN_AGO:
        shift_take(look, i, window, at, window->from);
        shift_take(look, i, window, at, window->to);
        return;
    case RULE_NEXT:
        shift_take(look, i, window, at, -window->from);
        return;
    case RULE_PERIOD:
        g_array_set_size(edges, 0);
        edges_window(&look->now.moment, window, at, edges);
        for (guint e = 0; e < edges->len; e++)
            edge_take(look, i, g_array_index(edges, int64_t, e));
        return;
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

/* ---- telling ---- */

typedef struct LookTap {
    const Tap *now, *before; /* the same of both evaluations */
    Fill fill;
} LookTap;

static void hit_take(Look *look, const LookTap *tap, uint32_t i, const EventHit *hit)
{
    const Fill *fill = &tap->fill;
    const ScreenAsk *ask = &g_array_index(look->asks, ScreenAsk, i);
    Occurrence seen = {.person = i, .at = hit->at, .id = hit->id, .aside = tap->now->negative};
    Place place = {.part = hit->part, .i = hit->position};
    if (!hit->part) place.columns = fill->name->base->grouped;
    if (fill->where && !fill_where_holds(fill->where, &place)) return;
    visible_take(look, i, hit->at);
    window_take(look, i, &tap->now->leaf->node->window, hit->at);
    if (tap->now->leaf->set) return; /* a rank: decided already */
    if (hit->at < tap->now->range.from || hit->at >= tap->now->range.to) return;
    seen.has_value = fill->value && fill_value_read(fill->value, &place, &seen.value);
    if (seen.aside) seen.value = -seen.value;
    leaf_take(tap->now->leaf, tap->now->step, &seen);
    if (hit->at < ask->from) leaf_take(tap->before->leaf, tap->before->step, &seen);
}

static void tap_tell(Look *look, const LookTap *tap)
{
    const Screen *screen = look->screen;
    for (uint32_t i = 0; tap->fill.name && i < look->asks->len; i++) {
        uint32_t at = g_array_index(screen->starts, uint32_t, look->persons[i]);
        uint32_t end = g_array_index(screen->starts, uint32_t, look->persons[i] + 1);
        g_array_set_size(screen->hits, 0);
        for (; at < end; at++)
            event_row(tap->fill.name, g_array_index(screen->rows, uint32_t, at), screen->hits);
        for (guint h = 0; h < screen->hits->len; h++)
            hit_take(look, tap, i, &g_array_index(screen->hits, EventHit, h));
    }
}

static bool has_dates(const RuleNode *where)
{
    if (!where) return false;
    if (where->kind == RULE_FIELD && where->test.op == RULE_LIES) return true;
    for (uint32_t i = 0; i < where->item_count; i++)
        if (has_dates(where->items[i])) return true;
    return false;
}

/* One tap; false: columns do not tell it. */
static bool tap_look(Look *look, guint i)
{
    LookTap tap = {.now = look->now.taps->pdata[i], .before = look->before.taps->pdata[i]};
    tap.fill.tap = tap.now;
    bool can = !has_dates(tap.now->where) && fill_open(&tap.fill, &look->now);
    if (can) tap_tell(look, &tap);
    fill_clear(&tap.fill);
    return can;
}

static void traits_tell(Look *look)
{
    const Facts *facts = &look->screen->facts;
    for (guint i = 0; i < facts->traits->len; i++) {
        const FactTrait *trait = &g_array_index(facts->traits, FactTrait, i);
        int64_t person = evaluation_index(&look->now, trait->stem);
        for (guint c = 0; person >= 0 && c < look->now.columns->len; c++) {
            const TraitColumn *column = look->now.columns->pdata[c];
            if (!column->shown && g_str_equal(column->name, trait->name))
                edge_take(look, (uint32_t)person, trait->occurred_at);
        }
    }
    facts_tell(facts, &look->now);
    facts_tell(facts, &look->before);
}

/* ---- one rule ---- */

/* Whether columns and traits tell all about a leaf, and its edges are those of occurrences. */
static bool leaf_is_told(const Leaf *leaf)
{
    switch (leaf->kind) {
    case RULE_DID:
    case RULE_AMOUNT:
    case RULE_MOMENT:
    case RULE_SEQUENCE:
    case RULE_GAP:
    case RULE_RATIO:
    case RULE_RANDOM:
    case RULE_EVERYBODY:
    case RULE_TOP:
    case RULE_LIFECYCLE:
        return true;
    case RULE_FIELD:
        return leaf->node->test.op != RULE_LIES;
    case RULE_BIRTHDAY:
    case RULE_ANNIVERSARY:
    case RULE_SILENT:
    case RULE_CONSENT:
    case RULE_BOUNCED:
    case RULE_TAG:
    case RULE_SEGMENT:
    case RULE_AND:
    case RULE_OR:
    case RULE_NOT:
    case RULE_KINDS:
        break;
    }
    return false;
}

static bool look_plan(Look *look, Evaluation *evaluation, const Rule *rule)
{
    const Evaluation *business = &look->screen->business;
    evaluation_init(evaluation, look->screen->segments, business->moment.now);
    evaluation->moment.zone = business->moment.zone;
    evaluation->gap_days = business->gap_days;
    g_strlcpy(evaluation->currency, business->currency, sizeof evaluation->currency);
    for (guint i = 0; i < look->asks->len; i++)
        g_array_append_val(evaluation->people, g_array_index(look->asks, ScreenAsk, i).person_id);
    return plan_rule(evaluation, rule, NULL);
}

static bool look_can(const Look *look)
{
    for (guint i = 0; i < look->now.leaves->len; i++)
        if (!leaf_is_told(look->now.leaves->pdata[i])) return false;
    return true;
}

/* Ranks are those that are kept. */
static bool ranks_tell(Look *look, GError **error)
{
    int64_t now = clock_now_ms();
    for (guint l = 0; l < look->now.leaves->len; l++) {
        Leaf *leaf = look->now.leaves->pdata[l];
        if (!leaf_is_shared(leaf)) continue;
        for (guint i = 0; i < look->asks->len; i++) {
            bool among;
            int64_t person = g_array_index(look->asks, ScreenAsk, i).person_id;
            RankAsk ask = {.node = leaf->node, .person_id = person, .at = now, .kept = true};
            if (!ranks_has(look->screen->segments, &ask, &among, error)) return false;
            leaf_decide(leaf, i, among);
            leaf_decide(look->before.leaves->pdata[l], i, among);
        }
    }
    return true;
}

static bool look_tell(Look *look)
{
    look->now.read = look->screen->business.read; /* lent */
    bool can = true;
    for (guint i = 0; can && i < look->now.taps->len; i++)
        can = tap_look(look, i);
    look->now.read = (FeedRead){0};
    if (can) traits_tell(look);
    return can;
}

static void look_conclude(Look *look, const Rule *rule)
{
    g_autoptr(PersonSet) now = evaluate_set(&look->now, rule->root);
    g_autoptr(PersonSet) before = evaluate_set(&look->before, rule->root);
    for (guint i = 0; i < look->asks->len; i++) {
        ScreenAsk *ask = &g_array_index(look->asks, ScreenAsk, i);
        ask->told = !look->judged[i];
        ask->now = set_has(now, i);
        ask->before = set_has(before, i);
        ask->changed = look->visible[i] ? look->visible[i] : ask->from;
    }
}

static uint32_t *places_find(const Look *look)
{
    uint32_t *places = g_new(uint32_t, look->asks->len + 1);
    for (guint i = 0; i < look->asks->len; i++) {
        ScreenAsk *ask = &g_array_index(look->asks, ScreenAsk, i);
        int64_t place = place_of(look->screen->people, ask->person_id);
        g_assert(place >= 0);
        places[i] = (uint32_t)place;
        ask->told = false;
        ask->next = INT64_MAX;
    }
    return places;
}

bool screen_rule(Screen *screen, const Rule *rule, GArray *asks, GError **error)
{
    Look look = {.screen = screen, .asks = asks};
    g_autofree uint32_t *places = places_find(&look);
    g_autofree int64_t *visible = g_new0(int64_t, asks->len + 1);
    g_autofree bool *judged = g_new0(bool, asks->len + 1);
    look.persons = places;
    look.visible = visible;
    look.judged = judged;
    bool planned = look_plan(&look, &look.now, rule);
    planned = look_plan(&look, &look.before, rule) && planned;
    bool can = planned && look_can(&look);
    bool done = !can || (facts_load(&look, error) && ranks_tell(&look, error));
    if (done && can && look_tell(&look)) look_conclude(&look, rule);
    evaluation_clear(&look.now);
    evaluation_clear(&look.before);
    return done;
}
