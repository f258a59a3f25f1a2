#include "segments/feed_traits.h"

#include "base/error.h"
#include "base/keyhash.h"
#include "base/limits.h"
#include "base/text.h"
#include "segments/feed_private.h"

#include <string.h>

static char *key_of(FeedTraitKind kind, const char *name)
{
    if (kind == FEED_TAGS) return g_strdup("tags");
    return g_strconcat(kind == FEED_SHOWN ? "shown " : "trait ", name, NULL);
}

/* The name behind a key of this kind; NULL: of another. */
static const char *name_of(const FeedTrait *trait, FeedTraitKind kind)
{
    const char *prefix = kind == FEED_SHOWN ? "shown " : "trait ";
    return g_str_has_prefix(trait->key, prefix) ? trait->key + strlen(prefix) : NULL;
}

static bool is_tags(const FeedTrait *trait) { return g_str_equal(trait->key, "tags"); }

void feed_trait_free(void *data)
{
    FeedTrait *trait = data;
    g_free(trait->key);
    g_free(trait);
}

const EventName *feed_trait_find(const EventView *view, FeedTraitKind kind, const char *name)
{
    g_autofree char *key = key_of(kind, name);
    for (uint32_t slot = 0; slot < LIMIT_FEED_TRAITS; slot++) {
        const EventName *held = event_view_name(view, FEED_NAME_TRAITS + slot);
        if (held && g_str_equal(held->properties[FEED_TRAIT_VALUE].path, key)) return held;
    }
    return NULL;
}

/* ---- what is wanted ---- */

static FeedTrait *trait_find(const Feed *feed, const char *key)
{
    for (guint i = 0; i < feed->traits->len; i++)
        if (g_str_equal(((const FeedTrait *)feed->traits->pdata[i])->key, key))
            return feed->traits->pdata[i];
    return NULL;
}

/* A slot for another: a new one, else that of what nobody asked for lately; NULL: none is left. */
static FeedTrait *trait_place(Feed *feed, int64_t now)
{
    FeedTrait *oldest = NULL;
    if (feed->traits->len < LIMIT_FEED_TRAITS) {
        FeedTrait *trait = g_new0(FeedTrait, 1);
        trait->name = FEED_NAME_TRAITS + feed->traits->len;
        g_ptr_array_add(feed->traits, trait);
        return trait;
    }
    for (guint i = 0; i < feed->traits->len; i++) {
        FeedTrait *trait = feed->traits->pdata[i];
        if (!trait->building && (!oldest || trait->asked_us < oldest->asked_us)) oldest = trait;
    }
    return oldest && now - oldest->asked_us > FEED_FRESH_US ? oldest : NULL;
}

bool feed_trait_want(Feed *feed, const FeedTraitAsk *ask, GError **error)
{
    int64_t now = g_get_monotonic_time();
    g_autofree char *key = key_of(ask->kind, ask->name);
    g_mutex_lock(&feed->lock);
    FeedTrait *trait = trait_find(feed, key);
    if (!trait && (trait = trait_place(feed, now))) {
        g_free(trait->key);
        trait->key = g_steal_pointer(&key);
        trait->held = false;
        trait->asked_us = now;
        trait->again = feed->wanted = true;
        g_cond_broadcast(&feed->wake);
    }
    if (trait && trait->asked_us != FEED_FOR_EVER) trait->asked_us = now;
    if (trait && ask->need == FEED_KEPT) trait->asked_us = FEED_FOR_EVER;
    g_mutex_unlock(&feed->lock);
    return trait || fail(error, KITH_ERROR_LIMIT,
                         "%.80s would be one fact about people more than the %d that are held in "
                         "memory: let another kept rule go without one of them",
                         key, LIMIT_FEED_TRAITS);
}

/* ---- values ---- */

void feed_trait_number(int64_t micros, char text[FEED_NUMBER_SIZE])
{
    uint64_t size = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
    uint64_t whole = size / DECIMAL_SCALE, rest = size % DECIMAL_SCALE;
    int length = g_snprintf(text, FEED_NUMBER_SIZE, "%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
                            micros < 0 ? "-" : "", whole, rest);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.') text[length - 1] = '\0';
}

