#include "columns/event_scan.h"

#include <string.h>

enum { PARALLEL_MIN = 1 << 16, ARRIVAL_PERCENT = 20, NARROW_MAX = 254 };

/* ---- both cores ---- */

/* People who came first have mostly done most: shares, not halves. */
enum { SPLIT_SHARES = 16 };

typedef struct Splitting {
    const EventSplit *split;
    EventPartWork *work;
    void *data;
    uint64_t share;
    gint next; /* atomic */
} Splitting;

static void shares_run(Splitting *splitting, unsigned lane)
{
    uint64_t count = splitting->split->count;
    for (;;) {
        uint64_t from = (uint64_t)g_atomic_int_add(&splitting->next, 1) * splitting->share;
        if (from >= count) return;
        uint64_t to = MIN(from + splitting->share, count);
        splitting->work((uint32_t)from, (uint32_t)to, lane, splitting->data);
    }
}

static void *second_lane(void *data)
{
    shares_run(data, 1);
    return NULL;
}

void event_split(const EventSplit *split, EventPartWork *work, void *data)
{
    if (split->count < MAX(split->least, 2)) {
        work(0, split->count, 0, data);
        return;
    }
    uint64_t share = split->count / SPLIT_SHARES / split->step * split->step;
    Splitting splitting = {split, work, data, MAX(share, split->step), 0};
    GThread *thread = g_thread_new("scan", second_lane, &splitting);
    shares_run(&splitting, 0);
    g_thread_join(thread);
}

static uint32_t parallel_min(const EventScanLimits *limits)
{
    return limits->parallel_min ? limits->parallel_min : PARALLEL_MIN;
}

/* ---- rows that stand apart ---- */

static void touched_add(EventApart *apart, const EventName *name)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    event_name_touched(name, rows);
    for (guint i = 0; i < rows->len; i++) {
        uint32_t row = g_array_index(rows, uint32_t, i);
        if (row < apart->rows) apart->bits[row / 64] |= UINT64_C(1) << row % 64;
    }
}

EventApart *event_apart_new(const EventName *const *names, uint32_t count, const uint64_t *several,
                            uint32_t rows)
{
    EventApart *apart = g_new0(EventApart, 1);
    bool any = several != NULL;
    apart->rows = rows;
    for (uint32_t i = 0; i < count; i++)
        any = any || (names[i] && (names[i]->part_count > 0 || names[i]->reset_count > 0));
    if (!any) return apart;
    size_t words = (size_t)rows / 64 + 1;
    apart->bits = g_new0(uint64_t, words);
    apart->before = g_new(uint32_t, words);
    if (several) memcpy(apart->bits, several, ((size_t)rows + 63) / 64 * sizeof *several);
    for (uint32_t i = 0; i < count; i++)
        if (names[i]) touched_add(apart, names[i]);
    for (size_t word = 0; word < words; word++) {
        apart->before[word] = apart->count;
        apart->count += (uint32_t)__builtin_popcountll(apart->bits[word]);
    }
    apart->counts = g_new(uint32_t, apart->count + 1);
    apart->values = g_new(int64_t, apart->count + 1);
    return apart;
}

void event_apart_free(EventApart *apart)
{
    if (!apart) return;
    g_free(apart->bits);
    g_free(apart->before);
    g_free(apart->counts);
    g_free(apart->values);
    g_free(apart);
}

/* ---- one scan under way ---- */

/* What one lane adds to, by row: of the order of time. */
typedef struct Field {
    uint8_t *narrow;  /* counts that stay at 255; or */
    uint32_t *counts; /* exact ones */
    int64_t *values;
} Field;

typedef struct Scan {
    EventScan *asked;
    EventApart *apart;
    EventSink *sink;
    void *data;
    const EventBase *base;
    bool timed; /* instants have to be looked at */
    Field fields[2];
    unsigned field_count;
    uint32_t first;   /* of the positions in order of time */
    uint64_t bits[2]; /* of magnitudes, by lane */
} Scan;

