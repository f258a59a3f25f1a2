#include "segments/screen_private.h"

#include "base/clock.h"
#include "base/dates.h"
#include "base/text.h"
#include "segments/edges.h"
#include "segments/feed_traits.h"
#include "segments/ranks.h"

#include <stdlib.h>
#include <string.h>

enum { CONSENT_PEOPLE = 200 /* asked with one reader */ };

/* ---- reading what columns do not hold ---- */

/* Reads of all people of the screen what one leaf or column asks for. */
static bool facts_load(Screen *screen, bool (*load)(Evaluation *, GError **), Leaf *leaf,
                       GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, screen->segments, screen->business.moment.now);
    evaluation.stems = screen->stems;
    evaluation.facts = &screen->facts;
    if (leaf) g_ptr_array_add(evaluation.leaves, leaf);
    bool done = load(&evaluation, error);
    if (leaf) g_ptr_array_steal_index(evaluation.leaves, 0);
    return done;
}

static bool once(bool *have, Screen *screen, bool (*load)(Evaluation *, GError **), GError **error)
{
    if (!*have && !facts_load(screen, load, NULL, error)) return false;
    *have = true;
    return true;
}

static bool list_load(Screen *screen, Leaf *leaf, GError **error)
{
    for (guint i = 0; i < screen->lists_read->len; i++)
        if (g_array_index(screen->lists_read, int64_t, i) == leaf->list_id) return true;
    if (!facts_load(screen, load_picks, leaf, error)) return false;
    g_array_append_val(screen->lists_read, leaf->list_id);
    return true;
}

/* ---- slots ---- */

static uint32_t slots_of(const Look *look, uint32_t i)
{
    return look->slots[i + 1] - look->slots[i];
}

static void slots_add(const Look *look, uint32_t i, PersonSet *set)
{
    for (uint32_t slot = look->slots[i]; slot < look->slots[i + 1]; slot++)
        set_add(set, slot);
}

/* The name of the columns that holds it; NULL: it has to be read. */
static const EventName *held_find(const Look *look, FeedTraitKind kind, const char *name)
{
    const EventName *held = feed_trait_find(look->screen->business.read.view, kind, name);
    return held && feed_trait_is_whole(held) ? held : NULL;
}

/* Visits what the asked have under a name. */
typedef struct HitWay {
    const EventName *name;
    void (*visit)(Look *look, uint32_t i, const EventHit *hit, void *data);
    void *data;
} HitWay;

static void hits_visit(Look *look, const HitWay *way)
{
    for (uint32_t i = 0; i < look->asks->len; i++) {
        uint32_t count;
        const EventHit *hits = screen_hits(look->screen, way->name, look->persons[i], &count);
        for (uint32_t h = 0; h < count; h++)
            way->visit(look, i, &hits[h], way->data);
    }
}

/* ---- traits ---- */

static void trait_take(Look *look, uint32_t i, TraitColumn *column, const FactTrait *row)
{
    look_edge(look, i, row->occurred_at);
    if (slots_of(look, i) == 0 || row->occurred_at > look->evaluation.moment.now) return;
    column->told = true;
    trait_cell_take(&column->cells[look->slots[i]], row);
}

typedef struct HeldColumn {
    TraitColumn *column;
    const EventName *name;
} HeldColumn;

static void trait_visit(Look *look, uint32_t i, const EventHit *hit, void *data)
{
    const HeldColumn *held = data;
    char number[FEED_NUMBER_SIZE];
    FactTrait row;
    feed_trait_fact(held->name, hit, number, &row);
    trait_take(look, i, held->column, &row);
}

static void traits_fill(Look *look, TraitColumn *column)
{
    const GArray *traits = look->screen->facts.traits;
    for (guint i = 0; i < traits->len; i++) {
        const FactTrait *row = &g_array_index(traits, FactTrait, i);
        if (!g_str_equal(column->name, row->name)) continue;
        int64_t ask = look_place(look, row->stem);
        if (ask >= 0) trait_take(look, (uint32_t)ask, column, row);
    }
}

/* ---- what lists show ---- */

static void shown_put(const Look *look, uint32_t i, TraitColumn *column, const char *json)
{
    if (slots_of(look, i) == 0) return;
    struct TraitCell *cell = &column->cells[look->slots[i]];
    column->told = true;
    g_free(cell->json);
    cell->json = g_strdup(json);
}