/* A number that the rules see as it stands in the ledger. */
static bool number_take(const char *json, EventValue *value)
{
    static const char *const names[] = {"value"};
    static const RuleField whole = {(const char **)(void *)names, 1};
    char text[FEED_NUMBER_SIZE];
    int64_t micros;
    if (!g_ascii_isdigit(json[0]) && json[0] != '-') return false;
    json_t *number = json_loads(json, JSON_DECODE_ANY, NULL);
    bool known = match_trait_number(&whole, number, &micros);
    json_decref(number);
    if (!known || micros < -EVENT_NUMBER_MAX || micros > EVENT_NUMBER_MAX) return false;
    feed_trait_number(micros, text);
    if (strcmp(text, json) != 0) return false;
    *value = (EventValue){.kind = EVENT_NUMBER, .number = micros};
    return true;
}

static void value_take(const char *json, EventValue *value)
{
    if (number_take(json, value)) return;
    *value = (EventValue){.kind = EVENT_OTHER, .text = json, .length = strlen(json)};
}

json_t *feed_trait_json(const EventProperty *property, int64_t cell)
{
    char text[FEED_NUMBER_SIZE];
    if (event_cell_is_number(cell)) {
        feed_trait_number(cell, text);
        return json_loads(text, JSON_DECODE_ANY, NULL);
    }
    EventWord word = event_word(property, event_cell_code(cell));
    if (word.kind != EVENT_OTHER) return NULL;
    return json_loadb(word.text, word.length, JSON_DECODE_ANY, NULL);
}

const char *feed_trait_text(const EventProperty *property, int64_t cell,
                            char number[FEED_NUMBER_SIZE])
{
    number[0] = '\0';
    if (event_cell_is_number(cell)) {
        feed_trait_number(cell, number);
        return number;
    }
    EventWord word = event_word(property, event_cell_code(cell));
    return word.text ? word.text : number;
}

int64_t feed_trait_trust(const EventName *name, int64_t cell)
{
    EventWord word = event_word(&name->properties[FEED_TRAIT_TRUST], event_cell_code(cell));
    return word.text ? g_ascii_strtoll(word.text, NULL, 10) : 0;
}

void feed_trait_fact(const EventName *name, const EventHit *hit, char number[FEED_NUMBER_SIZE],
                     FactTrait *ret_fact)
{
    int64_t value = event_hit_cell(name, hit, FEED_TRAIT_VALUE);
    int64_t trust = event_hit_cell(name, hit, FEED_TRAIT_TRUST);
    int64_t lag = event_hit_cell(name, hit, FEED_TRAIT_LAG);
    *ret_fact =
        (FactTrait){.value = feed_trait_text(&name->properties[FEED_TRAIT_VALUE], value, number),
                    .trait_id = hit->id,
                    .trust = feed_trait_trust(name, trust),
                    .occurred_at = hit->at,
                    .received_at = hit->at + (event_cell_is_number(lag) ? lag : 0),
                    .confirmed = true};
}

/* ---- rows ---- */

/* A reading whose rows go to what is marked. */
typedef struct TraitScan {
    Feed *feed;
    GPtrArray *traits; /* of FeedTrait, not owned: those that are read */
    Evaluation evaluation;
} TraitScan;

static void fact_append(Feed *feed, const FeedTrait *trait, const EventFact *fact)
{
    bool fits = fact->at >= EVENT_AT_MIN && fact->at <= EVENT_AT_MAX && fact->id > 0;
    g_mutex_lock(&feed->write);
    if (fits)
        event_columns_append(feed->columns, fact, 1);
    else
        event_columns_drop(feed->columns, trait->name); /* it cannot be told, so none of it is */
    g_mutex_unlock(&feed->write);
}

