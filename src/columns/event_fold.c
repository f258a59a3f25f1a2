#include "columns/event_fold.h"

#include "columns/event_delta.h"
#include "columns/run_sort.h"

#include <string.h>

enum {
    TIME_BUCKETS = 1 << 16,
    PREFETCH = 16,
    REF_BITS = SEGMENT_BITS_MAX,
    REF_MASK = (1 << REF_BITS) - 1
};

/* An entry of the delta is named by part << REF_BITS | position. */
typedef struct Fold {
    const EventName *name;
    const EventBase *base;
    uint32_t rows;
    uint64_t *void_rows;  /* bits; NULL: no resets */
    uint32_t delta_count; /* valid ones */
    uint32_t *delta_ends; /* rows: where the row's entries end in by_row */
    uint32_t *by_row, *by_time;
    uint64_t least, greatest; /* instants of the delta, from EVENT_AT_MIN */
    uint32_t groups_used;
    uint64_t count;
    EventImage *image;
} Fold;

static const EventPart *part_of(const Fold *fold, uint32_t ref)
{
    return &fold->name->parts[ref >> REF_BITS];
}

static uint64_t since_of(int64_t at) { return (uint64_t)(at - EVENT_AT_MIN); }

static uint64_t ref_since(const Fold *fold, uint32_t ref)
{
    return since_of(part_of(fold, ref)->ats[ref & REF_MASK]);
}

static bool is_void_row(const Fold *fold, uint32_t row)
{
    return fold->void_rows && (fold->void_rows[row / 64] >> row % 64 & 1);
}

static bool is_void_entry(const Fold *fold, const EventPart *part, uint32_t i)
{
    return fold->void_rows && is_void_row(fold, part->rows[i]) &&
           event_part_void(fold->name, part, i);
}

static void voids_find(Fold *fold)
{
    if (fold->name->reset_count == 0) return;
    fold->void_rows = g_new0(uint64_t, fold->rows / 64 + 1);
    for (uint32_t i = 0; i < fold->name->reset_count; i++) {
        uint32_t row = fold->name->resets[i].row;
        fold->void_rows[row / 64] |= UINT64_C(1) << row % 64;
    }
}

/* Counts the delta by row, then places its entries: by_row keeps order of arrival in each row. */
static void delta_count(Fold *fold)
{
    const EventName *name = fold->name;
    fold->least = UINT64_MAX;
    for (uint32_t p = 0; p < name->part_count; p++) {
        const EventPart *part = &name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            if (is_void_entry(fold, part, i)) continue;
            uint64_t since = since_of(part->ats[i]);
            fold->least = MIN(fold->least, since);
            fold->greatest = MAX(fold->greatest, since);
            fold->delta_ends[part->rows[i]]++;
            fold->delta_count++;
        }
    }
}

static void delta_place(Fold *fold)
{
    uint32_t next = 0;
    for (uint32_t row = 0; row < fold->rows; row++) {
        uint32_t here = fold->delta_ends[row];
        fold->delta_ends[row] = next; /* begins here; ends there once all are placed */
        next += here;
    }
    for (uint32_t p = 0; p < fold->name->part_count; p++) {
        const EventPart *part = &fold->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++)
            if (!is_void_entry(fold, part, i))
                fold->by_row[fold->delta_ends[part->rows[i]]++] = p << REF_BITS | i;
    }
}

static uint32_t delta_begin(const Fold *fold, uint32_t row)
{
    return row == 0 ? 0 : fold->delta_ends[row - 1];
}

/* The order in time. */

