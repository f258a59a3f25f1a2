/* The folding thread: deltas into bases, beside writer and readers. */
#include "columns/event_fold.h"
#include "columns/event_inside.h"

/* What one fold made. */
typedef struct Folded {
    EventImage *image;
    uint64_t *used[EVENT_PROPERTIES_MAX]; /* codes that occur, where words are to be blanked */
} Folded;

static void folded_clear(Folded *folded)
{
    event_image_unref(folded->image);
    for (unsigned p = 0; p < EVENT_PROPERTIES_MAX; p++)
        g_free(folded->used[p]);
}

static Folded fold_make(const EventColumns *columns, const EventNameState *state, uint32_t rows)
{
    const EventName *name = &state->shown;
    Folded folded = {.image = event_fold(name, rows, state->wide)};
    if (!folded.image || name->reset_count == 0) return folded;
    for (uint32_t p = 0; p < name->property_count; p++) {
        folded.used[p] = g_new0(uint64_t, (columns->options.words_max + EVENT_CODE_FIRST) / 64 + 1);
        event_image_codes(folded.image, p, folded.used[p]);
    }
    return folded;
}

/* The resets that came after those the fold applied. */
static GArray *resets_left(const GArray *resets, const EventName *applied)
{
    GArray *left = g_array_new(FALSE, FALSE, sizeof(EventReset));
    uint32_t next = 0;
    for (guint i = 0; i < resets->len; i++) {
        EventReset reset = g_array_index(resets, EventReset, i);
        while (next < applied->reset_count && applied->resets[next].row < reset.row)
            next++;
        bool same = next < applied->reset_count && applied->resets[next].row == reset.row &&
                    applied->resets[next].from == reset.from;
        if (!same) g_array_append_val(left, reset);
    }
    return left;
}

/* Puts a result in place; with write_lock. */
static void fold_install(EventColumns *columns, NameColumn *column, Folded *folded)
{
    g_autoptr(EventNameState) applied = g_steal_pointer(&column->folding);
    if (!folded->image) {
        column_clear(columns, column, EVENT_HELD_OVER);
        return;
    }
    event_image_unref(column->image);
    column->image = g_steal_pointer(&folded->image);
    g_clear_pointer(&column->frozen, event_delta_unref);
    g_autoptr(GArray) shown = resets_left(column->state->resets, &applied->shown);
    GArray *left = resets_left(column->resets, &applied->shown);
    g_array_unref(column->resets);
    column->resets = left;
    if (folded->used[0]) column_words_blank(columns, column, folded->used);
    column_reshow(column, shown);
    columns->folds++;
    if (columns_bytes(columns, NULL) > columns->options.bytes_max)
        column_clear(columns, column, EVENT_HELD_OVER);
}

static NameColumn *next_to_fold(EventColumns *columns)
{
    for (guint i = 0; i < columns->names->len; i++) {
        NameColumn *column = g_ptr_array_index(columns->names, i);
        if (column->folding) return column;
        if (!column->fold_wanted || column->held != EVENT_HELD_READY) continue;
        column->fold_wanted = false;
        if (!column->state) continue;
        if (column->state->shown.part_count == 0 && column->state->shown.reset_count == 0) continue;
        column_freeze(columns, column);
        return column;
    }
    return NULL;
}

static void fold_next(EventColumns *columns, NameColumn *column)
{
    EventNameState *state = column->folding;
    uint32_t rows = columns->crowd.rows;
    g_atomic_int_inc(&state->refs);
    g_mutex_unlock(&columns->write_lock);
    Folded folded = fold_make(columns, state, rows);
    g_mutex_lock(&columns->write_lock);
    if (column->folding == state) {
        fold_install(columns, column, &folded);
        columns_show(columns);
    }
    folded_clear(&folded);
    event_name_state_unref(state);
    g_cond_broadcast(&columns->folding);
}

gpointer event_folding_run(gpointer data)
{
    EventColumns *columns = data;
    g_mutex_lock(&columns->write_lock);
    while (!columns->stop) {
        NameColumn *column = next_to_fold(columns);
        if (column)
            fold_next(columns, column);
        else {
            g_cond_broadcast(&columns->folding);
            g_cond_wait(&columns->folding, &columns->write_lock);
        }
    }
    g_mutex_unlock(&columns->write_lock);
    return NULL;
}

void event_columns_fold(EventColumns *columns)
{
    g_mutex_lock(&columns->write_lock);
    for (guint i = 0; i < columns->names->len; i++) {
        NameColumn *column = g_ptr_array_index(columns->names, i);
        column->fold_wanted = column->held == EVENT_HELD_READY;
    }
    g_cond_broadcast(&columns->folding);
    for (guint i = 0; i < columns->names->len; i++) {
        const NameColumn *column = g_ptr_array_index(columns->names, i);
        while (!columns->stop && (column->fold_wanted || column->folding))
            g_cond_wait(&columns->folding, &columns->write_lock);
    }
    g_mutex_unlock(&columns->write_lock);
}
