/* A base from a delta alone: counting by row, then every occurrence goes straight to its place.
 *
 * Two threads take tasks: the arrival layout, and the grouped layout of ranges of rows with about
 * equally many occurrences. What arrived nearly in order of time costs about 20 ns an occurrence
 * and 4 bytes a row beside the result; late ones 32 bytes each. */
#include "columns/event_delta.h"
#include "columns/event_fold.h"
#include "columns/run_sort.h"

#include <string.h>

enum {
    RANGES = 4,
    TASKS = RANGES + 1,
    BLOCK = 256, /* entries whose places are found together */
    SHIFTS_A_ROW =
        64,         /* moves of an insertion sort, for each occurrence, before another is tried */
    LATE_SHARE = 8, /* more than one in that many late: the time is sorted by counting */
    THREAD_MIN = 50000
};

typedef struct Build {
    const EventName *name;
    uint32_t rows;
    uint32_t *ends;           /* rows: counts, then where the next one of a row goes */
    uint32_t count;           /* occurrences */
    uint64_t least, greatest; /* instants, from EVENT_AT_MIN */
    uint32_t bounds[RANGES + 1], begins[RANGES + 1]; /* of ranges: rows, places */
    RunPair *late;                                   /* by (instant, order of arrival) */
    uint32_t late_count;
    EventImage *image;
    gint next; /* atomic: task */
} Build;

static uint64_t since_of(int64_t at) { return (uint64_t)(at - EVENT_AT_MIN); }

static void cell_put(const EventColumn *column, uint32_t at, int64_t cell)
{
    if (column->codes)
        event_image_array(column->codes)[at] = event_cell_code(cell);
    else
        event_image_array(column->cells)[at] = cell;
}

/* ---- counting ---- */

static void part_count(Build *build, const EventPart *part, uint64_t *newest)
{
    uint64_t least = build->least, high = *newest;
    uint32_t late = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        uint64_t since = since_of(part->ats[i]);
        build->ends[part->rows[i]]++;
        least = MIN(least, since);
        late += since < high;
        high = MAX(high, since);
    }
    build->least = least;
    build->count += part->count;
    build->late_count += late;
    *newest = high;
}

static void all_count(Build *build)
{
    build->least = UINT64_MAX;
    for (uint32_t p = 0; p < build->name->part_count; p++)
        part_count(build, &build->name->parts[p], &build->greatest);
}

/* Late ones are those behind a later instant. */
static bool late_find(Build *build)
{
    if (build->late_count > build->count / LATE_SHARE + 64) return false;
    RunPair *pairs = g_try_new(RunPair, MAX(build->late_count, 1U) * (gsize)2);
    uint64_t high = 0;
    uint32_t found = 0;
    if (!pairs) return false;
    for (uint32_t p = 0; p < build->name->part_count && found < build->late_count; p++) {
        const EventPart *part = &build->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint64_t since = since_of(part->ats[i]);
            if (since < high)
                pairs[found++] = (RunPair){since, (uint64_t)p << SEGMENT_BITS_MAX | i};
            high = MAX(high, since);
        }
    }
    run_sort(pairs, pairs + found, found);
    build->late = pairs;
    return true;
}

static uint32_t groups_used(const Build *build)
{
    uint32_t used = 0;
    for (uint32_t row = 0; row < build->rows; row++)
        used += build->ends[row] > 0;
    return used;
}

static EventImageHead shape(const Build *build, uint32_t wide)
{
    uint32_t used = groups_used(build);
    EventImageHead head = {.properties = build->name->property_count, .wide = wide};
    head.count = build->count;
    head.dense = used > build->rows / 2;
    head.groups = head.dense ? build->rows : used;
    head.high_first = (uint32_t)(build->least >> 32);
    head.blocks = (uint32_t)(build->greatest >> 32) + 1 - head.high_first;
    return head;
}

/* Counts become places; ranges of rows get about equally many. */
static void places_find(Build *build)
{
    const EventBase *base = &build->image->base;
    uint32_t *offsets = event_image_array(base->offsets);
    uint32_t *group_rows = event_image_array(base->group_rows);
    uint32_t group = 0, next = 0, range = 0;
    for (uint32_t row = 0; row < build->rows; row++) {
        uint32_t here = build->ends[row];
        for (; next >= (uint64_t)build->count * range / RANGES && range < RANGES; range++) {
            build->bounds[range] = row;
            build->begins[range] = next;
        }
        build->ends[row] = next;
        if (here > 0 || !group_rows) {
            if (group_rows) group_rows[group] = row;
            offsets[group++] = next;
        }
        next += here;
    }
    offsets[group] = next;
    for (; range <= RANGES; range++) {
        build->bounds[range] = build->rows;
        build->begins[range] = next;
    }
    g_assert(group == base->groups && next == build->count);
}