static int pair_compare(const void *left, const void *right)
{
    const RunPair *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

static uint32_t sorted_prefix(const Fold *fold, const uint32_t *refs, uint32_t count)
{
    uint32_t prefix = 1;
    while (prefix < count && ref_since(fold, refs[prefix - 1]) <= ref_since(fold, refs[prefix]))
        prefix++;
    return prefix;
}

/* What arrives late stands behind what arrived in time: only that is sorted, then merged from the
 * end. Equal instants stay in order of arrival. */
static void bucket_sort(const Fold *fold, uint32_t *refs, uint32_t count, GArray *scratch)
{
    uint32_t prefix = count < 2 ? count : sorted_prefix(fold, refs, count), late = count - prefix;
    if (late == 0) return;
    g_array_set_size(scratch, late * 2);
    RunPair *pairs = (RunPair *)(void *)scratch->data;
    for (uint32_t i = 0; i < late; i++)
        pairs[i] = (RunPair){.key = ref_since(fold, refs[prefix + i]), .value = refs[prefix + i]};
    if (late < 4096)
        qsort(pairs, late, sizeof *pairs, pair_compare);
    else
        run_sort(pairs, pairs + late, late);
    for (uint32_t at = count; late > 0;) {
        bool take_late = prefix == 0 || ref_since(fold, refs[prefix - 1]) <= pairs[late - 1].key;
        refs[--at] = take_late ? (uint32_t)pairs[--late].value : refs[--prefix];
    }
}

static unsigned bucket_shift(const Fold *fold)
{
    unsigned shift = 0;
    while ((fold->greatest - fold->least) >> shift >= TIME_BUCKETS)
        shift++;
    return shift;
}

static void delta_sort_by_time(Fold *fold)
{
    unsigned shift = bucket_shift(fold);
    g_autofree uint32_t *ends = g_new0(uint32_t, TIME_BUCKETS + 1);
    for (uint32_t p = 0; p < fold->name->part_count; p++) {
        const EventPart *part = &fold->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++)
            if (!is_void_entry(fold, part, i))
                ends[((since_of(part->ats[i]) - fold->least) >> shift) + 1]++;
    }
    for (uint32_t b = 1; b <= TIME_BUCKETS; b++)
        ends[b] += ends[b - 1];
    for (uint32_t p = 0; p < fold->name->part_count; p++) {
        const EventPart *part = &fold->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            if (is_void_entry(fold, part, i)) continue;
            uint64_t bucket = (since_of(part->ats[i]) - fold->least) >> shift;
            fold->by_time[ends[bucket]++] = p << REF_BITS | i;
        }
    }
    g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(RunPair));
    for (uint32_t b = 0, from = 0; b < TIME_BUCKETS; from = ends[b++])
        bucket_sort(fold, fold->by_time + from, ends[b] - from, scratch);
}

/* The grouped layout. */

typedef struct Source {
    int64_t at, id;
    uint32_t ref; /* of the delta, or a position of the base */
    bool of_delta;
} Source;

/* What one thread writes with. */
typedef struct Writer {
    const Fold *fold;
    EventBase *out;
    GArray *sources;                   /* of Source: one row */
    uint32_t at;                       /* next position */
    uint32_t pending_from, pending_to; /* of the base: to be copied before anything else */
} Writer;

static int64_t source_cell(const Fold *fold, const Source *source, unsigned property)
{
    if (!source->of_delta) return event_cell(&fold->base->grouped[property], source->ref);
    return part_of(fold, source->ref)->cells[property][source->ref & REF_MASK];
}

static void cell_put(const EventColumn *column, uint32_t at, int64_t cell)
{
    if (column->codes)
        event_image_array(column->codes)[at] = event_cell_code(cell);
    else
        event_image_array(column->cells)[at] = cell;
}

