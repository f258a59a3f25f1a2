#include "columns/event_inside.h"

#include "base/error.h"
#include "base/ids.h"
#include "columns/event_fold.h"

#include <string.h>

enum {
    NAMES_DEFAULT = 512,
    PROPERTIES_DEFAULT = 8,
    WORDS_DEFAULT = 65536,
    WORD_BYTES_DEFAULT = 4 * 1024 * 1024,
    DELTA_DEFAULT = 1024 * 1024,
    DELTA_SMALL = 65536,    /* a delta below is not worth a fold */
    RESETS_MAX = 4096,      /* more are worth a fold */
    BATCH = 32,             /* stems looked up together */
    WORD_BYTES_LOOK = 65536 /* new texts before memory is looked at */
};
#define ROW_NEW       UINT32_MAX
#define BYTES_DEFAULT (UINT64_C(4) << 30)

static void options_default(EventColumnsOptions *options)
{
    if (options->bytes_max == 0) options->bytes_max = BYTES_DEFAULT;
    if (options->names_max == 0) options->names_max = NAMES_DEFAULT;
    if (options->properties_max == 0) options->properties_max = PROPERTIES_DEFAULT;
    if (options->words_max == 0) options->words_max = WORDS_DEFAULT;
    if (options->word_bytes_max == 0) options->word_bytes_max = WORD_BYTES_DEFAULT;
    if (options->delta_max == 0) options->delta_max = DELTA_DEFAULT;
    options->properties_max = MIN(options->properties_max, (uint32_t)EVENT_PROPERTIES_MAX);
    options->words_max = MIN(options->words_max, (uint32_t)WORDS_MAX);
}

EventColumns *event_columns_new(const EventColumnsOptions *options)
{
    EventColumns *columns = g_new0(EventColumns, 1);
    columns->options = *options;
    options_default(&columns->options);
    g_mutex_init(&columns->write_lock);
    g_mutex_init(&columns->view_lock);
    g_mutex_init(&columns->save_lock);
    g_cond_init(&columns->folding);
    columns->names = g_ptr_array_new();
    columns->map = keymap_new(0);
    columns->forgotten = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    crowd_init(&columns->crowd);
    columns_show(columns);
    columns->thread = g_thread_new("columns-fold", event_folding_run, columns);
    return columns;
}

void event_columns_free(EventColumns *columns)
{
    if (!columns) return;
    g_mutex_lock(&columns->write_lock);
    columns->stop = true;
    g_cond_broadcast(&columns->folding);
    g_mutex_unlock(&columns->write_lock);
    g_thread_join(columns->thread);
    for (guint i = 0; i < columns->names->len; i++) {
        NameColumn *column = g_ptr_array_index(columns->names, i);
        column_clear(columns, column, EVENT_HELD_NOT);
        g_free(column);
    }
    g_ptr_array_unref(columns->names);
    event_view_unref(columns->view);
    crowd_clear(&columns->crowd);
    keymap_free(columns->map);
    g_hash_table_unref(columns->forgotten);
    g_clear_pointer(&columns->owner, g_bytes_unref);
    g_mutex_clear(&columns->write_lock);
    g_mutex_clear(&columns->view_lock);
    g_mutex_clear(&columns->save_lock);
    g_cond_clear(&columns->folding);
    g_free(columns);
}

/* Holding a name. */

static bool hold_check(const EventColumns *columns, const NameColumn *column, uint32_t count,
                       GError **error)
{
    if (count > columns->options.properties_max)
        return fail(error, KITH_ERROR_LIMIT,
                    "the columns hold %u properties of one event name, not %u",
                    columns->options.properties_max, count);
    EventUsage usage;
    uint64_t bytes = columns_bytes(columns, &usage);
    bool counted =
        column && (column->held == EVENT_HELD_READY || column->held == EVENT_HELD_BUILDING);
    if (usage.names - counted >= columns->options.names_max)
        return fail(error, KITH_ERROR_LIMIT, "the columns hold %u event names already",
                    usage.names);
    if (bytes >= columns->options.bytes_max)
        return fail(error, KITH_ERROR_LIMIT,
                    "the columns take %" G_GUINT64_FORMAT " bytes of %" G_GUINT64_FORMAT, bytes,
                    columns->options.bytes_max);
    return true;
}

