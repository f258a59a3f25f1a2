/* columns/event_scan.h: the occurrences of one name added up by row, on both cores.
 *
 * A scan counts, adds up or finds the least or greatest of what happened in [from, to), and tells
 * a *sink* the totals of all rows, block by block. It reads the layout that costs less: in order of
 * time only what lies in the range, into a field by row for each core; grouped the whole name, or
 * only the ends of groups, but without a field.
 *
 * Some rows stand *apart*: those the owner names (one of several rows of a person) and those that
 * the delta or a reset touches. The sink sees them marked and leaves them; what they add up to,
 * delta included, stands in EventApart afterwards. So what the sink is told is final, and the delta
 * costs what it holds and no more.
 *
 * Sums wrap around; `fits` of the result says that none can have. Pure but for its threads, which
 * end with the call.
 *
 *     g_autoptr(EventApart) apart = event_apart_new(&name, 1, several, rows);
 *     EventScan scan = {.name = name, .from = a, .to = b, .keep = EVENT_KEEP_COUNT, …};
 *     event_scan_run(&scan, apart, sink, data);
 *     each row of apart: event_apart_ordinal, apart->counts[ordinal]
 */
#pragma once
#include "columns/event_pass.h"

typedef enum EventKeep {
    EVENT_KEEP_COUNT,    /* only how many */
    EVENT_KEEP_SUM,      /* of values */
    EVENT_KEEP_LEAST,    /* value */
    EVENT_KEEP_GREATEST, /* value */
    EVENT_KEEP_FIRST,    /* instant */
    EVENT_KEEP_LAST      /* instant */
} EventKeep;

/* When which way is taken; 0 means the default in brackets. Tests set others. */
typedef struct EventScanLimits {
    uint32_t parallel_min;   /* occurrences, resp. rows, worth a second thread [65,536] */
    int32_t arrival_percent; /* share of a name up to which the order of time is read [20]; -1:
                                never, 100: always where it can */
} EventScanLimits;

typedef struct EventScan {
    const EventName *name;
    int64_t from, to;        /* UTC ms, [from, to) */
    const EventPass *pass;   /* NULL: all */
    const EventWorth *worth; /* of SUM, LEAST, GREATEST; occurrences without one are not counted */
    EventKeep keep;
    uint32_t count_max; /* above it counts need not be exact, but are above it; 0: exact */
    bool uncounted;     /* of SUM: counts are not asked for, and mean nothing */
    uint32_t rows;      /* of the view */
    EventScanLimits limits;
    bool ret_fits; /* no sum can have wrapped */
} EventScan;

enum { EVENT_SCAN_BLOCK = 4096 }; /* rows told at once, at most */

/* The totals of some rows; of rows that stand apart they mean nothing. `first` is a multiple of
 * 64. */
typedef struct EventTotals {
    uint32_t first, count; /* slots: a slot is a row, or stands for rows[slot] */
    const uint32_t *rows;  /* NULL: slot i is row i */
    uint32_t counts[EVENT_SCAN_BLOCK];
    int64_t values[EVENT_SCAN_BLOCK]; /* sums (0 of none); bounds only where counts > 0 */
    uint64_t apart[EVENT_SCAN_BLOCK / 64];
} EventTotals;

static inline uint32_t event_totals_row(const EventTotals *totals, uint32_t i)
{
    return totals->rows ? totals->rows[totals->first + i] : totals->first + i;
}

/* Told of blocks, each row at most once; rows never told have nothing. Two lanes at a time. */
typedef void EventSink(void *data, unsigned lane, const EventTotals *totals);

/* Rows that stand apart, and their totals. */
typedef struct EventApart {
    uint32_t rows, count;
    uint64_t *bits;   /* of rows; NULL: none */
    uint32_t *before; /* of each word of bits: rows apart before it */
    uint32_t *counts; /* by ordinal, as `values` */
    int64_t *values;
} EventApart;

/* Rows that some names touch, and those of `several` (bits; NULL: none). */
EventApart *event_apart_new(const EventName *const *names, uint32_t count, const uint64_t *several,
                            uint32_t rows);
void event_apart_free(EventApart *apart);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventApart, event_apart_free)

static inline bool event_apart_has(const EventApart *apart, uint32_t row)
{
    return apart->bits && apart->bits[row / 64] >> row % 64 & 1;
}
/* The place of a row that stands apart. */
static inline uint32_t event_apart_ordinal(const EventApart *apart, uint32_t row)
{
    uint64_t below = apart->bits[row / 64] & ((UINT64_C(1) << row % 64) - 1);
    return apart->before[row / 64] + (uint32_t)__builtin_popcountll(below);
}

/* Tells the sink, and sets the totals of `apart`. */
void event_scan_run(EventScan *scan, EventApart *apart, EventSink *sink, void *data);

/* How many of the base lie in [from, to). O(log). */
uint32_t event_base_within(const EventBase *base, int64_t from, int64_t to);

/* Calls `work` for shares of [0, count), one after another in each of two threads, when count >=
 * `least`; a share begins at a multiple of `step`. `lane` is 0 or 1: the thread. */
typedef void EventPartWork(uint32_t from, uint32_t to, unsigned lane, void *data);
typedef struct EventSplit {
    uint32_t count, least, step;
} EventSplit;
void event_split(const EventSplit *split, EventPartWork *work, void *data);