static int source_compare(const void *left, const void *right)
{
    const Source *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static void sources_sort(GArray *sources)
{
    const Source *all = (const Source *)(void *)sources->data;
    for (guint i = 1; i < sources->len; i++) {
        if (source_compare(&all[i - 1], &all[i]) <= 0) continue;
        g_array_sort(sources, source_compare);
        return;
    }
}

/* Entries of one row lie far apart in the delta: what will be read soon is fetched ahead. */
static void sources_prefetch(const Fold *fold, uint32_t i)
{
    if (i >= fold->delta_count) return;
    uint32_t ref = fold->by_row[i], at = ref & REF_MASK;
    const EventPart *part = part_of(fold, ref);
    __builtin_prefetch(&part->ats[at]);
    __builtin_prefetch(&part->ids[at]);
    if (fold->name->property_count > 0) __builtin_prefetch(&part->cells[0][at]);
}

/* Base first, so that a row whose new entries are the newest is in order already. */
static void sources_collect(const Writer *writer, uint32_t row, uint32_t from, uint32_t to)
{
    const Fold *fold = writer->fold;
    g_array_set_size(writer->sources, 0);
    for (uint32_t i = from; i < to; i++) {
        Source source = {event_base_at(fold->base, i), fold->base->ids[i], i, false};
        g_array_append_val(writer->sources, source);
    }
    for (uint32_t i = delta_begin(fold, row); i < fold->delta_ends[row]; i++) {
        uint32_t ref = fold->by_row[i];
        const EventPart *part = part_of(fold, ref);
        sources_prefetch(fold, i + PREFETCH);
        Source source = {part->ats[ref & REF_MASK], part->ids[ref & REF_MASK], ref, true};
        g_array_append_val(writer->sources, source);
    }
    sources_sort(writer->sources);
}

static void sources_write(Writer *writer)
{
    const EventBase *out = writer->out;
    const Source *all = (const Source *)(void *)writer->sources->data;
    uint32_t count = writer->sources->len, at = writer->at;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t since = since_of(all[i].at);
        event_image_array(out->ticks)[at + i] = (uint32_t)(since >> 16);
        event_image_array(out->fines)[at + i] = (uint16_t)since;
        event_image_array(out->ids)[at + i] = all[i].id;
    }
    for (unsigned p = 0; p < writer->fold->name->property_count; p++)
        for (uint32_t i = 0; i < count; i++)
            cell_put(&out->grouped[p], at + i, source_cell(writer->fold, &all[i], p));
    writer->at += count;
}

#define COPY(name)                                                                                 \
    memcpy(event_image_array(writer->out->name) + writer->at, fold->base->name + from,             \
           count * sizeof *fold->base->name)

/* Copies a stretch of the base that nothing changes. */
static void base_copy(Writer *writer, uint32_t from, uint32_t to)
{
    const Fold *fold = writer->fold;
    size_t count = to - from;
    if (count == 0) return;
    COPY(ticks);
    COPY(fines);
    COPY(ids);
    for (unsigned p = 0; p < fold->name->property_count; p++) {
        if (writer->out->grouped[p].codes)
            COPY(grouped[p].codes);
        else if (fold->base->grouped[p].cells)
            COPY(grouped[p].cells);
        else
            for (uint32_t i = 0; i < count; i++)
                cell_put(&writer->out->grouped[p], writer->at + i,
                         event_cell(&fold->base->grouped[p], from + i));
    }
    writer->at += (uint32_t)count;
}

/* The base range of a row, walking along rising rows. */
static void base_step(const EventBase *base, uint32_t row, uint32_t *group, uint32_t range[2])
{
    while (*group < base->groups && event_base_row(base, *group) < row)
        ++*group;
    bool here = *group < base->groups && event_base_row(base, *group) == row;
    range[0] = here ? base->offsets[*group] : 0;
    range[1] = here ? base->offsets[*group + 1] : 0;
}

/* What a row has, and where. */
typedef struct RowState {
    uint32_t row, from, to; /* range in the base */
    bool touched;           /* has entries in the delta */
    bool is_void;           /* its base part does not count */
} RowState;

static RowState row_state(const Fold *fold, uint32_t row, uint32_t *group)
{
    RowState state = {.row = row};
    uint32_t range[2];
    base_step(fold->base, row, group, range);
    state.from = range[0];
    state.to = range[1];
    state.touched = delta_begin(fold, row) < fold->delta_ends[row];
    state.is_void = is_void_row(fold, row);
    return state;
}

static uint32_t row_length(const Fold *fold, const RowState *state)
{
    uint32_t length = fold->delta_ends[state->row] - delta_begin(fold, state->row);
    return state->is_void ? length : length + state->to - state->from;
}

static void pending_flush(Writer *writer)
{
    base_copy(writer, writer->pending_from, writer->pending_to);
    writer->pending_from = writer->pending_to = 0;
}

/* Rows that nothing changes are copied together with their neighbours. */
static void row_write(Writer *writer, const RowState *state)
{
    if (!state->touched && !state->is_void) {
        if (state->from != writer->pending_to) {
            pending_flush(writer);
            writer->pending_from = state->from;
        }
        writer->pending_to = state->to;
        return;
    }
    pending_flush(writer);
    sources_collect(writer, state->row, state->from, state->is_void ? state->from : state->to);
    sources_write(writer);
}

