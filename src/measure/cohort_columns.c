#include "measure/cohort_columns.h"

#include "base/clock.h"
#include "measure/day.h"

/* Local midnight is at most so far from that of UTC. */
#define OFFSET_MS_MAX (30 * CLOCK_HOUR_MS)

typedef struct Stretches {
    const Zone *zone;
    int32_t first, last, as_of_day;
    GArray *starts, *months;
} Stretches;

static int16_t month_at(const Stretches *all, int64_t at)
{
    int32_t day = view_day_of(all->zone, at);
    if (day > all->as_of_day) return EVENT_MONTH_NEVER;
    int32_t month = day_month(day);
    if (month < all->first) return EVENT_MONTH_BEFORE;
    return month > all->last ? EVENT_MONTH_NEVER : (int16_t)(month - all->first);
}

static void stretch_add(Stretches *all, int64_t start, int16_t month)
{
    g_array_append_val(all->starts, start);
    g_array_append_val(all->months, month);
}

/* Adds the stretch that begins in (from, to], if one does; there is at most one. */
static void edge_find(Stretches *all, int64_t from, int64_t to)
{
    int16_t before = month_at(all, from), after = month_at(all, to);
    if (before == after) return;
    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;
        if (month_at(all, middle) == before)
            from = middle;
        else
            to = middle;
    }
    stretch_add(all, to, after);
}

/* Where the clock is changed within the hour, a month may begin more than once. */
static void hour_search(Stretches *all, int64_t from)
{
    int64_t to = from + CLOCK_HOUR_MS;
    if (zone_offset_ms(all->zone, from) == zone_offset_ms(all->zone, to)) {
        edge_find(all, from, to);
        return;
    }
    for (; from < to; from += CLOCK_MINUTE_MS)
        edge_find(all, from, from + CLOCK_MINUTE_MS);
}

/* Looks around the UTC midnight of a day, from where was looked before on. */
static int64_t day_search(Stretches *all, int32_t day, int64_t searched)
{
    int64_t at = MAX(day * DAY_MS - OFFSET_MS_MAX, searched), end = day * DAY_MS + OFFSET_MS_MAX;
    for (; at < end; at += CLOCK_HOUR_MS)
        hour_search(all, at);
    return at;
}

EventMonths cohort_months(const Zone *zone, const int32_t range[2], int32_t as_of_day,
                          GArray *starts, GArray *months)
{
    Stretches all = {zone, range[0], range[1], as_of_day, starts, months};
    int32_t last_day = as_of_day + 1;
    int64_t searched = INT64_MIN;
    g_array_set_size(starts, 0);
    g_array_set_size(months, 0);
    stretch_add(&all, INT64_MIN, EVENT_MONTH_BEFORE);
    for (int32_t month = all.first; month <= all.last + 1; month++) {
        int32_t day = month_first_day(month);
        if (last_day <= day) searched = day_search(&all, last_day, searched);
        if (last_day <= day) last_day = INT32_MAX;
        searched = day_search(&all, day, searched);
    }
    if (last_day != INT32_MAX) day_search(&all, last_day, searched);
    return (EventMonths){.size = (uint32_t)(all.last - all.first + 1),
                         .count = starts->len,
                         .starts = (const int64_t *)(void *)starts->data,
                         .months = (const int16_t *)(void *)months->data};
}

/* ---- the table ---- */

static EventMonthsTable *months_count(const Bought *bought, const Zone *zone,
                                      const int32_t range[2], int32_t as_of_day)
{
    g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) months = g_array_new(FALSE, FALSE, sizeof(int16_t));
    EventMonths all = cohort_months(zone, range, as_of_day, starts, months);
    return bought_months(bought, &all);
}

/* The last rows end with the last month in which anybody known bought; when it is earlier than was
 * looked at, and there were months before those looked at, it is looked again. */
static EventMonthsTable *months_all(const Bought *bought, const Zone *zone, int32_t as_of_day,
                                    int32_t *ret_first)
{
    int64_t oldest = bought_oldest(bought);
    int32_t last = day_month(as_of_day);
    if (oldest == INT64_MAX) return NULL;
    /* a day earlier: a clock set back may put what is later into the month before */
    int32_t begin = MIN(day_month(view_day_of(zone, oldest) - 1), last);
    for (;;) {
        int32_t range[2] = {MAX(begin, last - COHORT_MONTHS_MAX + 1), last};
        EventMonthsTable *table = months_count(bought, zone, range, as_of_day);
        *ret_first = range[0];
        if (range[0] == begin || range[0] + table->highest == last) return table;
        if (table->highest < table->lowest) return table; /* nobody known bought */
        last = range[0] + table->highest;
        event_months_table_free(table);
    }
}

static void table_fill(CohortTable *table, const EventMonthsTable *counted, uint32_t skipped)
{
    uint32_t count = table->month_count;
    table->buyers = g_new0(uint32_t, (size_t)count * count);
    for (uint32_t r = 0; r < count; r++)
        for (uint32_t k = 0; k < count - r; k++)
            table->buyers[r * count + k] = event_months_cell(counted, skipped + r, skipped + r + k);
}

CohortTable *cohort_table_held(const Bought *bought, const Zone *zone, const ViewMoment *moment)
{
    CohortTable *table = g_new0(CohortTable, 1);
    int32_t first;
    table->complete_month = day_month(moment->day);
    g_autoptr(EventMonthsTable) counted = months_all(bought, zone, moment->day, &first);
    if (!counted || counted->highest < counted->lowest) return table;
    int32_t skipped = MAX(counted->lowest, 0);
    table->first_month = first + skipped;
    table->month_count = (uint32_t)(counted->highest - skipped + 1);
    table_fill(table, counted, (uint32_t)skipped);
    return table;
}
