#include "columns/event_inside.h"

#include <string.h>

EventImage *event_image_empty(uint32_t properties)
{
    EventImageHead head = {.properties = properties};
    EventImage *image = event_image_new(&head);
    g_assert(image); /* 4 KB */
    return image;
}

static guint column_place(const EventColumns *columns, uint32_t name)
{
    guint low = 0, high = columns->names->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const NameColumn *column = g_ptr_array_index(columns->names, middle);
        if (column->name < name)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

NameColumn *column_find(const EventColumns *columns, uint32_t name)
{
    guint place = column_place(columns, name);
    if (place == columns->names->len) return NULL;
    NameColumn *column = g_ptr_array_index(columns->names, place);
    return column->name == name ? column : NULL;
}

NameColumn *column_add(EventColumns *columns, uint32_t name)
{
    NameColumn *column = g_new0(NameColumn, 1);
    column->name = name;
    g_ptr_array_insert(columns->names, (gint)column_place(columns, name), column);
    return column;
}

void column_clear(EventColumns *columns, NameColumn *column, EventHeld held)
{
    for (uint32_t p = 0; p < column->property_count; p++) {
        event_words_unmap(column->words[p], columns->map);
        g_clear_pointer(&column->words[p], event_words_unref);
    }
    column->property_count = 0;
    g_clear_pointer(&column->paths, g_strfreev);
    g_clear_pointer(&column->image, event_image_unref);
    g_clear_pointer(&column->frozen, event_delta_unref);
    g_clear_pointer(&column->live, event_delta_unref);
    g_clear_pointer(&column->resets, g_array_unref);
    g_clear_pointer(&column->state, event_name_state_unref);
    g_clear_pointer(&column->folding, event_name_state_unref);
    column->fold_wanted = false;
    column->changed = false;
    column->wide = 0;
    column->held = held;
    g_cond_broadcast(&columns->folding);
}

static void name_count(const NameColumn *column, EventUsage *usage)
{
    bool held = column->held == EVENT_HELD_READY || column->held == EVENT_HELD_BUILDING;
    usage->names_over += column->held == EVENT_HELD_OVER;
    if (!held) return;
    usage->names++;
    usage->properties += column->property_count;
    usage->base_bytes += column->image->bytes;
    usage->events += column->image->base.count;
    const EventDelta *deltas[] = {column->live, column->frozen};
    for (size_t i = 0; i < G_N_ELEMENTS(deltas); i++) {
        if (!deltas[i]) continue;
        usage->delta_bytes += deltas[i]->bytes;
        usage->delta_events += i == 0 ? deltas[i]->count : column->frozen_count;
    }
    usage->delta_bytes += column->resets->len * sizeof(EventReset);
    for (uint32_t p = 0; p < column->property_count; p++) {
        usage->word_bytes += column->words[p]->bytes;
        usage->words += column->words[p]->codes - EVENT_CODE_FIRST;
    }
}

uint64_t columns_bytes(const EventColumns *columns, EventUsage *usage)
{
    EventUsage own;
    if (!usage) usage = &own;
    *usage = (EventUsage){.bytes_max = columns->options.bytes_max,
                          .names_max = columns->options.names_max,
                          .rows = columns->crowd.rows,
                          .crowd_bytes = columns->crowd.bytes,
                          .folds = columns->folds};
    for (guint i = 0; i < columns->names->len; i++)
        name_count(g_ptr_array_index(columns->names, i), usage);
    usage->word_bytes += keymap_bytes(columns->map);
    usage->events += usage->delta_events;
    usage->bytes = usage->base_bytes + usage->delta_bytes + usage->word_bytes + usage->crowd_bytes;
    return usage->bytes;
}

static void state_properties(EventNameState *state, const NameColumn *column)
{
    for (uint32_t p = 0; p < column->property_count; p++) {
        EventDictionary *words = column->words[p];
        state->properties[p] = (EventProperty){.path = state->paths[p],
                                               .dictionary = event_words_ref(words),
                                               .codes = words->codes,
                                               .dictionary_full = words->full,
                                               .texts_hashed = words->texts_hashed,
                                               .other_hashed = words->other_hashed};
    }
}

EventNameState *column_state_new(const NameColumn *column, uint64_t live_count,
                                 const GArray *resets)
{
    EventNameState *state = g_new0(EventNameState, 1);
    state->refs = 1;
    state->image = event_image_ref(column->image);
    state->frozen = column->frozen ? event_delta_ref(column->frozen) : NULL;
    state->live = column->live ? event_delta_ref(column->live) : NULL;
    state->live_count = live_count;
    state->wide = column->wide;
    state->paths = g_strdupv(column->paths);
    state->parts = g_array_new(FALSE, FALSE, sizeof(EventPart));
    if (column->frozen) event_delta_parts(column->frozen, column->frozen_count, state->parts);
    if (column->live) event_delta_parts(column->live, live_count, state->parts);
    state->resets = g_array_sized_new(FALSE, FALSE, sizeof(EventReset), resets->len);
    g_array_append_vals(state->resets, resets->data, resets->len);
    state_properties(state, column);
    state->shown = (EventName){.name = column->name,
                               .base = &state->image->base,
                               .parts = (const EventPart *)(void *)state->parts->data,
                               .part_count = state->parts->len,
                               .resets = (const EventReset *)(void *)state->resets->data,
                               .reset_count = state->resets->len,
                               .properties = state->properties,
                               .property_count = column->property_count};
    return state;
}

void column_show(NameColumn *column, EventNameState *state)
{
    event_name_state_unref(column->state);
    column->state = state;
}

/* After a freeze the live delta holds what was not published then: only a state that was made since
 * shows any of it. */
void column_reshow(NameColumn *column, const GArray *resets)
{
    bool same_live = column->live && column->state->live == column->live;
    uint64_t live_count = same_live ? column->state->live_count : 0;
    column_show(column, column_state_new(column, live_count, resets));
}

/* What is not published yet moves to a delta of its own. */
static EventDelta *tail_take(const NameColumn *column, uint64_t from)
{
    const EventDelta *live = column->live;
    if (!live || live->count == from) return NULL;
    EventDelta *tail = event_delta_new(live->first + from, live->properties, true);
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(EventPart));
    event_delta_parts(live, live->count, parts);
    for (guint n = 0; n < parts->len; n++) {
        const EventPart *part = &g_array_index(parts, EventPart, n);
        for (uint32_t i = 0; i < part->count; i++) {
            int64_t cells[EVENT_PROPERTIES_MAX];
            if (part->first + i < tail->first) continue;
            for (uint32_t p = 0; p < live->properties; p++)
                cells[p] = part->cells[p][i];
            EventEntry entry = {part->rows[i], part->ats[i], part->ids[i], cells};
            event_delta_add(tail, &entry);
        }
    }
    return tail;
}

