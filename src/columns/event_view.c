#include "columns/event_set.h"

#include "columns/run_sort.h"

#include <string.h>

void event_name_state_unref(EventNameState *state)
{
    if (!state || !g_atomic_int_dec_and_test(&state->refs)) return;
    for (uint32_t p = 0; p < state->shown.property_count; p++)
        event_words_unref((EventDictionary *)(uintptr_t)state->properties[p].dictionary);
    event_image_unref(state->image);
    event_delta_unref(state->frozen);
    event_delta_unref(state->live);
    if (state->parts) g_array_unref(state->parts);
    if (state->resets) g_array_unref(state->resets);
    g_strfreev(state->paths);
    g_free(state);
}

void event_view_unref(EventView *view)
{
    if (!view || !g_atomic_int_dec_and_test(&view->refs)) return;
    for (uint32_t i = 0; i < view->name_count; i++)
        event_name_state_unref(view->names[i]);
    crowd_stems_unref(view->stems);
    crowd_table_unref(view->table);
    g_free(view);
}

const EventName *event_view_name(const EventView *view, uint32_t name)
{
    uint32_t low = 0, high = view->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (view->names[middle]->shown.name < name)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == view->name_count || view->names[low]->shown.name != name) return NULL;
    return &view->names[low]->shown;
}

int64_t event_view_through(const EventView *view) { return view->through; }

uint32_t event_view_rows(const EventView *view) { return view->rows; }

int64_t event_view_stem(const EventView *view, uint32_t row)
{
    return row < view->rows ? crowd_stem(view->stems, row) : 0;
}

bool event_view_row(const EventView *view, int64_t stem, uint32_t *ret_row)
{
    return crowd_find(view->table, view->rows, stem, ret_row);
}

int event_name_property(const EventName *name, const char *path)
{
    for (uint32_t p = 0; p < name->property_count; p++)
        if (strcmp(name->properties[p].path, path) == 0) return (int)p;
    return -1;
}

static const EventReset *reset_find(const EventName *name, uint32_t row)
{
    uint32_t low = 0, high = name->reset_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (name->resets[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < name->reset_count && name->resets[low].row == row;
    return found ? &name->resets[low] : NULL;
}

bool event_base_void(const EventName *name, uint32_t row)
{
    return name->reset_count > 0 && reset_find(name, row) != NULL;
}

bool event_part_void(const EventName *name, const EventPart *part, uint32_t i)
{
    if (name->reset_count == 0) return false;
    const EventReset *reset = reset_find(name, part->rows[i]);
    return reset && part->first + i < reset->from;
}

static int hit_compare(const void *left, const void *right)
{
    const EventHit *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

size_t event_row(const EventName *name, uint32_t row, GArray *hits)
{
    guint before = hits->len;
    uint32_t from, to;
    const EventReset *reset = name->reset_count > 0 ? reset_find(name, row) : NULL;
    if (!reset && event_base_range(name->base, row, &from, &to))
        for (uint32_t i = from; i < to; i++) {
            EventHit hit = {event_base_at(name->base, i), name->base->ids[i], NULL, i};
            g_array_append_val(hits, hit);
        }
    guint sorted = hits->len;
    for (uint32_t p = 0; p < name->part_count; p++) {
        const EventPart *part = &name->parts[p];
        int64_t i = event_part_newest(part, row);
        for (; i >= 0; i = event_part_older(part, row, i)) {
            if (reset && part->first + (uint64_t)i < reset->from) break;
            EventHit hit = {part->ats[i], part->ids[i], part, (uint32_t)i};
            g_array_append_val(hits, hit);
        }
    }
    if (hits->len > sorted)
        qsort(hits->data + before * sizeof(EventHit), hits->len - before, sizeof(EventHit),
              hit_compare);
    return hits->len - before;
}

int64_t event_hit_cell(const EventName *name, const EventHit *hit, unsigned property)
{
    if (hit->part) return hit->part->cells[property][hit->position];
    return event_cell(&name->base->grouped[property], hit->position);
}

static int row_compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Rows of a big delta are marked in a bitmap, those of a small one are sorted. */
static void touched_sort(GArray *rows, guint before)
{
    uint32_t *all = (uint32_t *)(void *)rows->data + before;
    guint count = rows->len - before, kept = 0;
    qsort(all, count, sizeof *all, row_compare);
    for (guint i = 0; i < count; i++)
        if (i == 0 || all[i] != all[i - 1]) all[kept++] = all[i];
    g_array_set_size(rows, before + kept);
}

static void bit_set(uint64_t *bits, uint32_t row) { bits[row / 64] |= UINT64_C(1) << row % 64; }

static uint32_t touched_highest(const EventName *name, uint64_t *ret_count)
{
    uint32_t highest = name->reset_count > 0 ? name->resets[name->reset_count - 1].row : 0;
    *ret_count = name->reset_count;
    for (uint32_t p = 0; p < name->part_count; p++) {
        *ret_count += name->parts[p].count;
        for (uint32_t i = 0; i < name->parts[p].count; i++)
            highest = MAX(highest, name->parts[p].rows[i]);
    }
    return highest;
}

static void touched_by_bits(const EventName *name, uint32_t highest, GArray *rows)
{
    g_autofree uint64_t *bits = g_new0(uint64_t, (size_t)highest / 64 + 1);
    for (uint32_t i = 0; i < name->reset_count; i++)
        bit_set(bits, name->resets[i].row);
    for (uint32_t p = 0; p < name->part_count; p++)
        for (uint32_t i = 0; i < name->parts[p].count; i++)
            bit_set(bits, name->parts[p].rows[i]);
    for (uint32_t word = 0; word <= highest / 64; word++)
        for (uint64_t left = bits[word]; left != 0; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            g_array_append_val(rows, row);
        }
}

void event_name_touched(const EventName *name, GArray *rows)
{
    uint64_t count;
    uint32_t highest = touched_highest(name, &count);
    if (count == 0) return;
    if (count > highest / 64) {
        touched_by_bits(name, highest, rows);
        return;
    }
    guint before = rows->len;
    for (uint32_t i = 0; i < name->reset_count; i++)
        g_array_append_val(rows, name->resets[i].row);
    for (uint32_t p = 0; p < name->part_count; p++)
        g_array_append_vals(rows, name->parts[p].rows, name->parts[p].count);
    touched_sort(rows, before);
}

typedef struct Half {
    EventWork *work;
    uint32_t from, to;
    void *data;
} Half;

static gpointer half_run(gpointer data)
{
    const Half *half = data;
    half->work(half->from, half->to, 1, half->data);
    return NULL;
}

enum { PARALLEL_MIN = 1 << 16 }; /* below, starting a thread costs more than it saves */

void columns_parallel(uint32_t count, EventWork *work, void *data)
{
    if (count < PARALLEL_MIN) {
        work(0, count, 0, data);
        return;
    }
    uint32_t middle = count / 2 / 64 * 64;
    Half half = {work, middle, count, data};
    GThread *thread = g_thread_new("columns", half_run, &half);
    work(0, middle, 0, data);
    g_thread_join(thread);
}