static void shown_visit(Look *look, uint32_t i, const EventHit *hit, void *data)
{
    char date[DATE_TEXT_SIZE], number[FEED_NUMBER_SIZE];
    const HeldColumn *held = data;
    if (g_str_equal(held->column->name, "created_at")) {
        date_format_iso(hit->at, date);
        g_autofree char *json = g_strconcat("\"", date, "\"", NULL);
        shown_put(look, i, held->column, json);
        return;
    }
    int64_t cell = event_hit_cell(held->name, hit, FEED_TRAIT_VALUE);
    const EventProperty *value = &held->name->properties[FEED_TRAIT_VALUE];
    shown_put(look, i, held->column, feed_trait_text(value, cell, number));
}

/* What lists show of somebody stands in the row of their own id. */
static void shown_hear(Look *look, HeldColumn *held)
{
    const EventView *view = look->screen->business.read.view;
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    for (uint32_t i = 0; i < look->asks->len; i++) {
        uint32_t row;
        g_array_set_size(hits, 0);
        if (event_view_row(view, look_ask(look, i)->person_id, &row))
            event_row(held->name, row, hits);
        for (guint h = 0; h < hits->len; h++)
            shown_visit(look, i, &g_array_index(hits, EventHit, h), held);
    }
}

static void shown_fill(Look *look, TraitColumn *column)
{
    const GArray *shown = look->screen->facts.shown;
    for (guint i = 0; i < shown->len; i++) {
        const FactShown *row = &g_array_index(shown, FactShown, i);
        int64_t ask = look_place(look, row->person);
        if (ask < 0 || look_ask(look, (uint32_t)ask)->person_id != row->person) continue;
        g_autofree char *json = fact_shown_json(row, column->name);
        shown_put(look, (uint32_t)ask, column, json);
    }
}

/* ---- columns ---- */

static bool column_fill(Look *look, TraitColumn *column, GError **error)
{
    Screen *screen = look->screen;
    FeedTraitKind kind = column->shown ? FEED_SHOWN : FEED_TRAIT;
    HeldColumn held = {column, held_find(look, kind, column->name)};
    HitWay way = {held.name, trait_visit, &held};
    if (held.name && column->shown)
        shown_hear(look, &held);
    else if (held.name)
        hits_visit(look, &way);
    else if (column->shown) {
        if (!once(&screen->shown_read, screen, load_shown_rows, error)) return false;
        shown_fill(look, column);
    } else {
        if (!once(&screen->traits_read, screen, load_trait_rows, error)) return false;
        traits_fill(look, column);
    }
    return true;
}

/* All moments of somebody see the same value: who gets another between them is judged. */
static void column_spread(const Look *look, TraitColumn *column)
{
    for (uint32_t i = 0; i < look->asks->len; i++)
        for (uint32_t slot = look->slots[i] + 1; slot < look->slots[i + 1]; slot++) {
            column->cells[slot] = column->cells[look->slots[i]];
            column->cells[slot].json = g_strdup(column->cells[slot].json);
        }
}

/* Of a rank that is decided nobody's value is needed. */
static bool is_needed(const Look *look, const TraitColumn *column)
{
    for (guint i = 0; i < look->evaluation.leaves->len; i++) {
        const Leaf *leaf = look->evaluation.leaves->pdata[i];
        if (leaf->column == column && leaf->kind != RULE_SEGMENT) return true;
    }
    return false;
}

static bool columns_fill(Look *look, GError **error)
{
    const GPtrArray *columns = look->evaluation.columns;
    for (guint i = 0; i < columns->len; i++) {
        TraitColumn *column = columns->pdata[i];
        if (is_needed(look, column) && !column_fill(look, column, error)) return false;
    }
    evaluation_traits_end(&look->evaluation);
    for (guint i = 0; i < columns->len; i++)
        column_spread(look, columns->pdata[i]);
    return true;
}

/* ---- tags ---- */

typedef struct TagAsk {
    Leaf *leaf;
    const EventProperty *property;
    const EventName *name;
    const char *fold;
} TagAsk;

