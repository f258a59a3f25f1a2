#include "segments/fill.h"

#include "segments/fill_traits.h"
#include "segments/fill_where.h"

/* One tap over one name's columns. */
typedef struct Fill {
    const Tap *tap;
    const EventName *name;
    const FeedRead *read;
    FillWhere *where; /* NULL: all */
    FillValue *value; /* NULL: none is asked for */
    uint64_t *voided; /* bits of rows of the read whose base part is void; NULL: none */
} Fill;

static void fill_clear(Fill *fill)
{
    g_clear_pointer(&fill->where, fill_where_free);
    g_clear_pointer(&fill->value, fill_value_free);
    g_clear_pointer(&fill->voided, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fill, fill_clear)

static uint32_t name_of(const Tap *tap)
{
    if (tap->source == TAP_ORDERS) return FEED_NAME_ORDERS;
    return tap->source == TAP_REFUNDS ? FEED_NAME_REFUNDS : (uint32_t)tap->name_id;
}

/* A name that has never come in has no number. */
static bool never_was(const Tap *tap) { return tap->source == TAP_EVENTS && tap->name_id == 0; }

/* ---- what is wanted ---- */

typedef struct Want {
    Feed *feed;
    FeedNeed need;
    GError **error; /* of the first that does not fit */
    bool done;
} Want;

static void field_want(Want *want, const Tap *tap, const RuleField *field)
{
    if (!field || !field->names) return;
    g_autofree char *path = feed_path_of(field);
    GError **error = want->done ? want->error : NULL;
    if (path && !feed_want(want->feed, tap->name_id, path, want->need, error)) want->done = false;
}

static void where_want(Want *want, const Tap *tap, const RuleNode *where)
{
    if (!where) return;
    if (where->kind == RULE_FIELD) field_want(want, tap, &where->field);
    for (uint32_t i = 0; i < where->item_count; i++)
        where_want(want, tap, where->items[i]);
}

static void tap_want(Want *want, const Tap *tap)
{
    if (tap->source != TAP_EVENTS || never_was(tap)) return;
    GError **error = want->done ? want->error : NULL;
    if (!feed_want(want->feed, tap->name_id, NULL, want->need, error)) want->done = false;
    where_want(want, tap, tap->where);
    field_want(want, tap, tap->value);
}

bool fill_want(const Evaluation *evaluation, Feed *feed, FeedNeed need, GError **error)
{
    Want want = {feed, need, error, true};
    for (guint i = 0; i < evaluation->taps->len; i++)
        tap_want(&want, evaluation->taps->pdata[i]);
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        const Leaf *leaf = evaluation->leaves->pdata[i];
        GError **one = want.done ? error : NULL;
        if (fill_is_trait(leaf) && !fill_trait_want(leaf, feed, need, one)) want.done = false;
    }
    return want.done;
}

/* ---- one tap ---- */

static void voids_find(Fill *fill)
{
    if (fill->name->reset_count == 0) return;
    fill->voided = g_new0(uint64_t, fill->read->rows / 64 + 1);
    for (uint32_t i = 0; i < fill->name->reset_count; i++) {
        uint32_t row = fill->name->resets[i].row;
        if (row < fill->read->rows) fill->voided[row / 64] |= UINT64_C(1) << row % 64;
    }
}

/* Makes a tap ready; false: it cannot be told from the columns. */
static bool fill_begin(Fill *fill, const Evaluation *evaluation)
{
    const Tap *tap = fill->tap;
    if (never_was(tap)) return true;
    if (tap->lines || tap->payload) return false;
    fill->name = event_view_name(fill->read->view, name_of(tap));
    if (!fill->name) return false;
    if (tap->where) {
        fill->where = fill_where_new(fill->name, tap->where, &evaluation->moment);
        if (!fill->where) return false;
    }
    if (tap->value) {
        fill->value = fill_value_new(fill->name, tap);
        if (!fill->value) return false;
    }
    voids_find(fill);
    return true;
}

static void hit_take(const Fill *fill, Occurrence *occurrence, const Place *place)
{
    const Tap *tap = fill->tap;
    if (occurrence->at < tap->range.from || occurrence->at >= tap->range.to) return;
    if (fill->where && !fill_where_holds(fill->where, place)) return;
    occurrence->has_value = fill->value && fill_value_read(fill->value, place, &occurrence->value);
    if (tap->negative) occurrence->value = -occurrence->value;
    occurrence->aside = tap->negative;
    leaf_take(tap->leaf, tap->step, occurrence);
}

