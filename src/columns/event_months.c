#include "columns/event_months.h"

#include <string.h>

/* A bucket is so many ticks of 65.5 s: 18.6 hours. Most lie in one month. */
enum { BUCKET_SHIFT = 10, BUCKET_MS_SHIFT = BUCKET_SHIFT + 16, MIXED = INT16_MIN };
enum { GROUPS_BLOCK = 1024, PARALLEL_MIN = 1 << 14 };

EventMonthsTable *event_months_table_new(uint32_t size)
{
    g_assert(size <= EVENT_MONTHS_MAX);
    EventMonthsTable *table = g_new0(EventMonthsTable, 1);
    table->size = size;
    table->cells = g_new0(uint32_t, (size_t)size * (size + 1) + 1);
    table->lowest = INT32_MAX;
    table->highest = INT32_MIN;
    return table;
}

void event_months_table_free(EventMonthsTable *table)
{
    g_free(table->cells);
    g_free(table);
}

/* ---- instants to months ---- */

/* The month of each bucket from `low` to `high`; what lies outside is as at the ends. */
typedef struct Lookup {
    const EventMonths *months;
    uint32_t low, high;
    int16_t *buckets;
} Lookup;

static int16_t month_of(const EventMonths *months, int64_t at)
{
    uint32_t low = 0, high = months->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (months->starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return months->months[low];
}

static uint32_t bucket_of(int64_t at)
{
    int64_t within = CLAMP(at, EVENT_AT_MIN, EVENT_AT_MAX) - EVENT_AT_MIN;
    return (uint32_t)(within >> BUCKET_MS_SHIFT);
}

static void lookup_init(Lookup *look, const EventMonths *months)
{
    look->months = months;
    look->low = months->count > 1 ? bucket_of(months->starts[1]) : 0;
    look->high = months->count > 1 ? bucket_of(months->starts[months->count - 1]) + 1 : 0;
    if (look->low > 0) look->low--;
    look->buckets = g_new(int16_t, look->high - look->low + 1);
    uint32_t stretch = 0;
    for (uint32_t bucket = look->low; bucket <= look->high; bucket++) {
        int64_t from = EVENT_AT_MIN + ((int64_t)bucket << BUCKET_MS_SHIFT);
        int64_t to = from + (INT64_C(1) << BUCKET_MS_SHIFT);
        while (stretch + 1 < months->count && months->starts[stretch + 1] <= from)
            stretch++;
        bool mixed = stretch + 1 < months->count && months->starts[stretch + 1] < to;
        look->buckets[bucket - look->low] = mixed ? MIXED : months->months[stretch];
    }
}

static void positions_read(const Lookup *look, const EventBase *base, uint32_t from, uint32_t count,
                           int16_t *restrict ret_months)
{
    const uint32_t *ticks = base->ticks + from;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bucket = ticks[i] >> BUCKET_SHIFT;
        int16_t month = look->buckets[CLAMP(bucket, look->low, look->high) - look->low];
        if (G_UNLIKELY(month == MIXED))
            month = month_of(look->months, event_base_at(base, from + i));
        ret_months[i] = month;
    }
}

/* ---- somebody ---- */

/* Who began before the first month is not counted, but their months are known of. */
static void outsider_add(EventMonthsTable *table, const int16_t *months, uint32_t count)
{
    for (uint32_t i = 0; i < count && months[i] != EVENT_MONTH_NEVER; i++) {
        table->lowest = MIN(table->lowest, months[i]);
        table->highest = MAX(table->highest, months[i]);
    }
}

/* Counts a month when it is later than all so far; without a branch, as nobody can guess it. The
 * column in front takes what lies before the first month. */
static void person_add(EventMonthsTable *table, const int16_t *months, uint32_t count)
{
    int32_t first = months[0], latest = -2, lowest = first;
    if (first < 0 || first == EVENT_MONTH_NEVER) {
        outsider_add(table, months, count);
        return;
    }
    uint32_t *row = table->cells + (uint32_t)first * (table->size + 1) + 1;
    for (uint32_t i = 0; i < count; i++) {
        int32_t month = months[i];
        if (month == EVENT_MONTH_NEVER) break;
        row[month] += month > latest;
        latest = MAX(latest, month);
        lowest = MIN(lowest, month);
    }
    table->lowest = MIN(table->lowest, lowest);
    table->highest = MAX(table->highest, latest);
}

void event_months_person(const EventMonths *months, const int64_t *ats, uint32_t count,
                         EventMonthsTable *table)
{
    if (count == 0) return;
    g_autofree int16_t *own = g_new(int16_t, count);
    for (uint32_t i = 0; i < count; i++)
        own[i] = month_of(months, ats[i]);
    person_add(table, own, count);
}

/* ---- everybody ---- */

typedef struct Run {
    const EventMonthsScan *scan;
    Lookup look;
    EventMonthsTable *lanes[2];
} Run;

static void block_add(const Run *run, uint32_t from, uint32_t to, const int16_t *months,
                      EventMonthsTable *table)
{
    const EventBase *base = run->scan->base;
    const uint64_t *left_out = run->scan->left_out;
    uint32_t at = base->offsets[from];
    for (uint32_t group = from; group < to; group++) {
        uint32_t count = base->offsets[group + 1] - base->offsets[group];
        uint32_t row = event_base_row(base, group);
        if (count == 0 || left_out[row / 64] >> row % 64 & 1) continue;
        person_add(table, months + base->offsets[group] - at, count);
    }
}

static void groups_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    Run *run = data;
    const EventBase *base = run->scan->base;
    g_autofree int16_t *months = NULL;
    uint32_t room = 0;
    for (uint32_t next; from < to; from = next) {
        next = MIN(from + GROUPS_BLOCK, to);
        uint32_t at = base->offsets[from], count = base->offsets[next] - at;
        if (count > room) {
            room = count;
            months = g_renew(int16_t, months, room);
        }
        positions_read(&run->look, base, at, count, months);
        block_add(run, from, next, months, run->lanes[lane]);
    }
}

static void table_join(EventMonthsTable *table, const EventMonthsTable *other)
{
    for (uint32_t i = 0; i < table->size * (table->size + 1); i++)
        table->cells[i] += other->cells[i];
    table->lowest = MIN(table->lowest, other->lowest);
    table->highest = MAX(table->highest, other->highest);
}

void event_months_run(const EventMonthsScan *scan, EventMonthsTable *table)
{
    if (scan->base->count == 0) return;
    g_autoptr(EventMonthsTable) second = event_months_table_new(table->size);
    Run run = {.scan = scan, .lanes = {table, second}};
    EventSplit split = {scan->base->groups, scan->parallel_min ? scan->parallel_min : PARALLEL_MIN,
                        64};
    lookup_init(&run.look, scan->months);
    event_split(&split, groups_work, &run);
    table_join(table, second);
    g_free(run.look.buckets);
}
