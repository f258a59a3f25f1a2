#include "segments/kernel.h"

#include <string.h>

/* The ordinary code, a thousand people at a time: what it sorts fits the caches, and both cores
 * work. Rows that stand apart are judged person by person, with all their rows and the delta. */

enum { ROWS_AT_ONCE = 1024, ONES_AT_ONCE = 256, ONES_PARALLEL = 512 };

static Leaf *part_new(const Kernel *kernel, uint32_t size)
{
    Leaf *part = leaf_new(kernel->leaf->node, kernel->leaf->kind, kernel->leaf->amount, size);
    part->range = kernel->leaf->range;
    return part;
}

static PersonSet *part_conclude(const Kernel *kernel, Leaf *part)
{
    LeafJudge judge = {&kernel->evaluation->moment, NULL, kernel->evaluation->gap_days};
    return leaf_conclude(part, &judge);
}

bool kernel_zero(const Kernel *kernel)
{
    Leaf *part = part_new(kernel, 1);
    g_autoptr(PersonSet) set = part_conclude(kernel, part);
    leaf_free(part);
    return set_has(set, 0);
}

/* ---- telling ---- */

/* A fill that belongs to one lane: looking into a number writes to its `where`. */
typedef struct LaneFill {
    const Fill *fill;
    FillWhere *where;
    FillValue *value;
} LaneFill;

static LaneFill *lane_fills_new(const Kernel *kernel)
{
    LaneFill *fills = g_new0(LaneFill, kernel->fill_count + 1);
    for (uint32_t i = 0; i < kernel->fill_count; i++) {
        const Fill *fill = fills[i].fill = &kernel->fills[i];
        if (!fill->name) continue;
        if (fill->where)
            fills[i].where =
                fill_where_new(fill->name, fill->tap->where, &kernel->evaluation->moment);
        if (fill->value) fills[i].value = fill_value_new(fill->name, fill->tap);
    }
    return fills;
}

static void lane_fills_free(LaneFill *fills, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fill_where_free(fills[i].where);
        fill_value_free(fills[i].value);
    }
    g_free(fills);
}

static void hit_tell(const LaneFill *fill, Leaf *part, Occurrence *occurrence, const Place *place)
{
    const Tap *tap = fill->fill->tap;
    if (occurrence->at < tap->range.from || occurrence->at >= tap->range.to) return;
    if (fill->where && !fill_where_holds(fill->where, place)) return;
    occurrence->has_value = fill->value && fill_value_read(fill->value, place, &occurrence->value);
    if (tap->negative) occurrence->value = -occurrence->value;
    occurrence->aside = tap->negative;
    leaf_take(part, tap->step, occurrence);
}

/* ---- a thousand rows ---- */

typedef struct RowsWork {
    const Kernel *kernel;
    const EventApart *apart;
    KernelSet *set;
} RowsWork;