static void tag_visit(Look *look, uint32_t i, const EventHit *hit, void *data)
{
    const TagAsk *ask = data;
    int64_t cell = event_hit_cell(ask->name, hit, FEED_TRAIT_VALUE);
    EventWord word = event_word(ask->property, event_cell_code(cell));
    if (word.kind == EVENT_TEXT && g_str_equal(word.text, ask->fold))
        slots_add(look, i, ask->leaf->set);
}

static bool tag_fill(Look *look, Leaf *leaf, GError **error)
{
    Screen *screen = look->screen;
    g_autofree char *fold = text_fold(slice_of(leaf->node->text));
    const EventName *name = held_find(look, FEED_TAGS, NULL);
    if (name) {
        TagAsk ask = {leaf, &name->properties[FEED_TRAIT_VALUE], name, fold};
        hits_visit(look, &(HitWay){name, tag_visit, &ask});
        return true;
    }
    if (!once(&screen->tags_read, screen, load_tags, error)) return false;
    for (guint i = 0; i < screen->facts.tags->len; i++) {
        const FactTag *row = &g_array_index(screen->facts.tags, FactTag, i);
        int64_t ask = look_place(look, row->stem);
        g_autofree char *tag = ask >= 0 ? text_fold(slice_of(row->tag)) : NULL;
        if (tag && g_str_equal(tag, fold)) slots_add(look, (uint32_t)ask, leaf->set);
    }
    return true;
}

/* ---- lists ---- */

static void pick_moments(Look *look, const Leaf *leaf)
{
    const GArray *picks = look->screen->facts.picks;
    for (guint i = 0; i < picks->len; i++) {
        const FactPick *pick = &g_array_index(picks, FactPick, i);
        int64_t ask = pick->segment_id == leaf->list_id ? look_place(look, pick->stem) : -1;
        if (ask < 0) continue;
        look_moment(look, (uint32_t)ask, pick->added_at + 1);
        if (pick->removed_at != INT64_MAX) look_moment(look, (uint32_t)ask, pick->removed_at + 1);
    }
}

static void picks_fill(const Look *look, Leaf *leaf)
{
    const GArray *picks = look->screen->facts.picks;
    for (guint i = 0; i < picks->len; i++) {
        const FactPick *pick = &g_array_index(picks, FactPick, i);
        int64_t ask = pick->segment_id == leaf->list_id ? look_place(look, pick->stem) : -1;
        if (ask < 0) continue;
        for (uint32_t slot = look->slots[ask]; slot < look->slots[ask + 1]; slot++)
            if (pick_holds(pick, g_array_index(look->slot_at, int64_t, slot)))
                set_add(leaf->set, slot);
    }
}

/* ---- consents ---- */

guint screen_consent_hash(gconstpointer data)
{
    const ConsentKey *key = data;
    uint64_t mixed = (uint64_t)key->person_id * UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (uint64_t)key->at) * UINT64_C(0xff51afd7ed558ccd) + key->channel;
    return (guint)(mixed >> 32);
}

gboolean screen_consent_equal(gconstpointer a, gconstpointer b)
{
    const ConsentKey *x = a, *y = b;
    return x->person_id == y->person_id && x->at == y->at && x->channel == y->channel;
}

static guint channel_of(Screen *screen, const Leaf *leaf)
{
    const RuleNode *node = leaf->node;
    g_autofree char *text = g_strdup_printf("%d %s %s", leaf->kind == RULE_BOUNCED, node->text,
                                            node->topic ? node->topic : "");
    for (guint i = 0; i < screen->channels->len; i++)
        if (g_str_equal(screen->channels->pdata[i], text)) return i;
    g_ptr_array_add(screen->channels, g_steal_pointer(&text));
    return screen->channels->len - 1;
}

/* When what they agreed to may change by itself; kept for other rules of the same channel. */
static const GArray *consent_edges(Screen *screen, Db *db, const Leaf *leaf, int64_t person_id,
                                   GError **error)
{
    People *people = segments_people(screen->segments);
    ConsentKey key = {person_id, 0, channel_of(screen, leaf)};
    GArray *edges = g_hash_table_lookup(screen->permissions, &key);
    if (edges) return edges;
    ConsentEdges ask = {people, leaf->node, person_id, screen->business.moment.now};
    edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!edges_consent(&ask, db, edges, error)) {
        g_array_unref(edges);
        return NULL;
    }
    g_hash_table_insert(screen->permissions, g_memdup2(&key, sizeof key), edges);
    return edges;
}