static void trait_take(void *data, const FactTrait *row)
{
    TraitScan *scan = data;
    if (!row->confirmed) return;
    for (guint i = 0; i < scan->traits->len; i++) {
        const FeedTrait *trait = scan->traits->pdata[i];
        if (g_strcmp0(name_of(trait, FEED_TRAIT), row->name) != 0) continue;
        char trust[24];
        int64_t lag = row->received_at - row->occurred_at;
        EventValue values[FEED_TRAIT_PATHS];
        g_snprintf(trust, sizeof trust, "%" G_GINT64_FORMAT, row->trust);
        value_take(row->value, &values[FEED_TRAIT_VALUE]);
        values[FEED_TRAIT_TRUST] =
            (EventValue){.kind = EVENT_TEXT, .text = trust, .length = strlen(trust)};
        values[FEED_TRAIT_LAG] =
            (EventValue){.kind = lag ? EVENT_NUMBER : EVENT_MISSING, .number = lag};
        EventFact fact = {trait->name, row->stem, row->occurred_at, row->trait_id, values};
        fact_append(scan->feed, trait, &fact);
    }
}

static void shown_take(void *data, const FactShown *row)
{
    TraitScan *scan = data;
    for (guint i = 0; i < scan->traits->len; i++) {
        const FeedTrait *trait = scan->traits->pdata[i];
        const char *name = name_of(trait, FEED_SHOWN);
        if (!name) continue;
        EventValue value = {.kind = EVENT_MISSING};
        bool dated = g_str_equal(name, "created_at");
        g_autofree char *json = dated ? NULL : fact_shown_json(row, name);
        if (json) value_take(json, &value);
        if (!json && !dated) continue;
        EventFact fact = {trait->name, row->person, row->created_at, 1, &value};
        fact_append(scan->feed, trait, &fact);
    }
}

static void tag_take(void *data, const FactTag *row)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = {0};
    TraitScan *scan = data;
    g_autofree char *fold = text_fold(slice_of(row->tag));
    EventValue value = {.kind = EVENT_TEXT, .text = fold, .length = strlen(fold)};
    for (guint i = 0; i < scan->traits->len; i++) {
        const FeedTrait *trait = scan->traits->pdata[i];
        if (!is_tags(trait)) continue;
        int64_t id = (int64_t)(keyhash64(key, fold, strlen(fold)) >> 1) | 1; /* one a tag */
        EventFact fact = {trait->name, row->stem, row->at, id, &value};
        fact_append(scan->feed, trait, &fact);
    }
}

static const FactSink fact_sink = {trait_take, shown_take, tag_take};

static void scan_init(TraitScan *scan, Feed *feed, const GArray *stems)
{
    *scan = (TraitScan){.feed = feed, .traits = g_ptr_array_new()};
    evaluation_init(&scan->evaluation, feed->segments, INT64_MAX);
    scan->evaluation.stems = stems;
    scan->evaluation.fact_sink = &fact_sink;
    scan->evaluation.sink_data = scan;
}

static void scan_clear(TraitScan *scan)
{
    evaluation_clear(&scan->evaluation);
    g_ptr_array_unref(scan->traits);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TraitScan, scan_clear)

static bool scan_run(TraitScan *scan, GError **error)
{
    bool traits = false, shown = false, tags = false;
    for (guint i = 0; i < scan->traits->len; i++) {
        const FeedTrait *trait = scan->traits->pdata[i];
        traits = traits || name_of(trait, FEED_TRAIT);
        shown = shown || name_of(trait, FEED_SHOWN);
        tags = tags || is_tags(trait);
    }
    return (!traits || load_trait_rows(&scan->evaluation, error)) &&
           (!shown || load_shown_rows(&scan->evaluation, error)) &&
           (!tags || load_tags(&scan->evaluation, error));
}

/* ---- everybody's ---- */

bool feed_traits_building(const Feed *feed)
{
    for (guint i = 0; i < feed->traits->len; i++)
        if (((const FeedTrait *)feed->traits->pdata[i])->building) return true;
    return false;
}

