#include "segments/cost.h"

/* ---- where from ---- */

static bool needs_nothing(const Leaf *leaf)
{
    return leaf->kind == RULE_EVERYBODY || leaf->kind == RULE_RANDOM;
}

SegmentEngine cost_engine(const Evaluation *evaluation, const GPtrArray *leaves)
{
    bool held = evaluation->read.view != NULL, columns = held && leaves->len == 0, sql = !held;
    for (guint i = 0; i < leaves->len; i++) {
        const Leaf *leaf = leaves->pdata[i];
        bool neither = needs_nothing(leaf);
        columns = columns || leaf->filled || (neither && held);
        sql = sql || (!leaf->filled && !neither) || leaf->kind == RULE_BOUNCED;
    }
    if (columns && sql) return SEGMENT_BOTH;
    return columns ? SEGMENT_COLUMNS : SEGMENT_SQL;
}

/* ---- a rule's own leaves ---- */

static void node_leaves(const Evaluation *evaluation, const RuleNode *node, GPtrArray *leaves)
{
    Leaf *leaf = g_hash_table_lookup(evaluation->leaf_of, node);
    const Rule *inner = g_hash_table_lookup(evaluation->inner_of, node);
    if (leaf && !g_ptr_array_find(leaves, leaf, NULL)) g_ptr_array_add(leaves, leaf);
    if (inner) node_leaves(evaluation, inner->root, leaves);
    for (uint32_t i = 0; i < node->item_count; i++)
        node_leaves(evaluation, node->items[i], leaves);
}

/* ---- columns ---- */

static uint64_t tap_entries(const Evaluation *evaluation, const Tap *tap)
{
    uint32_t number = (uint32_t)tap->name_id;
    if (tap->source != TAP_EVENTS)
        number = tap->source == TAP_ORDERS ? FEED_NAME_ORDERS : FEED_NAME_REFUNDS;
    bool never = tap->source == TAP_EVENTS && tap->name_id == 0;
    const EventName *name = never ? NULL : event_view_name(evaluation->read.view, number);
    uint64_t entries = 0;
    if (!name || tap->range.from >= tap->range.to) return 0;
    if (name->base)
        entries = event_arrival_find(name->base, MIN(tap->range.to, EVENT_AT_MAX)) -
                  event_arrival_find(name->base, MAX(tap->range.from, EVENT_AT_MIN));
    for (uint32_t p = 0; p < name->part_count; p++)
        entries += name->parts[p].count;
    return entries;
}

/* A part about people, not about what they did, looks at one value of each. */
static uint64_t leaf_entries(const Evaluation *evaluation, const Leaf *leaf)
{
    bool told = false;
    uint64_t entries = 0;
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->leaf != leaf) continue;
        told = true;
        entries += tap_entries(evaluation, tap);
    }
    return told ? entries : evaluation_size(evaluation);
}

/* ---- the database ---- */

static bool leaf_hears(const Evaluation *evaluation, const Leaf *leaf, LoadKind kind)
{
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        bool events = tap->source == TAP_EVENTS;
        if (tap->leaf == leaf && events == (kind == LOAD_EVENTS)) return true;
    }
    return false;
}

static bool leaf_reads(const Evaluation *evaluation, const Leaf *leaf, LoadKind kind)
{
    switch (kind) {
    case LOAD_ORDERS:
    case LOAD_EVENTS:
        return leaf_hears(evaluation, leaf, kind);
    case LOAD_TRAITS:
        return leaf->column != NULL;
    case LOAD_TAGS:
        return leaf->kind == RULE_TAG;
    case LOAD_PICKS:
        return leaf->kind == RULE_SEGMENT;
    case LOAD_KINDS:
        break;
    }
    g_assert_not_reached();
}

/* Each scan serves all leaves that need it; of consents each person is asked for. */
static uint64_t rows_of(const Evaluation *evaluation, const GPtrArray *leaves)
{
    uint64_t rows = 0;
    bool read[LOAD_KINDS] = {false};
    for (guint i = 0; i < leaves->len; i++) {
        const Leaf *leaf = leaves->pdata[i];
        if (leaf->filled) continue;
        if (leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED)
            rows += evaluation_size(evaluation);
        for (LoadKind kind = 0; kind < LOAD_KINDS; kind++)
            read[kind] = read[kind] || leaf_reads(evaluation, leaf, kind);
    }
    for (LoadKind kind = 0; kind < LOAD_KINDS; kind++)
        if (read[kind]) rows += evaluation->rows_of[kind];
    return rows;
}

/* ---- the whole ---- */

SegmentCost cost_of(const Evaluation *evaluation, const Rule *rule)
{
    g_autoptr(GPtrArray) leaves = g_ptr_array_new();
    node_leaves(evaluation, rule->root, leaves);
    SegmentCost cost = {.engine = cost_engine(evaluation, leaves),
                        .rows = rows_of(evaluation, leaves)};
    for (guint i = 0; i < leaves->len; i++) {
        const Leaf *leaf = leaves->pdata[i];
        if (leaf->filled) cost.entries += leaf_entries(evaluation, leaf);
    }
    return cost;
}

json_t *cost_json(const SegmentAnswer *answer, size_t index)
{
    const SegmentCost *cost = &answer->costs[index];
    return json_pack("{s:s, s:I, s:I, s:I, s:I}", "engine", segment_engine_name(cost->engine),
                     "entries", (json_int_t)cost->entries, "rows", (json_int_t)cost->rows, "people",
                     (json_int_t)answer->people->len, "took_ms",
                     (json_int_t)((answer->took_us + 500) / 1000));
}