/* What is known of some occurrences that stand behind each other. */
typedef struct Chunk {
    uint8_t mask[EVENT_CHUNK];
    int64_t values[EVENT_CHUNK];
    uint32_t counts_before[EVENT_CHUNK + 1]; /* added up to here, as the next */
    int64_t values_before[EVENT_CHUNK + 1];
} Chunk;

static bool better(EventKeep keep, int64_t value, int64_t than)
{
    bool least = keep == EVENT_KEEP_LEAST || keep == EVENT_KEEP_FIRST;
    return least ? value < than : value > than;
}

static bool keeps_instant(EventKeep keep)
{
    return keep == EVENT_KEEP_FIRST || keep == EVENT_KEEP_LAST;
}

static bool keeps_bound(EventKeep keep)
{
    return keep != EVENT_KEEP_COUNT && keep != EVENT_KEEP_SUM;
}

/* One more of a row: `total` is what it has so far. */
static void total_add(EventKeep keep, uint32_t *count, int64_t *total, int64_t value)
{
    if (keep == EVENT_KEEP_SUM)
        *total = (int64_t)((uint64_t)*total + (uint64_t)value);
    else if (*count == 0 || better(keep, value, *total))
        *total = value;
    ++*count;
}

/* ---- telling ---- */

/* Takes the rows apart out of a block and tells the sink. */
static void block_tell(const Scan *scan, unsigned lane, EventTotals *totals)
{
    EventApart *apart = scan->apart;
    memset(totals->apart, 0, sizeof totals->apart);
    for (uint32_t i = 0; apart->bits && i < totals->count; i++) {
        uint32_t row = event_totals_row(totals, i);
        if (!totals->rows && i % 64 == 0 && apart->bits[row / 64] == 0) {
            i += 63;
            continue;
        }
        if (!event_apart_has(apart, row)) continue;
        totals->apart[i / 64] |= UINT64_C(1) << i % 64;
        if (event_base_void(scan->asked->name, row)) continue;
        uint32_t ordinal = event_apart_ordinal(apart, row);
        apart->counts[ordinal] = totals->counts[i];
        apart->values[ordinal] = totals->values[i];
    }
    scan->sink(scan->data, lane, totals);
}

/* ---- grouped ---- */

EVENT_HOT static void range_mask(uint8_t *restrict mask, const uint32_t *restrict ticks,
                                 const uint16_t *restrict fines, uint32_t count,
                                 const uint64_t range[2])
{
    uint64_t from = range[0], length = range[1];
    for (uint32_t i = 0; i < count; i++)
        mask[i] = (((uint64_t)ticks[i] << 16 | fines[i]) - from) < length;
}

/* [from, to) as instants of the base: the first and how many. */
static void range_of(const EventScan *scan, uint64_t ret_range[2])
{
    int64_t from = CLAMP(scan->from, EVENT_AT_MIN, EVENT_AT_MAX + 1);
    int64_t to = CLAMP(scan->to, from, EVENT_AT_MAX + 1);
    ret_range[0] = (uint64_t)(from - EVENT_AT_MIN);
    ret_range[1] = (uint64_t)(to - from);
}

static void chunk_read(Scan *scan, unsigned lane, uint32_t from, uint32_t count, Chunk *chunk)
{
    const EventScan *asked = scan->asked;
    const EventBase *base = scan->base;
    uint64_t range[2];
    range_of(asked, range);
    if (scan->timed)
        range_mask(chunk->mask, base->ticks + from, base->fines + from, count, range);
    else
        memset(chunk->mask, 1, count);
    EventCells cells = {base->grouped, from, count};
    if (asked->pass) event_pass_mask(asked->pass, &cells, chunk->mask);
    if (asked->worth)
        scan->bits[lane] |= event_worth_read(asked->worth, &cells, chunk->mask, chunk->values);
    for (uint32_t i = 0; keeps_instant(asked->keep) && i < count; i++)
        chunk->values[i] = event_base_at(base, from + i);
}