void column_freeze(EventColumns *columns, NameColumn *column)
{
    g_assert(!column->folding && !column->frozen);
    EventDelta *tail = tail_take(column, column->state->live_count);
    column->frozen = column->live;
    column->frozen_count = column->state->live_count;
    column->live = tail;
    column->folding = column->state;
    g_atomic_int_inc(&column->folding->refs);
    g_cond_broadcast(&columns->folding);
}

static EventView *view_new(const EventColumns *columns)
{
    EventView *view = g_malloc0(sizeof *view + columns->names->len * sizeof(EventNameState *));
    view->refs = 1;
    view->through = columns->through;
    view->rows = columns->crowd.rows;
    view->stems = columns->crowd.stems;
    view->table = columns->crowd.table;
    g_atomic_int_inc(&view->stems->refs);
    g_atomic_int_inc(&view->table->refs);
    for (guint i = 0; i < columns->names->len; i++) {
        const NameColumn *column = g_ptr_array_index(columns->names, i);
        if (!column->state) continue;
        g_atomic_int_inc(&column->state->refs);
        view->names[view->name_count++] = column->state;
    }
    return view;
}

void columns_show(EventColumns *columns)
{
    EventView *view = view_new(columns);
    g_mutex_lock(&columns->view_lock);
    EventView *before = columns->view;
    columns->view = view;
    g_mutex_unlock(&columns->view_lock);
    event_view_unref(before);
}

void column_words_blank(EventColumns *columns, NameColumn *column, uint64_t *const *used)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(EventPart));
    if (column->live) event_delta_parts(column->live, column->live->count, parts);
    for (uint32_t p = 0; p < column->property_count; p++) {
        for (guint n = 0; n < parts->len; n++) {
            const EventPart *part = &g_array_index(parts, EventPart, n);
            for (uint32_t i = 0; i < part->count; i++) {
                int64_t cell = part->cells[p][i];
                uint32_t code = event_cell_code(cell);
                if (event_cell_is_code(cell)) used[p][code / 64] |= UINT64_C(1) << code % 64;
            }
        }
        EventDictionary *blank = event_words_blank(column->words[p], columns->map, used[p]);
        event_words_unref(column->words[p]);
        column->words[p] = blank;
    }
}
