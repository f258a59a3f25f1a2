#include "measure/view.h"

#include "measure/day.h"
#include "measure/stats.h"
#include "segments/cycle.h"

#include <math.h>
#include <stdlib.h>

/* The newest order not in the future, or INT64_MIN. */
static int64_t newest_at(const Facts *facts, int64_t now)
{
    int64_t newest = INT64_MIN;
    for (uint32_t k = 0; k < facts->order_count; k++)
        if (facts->at[k] <= now && facts->at[k] > newest) newest = facts->at[k];
    return newest;
}

int32_t view_day_of(const Zone *zone, int64_t at)
{
    int64_t local = at + zone_offset_ms(zone, at);
    return (int32_t)(local >= 0 ? local / DAY_MS : -((DAY_MS - 1 - local) / DAY_MS));
}

ViewMoment view_moment(const Zone *zone, int64_t newest, int64_t now)
{
    ViewMoment moment = {.at = now};
    if (newest != INT64_MIN && now - newest > VIEW_STALE_DAYS * DAY_MS) {
        moment.stale = true;
        moment.at = zone_add(zone, zone_floor(zone, newest, ZONE_DAY), ZONE_DAY, 1);
    }
    moment.day = view_day_of(zone, moment.at);
    return moment;
}

static void as_of_set(View *view, const ViewOptions *options)
{
    int64_t newest = newest_at(view->facts, options->now);
    ViewMoment moment = view_moment(view->zone, newest, options->now);
    view->as_of = moment.at;
    view->as_of_day = moment.day;
    view->stale = moment.stale;
}

static void days_set(View *view)
{
    const Facts *facts = view->facts;
    view->day = g_new(int32_t, facts->order_count);
    view->refund_day = g_new(int32_t, facts->refund_count);
    view->first_day = view->as_of_day;
    for (uint32_t k = 0; k < facts->order_count; k++) {
        view->day[k] = view_day_of(view->zone, facts->at[k]);
        view->first_day = MIN(view->first_day, view->day[k]);
    }
    for (uint32_t k = 0; k < facts->refund_count; k++)
        view->refund_day[k] = view_day_of(view->zone, facts->refund_at[k]);
}

/* Appends the gaps between purchase days of a person up to as_of; returns the purchase days. */
static uint32_t gaps_append(const View *view, uint32_t index, GArray *gaps)
{
    const Facts *facts = view->facts;
    uint32_t days = 0;
    for (uint32_t k = facts->start[index]; k < facts->start[index + 1]; k++) {
        if (view->day[k] > view->as_of_day) break;
        int64_t gap = days ? view->day[k] - view->day[k - 1] : 0;
        if (days && gap <= 0) continue;
        if (days) g_array_append_val(gaps, gap);
        days++;
    }
    return days;
}

static void cycle_set(View *view, int32_t gap_days)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (uint32_t i = 0; i < view->facts->person_count; i++)
        gaps_append(view, i, gaps);
    int64_t *values = (int64_t *)(void *)gaps->data;
    double median = stats_median(values, gaps->len);
    view->gap_count = gaps->len;
    view->gap_median = gaps->len ? (int32_t)lround(median) : 0;
    view->window_days = view_window_days(values, gaps->len, gap_days);
}

static void good_set(View *view)
{
    g_autoptr(GArray) spent = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        int64_t value = view_spent(view, i, view->as_of_day - VIEW_YEAR_DAYS, view->as_of_day + 1);
        if (value > 0) g_array_append_val(spent, value);
    }
    int64_t *values = (int64_t *)(void *)spent->data;
    stats_median(values, spent->len);
    view->good_spent_min = spent->len ? stats_quantile(values, spent->len, 0.8) : INT64_MAX;
}

View *view_new(Facts *facts, const ViewOptions *options)
{
    View *view = g_new0(View, 1);
    g_atomic_ref_count_init(&view->refs);
    view->facts = facts_ref(facts);
    view->zone = options->zone;
    as_of_set(view, options);
    days_set(view);
    cycle_set(view, options->gap_days);
    good_set(view);
    return view;
}

View *view_ref(View *view)
{
    g_atomic_ref_count_inc(&view->refs);
    return view;
}

void view_unref(View *view)
{
    if (!g_atomic_ref_count_dec(&view->refs)) return;
    facts_unref(view->facts);
    g_free(view->day);
    g_free(view->refund_day);
    g_free(view);
}

int64_t view_spent(const View *view, uint32_t index, int32_t from_day, int32_t to_day)
{
    const Facts *facts = view->facts;
    int64_t spent = 0;
    for (uint32_t k = facts->start[index]; k < facts->start[index + 1]; k++) {
        if (view->day[k] < from_day || view->day[k] >= to_day) continue;
        if (facts->revenue[k] != FACTS_UNKNOWN) spent += facts->revenue[k];
    }
    for (uint32_t k = facts->refund_start[index]; k < facts->refund_start[index + 1]; k++) {
        if (view->refund_day[k] < from_day || view->refund_day[k] >= to_day) continue;
        if (facts->refund_amount[k] != FACTS_UNKNOWN) spent -= facts->refund_amount[k];
    }
    return MAX(spent, 0);
}

int32_t view_median_gap_doubled(const View *view, uint32_t index, uint32_t *ret_days)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    uint32_t days = gaps_append(view, index, gaps);
    if (ret_days) *ret_days = days;
    if (gaps->len == 0) return 0;
    return (int32_t)lround(2 * stats_median((int64_t *)(void *)gaps->data, gaps->len));
}

bool view_is_quiet(int32_t silence_days, int32_t median_gap_doubled, uint32_t purchase_days)
{
    if (purchase_days < VIEW_QUIET_ORDERS_MIN) return false;
    return 2.0 * silence_days > VIEW_QUIET_FACTOR * median_gap_doubled;
}

int32_t view_window_days(const int64_t *sorted_gaps, uint32_t count, int32_t gap_days)
{
    return cycle_days(sorted_gaps, count, gap_days);
}