/* What a group adds up to is the difference of what was added up at its ends: no branch for each
 * group, whose lengths nobody can guess. */
static void counts_add_up(Chunk *chunk, uint32_t count)
{
    uint32_t so_far = 0;
    chunk->counts_before[0] = 0;
    for (uint32_t i = 0; i < count; i++)
        chunk->counts_before[i + 1] = so_far += chunk->mask[i];
}

static void values_add_up(Chunk *chunk, uint32_t count)
{
    uint64_t sum = 0;
    chunk->values_before[0] = 0;
    for (uint32_t i = 0; i < count; i++)
        chunk->values_before[i + 1] = (int64_t)(sum += (uint64_t)chunk->values[i]);
}

static void group_bound(const Scan *scan, const Chunk *chunk, const uint32_t within[2],
                        EventTotals *totals, uint32_t slot)
{
    for (uint32_t i = within[0]; i < within[1]; i++)
        if (chunk->mask[i])
            total_add(scan->asked->keep, &totals->counts[slot], &totals->values[slot],
                      chunk->values[i]);
}

/* Groups of which a chunk has all, as offsets from `at` on, which is where it begins. */
EVENT_HOT static void counts_spread(uint32_t *restrict counts, const uint32_t *restrict before,
                                    const uint32_t *restrict offsets, uint32_t count, uint32_t at)
{
    for (uint32_t i = 0; i < count; i++)
        counts[i] += before[offsets[i + 1] - at] - before[offsets[i] - at];
}

EVENT_HOT static void values_spread(int64_t *restrict values, const int64_t *restrict before,
                                    const uint32_t *restrict offsets, uint32_t count, uint32_t at)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = (int64_t)((uint64_t)values[i] + (uint64_t)before[offsets[i + 1] - at] -
                              (uint64_t)before[offsets[i] - at]);
}

/* The first group of [from, to) that ends behind a position, or `to`. */
static uint32_t group_behind(const uint32_t *offsets, uint32_t from, uint32_t to, uint32_t position)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (offsets[middle + 1] <= position)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* The share that a group has of a chunk of positions [at, end), where it may go on on both sides.
 */
static void group_spread(const Scan *scan, const Chunk *chunk, const uint32_t chunk_at[2],
                         uint32_t group, EventTotals *totals)
{
    const uint32_t *offsets = scan->base->offsets;
    uint32_t from = MAX(offsets[group], chunk_at[0]) - chunk_at[0];
    uint32_t to = MIN(offsets[group + 1], chunk_at[1]) - chunk_at[0], slot = group - totals->first;
    if (keeps_bound(scan->asked->keep)) {
        group_bound(scan, chunk, (uint32_t[]){from, to}, totals, slot);
        return;
    }
    if (!scan->asked->uncounted)
        totals->counts[slot] += chunk->counts_before[to] - chunk->counts_before[from];
    if (scan->asked->keep == EVENT_KEEP_SUM)
        totals->values[slot] =
            (int64_t)((uint64_t)totals->values[slot] + (uint64_t)chunk->values_before[to] -
                      (uint64_t)chunk->values_before[from]);
}