static void grouped_write(Fold *fold)
{
    Writer writer = {.fold = fold, .out = &fold->image->base};
    uint32_t *offsets = event_image_array(writer.out->offsets);
    uint32_t *group_rows = event_image_array(writer.out->group_rows);
    writer.sources = g_array_new(FALSE, FALSE, sizeof(Source));
    uint32_t group = 0, new_group = 0, next = 0;
    for (uint32_t row = 0; row < fold->rows; row++) {
        RowState state = row_state(fold, row, &group);
        uint32_t length = row_length(fold, &state);
        if (length == 0 && group_rows) continue;
        offsets[new_group] = next;
        if (group_rows) group_rows[new_group] = row;
        new_group++;
        next += length;
        if (length > 0) row_write(&writer, &state);
    }
    pending_flush(&writer);
    offsets[new_group] = next;
    g_assert(new_group == writer.out->groups && writer.at == next && next == writer.out->count);
    g_array_unref(writer.sources);
}

/* The arrival layout. */

typedef struct Arrival {
    const Fold *fold;
    const EventImage *from;
    EventImage *to;
    uint32_t block; /* of `from`, where `next` lies */
    uint32_t next;  /* position in `from` */
    uint32_t at;    /* position in `to` */
    uint32_t highs; /* blocks of `to` begun */
} Arrival;

/* The instant of the next one of the base that counts; UINT64_MAX: no more. */
static uint64_t arrival_peek(Arrival *arrival)
{
    const EventBase *base = arrival->fold->base;
    while (arrival->next < base->count &&
           is_void_row(arrival->fold, base->arrival_rows[arrival->next]))
        arrival->next++;
    if (arrival->next == base->count) return UINT64_MAX;
    while (arrival->from->starts[arrival->block + 1] <= arrival->next)
        arrival->block++;
    uint64_t high = arrival->from->head->high_first + arrival->block;
    return high << 32 | base->arrival_lows[arrival->next];
}

static void arrival_put(Arrival *arrival, uint64_t since, uint32_t row)
{
    uint32_t block = (uint32_t)(since >> 32) - arrival->to->head->high_first;
    while (arrival->highs <= block)
        event_image_array(arrival->to->starts)[arrival->highs++] = arrival->at;
    event_image_array(arrival->to->base.arrival_rows)[arrival->at] = row;
    event_image_array(arrival->to->base.arrival_lows)[arrival->at] = (uint32_t)since;
}

static void arrival_take_base(Arrival *arrival, uint64_t since)
{
    const EventBase *base = arrival->fold->base;
    arrival_put(arrival, since, base->arrival_rows[arrival->next]);
    for (unsigned p = 0; p < arrival->fold->name->property_count; p++)
        cell_put(&arrival->to->base.arrival[p], arrival->at,
                 event_cell(&base->arrival[p], arrival->next));
    arrival->next++;
    arrival->at++;
}

static void arrival_take_delta(Arrival *arrival, uint64_t since, uint32_t ref)
{
    const EventPart *part = part_of(arrival->fold, ref);
    arrival_put(arrival, since, part->rows[ref & REF_MASK]);
    for (unsigned p = 0; p < arrival->fold->name->property_count; p++)
        cell_put(&arrival->to->base.arrival[p], arrival->at, part->cells[p][ref & REF_MASK]);
    arrival->at++;
}

static void arrival_write(Fold *fold)
{
    Arrival arrival = {.fold = fold, .from = (const EventImage *)fold->base, .to = fold->image};
    uint64_t base_since = arrival_peek(&arrival);
    for (uint32_t i = 0; i < fold->delta_count; i++) {
        uint64_t since = ref_since(fold, fold->by_time[i]);
        for (; base_since <= since; base_since = arrival_peek(&arrival))
            arrival_take_base(&arrival, base_since);
        arrival_take_delta(&arrival, since, fold->by_time[i]);
    }
    for (; base_since != UINT64_MAX; base_since = arrival_peek(&arrival))
        arrival_take_base(&arrival, base_since);
    while (arrival.highs <= fold->image->head->blocks)
        event_image_array(fold->image->starts)[arrival.highs++] = arrival.at;
    g_assert(arrival.at == fold->image->base.count);
}