static bool trait_hold(Feed *feed, const FeedTrait *trait)
{
    const char *paths[FEED_TRAIT_PATHS] = {trait->key, "trust", "lag"};
    uint32_t count = name_of(trait, FEED_TRAIT) ? FEED_TRAIT_PATHS : 1;
    g_mutex_lock(&feed->write);
    bool held = event_columns_hold(feed->columns, trait->name, paths, count, NULL);
    g_mutex_unlock(&feed->write);
    return held;
}

static void traits_begin(Feed *feed, TraitScan *scan)
{
    g_hash_table_remove_all(feed->again.later);
    for (guint i = 0; i < feed->traits->len; i++) {
        FeedTrait *trait = feed->traits->pdata[i];
        if (!trait->again) continue;
        trait->again = trait->held = false;
        trait->building = trait_hold(feed, trait);
        if (trait->building) g_ptr_array_add(scan->traits, trait);
    }
}

/* Those that have more values than a dictionary takes go again: their memory is of no use. */
static void traits_weigh(Feed *feed, const TraitScan *scan)
{
    g_mutex_lock(&feed->write);
    event_columns_publish(feed->columns, 0);
    g_autoptr(EventView) view = event_columns_view(feed->columns);
    for (guint i = 0; i < scan->traits->len; i++) {
        FeedTrait *trait = scan->traits->pdata[i];
        const EventName *name = event_view_name(view, trait->name);
        const EventProperty *value = name ? &name->properties[FEED_TRAIT_VALUE] : NULL;
        trait->held = value && !value->texts_hashed && !value->other_hashed;
        if (value && !trait->held) event_columns_drop(feed->columns, trait->name);
    }
    g_mutex_unlock(&feed->write);
    feed->changed = false;
}

/* `lock` is held. What changed meanwhile is read again now that it can be replaced. */
static bool traits_end(Feed *feed, const TraitScan *scan, bool done, GError **error)
{
    FeedAgain *again = &feed->again;
    GHashTableIter iter;
    gpointer key;
    done = done && feed_drain(feed, NULL, error);
    for (guint i = 0; i < scan->traits->len; i++) {
        FeedTrait *trait = scan->traits->pdata[i];
        trait->building = false;
        trait->held = done;
        trait->again = !done;
        if (!done) continue;
        g_mutex_lock(&feed->write);
        event_columns_ready(feed->columns, trait->name, NULL);
        g_mutex_unlock(&feed->write);
    }
    feed->changed = true;
    feed->wanted = feed->wanted || !done;
    if (!done) return false;
    g_hash_table_iter_init(&iter, again->later);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        feed_ids_add(again->traits, *(int64_t *)key);
    g_hash_table_remove_all(again->later);
    if (!feed_drain(feed, NULL, error)) return true; /* what is left is read before it is shown */
    traits_weigh(feed, scan);
    return true;
}

bool feed_read_traits(Feed *feed, GError **error)
{
    g_auto(TraitScan) scan;
    scan_init(&scan, feed, NULL);
    g_mutex_lock(&feed->lock);
    traits_begin(feed, &scan);
    g_mutex_unlock(&feed->lock);
    if (scan.traits->len == 0) return true;
    bool done = scan_run(&scan, error);
    g_mutex_lock(&feed->lock);
    done = traits_end(feed, &scan, done, error);
    g_mutex_unlock(&feed->lock);
    return done;
}

/* ---- those of some ---- */

bool feed_reread_traits(Feed *feed, const GArray *stems, GError **error)
{
    g_auto(TraitScan) scan;
    scan_init(&scan, feed, stems);
    for (guint i = 0; i < feed->traits->len; i++) {
        FeedTrait *trait = feed->traits->pdata[i];
        if (!trait->held) continue;
        g_ptr_array_add(scan.traits, trait);
        g_mutex_lock(&feed->write);
        for (guint k = 0; k < stems->len; k++)
            event_columns_clear(feed->columns, trait->name, g_array_index(stems, int64_t, k));
        g_mutex_unlock(&feed->write);
    }
    if (scan.traits->len == 0) return true;
    feed->changed = true;
    return scan_run(&scan, error);
}