/* Adds what groups from `group` on have in a chunk; returns the group that goes on behind it. */
static uint32_t chunk_spread(const Scan *scan, const Chunk *chunk, const uint32_t chunk_at[2],
                             uint32_t group, EventTotals *totals)
{
    const uint32_t *offsets = scan->base->offsets;
    uint32_t last = totals->first + totals->count, at = chunk_at[0];
    uint32_t end = group_behind(offsets, group, last, chunk_at[1]);
    group_spread(scan, chunk, chunk_at, group, totals);
    if (end > group + 1) {
        uint32_t first = group + 1, count = end - first, slot = first - totals->first;
        bool bounds = keeps_bound(scan->asked->keep);
        for (uint32_t i = first; bounds && i < end; i++)
            group_spread(scan, chunk, chunk_at, i, totals);
        if (!bounds && !scan->asked->uncounted)
            counts_spread(totals->counts + slot, chunk->counts_before, offsets + first, count, at);
        if (scan->asked->keep == EVENT_KEEP_SUM)
            values_spread(totals->values + slot, chunk->values_before, offsets + first, count, at);
    }
    if (end < last && end > group) group_spread(scan, chunk, chunk_at, end, totals);
    return end;
}

static void block_scan(Scan *scan, unsigned lane, Chunk *chunk, EventTotals *totals)
{
    const uint32_t *offsets = scan->base->offsets;
    uint32_t group = totals->first, end = offsets[totals->first + totals->count];
    memset(totals->counts, 0, totals->count * sizeof *totals->counts);
    memset(totals->values, 0, totals->count * sizeof *totals->values);
    for (uint32_t at = offsets[group]; at < end;) {
        uint32_t count = MIN(end - at, (uint32_t)EVENT_CHUNK);
        chunk_read(scan, lane, at, count, chunk);
        if (!keeps_bound(scan->asked->keep) && !scan->asked->uncounted) counts_add_up(chunk, count);
        if (scan->asked->keep == EVENT_KEEP_SUM) values_add_up(chunk, count);
        group = chunk_spread(scan, chunk, (uint32_t[]){at, at + count}, group, totals);
        at += count;
    }
}

/* All that ever happened is counted by where groups end. */
static void block_lengths(const Scan *scan, EventTotals *totals)
{
    const uint32_t *offsets = scan->base->offsets + totals->first;
    for (uint32_t i = 0; i < totals->count; i++)
        totals->counts[i] = offsets[i + 1] - offsets[i];
}

/* The first position of [from, to) whose instant is not before `at`. */
static uint32_t group_find(const EventBase *base, uint32_t from, uint32_t to, int64_t at)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (event_base_at(base, middle) < at)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* A group is in order: its first and last in the range stand where the range begins and ends. */
static void block_ends(const Scan *scan, EventTotals *totals)
{
    const EventBase *base = scan->base;
    bool first = scan->asked->keep == EVENT_KEEP_FIRST;
    for (uint32_t i = 0; i < totals->count; i++) {
        uint32_t from = base->offsets[totals->first + i], to = base->offsets[totals->first + i + 1];
        if (scan->timed && from < to) {
            from = group_find(base, from, to, scan->asked->from);
            to = group_find(base, from, to, scan->asked->to);
        }
        totals->counts[i] = to - from;
        totals->values[i] = from < to ? event_base_at(base, first ? from : to - 1) : 0;
    }
}

static void grouped_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    Scan *scan = data;
    const EventScan *asked = scan->asked;
    g_autofree EventTotals *totals = g_new(EventTotals, 1);
    g_autofree Chunk *chunk = g_new(Chunk, 1);
    totals->rows = scan->base->group_rows;
    for (; from < to; from += EVENT_SCAN_BLOCK) {
        totals->first = from;
        totals->count = MIN(to - from, (uint32_t)EVENT_SCAN_BLOCK);
        if (asked->keep == EVENT_KEEP_COUNT && !asked->pass && !scan->timed)
            block_lengths(scan, totals);
        else if (keeps_instant(asked->keep) && !asked->pass)
            block_ends(scan, totals);
        else
            block_scan(scan, lane, chunk, totals);
        block_tell(scan, lane, totals);
    }
}

/* ---- in order of time ---- */

static void narrow_add(uint8_t *counts, const uint32_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *one = &counts[rows[i]];
        *one = (uint8_t)(*one + (*one != UINT8_MAX));
    }
}