/* ---- the grouped layout ---- */

/* Which entries of a block belong to the range, without a branch that cannot be foreseen. */
static uint32_t block_pick(const Build *build, unsigned range, const uint32_t *rows, uint32_t count,
                           uint16_t picked[BLOCK])
{
    uint32_t first = build->bounds[range], span = build->bounds[range + 1] - first, found = 0;
    for (uint32_t i = 0; i < count; i++) {
        picked[found] = (uint16_t)i;
        found += rows[i] - first < span;
    }
    for (uint32_t k = 0; k < found; k++)
        __builtin_prefetch(&build->ends[rows[picked[k]]], 1);
    return found;
}

static void block_place(const Build *build, unsigned range, const EventPart *part, uint32_t from)
{
    const EventBase *out = &build->image->base;
    uint32_t *ticks = event_image_array(out->ticks);
    uint16_t *fines = event_image_array(out->fines);
    int64_t *ids = event_image_array(out->ids);
    uint16_t picked[BLOCK];
    uint32_t places[BLOCK];
    uint32_t count = MIN(part->count - from, (uint32_t)BLOCK);
    uint32_t found = block_pick(build, range, part->rows + from, count, picked);
    for (uint32_t k = 0; k < found; k++) {
        uint32_t place = places[k] = build->ends[part->rows[from + picked[k]]]++;
        __builtin_prefetch(&ticks[place], 1);
        __builtin_prefetch(&fines[place], 1);
        __builtin_prefetch(&ids[place], 1);
    }
    for (uint32_t k = 0; k < found; k++) {
        uint64_t since = since_of(part->ats[from + picked[k]]);
        ticks[places[k]] = (uint32_t)(since >> 16);
        fines[places[k]] = (uint16_t)since;
        ids[places[k]] = part->ids[from + picked[k]];
    }
    for (unsigned p = 0; p < build->name->property_count; p++)
        for (uint32_t k = 0; k < found; k++)
            cell_put(&out->grouped[p], places[k], part->cells[p][from + picked[k]]);
}

/* One occurrence out of its place. */
typedef struct Moved {
    int64_t at, id;
    int64_t cells[EVENT_PROPERTIES_MAX];
} Moved;

static bool is_before(const EventBase *base, int64_t at, int64_t id, uint32_t place)
{
    int64_t other = event_base_at(base, place);
    return at != other ? at < other : id < base->ids[place];
}

static void moved_take(const Build *build, uint32_t place, Moved *moved)
{
    const EventBase *base = &build->image->base;
    moved->at = event_base_at(base, place);
    moved->id = base->ids[place];
    for (unsigned p = 0; p < build->name->property_count; p++)
        moved->cells[p] = event_cell(&base->grouped[p], place);
}

static void moved_put(const Build *build, uint32_t place, const Moved *moved)
{
    const EventBase *base = &build->image->base;
    uint64_t since = since_of(moved->at);
    event_image_array(base->ticks)[place] = (uint32_t)(since >> 16);
    event_image_array(base->fines)[place] = (uint16_t)since;
    event_image_array(base->ids)[place] = moved->id;
    for (unsigned p = 0; p < build->name->property_count; p++)
        cell_put(&base->grouped[p], place, moved->cells[p]);
}

