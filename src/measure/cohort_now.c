#include "measure/cohort_now.h"

#include "base/clock.h"
#include "measure/cohort_columns.h"

#include <string.h>

static bool from_columns(Measure *measure, const Zone *zone, CohortNow *ret_now, GError **error)
{
    MeasureBusiness business;
    if (!measure_business(measure, &business, error)) return false;
    CohortNow now = {.zone = zone ? zone : business.zone, .built_at = clock_now_ms(), .held = true};
    g_autoptr(Bought) bought = bought_begin(measure_segments(measure), business.currency);
    if (!bought) return true;
    memcpy(now.currency, business.currency, sizeof now.currency);
    now.moment = view_moment(now.zone, bought_newest(bought, now.built_at), now.built_at);
    now.table = cohort_table_held(bought, now.zone, &now.moment);
    *ret_now = now;
    return true;
}

void cohort_now_of(const View *view, CohortNow *ret_now)
{
    *ret_now = (CohortNow){.table = cohort_table_new(view),
                           .moment = {view->as_of, view->as_of_day, view->stale},
                           .zone = view->zone,
                           .built_at = view->facts->origin.built_at};
    memcpy(ret_now->currency, view->facts->origin.currency, sizeof ret_now->currency);
}

static bool from_facts(Measure *measure, const Zone *zone, CohortNow *ret_now, GError **error)
{
    g_autoptr(View) view = measure_view(measure, zone, error);
    if (view) cohort_now_of(view, ret_now);
    return view != NULL;
}

bool cohort_now(Measure *measure, const Zone *zone, CohortNow *ret_now, GError **error)
{
    *ret_now = (CohortNow){0};
    if (measure_segments(measure) && !from_columns(measure, zone, ret_now, error)) return false;
    return ret_now->table || from_facts(measure, zone, ret_now, error);
}

void cohort_now_clear(CohortNow *now) { g_clear_pointer(&now->table, cohort_table_free); }