/* Whose a row is, unless its base part is void; FEED_NOBODY. */
static uint32_t base_person(const Fill *fill, uint32_t row)
{
    if (row >= fill->read->rows) return FEED_NOBODY;
    bool is_void = fill->voided && fill->voided[row / 64] >> row % 64 & 1;
    return is_void ? FEED_NOBODY : fill->read->index[row];
}

static void base_take(const Fill *fill)
{
    const EventBase *base = fill->name->base;
    for (uint32_t group = 0; base && group < base->groups; group++) {
        uint32_t person = base_person(fill, event_base_row(base, group));
        if (person == FEED_NOBODY) continue;
        for (uint32_t i = base->offsets[group]; i < base->offsets[group + 1]; i++) {
            Occurrence occurrence = {
                .person = person, .at = event_base_at(base, i), .id = base->ids[i]};
            hit_take(fill, &occurrence, &(Place){.columns = base->grouped, .i = i});
        }
    }
}

static void delta_take(const Fill *fill)
{
    for (uint32_t p = 0; p < fill->name->part_count; p++) {
        const EventPart *part = &fill->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint32_t row = part->rows[i];
            uint32_t person = row < fill->read->rows ? fill->read->index[row] : FEED_NOBODY;
            if (person == FEED_NOBODY || event_part_void(fill->name, part, i)) continue;
            Occurrence occurrence = {.person = person, .at = part->ats[i], .id = part->ids[i]};
            hit_take(fill, &occurrence, &(Place){.part = part, .i = i});
        }
    }
}

/* ---- the newest order ---- */

static int64_t base_newest(const EventName *name, int64_t before)
{
    const EventBase *base = name->base;
    uint32_t position = base ? event_arrival_find(base, before) : 0;
    for (; position > 0; position--)
        if (!event_base_void(name, base->arrival_rows[position - 1]))
            return event_arrival_at(base, position - 1);
    return INT64_MIN;
}

static int64_t newest_before(const EventName *name, int64_t before)
{
    int64_t newest = base_newest(name, before);
    for (uint32_t p = 0; p < name->part_count; p++) {
        const EventPart *part = &name->parts[p];
        for (uint32_t i = 0; i < part->count; i++)
            if (part->ats[i] < before && part->ats[i] > newest && !event_part_void(name, part, i))
                newest = part->ats[i];
    }
    return newest;
}

static void newest_find(Evaluation *evaluation, const FeedRead *read)
{
    const EventName *orders = event_view_name(read->view, FEED_NAME_ORDERS);
    if (orders) evaluation->newest_order = newest_before(orders, evaluation->moment.now);
}

/* ---- leaves ---- */

/* Fills a leaf by all of its taps, or by none. */
static bool leaf_fill(Evaluation *evaluation, Leaf *leaf, const FeedRead *read)
{
    bool can = true, any = false;
    g_autoptr(GArray) fills = g_array_new(FALSE, TRUE, sizeof(Fill));
    g_array_set_clear_func(fills, (GDestroyNotify)(void *)fill_clear);
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->leaf != leaf) continue;
        any = true;
        Fill fill = {.tap = tap, .read = read};
        can = fill_begin(&fill, evaluation) && can;
        g_array_append_val(fills, fill);
    }
    if (!any || !can) return false;
    for (guint i = 0; i < fills->len; i++) {
        const Fill *fill = &g_array_index(fills, Fill, i);
        if (!fill->name) continue;
        base_take(fill);
        delta_take(fill);
    }
    return true;
}

/* Columns of traits that no leaf needs read any more. */
static void columns_drop(Evaluation *evaluation)
{
    for (guint i = evaluation->columns->len; i > 0; i--) {
        bool needed = false;
        for (guint k = 0; k < evaluation->leaves->len; k++)
            needed = needed || ((const Leaf *)evaluation->leaves->pdata[k])->column ==
                                   evaluation->columns->pdata[i - 1];
        if (!needed) g_ptr_array_remove_index(evaluation->columns, i - 1);
    }
}

void fill_leaves(Evaluation *evaluation, const FeedRead *read)
{
    bool bought = false;
    for (guint i = 0; i < evaluation->taps->len; i++)
        bought = bought || ((const Tap *)evaluation->taps->pdata[i])->source != TAP_EVENTS;
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        leaf->filled = fill_is_trait(leaf) ? fill_trait_leaf(evaluation, leaf, read)
                                           : leaf_fill(evaluation, leaf, read);
    }
    columns_drop(evaluation);
    if (bought) newest_find(evaluation, read);
}
