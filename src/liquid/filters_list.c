#include "liquid/filters.h"

#include <string.h>

/* ── a property of an item ───────────────────────────────────────────────────────────────────── */

typedef enum Found {
    FOUND,      /* a value, nil where an object has no such member */
    FOUND_NONE, /* nil, truth and the like have no properties: the whole filter gives nothing */
    FOUND_ERROR /* after render_fail */
} Found;

static Found property_wrong(Render *render, const LiquidValue *property)
{
    Slice name = {NULL, 0};
    if (property->kind == LIQUID_TEXT) name = property->text;
    render_fail(render, KITH_ERROR_INVALID, "an item of this list has no property \"%.*s\"",
                (int)MIN(name.size, 40), name.data);
    return FOUND_ERROR;
}

/* Ruby's item[property], as far as templates rely on it: members of objects, parts of texts, bits
 * of whole numbers. */
static Found property_of(Render *render, const LiquidValue *item, const LiquidValue *property,
                         LiquidValue *ret_value)
{
    *ret_value = liquid_nil();
    if (item->kind == LIQUID_OBJECT) {
        if (property->kind != LIQUID_TEXT) return FOUND;
        return value_index(render, item, property, ret_value) ? FOUND : FOUND_ERROR;
    }
    bool searched = item->kind == LIQUID_TEXT && property->kind == LIQUID_TEXT;
    if (searched) {
        if (!render_cost_text(render, item->text)) return FOUND_ERROR;
        if (property->text.size == 0 ||
            memmem(item->text.data, item->text.size, property->text.data, property->text.size))
            *ret_value = *property;
        return FOUND;
    }
    if (item->kind == LIQUID_INT && property->kind == LIQUID_INT) {
        *ret_value = liquid_int(item->integer >> CLAMP(property->integer, 0, 63) & 1);
        return FOUND;
    }
    if (item->kind == LIQUID_INT && property->kind != LIQUID_NIL)
        return property_wrong(render, property);
    return FOUND_NONE;
}

/* Whether an item has the property (of that value, when one was given). */
static Found item_fits(Render *render, const FilterInput *in, const LiquidValue *item,
                       bool *ret_fits)
{
    LiquidValue value;
    Found found = property_of(render, item, &in->arguments[0], &value);
    *ret_fits = false;
    if (found != FOUND) return found;
    *ret_fits = in->arguments[1].kind == LIQUID_NIL
                    ? value_truthy(&value)
                    : value_equal(render, &value, &in->arguments[1]);
    return render->error ? FOUND_ERROR : FOUND;
}

/* The first item that fits: its index, or -1. FOUND_NONE: an item has no properties. */
static Found first_fit(Render *render, const FilterInput *in, Items *ret_items, int64_t *ret_index)
{
    *ret_index = -1;
    if (!items_collect(render, &in->input, ret_items)) return FOUND_ERROR;
    for (size_t i = 0; i < ret_items->count && *ret_index < 0; i++) {
        bool fits;
        Found found = item_fits(render, in, &ret_items->items[i], &fits);
        if (found != FOUND) return found;
        if (fits) *ret_index = (int64_t)i;
    }
    return FOUND;
}

bool filter_find_item(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    int64_t index;
    Found found = first_fit(render, in, &items, &index);
    *ret_value = found == FOUND && index >= 0 ? items.items[index] : liquid_nil();
    return found != FOUND_ERROR;
}

bool filter_find_index(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    int64_t index;
    Found found = first_fit(render, in, &items, &index);
    *ret_value = found == FOUND && index >= 0 ? liquid_int(index) : liquid_nil();
    return found != FOUND_ERROR;
}

bool filter_has(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    int64_t index;
    Found found = first_fit(render, in, &items, &index);
    *ret_value = found == FOUND ? liquid_bool(index >= 0) : liquid_nil();
    return found != FOUND_ERROR;
}

static bool filtered(Render *render, const FilterInput *in, bool wanted, LiquidValue *ret_value)
{
    Items items;
    size_t kept = 0;
    if (!items_collect(render, &in->input, &items)) return false;
    for (size_t i = 0; i < items.count; i++) {
        bool fits;
        LiquidValue item = items.items[i];
        Found found = item_fits(render, in, &item, &fits);
        if (found == FOUND_NONE) *ret_value = liquid_nil();
        if (found != FOUND) return found == FOUND_NONE;
        if (fits == wanted) items.items[kept++] = item;
    }
    return items_value(render, (Items){items.items, kept}, ret_value);
}