static bool consent_moments(Look *look, Db *db, const Leaf *leaf, uint32_t i, GError **error)
{
    int64_t person = look_ask(look, i)->person_id;
    const GArray *edges = consent_edges(look->screen, db, leaf, person, error);
    for (guint e = 0; edges && e < edges->len; e++)
        look_moment(look, i, g_array_index(edges, int64_t, e));
    return edges != NULL;
}

static bool consent_holds(Screen *screen, Db *db, const ConsentAsk *ask, bool *ret_holds,
                          GError **error)
{
    gpointer known;
    ConsentKey key = {ask->person_id, ask->at, channel_of(screen, ask->leaf)};
    if (g_hash_table_lookup_extended(screen->consents, &key, NULL, &known)) {
        *ret_holds = GPOINTER_TO_INT(known) != 0;
        return true;
    }
    if (!load_consent(segments_people(screen->segments), db, ask, ret_holds, error)) return false;
    g_hash_table_insert(screen->consents, g_memdup2(&key, sizeof key), GINT_TO_POINTER(*ret_holds));
    return true;
}

static bool consent_fill(Look *look, Db *db, const Leaf *leaf, uint32_t i, GError **error)
{
    for (uint32_t slot = look->slots[i]; slot < look->slots[i + 1]; slot++) {
        bool holds;
        int64_t at = g_array_index(look->slot_at, int64_t, slot);
        ConsentAsk ask = {leaf, look_ask(look, i)->person_id, at};
        if (!consent_holds(look->screen, db, &ask, &holds, error)) return false;
        if (holds) set_add(leaf->set, slot);
    }
    return true;
}

typedef bool (*ConsentStep)(Look *look, Db *db, const Leaf *leaf, uint32_t i, GError **error);

static bool consents_each(Look *look, const Leaf *leaf, ConsentStep step, GError **error)
{
    Store *store = segments_store(look->screen->segments);
    bool done = true;
    for (uint32_t i = 0; done && i < look->asks->len;) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        for (int n = 0; done && n < CONSENT_PEOPLE && i < look->asks->len; n++)
            done = step(look, db, leaf, i++, error);
        store_reader_end(store, db);
    }
    return done;
}

/* ---- ranks ---- */

/* They are those that are kept. */
static bool rank_fill(Look *look, Leaf *leaf, GError **error)
{
    int64_t now = clock_now_ms();
    for (uint32_t i = 0; i < look->asks->len; i++) {
        bool among;
        if (slots_of(look, i) == 0) continue;
        RankAsk ask = {
            .node = leaf->node, .person_id = look_ask(look, i)->person_id, .at = now, .kept = true};
        if (!ranks_has(look->screen->segments, &ask, &among, error)) return false;
        for (uint32_t slot = look->slots[i]; slot < look->slots[i + 1]; slot++)
            leaf_decide(leaf, slot, among);
    }
    return true;
}

/* ---- the whole ---- */

static bool is_consent(const Leaf *leaf)
{
    return leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED;
}

bool look_facts_moments(Look *look, GError **error)
{
    for (guint i = 0; i < look->evaluation.leaves->len; i++) {
        Leaf *leaf = look->evaluation.leaves->pdata[i];
        if (leaf->list_id && !list_load(look->screen, leaf, error)) return false;
        if (leaf->list_id) pick_moments(look, leaf);
        if (is_consent(leaf) && !consents_each(look, leaf, consent_moments, error)) return false;
    }
    return true;
}

bool look_facts(Look *look, GError **error)
{
    for (guint i = 0; i < look->evaluation.leaves->len; i++) {
        Leaf *leaf = look->evaluation.leaves->pdata[i];
        if (leaf->list_id) picks_fill(look, leaf);
        if (is_consent(leaf) && !consents_each(look, leaf, consent_fill, error)) return false;
        if (leaf->kind == RULE_TAG && !tag_fill(look, leaf, error)) return false;
        if (leaf_is_shared(leaf) && !rank_fill(look, leaf, error)) return false;
    }
    return columns_fill(look, error);
}