static void hold_begin(EventColumns *columns, NameColumn *column, const char *const *paths,
                       uint32_t count)
{
    column_clear(columns, column, EVENT_HELD_BUILDING);
    column->property_count = count;
    column->paths = g_new0(char *, count + 1);
    for (uint32_t p = 0; p < count; p++) {
        column->paths[p] = g_strdup(paths[p]);
        column->words[p] = event_words_new(columns->options.key, ++columns->serial);
    }
    column->image = event_image_empty(count);
    column->resets = g_array_new(FALSE, FALSE, sizeof(EventReset));
}

bool event_columns_hold(EventColumns *columns, uint32_t name, const char *const *paths,
                        uint32_t count, GError **error)
{
    g_mutex_lock(&columns->write_lock);
    NameColumn *column = column_find(columns, name);
    bool ok = hold_check(columns, column, count, error);
    if (ok) {
        if (!column) column = column_add(columns, name);
        hold_begin(columns, column, paths, count);
        columns_show(columns);
    }
    g_mutex_unlock(&columns->write_lock);
    return ok;
}

/* The image of a name that was being built; NULL: over budget or no memory. Lets go of write_lock
 * meanwhile. */
static EventImage *build(EventColumns *columns, NameColumn *column)
{
    uint64_t count = column->live ? column->live->count : 0;
    g_autoptr(EventNameState) state = column_state_new(column, count, column->resets);
    uint64_t bytes = columns_bytes(columns, NULL) - (column->live ? column->live->bytes : 0);
    bytes += event_fold_bytes(&state->shown, columns->crowd.rows);
    if (bytes > columns->options.bytes_max) return NULL;
    g_mutex_unlock(&columns->write_lock); /* nobody but the writer touches what is being built */
    EventImage *image = event_fold(&state->shown, columns->crowd.rows, column->wide);
    g_mutex_lock(&columns->write_lock);
    return image;
}

static void build_end(NameColumn *column, EventImage *image)
{
    event_image_unref(column->image);
    column->image = image;
    g_clear_pointer(&column->live, event_delta_unref);
    g_array_set_size(column->resets, 0);
    column->held = EVENT_HELD_READY;
    column->changed = true;
}

bool event_columns_ready(EventColumns *columns, uint32_t name, GError **error)
{
    g_mutex_lock(&columns->write_lock);
    NameColumn *column = column_find(columns, name);
    bool ok = true;
    if (column && column->held == EVENT_HELD_BUILDING) {
        EventImage *image = build(columns, column);
        if (image)
            build_end(column, image);
        else
            column_clear(columns, column, EVENT_HELD_OVER);
    }
    if (!column || column->held == EVENT_HELD_NOT || column->held == EVENT_HELD_OVER)
        ok = fail(error, KITH_ERROR_LIMIT,
                  "event name %u does not fit into the %" G_GUINT64_FORMAT " bytes of the columns",
                  name, columns->options.bytes_max);
    g_mutex_unlock(&columns->write_lock);
    return ok;
}

void event_columns_drop(EventColumns *columns, uint32_t name)
{
    g_mutex_lock(&columns->write_lock);
    NameColumn *column = column_find(columns, name);
    if (column) {
        column_clear(columns, column, EVENT_HELD_NOT);
        columns_show(columns);
    }
    g_mutex_unlock(&columns->write_lock);
}

EventHeld event_columns_held(EventColumns *columns, uint32_t name)
{
    g_mutex_lock(&columns->write_lock);
    const NameColumn *column = column_find(columns, name);
    EventHeld held = column ? column->held : EVENT_HELD_NOT;
    g_mutex_unlock(&columns->write_lock);
    return held;
}

/* Appending. */

static int64_t cell_of(EventColumns *columns, EventDictionary *words, const EventValue *value)
{
    switch (value->kind) {
    case EVENT_MISSING:
        return EVENT_CELL_MISSING;
    case EVENT_FALSE:
        return EVENT_CELL_OF_CODE(EVENT_CODE_FALSE);
    case EVENT_TRUE:
        return EVENT_CELL_OF_CODE(EVENT_CODE_TRUE);
    case EVENT_NUMBER:
        return value->number;
    case EVENT_TEXT:
    case EVENT_OTHER:
        break;
    }
    EventWordLimits limits = {columns->options.words_max, columns->options.word_bytes_max};
    EventWord word = {value->kind, value->text, (uint32_t)value->length};
    uint64_t before = words->bytes;
    int64_t cell = event_words_cell(words, columns->map, &limits, &word);
    columns->word_bytes_new += words->bytes - before;
    return cell;
}

