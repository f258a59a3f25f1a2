#include "segments/fill.h"

#include "segments/fill_traits.h"
#include "segments/kernel.h"
#include "segments/language.h"
#include "segments/leaf_private.h"

#include <string.h>

enum { DRAWS_PARALLEL = 1 << 14 }; /* people worth a second thread */

void fill_clear(Fill *fill)
{
    g_clear_pointer(&fill->where, fill_where_free);
    g_clear_pointer(&fill->value, fill_value_free);
    g_clear_pointer(&fill->owned, g_ptr_array_unref);
}

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

/* The same as tables. */
static void fill_tables(Fill *fill)
{
    fill->owned = g_ptr_array_new_with_free_func(g_free);
    if (fill->where) {
        fill->pass = g_new0(EventPass, 1);
        g_ptr_array_add(fill->owned, fill->pass);
        fill_where_pass(fill->where, fill->name, fill->owned, fill->pass);
    }
    if (!fill->value) return;
    EventWorth *worth = g_new0(EventWorth, 1);
    g_ptr_array_add(fill->owned, worth);
    if (fill_value_worth(fill->value, fill->name, fill->owned, worth)) fill->worth = worth;
}

bool fill_open(Fill *fill, const Evaluation *evaluation)
{
    const Tap *tap = fill->tap;
    const FeedRead *read = &evaluation->read;
    if (never_was(tap)) return true;
    if (tap->lines || tap->payload) return false;
    fill->name = event_view_name(read->view, name_of(tap));
    if (!fill->name) return false;
    if (tap->where) {
        fill->where = fill_where_new(fill->name, tap->where, &evaluation->moment);
        if (!fill->where) return false;
    }
    if (tap->value) {
        fill->value = fill_value_new(fill->name, tap);
        if (!fill->value) return false;
    }
    return true;
}

/* The same, with the tables that kernels read. What no value that ever came in can pass is as if
 * it never was. */
static bool fill_begin(Fill *fill, const Evaluation *evaluation)
{
    if (!fill_open(fill, evaluation)) return false;
    if (fill->name) fill_tables(fill);
    if (fill->pass && event_pass_none(fill->pass)) fill->name = NULL;
    return true;
}

static void hit_take(const Fill *fill, Leaf *leaf, Occurrence *occurrence, const Place *place)
{
    const Tap *tap = fill->tap;
    if (occurrence->at < tap->range.from || occurrence->at >= tap->range.to) return;
    if (fill->where && !fill_where_holds(fill->where, place)) return;
    occurrence->has_value = fill->value && fill_value_read(fill->value, place, &occurrence->value);
    if (tap->negative) occurrence->value = -occurrence->value;
    occurrence->aside = tap->negative;
    leaf_take(leaf, tap->step, occurrence);
}

static uint32_t person_of(const FeedRead *read, uint32_t row)
{
    return row < read->rows ? read->index[row] : FEED_NOBODY;
}

static void base_take(const Fill *fill, Leaf *leaf, const FeedRead *read)
{
    const EventBase *base = fill->name->base;
    for (uint32_t group = 0; base && group < base->groups; group++) {
        uint32_t row = event_base_row(base, group), person = person_of(read, row);
        if (person == FEED_NOBODY || event_base_void(fill->name, row)) continue;
        for (uint32_t i = base->offsets[group]; i < base->offsets[group + 1]; i++) {
            Occurrence occurrence = {
                .person = person, .at = event_base_at(base, i), .id = base->ids[i]};
            hit_take(fill, leaf, &occurrence, &(Place){.columns = base->grouped, .i = i});
        }
    }
}

static void delta_take(const Fill *fill, Leaf *leaf, const FeedRead *read)
{
    for (uint32_t p = 0; p < fill->name->part_count; p++) {
        const EventPart *part = &fill->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint32_t person = person_of(read, part->rows[i]);
            if (person == FEED_NOBODY || event_part_void(fill->name, part, i)) continue;
            Occurrence occurrence = {.person = person, .at = part->ats[i], .id = part->ids[i]};
            hit_take(fill, leaf, &occurrence, &(Place){.part = part, .i = i});
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

/* Occurrence by occurrence. */
static void leaf_tell(const Kernel *kernel)
{
    for (uint32_t i = 0; i < kernel->fill_count; i++) {
        if (!kernel->fills[i].name) continue;
        base_take(&kernel->fills[i], kernel->leaf, kernel->read);
        delta_take(&kernel->fills[i], kernel->leaf, kernel->read);
    }
}

/* Everything that a tap tells by; of equal texts the same is told. */
static void tap_write(const Tap *tap, const RuleNode *asked, GString *text)
{
    g_autofree char *where = asked ? rule_node_text(asked) : NULL;
    g_string_append_printf(text, "%d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                           (int)tap->source, tap->name_id, tap->range.from, tap->range.to);
    g_string_append_printf(text, " %u %d %d %d %d %s", tap->step, tap->fingerprint, tap->negative,
                           tap->lines, tap->payload, where ? where : "");
    for (uint32_t i = 0; tap->value && i < tap->value->count; i++)
        g_string_append_printf(text, "\n%d %zu %s", tap->value->context,
                               strlen(tap->value->names[i]), tap->value->names[i]);
    g_string_append(text, "\n\n");
}

static char *taps_text(const Evaluation *evaluation, const Leaf *leaf)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->leaf == leaf) tap_write(tap, tap->where, text);
    }
    return g_string_free(text, FALSE);
}