static int moved_compare(const void *left, const void *right)
{
    const Moved *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* A row in disorder. */
static void row_sort(const Build *build, uint32_t from, uint32_t to)
{
    uint32_t count = to - from;
    g_autofree Moved *all = g_new(Moved, count);
    for (uint32_t i = 0; i < count; i++)
        moved_take(build, from + i, &all[i]);
    qsort(all, count, sizeof *all, moved_compare);
    for (uint32_t i = 0; i < count; i++)
        moved_put(build, from + i, &all[i]);
}

/* Few are late, and not by many places: each moves to where it belongs. */
static void row_mend(const Build *build, uint32_t from, uint32_t to)
{
    const EventBase *base = &build->image->base;
    uint64_t shifts = 0;
    for (uint32_t i = from + 1; i < to; i++) {
        if (!is_before(base, event_base_at(base, i), base->ids[i], i - 1)) continue;
        Moved moved, other;
        uint32_t place = i;
        moved_take(build, i, &moved);
        for (; place > from && is_before(base, moved.at, moved.id, place - 1); place--, shifts++) {
            moved_take(build, place - 1, &other);
            moved_put(build, place, &other);
        }
        moved_put(build, place, &moved);
        if (shifts <= (uint64_t)(to - from) * SHIFTS_A_ROW) continue;
        row_sort(build, from, to);
        return;
    }
}

static void range_write(const Build *build, unsigned range)
{
    for (uint32_t p = 0; p < build->name->part_count; p++)
        for (uint32_t from = 0; from < build->name->parts[p].count; from += BLOCK)
            block_place(build, range, &build->name->parts[p], from);
    uint32_t begin = build->begins[range];
    for (uint32_t row = build->bounds[range]; row < build->bounds[range + 1]; row++) {
        uint32_t end = build->ends[row];
        if (end - begin > 1) row_mend(build, begin, end);
        begin = end;
    }
}

/* ---- the arrival layout ---- */

typedef struct Arrival {
    const Build *build;
    uint32_t at, highs; /* next place; blocks of 2^32 ms begun */
    uint32_t late;      /* of build->late, put already */
} Arrival;

static void arrival_put(Arrival *arrival, const EventPart *part, uint32_t i, uint64_t since)
{
    const EventImage *image = arrival->build->image;
    uint32_t block = (uint32_t)(since >> 32) - image->head->high_first, at = arrival->at++;
    while (arrival->highs <= block)
        event_image_array(image->starts)[arrival->highs++] = at;
    event_image_array(image->base.arrival_rows)[at] = part->rows[i];
    event_image_array(image->base.arrival_lows)[at] = (uint32_t)since;
    for (unsigned p = 0; p < image->head->properties; p++)
        cell_put(&image->base.arrival[p], at, part->cells[p][i]);
}

/* Those late that belong before `since`. Of equal instants those in time came first. */
static void arrival_put_late(Arrival *arrival, uint64_t since)
{
    const Build *build = arrival->build;
    for (; arrival->late < build->late_count && build->late[arrival->late].key < since;
         arrival->late++) {
        uint64_t ref = build->late[arrival->late].value;
        arrival_put(arrival, &build->name->parts[ref >> SEGMENT_BITS_MAX],
                    (uint32_t)(ref & ((1 << SEGMENT_BITS_MAX) - 1)),
                    build->late[arrival->late].key);
    }
}

static void arrival_write(const Build *build)
{
    Arrival arrival = {.build = build};
    uint64_t high = 0;
    for (uint32_t p = 0; p < build->name->part_count; p++) {
        const EventPart *part = &build->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint64_t since = since_of(part->ats[i]);
            if (since < high) continue;
            high = since;
            arrival_put_late(&arrival, since);
            arrival_put(&arrival, part, i, since);
        }
    }
    arrival_put_late(&arrival, UINT64_MAX);
    while (arrival.highs <= build->image->head->blocks)
        event_image_array(build->image->starts)[arrival.highs++] = arrival.at;
    g_assert(arrival.at == build->count);
}

/* ---- all of it ---- */

static gpointer tasks_run(gpointer data)
{
    Build *build = data;
    for (;;) {
        int task = g_atomic_int_add(&build->next, 1);
        if (task >= TASKS) return NULL;
        if (task == 0)
            arrival_write(build);
        else
            range_write(build, (unsigned)task - 1);
    }
}

static void fill(Build *build)
{
    if (build->count < THREAD_MIN) {
        tasks_run(build);
        return;
    }
    GThread *thread = g_thread_new("columns-build", tasks_run, build);
    tasks_run(build);
    g_thread_join(thread);
}

bool event_build(const EventName *name, uint32_t rows, uint32_t wide, EventImage **ret_image)
{
    Build build = {.name = name, .rows = rows};
    *ret_image = NULL;
    build.ends = g_try_new0(uint32_t, MAX(rows, 1U));
    if (!build.ends) return true;
    all_count(&build);
    bool fits = build.count > 0 && build.count < UINT32_MAX && late_find(&build);
    if (fits) {
        EventImageHead head = shape(&build, wide);
        build.image = *ret_image = event_image_new(&head);
    }
    if (build.image) {
        places_find(&build);
        fill(&build);
    }
    g_free(build.ends);
    g_free(build.late);
    return fits;
}