static bool value_fits(const EventValue *value)
{
    return value->kind != EVENT_NUMBER ||
           (value->number >= -EVENT_NUMBER_MAX && value->number <= EVENT_NUMBER_MAX);
}

/* Whether a fact can be laid out; one that cannot makes the name answer by SQL. */
static bool fact_fits(const NameColumn *column, const EventFact *fact)
{
    bool ok = fact->at >= EVENT_AT_MIN && fact->at <= EVENT_AT_MAX;
    for (uint32_t p = 0; fact->values && p < column->property_count; p++)
        ok = ok && value_fits(&fact->values[p]);
    return ok;
}

static bool has_room(EventColumns *columns, uint64_t bytes)
{
    columns->word_bytes_new = 0;
    return columns_bytes(columns, NULL) + bytes <= columns->options.bytes_max;
}

/* False: no room, or a forgotten stem. */
static bool row_get(EventColumns *columns, NameColumn *column, int64_t stem, uint32_t *ret_row)
{
    const Crowd *crowd = &columns->crowd;
    if (crowd_find(crowd->table, crowd->rows, stem, ret_row)) return true;
    if (g_hash_table_contains(columns->forgotten, &stem)) return false;
    uint64_t growth = crowd_growth(crowd);
    if (growth > 0 && !has_room(columns, growth)) {
        column_clear(columns, column, EVENT_HELD_OVER);
        return false;
    }
    *ret_row = crowd_add(&columns->crowd, stem);
    return true;
}

static bool live_room(EventColumns *columns, NameColumn *column)
{
    if (!column->live)
        column->live = event_delta_new(column->next_ordinal, column->property_count,
                                       column->held == EVENT_HELD_READY);
    if (event_delta_has_room(column->live) && columns->word_bytes_new < WORD_BYTES_LOOK)
        return true;
    return has_room(columns, event_delta_growth(column->live));
}

/* `row`: of the stem, ROW_NEW: not known yet. */
static void append_one(EventColumns *columns, NameColumn *column, const EventFact *fact,
                       uint32_t row)
{
    int64_t cells[EVENT_PROPERTIES_MAX];
    EventEntry entry = {.row = row, .at = fact->at, .id = fact->id, .cells = cells};
    if (!fact_fits(column, fact)) {
        column_clear(columns, column, EVENT_HELD_OVER);
        return;
    }
    if (row == ROW_NEW && !row_get(columns, column, fact->stem, &entry.row)) return;
    if (!live_room(columns, column)) {
        column_clear(columns, column, EVENT_HELD_OVER);
        return;
    }
    for (uint32_t p = 0; p < column->property_count; p++)
        cells[p] = fact->values ? cell_of(columns, column->words[p], &fact->values[p])
                                : EVENT_CELL_MISSING;
    event_delta_add(column->live, &entry);
    column->wide |= column->live->wide;
    column->next_ordinal++;
    column->changed = true;
}

static bool is_held(const NameColumn *column)
{
    return column && (column->held == EVENT_HELD_READY || column->held == EVENT_HELD_BUILDING);
}

static NameColumn *column_seen(EventColumns *columns, uint32_t name)
{
    NameColumn **seen = &columns->seen[name % NAMES_SEEN];
    if (!*seen || (*seen)->name != name) *seen = column_find(columns, name);
    return *seen;
}

/* All rows are looked up before anything is appended, so that the waits for memory overlap. */
static void batch_append(EventColumns *columns, const EventFact *facts, size_t count)
{
    uint32_t rows[BATCH];
    const Crowd *crowd = &columns->crowd;
    for (size_t i = 0; i < count; i++) {
        rows[i] = ROW_NEW;
        crowd_find(crowd->table, crowd->rows, facts[i].stem, &rows[i]);
    }
    for (size_t i = 0; i < count; i++) {
        NameColumn *column = column_seen(columns, facts[i].name);
        g_assert(facts[i].stem != 0 && facts[i].id > 0);
        if (is_held(column)) append_one(columns, column, &facts[i], rows[i]);
    }
}

