#include "segments/screen_private.h"

#include "base/clock.h"
#include "segments/edges.h"
#include "segments/kernel.h"

/* One tap under way, over the hits of everybody who is asked for. */
typedef struct LookTap {
    Look *look;
    const Tap *tap;
    Fill fill;
    uint32_t ask;
    uint32_t needed; /* how many of the newest of a person decide; 0: all */
    uint32_t rank;   /* of the person's heard before this one that happened before now */
    uint32_t news;   /* of them since `from` */
} LookTap;

/* ---- what was told of a name, of everybody ---- */

struct ScreenHits {
    GArray *hits;     /* of EventHit, of each person the newest first */
    uint32_t *starts; /* of each person, and the end */
};

void screen_hits_free(gpointer data)
{
    ScreenHits *hits = data;
    g_array_unref(hits->hits);
    g_free(hits->starts);
    g_free(hits);
}

static int hit_compare(const void *a_pointer, const void *b_pointer)
{
    const EventHit *a = a_pointer, *b = b_pointer;
    if (a->at != b->at) return a->at < b->at ? 1 : -1;
    return (a->id < b->id) - (a->id > b->id);
}

static ScreenHits *hits_read(const Screen *screen, const EventName *name)
{
    ScreenHits *found = g_new0(ScreenHits, 1);
    found->hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    found->starts = g_new0(uint32_t, screen->people->len + 1);
    for (guint i = 0; i < screen->people->len; i++) {
        guint first = found->hits->len;
        uint32_t row = g_array_index(screen->starts, uint32_t, i);
        uint32_t end = g_array_index(screen->starts, uint32_t, i + 1);
        for (; row < end; row++)
            event_row(name, g_array_index(screen->rows, uint32_t, row), found->hits);
        if (found->hits->len > first)
            qsort(&g_array_index(found->hits, EventHit, first), found->hits->len - first,
                  sizeof(EventHit), hit_compare);
        found->starts[i + 1] = found->hits->len;
    }
    return found;
}

/* All rules of a batch look at the same people: a name is read once for them. */
const EventHit *screen_hits(Screen *screen, const EventName *name, uint32_t person,
                            uint32_t *ret_count)
{
    ScreenHits *found = g_hash_table_lookup(screen->hits, name);
    if (!found) {
        found = hits_read(screen, name);
        g_hash_table_insert(screen->hits, (gpointer)name, found);
    }
    *ret_count = found->starts[person + 1] - found->starts[person];
    return (const EventHit *)(void *)found->hits->data + found->starts[person];
}

/* ---- how far back ---- */

/* Whether the window lies so that what is newer is in it if what is older is. */
static bool window_is_recent(const RuleWindow *window)
{
    RuleWindowKind kind = window->kind;
    return kind == RULE_LAST || kind == RULE_LESS_AGO || kind == RULE_ALWAYS ||
           kind == RULE_SINCE || kind == RULE_AFTER;
}

/* How many of the newest say all: `at least n times`, `last`. 0: all have to be heard. */
static uint32_t newest_needed(const Tap *tap)
{
    const RuleNode *node = tap->leaf->node;
    bool recent = window_is_recent(&node->window);
    if (tap->leaf->kind == RULE_MOMENT) return node->nth == 0 ? 1 : 0;
    if (tap->leaf->kind != RULE_DID || !recent) return 0;
    if (node->times.kind == RULE_ANY_TIMES) return 1;
    bool few = node->times.kind == RULE_AT_LEAST && node->times.low < UINT32_MAX / 2;
    return few ? (uint32_t)MAX(node->times.low, 0) : 0;
}

/* An occurrence that was long over at the first moment neither counts nor has an edge ahead. */
static int64_t oldest_heard(const LookTap *at)
{
    const Tap *tap = at->tap;
    RuleKind kind = tap->leaf->kind;
    const RuleWindow *window = &tap->leaf->node->window;
    bool spans = window->kind == RULE_LAST || window->kind == RULE_LESS_AGO;
    bool ranged = kind == RULE_DID || kind == RULE_AMOUNT || kind == RULE_RATIO ||
                  kind == RULE_GAP || kind == RULE_SEQUENCE;
    if (!spans || !ranged || tap->range.from == INT64_MIN) return INT64_MIN;
    int64_t since = at->look->evaluation.moment.now - look_ask(at->look, at->ask)->from;
    int64_t slack = window->unit <= RULE_WEEK ? 1 : 6 * CLOCK_DAY_MS; /* months differ */
    return tap->range.from - since - slack;
}

