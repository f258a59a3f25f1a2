/* measure/cohort_columns.h: the cohort table of measure/cohort.h from columns, cell by cell the
 * same as from facts.
 *
 * Months of the zone become stretches of UTC time once; then everybody's orders are integers to
 * look up (columns/event_months.h). Neither facts nor a view are needed, so a table is as new as
 * the last order acknowledged. Pure but for what `bought` reads.
 */
#pragma once
#include "measure/cohort.h"
#include "segments/bought.h"

/* The table as of a moment (view_moment). The caller's. */
CohortTable *cohort_table_held(const Bought *bought, const Zone *zone, const ViewMoment *moment);

/* The months from `first` to `last` (at most EVENT_MONTHS_MAX) as stretches of time; from the day
 * after `as_of_day` on EVENT_MONTH_NEVER. Exact for every ms, also where clocks are set back over
 * midnight. `starts` (of int64_t) and `months` (of int16_t) own what the result points to. */
EventMonths cohort_months(const Zone *zone, const int32_t range[2], int32_t as_of_day,
                          GArray *starts, GArray *months);