static void batch_prefetch(const EventColumns *columns, const EventFact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        crowd_prefetch(columns->crowd.table, facts[i].stem);
}

void event_columns_append(EventColumns *columns, const EventFact *facts, size_t count)
{
    g_mutex_lock(&columns->write_lock);
    batch_prefetch(columns, facts, MIN(count, (size_t)BATCH));
    for (size_t from = 0; from < count; from += BATCH) {
        size_t next = MIN(count, from + BATCH);
        batch_prefetch(columns, facts + next, MIN(count - next, (size_t)BATCH));
        batch_append(columns, facts + from, next - from);
    }
    g_mutex_unlock(&columns->write_lock);
}

/* Voiding. */

static void reset_add(NameColumn *column, uint32_t row)
{
    GArray *resets = column->resets;
    guint low = 0, high = resets->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(resets, EventReset, middle).row < row)
            low = middle + 1;
        else
            high = middle;
    }
    EventReset reset = {.row = row, .from = column->next_ordinal};
    if (low < resets->len && g_array_index(resets, EventReset, low).row == row)
        g_array_index(resets, EventReset, low) = reset;
    else
        g_array_insert_val(resets, low, reset);
    column->changed = true;
}

static void row_void(NameColumn *column, uint32_t row)
{
    uint32_t from, to;
    if (!is_held(column)) return;
    bool delta = column->live || column->frozen || column->folding;
    if (delta || event_base_range(&column->image->base, row, &from, &to)) reset_add(column, row);
}

void event_columns_clear(EventColumns *columns, uint32_t name, int64_t stem)
{
    g_mutex_lock(&columns->write_lock);
    const Crowd *crowd = &columns->crowd;
    NameColumn *column = column_find(columns, name);
    uint32_t row;
    if (column && crowd_find(crowd->table, crowd->rows, stem, &row)) row_void(column, row);
    g_mutex_unlock(&columns->write_lock);
}

/* Publishing. */

static bool wants_fold(const EventColumns *columns, const NameColumn *column)
{
    if (column->folding || column->held != EVENT_HELD_READY) return false;
    uint64_t pending = column->live ? column->live->count : 0;
    uint64_t share = MAX(column->image->base.count / 8, (uint32_t)DELTA_SMALL);
    return pending >= MIN(share, columns->options.delta_max) || column->resets->len > RESETS_MAX;
}

void columns_publish(EventColumns *columns)
{
    for (guint i = 0; i < columns->names->len; i++) {
        NameColumn *column = g_ptr_array_index(columns->names, i);
        if (column->held != EVENT_HELD_READY || !column->changed) continue;
        uint64_t live_count = column->live ? column->live->count : 0;
        column_show(column, column_state_new(column, live_count, column->resets));
        column->changed = false;
        if (wants_fold(columns, column)) column_freeze(columns, column);
    }
    columns_show(columns);
}

void event_columns_publish(EventColumns *columns, int64_t through)
{
    g_mutex_lock(&columns->write_lock);
    columns->through = through;
    columns_publish(columns);
    g_mutex_unlock(&columns->write_lock);
}

void event_columns_forget(EventColumns *columns, int64_t stem)
{
    g_mutex_lock(&columns->write_lock);
    const Crowd *crowd = &columns->crowd;
    g_hash_table_add(columns->forgotten, g_memdup2(&stem, sizeof stem));
    uint32_t row;
    if (crowd_find(crowd->table, crowd->rows, stem, &row)) {
        for (guint i = 0; i < columns->names->len; i++)
            row_void(g_ptr_array_index(columns->names, i), row);
        crowd_forget(&columns->crowd, row);
    }
    columns_publish(columns);
    g_mutex_unlock(&columns->write_lock);
}

EventView *event_columns_view(EventColumns *columns)
{
    g_mutex_lock(&columns->view_lock);
    EventView *view = columns->view;
    g_atomic_int_inc(&view->refs);
    g_mutex_unlock(&columns->view_lock);
    return view;
}

void event_columns_usage(EventColumns *columns, EventUsage *ret_usage)
{
    g_mutex_lock(&columns->write_lock);
    columns_bytes(columns, ret_usage);
    g_mutex_unlock(&columns->write_lock);
}
