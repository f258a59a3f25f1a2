/* measure/view.h: facts as seen from one zone at one moment: the day of every order, the moment
 * figures are "as of", and the buying cycle they are judged by.
 *
 * As-of rule: figures are as of now; when the newest order is more than VIEW_STALE_DAYS old they
 * are as of the start of the day after it (`stale`), and say so: an export of two years ago must
 * not make everybody look lost. Orders dated after the moment are not counted.
 *
 * Purchase days: orders of one person on one calendar day of the zone are one purchase day. Gaps,
 * repeat and quiet are counted in purchase days, so that an order split in two is not a return.
 *
 * The view keeps a reference to its facts, is immutable and may be shared between threads.
 *
 *     g_autoptr(View) view = view_new(facts, &(ViewOptions){.zone = zone, .now = now});
 *     view->day[k] - view->day[j]          days between two orders
 */
#pragma once
#include "base/zones.h"
#include "measure/facts.h"

enum {
    VIEW_STALE_DAYS = 30,
    VIEW_QUIET_ORDERS_MIN = 3, /* purchase days before a person has an own rhythm */
    VIEW_YEAR_DAYS = 365,      /* "the last 12 months" of money at stake */
};

/* k of "silent for more than k times the own median gap" (reference: kpis.md). */
#define VIEW_QUIET_FACTOR 2.5

typedef struct ViewOptions {
    const Zone *zone;
    int64_t now;      /* UTC ms */
    int32_t gap_days; /* usual gap of the business profile, 0 = fit to the data */
} ViewOptions;

typedef struct View {
    gatomicrefcount refs;
    Facts *facts;
    const Zone *zone;
    int32_t *day, *refund_day; /* local day of each order and refund */
    int64_t as_of;             /* UTC ms */
    int32_t as_of_day;         /* its local day; days before it are complete */
    int32_t first_day;         /* of the oldest order; as_of_day when there is none */
    bool stale;                /* as_of is the day after the newest order */
    uint32_t gap_count;        /* gaps between purchase days of known people */
    int32_t gap_median;        /* days, 0 when gap_count is 0: the proposed usual gap */
    int32_t window_days;       /* active = bought within so many days: see view_window_days */
    int64_t good_spent_min;    /* spent in 12 months to be in the top fifth; INT64_MAX if nobody */
} View;

/* The local day an instant falls on. */
int32_t view_day_of(const Zone *zone, int64_t at);

/* The moment figures are as of, by the as-of rule above. */
typedef struct ViewMoment {
    int64_t at;  /* UTC ms */
    int32_t day; /* its local day */
    bool stale;  /* the day after the newest order */
} ViewMoment;

/* `newest`: of all orders up to `now`; INT64_MIN: there is none. */
ViewMoment view_moment(const Zone *zone, int64_t newest, int64_t now);

View *view_new(Facts *facts, const ViewOptions *options);
View *view_ref(View *view);
void view_unref(View *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_unref)

/* What person `index` spent (orders minus refunds by their own date, >= 0) on days
 * [from_day, to_day), base minor units; unknown rates count 0. */
int64_t view_spent(const View *view, uint32_t index, int32_t from_day, int32_t to_day);

/* Median gap in days between purchase days of a person, doubled so that it stays whole; 0 when
 * fewer than two purchase days. `ret_days`: number of purchase days up to as_of (may be NULL). */
int32_t view_median_gap_doubled(const View *view, uint32_t index, uint32_t *ret_days);

/* Silent for more than VIEW_QUIET_FACTOR × own median gap, with VIEW_QUIET_ORDERS_MIN days. */
bool view_is_quiet(int32_t silence_days, int32_t median_gap_doubled, uint32_t purchase_days);

/* "Active" fitted to the buying cycle: nine in ten returns came within this many days (the 90th
 * percentile of gaps), or VIEW_QUIET_FACTOR × the gap of the business profile when it is set:
 * cycle_days of segments/cycle.h. */
int32_t view_window_days(const int64_t *sorted_gaps, uint32_t count, int32_t gap_days);