/* ---- hearing ---- */

/* Of a sequence only where it begins moves with its window; anniversaries are told by their days.
 */
static bool has_window(const Tap *tap)
{
    RuleKind kind = tap->leaf->kind;
    return kind != RULE_ANNIVERSARY && (kind != RULE_SEQUENCE || tap->step == 0);
}

/* Where the newest few decide, the window's end decides when the last of them leaves it; with
 * those that came since the first moment, one that was the last of them then. */
static bool edge_matters(const LookTap *at)
{
    uint32_t needed = at->needed;
    return needed == 0 || (at->rank + 1 >= needed && at->rank < needed + at->news);
}

static void occurrence_take(const LookTap *at, const LookHeard *heard)
{
    Look *look = at->look;
    const Tap *tap = at->tap;
    int64_t seen = heard->seen.at, now = look->evaluation.moment.now;
    if (has_window(tap) && edge_matters(at))
        look_window(look, at->ask, &tap->leaf->node->window, seen);
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
    bool past = hit->at < at->look->evaluation.moment.now;
    at->rank += past;
    at->news += past && hit->at >= look_ask(at->look, at->ask)->from;
}

static void person_hear(LookTap *at, const EventHit *hits, uint32_t count)
{
    int64_t oldest = oldest_heard(at);
    at->rank = at->news = 0;
    for (uint32_t h = 0; h < count && hits[h].at >= oldest; h++) {
        if (at->needed && at->rank >= at->needed + at->news) return;
        hit_take(at, &hits[h]);
    }
}

static void tap_hear(LookTap *at)
{
    const Look *look = at->look;
    if (!at->fill.name) return;
    at->needed = newest_needed(at->tap);
    for (at->ask = 0; at->ask < look->asks->len; at->ask++) {
        uint32_t count, person = look->persons[at->ask];
        const EventHit *hits = screen_hits(look->screen, at->fill.name, person, &count);
        person_hear(at, hits, count);
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

uint64_t look_weight(const Look *look)
{
    uint64_t weight = 0;
    for (guint i = 0; i < look->heard->len; i++) {
        const LookHeard *heard = &g_array_index(look->heard, LookHeard, i);
        if (leaf_adds(heard->tap->leaf)) continue;
        weight += look->slots[heard->ask + 1] - look->slots[heard->ask];
    }
    return weight;
}

/* Of one person by one tap: by moments, and of each the oldest first, as conclusions want them. */
static void run_tell(const Look *look, LookHeard *heard, guint count)
{
    Leaf *leaf = heard->tap->leaf;
    for (uint32_t slot = look->slots[heard->ask]; slot < look->slots[heard->ask + 1]; slot++) {
        int64_t at = g_array_index(look->slot_at, int64_t, slot);
        for (guint i = count; i > 0; i--) {
            if (heard[i - 1].seen.at >= at) continue;
            heard[i - 1].seen.person = slot;
            leaf_take(leaf, heard->tap->step, &heard[i - 1].seen);
        }
    }
}

static bool is_newest_first(const LookHeard *heard, guint count)
{
    for (guint i = 1; i < count; i++)
        if (heard[i].seen.at > heard[i - 1].seen.at) return false;
    return true;
}

/* The same where all is added up: each moment adds to the one before it. */
static void run_add(const Look *look, const LookHeard *heard, guint count)
{
    const Tap *tap = heard->tap;
    LeafShare share = {0};
    for (uint32_t slot = look->slots[heard->ask]; slot < look->slots[heard->ask + 1]; slot++) {
        int64_t at = g_array_index(look->slot_at, int64_t, slot);
        for (; count > 0 && heard[count - 1].seen.at < at; count--)
            leaf_share_take(tap->leaf, tap->step, &heard[count - 1].seen, &share);
        leaf_share_add(tap->leaf, slot, &share);
    }
}

void look_tell(const Look *look)
{
    for (guint from = 0, to; from < look->heard->len; from = to) {
        const LookHeard *first = &g_array_index(look->heard, LookHeard, from);
        for (to = from + 1; to < look->heard->len; to++) {
            const LookHeard *next = &g_array_index(look->heard, LookHeard, to);
            if (next->tap != first->tap || next->ask != first->ask) break;
        }
        LookHeard *heard = &g_array_index(look->heard, LookHeard, from);
        if (leaf_adds(first->tap->leaf) && is_newest_first(heard, to - from))
            run_add(look, heard, to - from);
        else
            run_tell(look, heard, to - from);
    }
}