static void field_add(const Scan *scan, const Field *field, uint32_t row, int64_t value)
{
    if (field->narrow)
        field->narrow[row] = (uint8_t)(field->narrow[row] + (field->narrow[row] != UINT8_MAX));
    else if (!field->values)
        field->counts[row]++;
    else
        total_add(scan->asked->keep, &field->counts[row], &field->values[row], value);
}

static void masked_add(const Scan *scan, const Field *field, const uint32_t *rows, uint32_t count,
                       const Chunk *chunk)
{
    for (uint32_t i = 0; i < count; i += 8) {
        uint64_t eight = 0;
        memcpy(&eight, chunk->mask + i, MIN(count - i, 8U));
        for (uint32_t k = 0; eight != 0 && k < 8; k++, eight >>= 8)
            if (eight & 1) field_add(scan, field, rows[i + k], chunk->values[i + k]);
    }
}

static void arrival_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    Scan *scan = data;
    const EventScan *asked = scan->asked;
    const EventBase *base = scan->base;
    const Field *field = &scan->fields[lane];
    g_autofree Chunk *chunk = g_new(Chunk, 1);
    memset(chunk->values, 0, sizeof chunk->values);
    for (uint32_t at = scan->first + from; at < scan->first + to; at += EVENT_CHUNK) {
        uint32_t count = MIN(scan->first + to - at, (uint32_t)EVENT_CHUNK);
        if (field->narrow && !asked->pass) {
            narrow_add(field->narrow, base->arrival_rows + at, count);
            continue;
        }
        memset(chunk->mask, 1, count);
        EventCells cells = {base->arrival, at, count};
        if (asked->pass) event_pass_mask(asked->pass, &cells, chunk->mask);
        if (asked->worth)
            scan->bits[lane] |= event_worth_read(asked->worth, &cells, chunk->mask, chunk->values);
        masked_add(scan, field, base->arrival_rows + at, count, chunk);
    }
}

EVENT_HOT static void widen(uint32_t *restrict counts, const uint8_t *restrict narrow,
                            uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        counts[i] += narrow[i];
}

/* Adds what a lane has of the block's rows. */
static void field_join(const Scan *scan, const Field *field, EventTotals *totals)
{
    EventKeep keep = scan->asked->keep;
    if (field->narrow) {
        widen(totals->counts, field->narrow + totals->first, totals->count);
        return;
    }
    for (uint32_t i = 0; i < totals->count; i++) {
        uint32_t count = field->counts[totals->first + i];
        if (count == 0) continue;
        if (field->values)
            total_add(keep, &totals->counts[i], &totals->values[i],
                      field->values[totals->first + i]);
        totals->counts[i] += field->values ? count - 1 : count;
    }
}

static void fields_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    const Scan *scan = data;
    g_autofree EventTotals *totals = g_new(EventTotals, 1);
    totals->rows = NULL;
    for (; from < to; from += EVENT_SCAN_BLOCK) {
        totals->first = from;
        totals->count = MIN(to - from, (uint32_t)EVENT_SCAN_BLOCK);
        memset(totals->counts, 0, totals->count * sizeof *totals->counts);
        if (scan->asked->keep != EVENT_KEEP_COUNT)
            memset(totals->values, 0, totals->count * sizeof *totals->values);
        for (unsigned i = 0; i < scan->field_count; i++)
            field_join(scan, &scan->fields[i], totals);
        block_tell(scan, lane, totals);
    }
}

static void fields_make(Scan *scan)
{
    const EventScan *asked = scan->asked;
    bool narrow =
        asked->keep == EVENT_KEEP_COUNT && asked->count_max > 0 && asked->count_max <= NARROW_MAX;
    for (unsigned i = 0; i < scan->field_count; i++) {
        Field *field = &scan->fields[i];
        if (narrow)
            field->narrow = g_new0(uint8_t, (size_t)asked->rows + 1);
        else
            field->counts = g_new0(uint32_t, (size_t)asked->rows + 1);
        if (asked->keep != EVENT_KEEP_COUNT)
            field->values = g_new0(int64_t, (size_t)asked->rows + 1);
    }
}