/* The same, whatever the first step's `where`; "" of all but sequences. */
static char *steps_text(const Evaluation *evaluation, const Leaf *leaf)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; leaf->kind == RULE_SEQUENCE && i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->leaf == leaf) tap_write(tap, tap->step ? tap->where : NULL, text);
    }
    return g_string_free(text, FALSE);
}

/* Adds what fills a leaf; false: it cannot be told from columns. */
static bool fills_add(const Evaluation *evaluation, const Leaf *leaf, GArray *fills)
{
    bool can = true;
    for (guint i = 0; i < evaluation->taps->len; i++) {
        Fill fill = {.tap = evaluation->taps->pdata[i]};
        if (fill.tap->leaf != leaf) continue;
        can = fill_begin(&fill, evaluation) && can;
        g_array_append_val(fills, fill);
    }
    return can;
}

static GArray *fills_new(void)
{
    GArray *fills = g_array_new(FALSE, TRUE, sizeof(Fill));
    g_array_set_clear_func(fills, (GDestroyNotify)(void *)fill_clear);
    return fills;
}

/* Fills leaves that are told the same, by all of their taps, or by none. */
static void leaves_fill(Evaluation *evaluation, const GPtrArray *leaves, const KernelCrowd *crowd)
{
    g_autoptr(GArray) fills = fills_new();
    if (!fills_add(evaluation, leaves->pdata[0], fills) || fills->len == 0) return;
    g_autofree Kernel *kernels = g_new(Kernel, leaves->len);
    g_autofree SegmentKernel *hows = g_new(SegmentKernel, leaves->len);
    for (guint i = 0; i < leaves->len; i++)
        kernels[i] = (Kernel){evaluation,
                              &evaluation->read,
                              crowd,
                              leaves->pdata[i],
                              (const Fill *)(void *)fills->data,
                              fills->len};
    kernels_run(kernels, leaves->len, hows);
    for (guint i = 0; i < leaves->len; i++) {
        if (hows[i] == SEGMENT_KERNEL_NONE) leaf_tell(&kernels[i]);
        evaluation->kernels[hows[i]]++;
        kernels[i].leaf->filled = true;
    }
}

/* Sequences of the same steps; none, where one cannot be filled so. */
static void chains_fill(Evaluation *evaluation, const GPtrArray *leaves, const KernelCrowd *crowd)
{
    bool can = true;
    guint each = ((const Leaf *)leaves->pdata[0])->node->step_count + 1;
    g_autoptr(GArray) fills = fills_new();
    g_autofree Kernel *kernels = g_new(Kernel, leaves->len);
    for (guint i = 0; i < leaves->len; i++)
        can = fills_add(evaluation, leaves->pdata[i], fills) && can;
    if (!can || fills->len != each * leaves->len) return;
    for (guint i = 0; i < leaves->len; i++)
        kernels[i] = (Kernel){evaluation,
                              &evaluation->read,
                              crowd,
                              leaves->pdata[i],
                              &g_array_index(fills, Fill, i * each),
                              each};
    if (!kernel_chains(kernels, leaves->len)) return;
    evaluation->kernels[SEGMENT_KERNEL_SEQUENCE] += leaves->len;
    for (guint i = 0; i < leaves->len; i++)
        kernels[i].leaf->filled = true;
}