/* The first group whose row is not below `row`. */
static uint32_t group_from(const EventBase *base, uint32_t row)
{
    if (!base->group_rows) return MIN(row, base->groups);
    uint32_t low = 0, high = base->groups;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (base->group_rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void rows_tell(const RowsWork *work, const LaneFill *fill, Leaf *part, uint32_t first)
{
    const EventBase *base = fill->fill->name ? fill->fill->name->base : NULL;
    if (!base) return;
    for (uint32_t group = group_from(base, first); group < base->groups; group++) {
        uint32_t row = event_base_row(base, group);
        if (row >= first + part->size) return;
        if (event_apart_has(work->apart, row)) continue;
        for (uint32_t i = base->offsets[group]; i < base->offsets[group + 1]; i++) {
            Occurrence occurrence = {
                .person = row - first, .at = event_base_at(base, i), .id = base->ids[i]};
            hit_tell(fill, part, &occurrence, &(Place){.columns = base->grouped, .i = i});
        }
    }
}

static void rows_judge(const RowsWork *work, const LaneFill *fills, unsigned lane,
                       const uint32_t range[2])
{
    const Kernel *kernel = work->kernel;
    Leaf *part = part_new(kernel, range[1] - range[0]);
    for (uint32_t i = 0; i < kernel->fill_count; i++)
        rows_tell(work, &fills[i], part, range[0]);
    g_autoptr(PersonSet) holds = part_conclude(kernel, part);
    for (uint32_t i = 0; i < part->size; i++)
        if (!event_apart_has(work->apart, range[0] + i))
            kernel_set_row(work->set, lane, range[0] + i, set_has(holds, i));
    leaf_free(part);
}

static void rows_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    const RowsWork *work = data;
    LaneFill *fills = lane_fills_new(work->kernel);
    for (; from < to; from += ROWS_AT_ONCE)
        rows_judge(work, fills, lane, (uint32_t[]){from, MIN(to, from + (uint32_t)ROWS_AT_ONCE)});
    lane_fills_free(fills, work->kernel->fill_count);
}

/* ---- one person after another ---- */

void kernel_ones_init(KernelOnes *ones)
{
    ones->persons = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    ones->starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    ones->rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_array_append_val(ones->starts, ones->rows->len);
}

void kernel_ones_clear(KernelOnes *ones)
{
    g_array_unref(ones->persons);
    g_array_unref(ones->starts);
    g_array_unref(ones->rows);
}

void kernel_ones_add(KernelOnes *ones, uint32_t person, const uint32_t *rows, uint32_t count)
{
    g_array_append_val(ones->persons, person);
    g_array_append_vals(ones->rows, rows, count);
    g_array_append_val(ones->starts, ones->rows->len);
}

void kernel_ones_apart(KernelOnes *ones, const Kernel *kernel, const EventApart *apart)
{
    const KernelCrowd *crowd = kernel->crowd;
    for (guint i = 0; i < crowd->persons->len; i++) {
        uint32_t at = g_array_index(crowd->starts, uint32_t, i);
        uint32_t end = g_array_index(crowd->starts, uint32_t, i + 1);
        kernel_ones_add(ones, g_array_index(crowd->persons, uint32_t, i),
                        &g_array_index(crowd->members, uint32_t, at), end - at);
    }
    for (uint32_t word = 0; apart->bits && word <= apart->rows / 64; word++) {
        uint64_t left = apart->bits[word] & ~(crowd->several ? crowd->several[word] : 0);
        for (; left != 0; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            uint32_t person = row < crowd->rows ? kernel->read->index[row] : FEED_NOBODY;
            if (person != FEED_NOBODY) kernel_ones_add(ones, person, &row, 1);
        }
    }
}

static void row_tell(const LaneFill *fill, Leaf *part, uint32_t person, uint32_t row)
{
    const EventName *name = fill->fill->name;
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    if (name) event_row(name, row, hits);
    for (guint i = 0; i < hits->len; i++) {
        const EventHit *hit = &g_array_index(hits, EventHit, i);
        Occurrence occurrence = {.person = person, .at = hit->at, .id = hit->id};
        Place place = {.part = hit->part, .i = hit->position};
        if (!hit->part) place.columns = name->base->grouped;
        hit_tell(fill, part, &occurrence, &place);
    }
}

typedef struct OnesWork {
    const KernelOnes *ones;
    KernelSet *set;
} OnesWork;

static void ones_judge(const OnesWork *work, const LaneFill *fills, unsigned lane,
                       const uint32_t range[2])
{
    const Kernel *kernel = work->set->kernel;
    const KernelOnes *ones = work->ones;
    Leaf *part = part_new(kernel, range[1] - range[0]);
    for (uint32_t i = 0; i < part->size; i++) {
        uint32_t at = g_array_index(ones->starts, uint32_t, range[0] + i);
        uint32_t end = g_array_index(ones->starts, uint32_t, range[0] + i + 1);
        for (; at < end; at++)
            for (uint32_t f = 0; f < kernel->fill_count; f++)
                row_tell(&fills[f], part, i, g_array_index(ones->rows, uint32_t, at));
    }
    g_autoptr(PersonSet) holds = part_conclude(kernel, part);
    for (uint32_t i = 0; i < part->size; i++)
        kernel_set_person(work->set, lane, g_array_index(ones->persons, uint32_t, range[0] + i),
                          set_has(holds, i));
    leaf_free(part);
}

static void ones_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    const OnesWork *work = data;
    LaneFill *fills = lane_fills_new(work->set->kernel);
    for (; from < to; from += ONES_AT_ONCE)
        ones_judge(work, fills, lane, (uint32_t[]){from, MIN(to, from + (uint32_t)ONES_AT_ONCE)});
    lane_fills_free(fills, work->set->kernel->fill_count);
}

static EventSplit split_of(const Kernel *kernel, uint32_t count, uint32_t least)
{
    uint32_t asked = kernel->evaluation->segments->options.limits.parallel_min;
    return (EventSplit){count, asked ? asked : least, 1};
}

EventSplit kernel_ones_split(const KernelOnes *ones, const Kernel *kernel)
{
    return split_of(kernel, ones->persons->len, ONES_PARALLEL);
}

void kernel_ones_judge(const KernelOnes *ones, KernelSet *set)
{
    OnesWork work = {ones, set};
    EventSplit split = kernel_ones_split(ones, set->kernel);
    if (split.count > 0) event_split(&split, ones_work, &work);
}

/* ---- the whole ---- */

bool kernel_rows(const Kernel *kernel)
{
    if (leaf_is_shared(kernel->leaf)) return false;
    g_autofree const EventName **names = g_new0(const EventName *, kernel->fill_count + 1);
    for (uint32_t i = 0; i < kernel->fill_count; i++)
        names[i] = kernel->fills[i].name;
    g_autoptr(EventApart) apart =
        event_apart_new(names, kernel->fill_count, kernel->crowd->several, kernel->read->rows);
    g_auto(KernelSet) set;
    g_auto(KernelOnes) ones;
    kernel_set_init(&set, kernel, kernel_zero(kernel));
    kernel_ones_init(&ones);
    RowsWork work = {kernel, apart, &set};
    EventSplit split = split_of(kernel, kernel->read->rows, 4 * ROWS_AT_ONCE);
    if (split.count > 0) event_split(&split, rows_work, &work);
    kernel_ones_apart(&ones, kernel, apart);
    kernel_ones_judge(&ones, &set);
    kernel_set_end(&set);
    return true;
}