static void arrival_run(Scan *scan, uint32_t first, uint32_t end)
{
    uint32_t least = parallel_min(&scan->asked->limits);
    EventSplit split = {end - first, least, 1}, rows = {scan->asked->rows, least, 64};
    scan->first = first;
    scan->field_count = split.count >= MAX(least, 2) ? 2 : 1;
    fields_make(scan);
    event_split(&split, arrival_work, scan);
    event_split(&rows, fields_work, scan);
    for (unsigned i = 0; i < scan->field_count; i++) {
        g_free(scan->fields[i].narrow);
        g_free(scan->fields[i].counts);
        g_free(scan->fields[i].values);
    }
}

/* ---- the delta ---- */

static void entry_add(Scan *scan, const EventPart *part, uint32_t i)
{
    const EventScan *asked = scan->asked;
    EventApart *apart = scan->apart;
    uint32_t row = part->rows[i];
    int64_t value = part->ats[i];
    if (value < asked->from || value >= asked->to || row >= asked->rows) return;
    if (event_part_void(asked->name, part, i)) return;
    if (asked->pass && !event_pass_part(asked->pass, part, i)) return;
    if (asked->worth &&
        !event_worth_cell(asked->worth, part->cells[asked->worth->property][i], &value))
        return;
    if (asked->worth) scan->bits[0] |= (uint64_t)(value ^ (value >> 63));
    uint32_t ordinal = event_apart_ordinal(apart, row);
    total_add(asked->keep, &apart->counts[ordinal], &apart->values[ordinal], value);
}

/* ---- the whole ---- */

uint32_t event_base_within(const EventBase *base, int64_t from, int64_t to)
{
    if (!base || from >= to) return 0;
    return event_arrival_find(base, to) - event_arrival_find(base, from);
}

static bool by_arrival(const EventScan *asked, uint32_t within, uint32_t count)
{
    int32_t percent = asked->limits.arrival_percent;
    if (keeps_instant(asked->keep) || percent < 0) return false;
    uint64_t most = (uint64_t)count * (uint64_t)(percent ? percent : ARRIVAL_PERCENT);
    return (uint64_t)within * 100 <= most;
}

static void base_run(Scan *scan)
{
    EventScan *asked = scan->asked;
    const EventBase *base = scan->base;
    uint32_t within = event_base_within(base, asked->from, asked->to);
    if (within == 0) return;
    scan->timed = within < base->count;
    if (by_arrival(asked, within, base->count)) {
        uint32_t first = event_arrival_find(base, asked->from);
        arrival_run(scan, first, first + within);
        return;
    }
    EventSplit split = {base->groups, parallel_min(&asked->limits), 64};
    event_split(&split, grouped_work, scan);
}

static uint32_t bits_of(uint64_t number)
{
    return number ? 64 - (uint32_t)__builtin_clzll(number) : 0;
}

void event_scan_run(EventScan *scan, EventApart *apart, EventSink *sink, void *data)
{
    Scan own = {scan, apart, sink, data, .base = scan->name->base};
    uint64_t count = own.base ? own.base->count : 0;
    if (apart->bits) {
        memset(apart->counts, 0, apart->count * sizeof *apart->counts);
        memset(apart->values, 0, apart->count * sizeof *apart->values);
    }
    if (own.base) base_run(&own);
    for (uint32_t p = 0; p < scan->name->part_count; p++) {
        const EventPart *part = &scan->name->parts[p];
        count += part->count;
        for (uint32_t i = 0; i < part->count; i++)
            entry_add(&own, part, i);
    }
    scan->ret_fits = bits_of(own.bits[0] | own.bits[1]) + bits_of(count) <= 61;
}