/* Sequences, those of the same steps together, that are told as chains. */
static void sequences_fill(Evaluation *evaluation, const KernelCrowd *crowd)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) alike = g_ptr_array_new();
    GPtrArray *leaves = evaluation->leaves;
    for (guint i = 0; i < leaves->len; i++)
        g_ptr_array_add(texts, steps_text(evaluation, leaves->pdata[i]));
    for (guint i = 0; i < leaves->len; i++) {
        const char *text = texts->pdata[i];
        if (!text[0]) continue;
        g_ptr_array_set_size(alike, 0);
        for (guint k = i; k < leaves->len && alike->len < KERNEL_CHAINS_MAX; k++) {
            if (strcmp(texts->pdata[k], text) != 0) continue;
            g_ptr_array_add(alike, leaves->pdata[k]);
            if (k > i) ((char *)texts->pdata[k])[0] = '\0';
        }
        chains_fill(evaluation, alike, crowd);
    }
}

/* Leaves that hear of occurrences, those that are told the same together. */
static void told_fill(Evaluation *evaluation, const KernelCrowd *crowd)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) alike = g_ptr_array_new();
    GPtrArray *leaves = evaluation->leaves;
    sequences_fill(evaluation, crowd);
    for (guint i = 0; i < leaves->len; i++) {
        const Leaf *leaf = leaves->pdata[i];
        g_ptr_array_add(texts, leaf->filled ? g_strdup("") : taps_text(evaluation, leaf));
    }
    for (guint i = 0; i < leaves->len; i++) {
        const char *text = texts->pdata[i];
        if (!text[0]) continue;
        g_ptr_array_set_size(alike, 0);
        for (guint k = i; k < leaves->len; k++) {
            if (strcmp(texts->pdata[k], text) != 0) continue;
            g_ptr_array_add(alike, leaves->pdata[k]);
            if (k > i) ((char *)texts->pdata[k])[0] = '\0';
        }
        leaves_fill(evaluation, alike, crowd);
    }
}

/* ---- draws ---- */

typedef struct Drawing {
    const GPtrArray *leaves; /* of one seed */
    const GArray *people;
    PersonSet **sets; /* of each leaf */
} Drawing;

/* Shares begin with a word of the sets. */
static void draws_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    const Drawing *drawing = data;
    const Leaf *first = drawing->leaves->pdata[0];
    (void)lane;
    for (uint32_t person = from; person < to; person++) {
        int64_t id = g_array_index(drawing->people, int64_t, person);
        uint64_t draw = leaf_draw(id, first->node->text);
        for (guint i = 0; i < drawing->leaves->len; i++)
            if (leaf_draw_holds(drawing->leaves->pdata[i], draw)) set_add(drawing->sets[i], person);
    }
}

static void draws_fill(const Evaluation *evaluation, const GPtrArray *leaves)
{
    g_autofree PersonSet **sets = g_new(PersonSet *, leaves->len);
    uint32_t size = evaluation_size(evaluation);
    uint32_t least = evaluation->segments->options.limits.parallel_min;
    EventSplit split = {size, least ? least : DRAWS_PARALLEL, 64};
    for (guint i = 0; i < leaves->len; i++)
        sets[i] = set_new(size);
    if (size > 0) event_split(&split, draws_work, &(Drawing){leaves, evaluation->people, sets});
    for (guint i = 0; i < leaves->len; i++) {
        Leaf *leaf = leaves->pdata[i];
        leaf_settle(leaf, sets[i]);
        leaf->filled = true;
    }
}

/* Everybody is drawn once for each seed. */
static void random_fill(const Evaluation *evaluation)
{
    g_autoptr(GPtrArray) alike = g_ptr_array_new();
    const GPtrArray *leaves = evaluation->leaves;
    for (guint i = 0; i < leaves->len; i++) {
        const Leaf *first = leaves->pdata[i];
        g_ptr_array_set_size(alike, 0);
        for (guint k = i; first->kind == RULE_RANDOM && k < leaves->len; k++) {
            const Leaf *leaf = leaves->pdata[k];
            if (leaf->kind == RULE_RANDOM && strcmp(leaf->node->text, first->node->text) == 0)
                g_ptr_array_add(alike, leaves->pdata[k]);
        }
        if (alike->len > 0) draws_fill(evaluation, alike);
    }
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

void fill_leaves(Evaluation *evaluation)
{
    bool bought = false;
    g_autoptr(KernelCrowd) crowd = NULL;
    for (guint i = 0; i < evaluation->taps->len; i++)
        bought = bought || ((const Tap *)evaluation->taps->pdata[i])->source != TAP_EVENTS;
    if (evaluation->taps->len > 0)
        crowd = kernel_crowd_get(evaluation->segments, &evaluation->read);
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        if (fill_is_trait(leaf))
            leaf->filled = fill_trait_leaf(evaluation, leaf, &evaluation->read);
    }
    if (crowd) told_fill(evaluation, crowd);
    random_fill(evaluation);
    columns_drop(evaluation);
    if (bought) newest_find(evaluation, &evaluation->read);
}
