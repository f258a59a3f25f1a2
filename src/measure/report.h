/* measure/report.h: figures as JSON, the same for the API and the command line.
 *
 * Money is in minor units of the report's `currency` (KPI_UNIT_MONEY values also as {"minor",
 * "currency"} under "money"), shares run 0..1, times are UTC ms, dates "YYYY-MM-DD" in the
 * report's zone; `to` is the first day that is not counted. What cannot be given is null.
 * Results are new references, the caller's.
 */
#pragma once
#include "measure/cohort_now.h"
#include "measure/kpi.h"

#include <jansson.h>

/* {as_of, as_of_reason, from, to, zone, currency, …, kpis: […]} of the names asked for, in table
 * order; `wanted` NULL: all. `from` and `to` are those asked for, null when open. */
json_t *report_kpis(const View *view, const KpiPeriod *period, const bool wanted[KPI_COUNT]);

/* One figure of a report already computed; `before` may be NULL. Carries its own period. */
json_t *report_kpi(const View *view, const KpiReport *report, const KpiReport *before,
                   KpiName name);

/* {months: […], rows: [{month, size, cells: [{buyers, share, complete}]}]}. */
json_t *report_cohorts(const CohortNow *now);

/* Which curves: the last `count` with at least `size_min` people, everybody of them watched for at
 * least `complete_min` days; when none is, the youngest as it is. */
typedef struct ReportCurves {
    uint32_t count, size_min;
    int32_t complete_min;
} ReportCurves;

static const ReportCurves report_all_curves = {.count = UINT32_MAX, .size_min = 1};

/* Oldest first: [{label, from, to, size, points: [{day, share}], complete_days}]. */
json_t *report_curves(const View *view, const ReportCurves *which);

/* {"minor", "currency"}. */
json_t *report_money(const View *view, int64_t minor);

/* Sets as_of, as_of_reason, built_at, zone and currency: what every answer with figures says. */
void report_set_origin(json_t *reply, const View *view);