bool filter_where(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return filtered(render, in, true, ret_value);
}

bool filter_reject(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return filtered(render, in, false, ret_value);
}

/* Replaces each item by its property. Items without any become nil. */
static bool properties(Render *render, const FilterInput *in, Items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        LiquidValue item = items->items[i];
        bool plain = item.kind == LIQUID_INT || item.kind == LIQUID_FLOAT;
        if (plain && in->arguments[0].kind == LIQUID_TEXT)
            return property_wrong(render, &in->arguments[0]), false;
        if (property_of(render, &item, &in->arguments[0], &items->items[i]) == FOUND_ERROR)
            return false;
    }
    return true;
}

bool filter_map(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    return items_collect(render, &in->input, &items) && properties(render, in, &items) &&
           items_value(render, items, ret_value);
}

bool filter_sum(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    if (!items_collect(render, &in->input, &items)) return false;
    if (in->arguments[0].kind != LIQUID_NIL && !properties(render, in, &items)) return false;
    *ret_value = liquid_int(0);
    for (size_t i = 0; i < items.count; i++) {
        FilterInput plus = {.input = *ret_value, .arguments = {items.items[i]}, .count = 1};
        if (!filter_plus(render, &plus, ret_value)) return false;
    }
    return true;
}

bool filter_compact(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    size_t kept = 0;
    if (!items_collect(render, &in->input, &items)) return false;
    for (size_t i = 0; i < items.count; i++) {
        LiquidValue item = items.items[i], value = item;
        if (in->arguments[0].kind != LIQUID_NIL &&
            property_of(render, &item, &in->arguments[0], &value) == FOUND_ERROR)
            return false;
        if (value.kind != LIQUID_NIL) items.items[kept++] = item;
    }
    return items_value(render, (Items){items.items, kept}, ret_value);
}

/* ── order ───────────────────────────────────────────────────────────────────────────────────── */

typedef struct Sorted {
    LiquidValue key, item;
} Sorted;

typedef struct Sorter {
    Render *render;
    bool natural; /* by the text, ASCII case aside */
} Sorter;

