#include "columns/event_pass.h"

#include <string.h>

bool event_pass_cell(const EventPass *pass, int64_t cell)
{
    if (event_cell_is_code(cell)) {
        uint32_t code = event_cell_code(cell);
        return code < pass->code_count && pass->codes[code];
    }
    if (event_cell_is_hash(cell)) return false;
    uint32_t low = 0, high = pass->span_count;
    while (low < high) { /* the first that does not end below it */
        uint32_t middle = low + (high - low) / 2;
        if (pass->spans[middle].high < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pass->span_count && pass->spans[low].low <= cell;
}

/* Where the cells of one occurrence stand. */
typedef struct CellPlace {
    const EventColumn *columns; /* of the base; NULL: */
    const EventPart *part;
    size_t i;
} CellPlace;

static int64_t place_cell(const CellPlace *place, unsigned property)
{
    return place->columns ? event_cell(&place->columns[property], place->i)
                          : place->part->cells[property][place->i];
}

static bool place_passes(const EventPass *pass, const CellPlace *place)
{
    if (pass->kind == EVENT_PASS_CELLS)
        return event_pass_cell(pass, place_cell(place, pass->property));
    if (pass->kind == EVENT_PASS_NOT) return !place_passes(&pass->items[0], place);
    bool all = pass->kind == EVENT_PASS_ALL;
    for (uint32_t i = 0; i < pass->item_count; i++)
        if (place_passes(&pass->items[i], place) != all) return !all;
    return all;
}

bool event_pass_base(const EventPass *pass, const EventBase *base, size_t i)
{
    return place_passes(pass, &(CellPlace){.columns = base->grouped, .i = i});
}

bool event_pass_part(const EventPass *pass, const EventPart *part, size_t i)
{
    return place_passes(pass, &(CellPlace){.part = part, .i = i});
}

bool event_pass_none(const EventPass *pass)
{
    if (pass->kind == EVENT_PASS_NOT) return false;
    if (pass->kind == EVENT_PASS_CELLS)
        return pass->span_count == 0 && !memchr(pass->codes, 1, pass->code_count);
    bool all = pass->kind == EVENT_PASS_ALL; /* one that none passes is enough */
    for (uint32_t i = 0; i < pass->item_count; i++)
        if (event_pass_none(&pass->items[i]) == all) return all;
    return !all && pass->item_count > 0;
}

/* ---- masks ---- */

EVENT_HOT static void mask_and(uint8_t *restrict mask, const uint8_t *restrict other,
                               uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] &= other[i];
}

EVENT_HOT static void mask_or(uint8_t *restrict mask, const uint8_t *restrict other, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] |= other[i];
}

EVENT_HOT static void mask_and_not(uint8_t *restrict mask, const uint8_t *restrict other,
                                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] &= other[i] ^ 1;
}

EVENT_HOT static void mask_and_code(uint8_t *restrict mask, const uint32_t *restrict codes,
                                    uint32_t code, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] &= codes[i] == code;
}

static void mask_and_codes(uint8_t *restrict mask, const uint32_t *restrict codes,
                           const uint8_t *restrict passes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] &= passes[codes[i]];
}

/* The only code that passes; 0 (missing) is none of them. */
static uint32_t only_code(const EventPass *pass)
{
    uint32_t found = 0;
    for (uint32_t code = 0; code < pass->code_count; code++) {
        if (!pass->codes[code]) continue;
        if (found || code == EVENT_CODE_MISSING) return 0;
        found = code;
    }
    return found;
}

static void cells_mask(const EventPass *pass, const EventCells *cells, uint8_t *mask)
{
    const EventColumn *column = &cells->columns[pass->property];
    if (column->codes) {
        uint32_t only = pass->code_count <= EVENT_CHUNK ? only_code(pass) : 0;
        if (only)
            mask_and_code(mask, column->codes + cells->from, only, cells->count);
        else
            mask_and_codes(mask, column->codes + cells->from, pass->codes, cells->count);
        return;
    }
    for (uint32_t i = 0; i < cells->count; i++)
        mask[i] &= event_pass_cell(pass, column->cells[cells->from + i]);
}

static void any_mask(const EventPass *pass, const EventCells *cells, uint8_t *mask)
{
    uint8_t any[EVENT_CHUNK], one[EVENT_CHUNK];
    memset(any, 0, cells->count);
    for (uint32_t i = 0; i < pass->item_count; i++) {
        memset(one, 1, cells->count);
        event_pass_mask(&pass->items[i], cells, one);
        mask_or(any, one, cells->count);
    }
    mask_and(mask, any, cells->count);
}

void event_pass_mask(const EventPass *pass, const EventCells *cells, uint8_t *mask)
{
    uint8_t other[EVENT_CHUNK];
    switch (pass->kind) {
    case EVENT_PASS_CELLS:
        cells_mask(pass, cells, mask);
        break;
    case EVENT_PASS_ALL:
        for (uint32_t i = 0; i < pass->item_count; i++)
            event_pass_mask(&pass->items[i], cells, mask);
        break;
    case EVENT_PASS_ANY:
        any_mask(pass, cells, mask);
        break;
    case EVENT_PASS_NOT:
        memset(other, 1, cells->count);
        event_pass_mask(&pass->items[0], cells, other);
        mask_and_not(mask, other, cells->count);
        break;
    }
}

/* ---- values ---- */

bool event_worth_cell(const EventWorth *worth, int64_t cell, int64_t *ret_value)
{
    *ret_value = 0;
    if (event_cell_is_hash(cell)) return false;
    if (event_cell_is_number(cell)) {
        *ret_value = cell;
        return true;
    }
    uint32_t code = event_cell_code(cell);
    if (worth->has[code]) *ret_value = worth->values[code];
    return worth->has[code];
}

/* Whether all are numbers; ORs their magnitudes, rounded up to all bits below the highest. */
EVENT_HOT static bool numbers_look(const int64_t *restrict cells, uint32_t count,
                                   uint64_t *restrict ret_bits)
{
    uint64_t bits = 0, other = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t cell = cells[i];
        bits |= (uint64_t)(cell ^ (cell >> 63));
        other |= (uint64_t)(cell < -EVENT_NUMBER_MAX) | (uint64_t)(cell > EVENT_NUMBER_MAX);
    }
    *ret_bits = bits;
    return other == 0;
}

EVENT_HOT static void values_mask(const int64_t *restrict cells, const uint8_t *restrict mask,
                                  int64_t *restrict values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = cells[i] & -(int64_t)mask[i];
}

uint64_t event_worth_read(const EventWorth *worth, const EventCells *cells, uint8_t *mask,
                          int64_t *values)
{
    const EventColumn *column = &cells->columns[worth->property];
    uint64_t bits = 0;
    if (column->cells && numbers_look(column->cells + cells->from, cells->count, &bits)) {
        values_mask(column->cells + cells->from, mask, values, cells->count);
        return bits;
    }
    bits = 0;
    for (uint32_t i = 0; i < cells->count; i++) {
        mask[i] &= event_worth_cell(worth, event_cell(column, cells->from + i), &values[i]);
        if (!mask[i]) values[i] = 0;
        bits |= (uint64_t)(values[i] ^ (values[i] >> 63));
    }
    return bits;
}
