#include "liquid/render.h"

#include <string.h>

enum { FLATTEN_DEPTH_MAX = 32 };

static bool items_too_many(Render *render)
{
    return render_fail(render, KITH_ERROR_LIMIT,
                       "this makes a list of over %d items: make it shorter", LIMIT_LIQUID_ITEMS);
}

/* Counts (items NULL) or fills in what an array holds, the arrays inside it too. */
static bool items_flatten(Render *render, const LiquidValue *value, Items *in_out, unsigned depth)
{
    Sequence sequence;
    if (!sequence_open(render, value, &sequence)) return false;
    if (sequence.size > LIMIT_LIQUID_ITEMS) return items_too_many(render);
    for (int64_t i = 0; i < sequence.size; i++) {
        LiquidValue item;
        if (!render_cost(render, 1) || !sequence_at(render, &sequence, i, &item)) return false;
        if (item.kind == LIQUID_ARRAY && depth < FLATTEN_DEPTH_MAX) {
            if (!items_flatten(render, &item, in_out, depth + 1)) return false;
            continue;
        }
        if (in_out->items) in_out->items[in_out->count] = item;
        if (++in_out->count > LIMIT_LIQUID_ITEMS) return items_too_many(render);
    }
    return true;
}

bool items_collect(Render *render, const LiquidValue *value, Items *ret_items)
{
    bool many = value->kind == LIQUID_ARRAY || value->kind == LIQUID_RANGE;
    Items items = {NULL, value->kind != LIQUID_NIL};
    if (many) {
        items.count = 0;
        if (!items_flatten(render, value, &items, 0)) return false;
    }
    items.items = render_alloc(render, items.count, sizeof(LiquidValue));
    if (!items.items) return false;
    if (!many && items.count > 0) items.items[0] = *value;
    if (many) {
        items.count = 0;
        if (!items_flatten(render, value, &items, 0)) return false;
    }
    *ret_items = items;
    return true;
}

bool items_value(Render *render, Items items, LiquidValue *ret_value)
{
    LiquidList *list = render_alloc(render, 1, sizeof *list);
    if (!list) return false;
    *list = (LiquidList){items.count, items.items};
    *ret_value = liquid_list(list);
    return true;
}