static int text_order(Slice a, Slice b, bool fold)
{
    size_t size = MIN(a.size, b.size);
    int order = 0;
    if (size > 0 && fold)
        order = g_ascii_strncasecmp(a.data, b.data, size);
    else if (size > 0)
        order = memcmp(a.data, b.data, size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static bool is_number(const LiquidValue *value)
{
    return value->kind == LIQUID_INT || value->kind == LIQUID_FLOAT;
}

static int number_order(const LiquidValue *a, const LiquidValue *b)
{
    if (a->kind == LIQUID_INT && b->kind == LIQUID_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    double left = a->kind == LIQUID_INT ? (double)a->integer : a->number;
    double right = b->kind == LIQUID_INT ? (double)b->integer : b->number;
    return (left > right) - (left < right);
}

/* nil goes last. Unlike kinds have no order: an error. */
static int sorted_order(const void *a, const void *b, void *context)
{
    const LiquidValue *left = &((const Sorted *)a)->key, *right = &((const Sorted *)b)->key;
    Sorter *sorter = context;
    if (!render_cost(sorter->render, 1)) return 0;
    if (left->kind == LIQUID_NIL || right->kind == LIQUID_NIL)
        return (left->kind == LIQUID_NIL) - (right->kind == LIQUID_NIL);
    if (is_number(left) && is_number(right)) return number_order(left, right);
    if (left->kind == LIQUID_TEXT && right->kind == LIQUID_TEXT) {
        if (!render_cost_text(sorter->render, left->text)) return 0;
        return text_order(left->text, right->text, sorter->natural);
    }
    render_fail(sorter->render, KITH_ERROR_INVALID, "cannot sort values of different kinds");
    return 0;
}

static bool sorted_key(Render *render, const FilterInput *in, bool natural, Sorted *sorted)
{
    Slice text;
    sorted->key = sorted->item;
    if (in->arguments[0].kind != LIQUID_NIL &&
        property_of(render, &sorted->item, &in->arguments[0], &sorted->key) == FOUND_ERROR)
        return false;
    if (!natural || sorted->key.kind == LIQUID_NIL) return true;
    if (!value_text(render, &sorted->key, &text)) return false;
    sorted->key = liquid_text(text);
    return true;
}

/* g_qsort_with_data is a stable merge sort. */
static bool sort(Render *render, const FilterInput *in, bool natural, LiquidValue *ret_value)
{
    Items items;
    Sorter sorter = {render, natural};
    if (!items_collect(render, &in->input, &items)) return false;
    Sorted *sorted = render_alloc(render, items.count, sizeof *sorted);
    if (!sorted) return false;
    for (size_t i = 0; i < items.count; i++) {
        sorted[i].item = items.items[i];
        if (!sorted_key(render, in, natural, &sorted[i])) return false;
    }
    g_qsort_with_data(sorted, (gint)items.count, sizeof *sorted, sorted_order, &sorter);
    for (size_t i = 0; i < items.count; i++)
        items.items[i] = sorted[i].item;
    return !render->error && items_value(render, items, ret_value);
}

bool filter_sort(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return sort(render, in, false, ret_value);
}

bool filter_sort_natural(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return sort(render, in, true, ret_value);
}

bool filter_reverse(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    if (!items_collect(render, &in->input, &items)) return false;
    for (size_t i = 0; i < items.count / 2; i++) {
        LiquidValue kept = items.items[i];
        items.items[i] = items.items[items.count - 1 - i];
        items.items[items.count - 1 - i] = kept;
    }
    return items_value(render, items, ret_value);
}

/* Compares each item with each one kept; every comparison is a step. */
bool filter_uniq(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    size_t kept = 0;
    if (!items_collect(render, &in->input, &items)) return false;
    LiquidValue *keys = render_alloc(render, items.count, sizeof *keys);
    if (!keys) return false;
    for (size_t i = 0; i < items.count; i++) {
        Sorted one = {.item = items.items[i]};
        bool twin = false;
        if (!sorted_key(render, in, false, &one)) return false;
        for (size_t j = 0; j < kept && !twin; j++)
            twin = keys[j].kind == one.key.kind && value_equal(render, &keys[j], &one.key);
        twin =
            twin || (one.key.kind == LIQUID_NIL && kept > 0 && keys[kept - 1].kind == LIQUID_NIL);
        if (render->error) return false;
        if (twin) continue;
        keys[kept] = one.key;
        items.items[kept++] = one.item;
    }
    return items_value(render, (Items){items.items, kept}, ret_value);
}

/* ── the rest ────────────────────────────────────────────────────────────────────────────────── */

bool filter_first(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return value_end(render, &in->input, false, ret_value);
}

bool filter_last(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return value_end(render, &in->input, true, ret_value);
}

bool filter_size(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    int64_t size;
    if (!value_size(render, &in->input, &size)) return false;
    *ret_value = liquid_int(size);
    return true;
}

bool filter_join(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items items;
    Slice glue = SLICE(" "), text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (in->count > 0 && !value_text(render, &in->arguments[0], &glue)) return false;
    if (!items_collect(render, &in->input, &items)) return false;
    for (size_t i = 0; i < items.count && !buffer.failed; i++) {
        if (i > 0) buffer_append(&buffer, glue);
        if (!value_text(render, &items.items[i], &text)) return false;
        buffer_append(&buffer, text);
    }
    return render_take(render, &buffer, ret_value);
}

bool filter_concat(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Items first, second;
    LiquidKind kind = in->arguments[0].kind;
    if (kind != LIQUID_ARRAY && kind != LIQUID_RANGE)
        return render_fail(render, KITH_ERROR_INVALID, "concat takes a list");
    if (!items_collect(render, &in->input, &first)) return false;
    if (!items_collect(render, &in->arguments[0], &second)) return false;
    if (first.count + second.count > LIMIT_LIQUID_ITEMS)
        return render_fail(render, KITH_ERROR_LIMIT,
                           "this makes a list of over %d items: make it shorter",
                           LIMIT_LIQUID_ITEMS);
    LiquidValue *all = render_alloc(render, first.count + second.count, sizeof *all);
    if (!all) return false;
    if (first.count > 0) memcpy(all, first.items, first.count * sizeof *all);
    if (second.count > 0) memcpy(all + first.count, second.items, second.count * sizeof *all);
    return items_value(render, (Items){all, first.count + second.count}, ret_value);
}
