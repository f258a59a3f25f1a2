/* columns/event_months.h: in which months everybody has occurrences of a name, counted in one pass.
 *
 * Somebody belongs to the month of their first occurrence; counted is, for each two months, how
 * many of those who began in the one have any in the other. What a month is, the owner says: a list
 * of stretches of time. Instants are looked up by the high bits of their ticks, so that only the
 * few beside an edge are compared with it. Pure but for its threads, which end with the call.
 *
 *     EventMonths months = {.size = 2, .count = 3, .starts = starts, .months = month_of};
 *     g_autoptr(EventMonthsTable) table = event_months_table_new(months.size);
 *     EventMonthsScan scan = {&months, name->base, left_out, 0};
 *     event_months_run(&scan, table);
 *     each row left out: event_months_person(&months, ats, count, table)
 *     event_months_cell(table, 0, 1)   // began in month 0 and have any in month 1
 */
#pragma once
#include "columns/event_scan.h"

enum {
    EVENT_MONTHS_MAX = 240,
    EVENT_MONTH_BEFORE = -1,      /* before the first month */
    EVENT_MONTH_NEVER = INT16_MAX /* from here on nothing of the row is looked at */
};

/* Stretches of time, each of one month: a month may come twice, as a clock that is set back at
 * midnight makes it. */
typedef struct EventMonths {
    uint32_t size;         /* months, up to EVENT_MONTHS_MAX */
    uint32_t count;        /* stretches, at least one */
    const int64_t *starts; /* UTC ms, rising; the first also means all before it */
    const int16_t *months; /* of each: 0 to size - 1, EVENT_MONTH_BEFORE or EVENT_MONTH_NEVER */
} EventMonths;

typedef struct EventMonthsTable {
    uint32_t size;
    uint32_t *cells;         /* [size * (size + 1)]: event_months_cell */
    int32_t lowest, highest; /* month that anybody has, EVENT_MONTH_BEFORE included; highest <
                                lowest: nobody has any */
} EventMonthsTable;

EventMonthsTable *event_months_table_new(uint32_t size);
void event_months_table_free(EventMonthsTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventMonthsTable, event_months_table_free)

/* How many began in month `first` and have any in `month`, which is not before it. */
static inline uint32_t event_months_cell(const EventMonthsTable *table, uint32_t first,
                                         uint32_t month)
{
    return table->cells[first * (table->size + 1) + month + 1];
}

typedef struct EventMonthsScan {
    const EventMonths *months;
    const EventBase *base;
    const uint64_t *left_out; /* bits of all rows: those not to be counted */
    uint32_t parallel_min;    /* groups worth a second thread; 0: the default */
} EventMonthsScan;

/* Counts every row of the base that is not left out as somebody. O(occurrences). */
void event_months_run(const EventMonthsScan *scan, EventMonthsTable *table);

/* Counts somebody by their instants (rising). */
void event_months_person(const EventMonths *months, const int64_t *ats, uint32_t count,
                         EventMonthsTable *table);