/* The shape of the result. */

static void groups_count(Fold *fold)
{
    uint32_t group = 0;
    for (uint32_t row = 0; row < fold->rows; row++) {
        RowState state = row_state(fold, row, &group);
        uint32_t length = row_length(fold, &state);
        fold->count += length;
        fold->groups_used += length > 0;
    }
}

/* The span of both in blocks of 2^32 ms; a voided base may leave some empty. */
static void blocks_shape(const Fold *fold, EventImageHead *head)
{
    const EventImageHead *old = ((const EventImage *)fold->base)->head;
    uint32_t first = UINT32_MAX, end = 0;
    if (old->blocks > 0) {
        first = old->high_first;
        end = old->high_first + old->blocks;
    }
    if (fold->delta_count > 0) {
        first = MIN(first, (uint32_t)(fold->least >> 32));
        end = MAX(end, (uint32_t)(fold->greatest >> 32) + 1);
    }
    if (end == 0) return;
    head->high_first = first;
    head->blocks = end - first;
}

static EventImageHead shape(const Fold *fold, uint32_t wide)
{
    EventImageHead head = {.properties = fold->name->property_count};
    head.count = (uint32_t)fold->count;
    head.dense = fold->groups_used > fold->rows / 2;
    head.groups = head.dense ? fold->rows : fold->groups_used;
    head.wide = wide | ((const EventImage *)fold->base)->head->wide;
    blocks_shape(fold, &head);
    return head;
}

uint64_t event_fold_bytes(const EventName *name, uint32_t rows)
{
    uint64_t count = name->base->count;
    for (uint32_t i = 0; i < name->part_count; i++)
        count += name->parts[i].count;
    uint64_t each = 4 + 2 + 8 + 4 + 4 + name->property_count * UINT64_C(16);
    return sizeof(EventImageHead) + count * each + MIN(count * 8, rows * UINT64_C(4) + 4) + 4096;
}

static gpointer arrival_thread(gpointer data)
{
    Fold *fold = data;
    if (fold->delta_count > 0) delta_sort_by_time(fold);
    arrival_write(fold);
    return NULL;
}

static void fold_fill(Fold *fold)
{
    if (fold->count < 100000) {
        arrival_thread(fold);
        grouped_write(fold);
        return;
    }
    GThread *thread = g_thread_new("fold-time", arrival_thread, fold);
    grouped_write(fold);
    g_thread_join(thread);
}

EventImage *event_fold(const EventName *name, uint32_t rows, uint32_t wide)
{
    EventImage *built;
    bool only_delta = name->base->count == 0 && name->reset_count == 0;
    if (only_delta && event_build(name, rows, wide, &built)) return built;
    Fold fold = {.name = name, .base = name->base, .rows = rows};
    fold.delta_ends = g_try_new0(uint32_t, MAX(rows, 1U));
    if (!fold.delta_ends) return NULL;
    voids_find(&fold);
    delta_count(&fold);
    fold.by_row = g_try_new(uint32_t, MAX(fold.delta_count, 1U));
    fold.by_time = g_try_new(uint32_t, MAX(fold.delta_count, 1U));
    if (fold.by_row && fold.by_time) {
        delta_place(&fold);
        groups_count(&fold);
        EventImageHead head = shape(&fold, wide);
        if (fold.count < UINT32_MAX) fold.image = event_image_new(&head);
        if (fold.image) fold_fill(&fold);
    }
    g_free(fold.delta_ends);
    g_free(fold.void_rows);
    g_free(fold.by_row);
    g_free(fold.by_time);
    return fold.image;
}

void event_image_codes(const EventImage *image, unsigned property, uint64_t *used)
{
    const EventColumn *column = &image->base.grouped[property];
    for (uint32_t i = 0; i < image->base.count; i++) {
        int64_t cell = event_cell(column, i);
        uint32_t code = event_cell_code(cell);
        if (event_cell_is_code(cell)) used[code / 64] |= UINT64_C(1) << code % 64;
    }
}
