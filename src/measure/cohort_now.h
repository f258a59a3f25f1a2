/* measure/cohort_now.h: the cohort table as of now: what /api/cohorts answers.
 *
 * From the columns where they hold the orders, up to the last one acknowledged; else from facts.
 * Both give the same table (cohort_columns_test.c). Any thread, without a reader in hand.
 *
 *     g_auto(CohortNow) now = {0};
 *     if (!cohort_now(measure, NULL, &now, error)) return false;
 *     use(now.table, now.moment.at);
 */
#pragma once
#include "measure/cohort.h"
#include "measure/measure.h"

typedef struct CohortNow {
    CohortTable *table;
    ViewMoment moment;
    const Zone *zone;
    int64_t built_at; /* when the orders were read, UTC ms */
    char currency[FACTS_CURRENCY_SIZE];
    bool held; /* from the columns */
} CohortNow;

/* `zone` NULL: the business's. */
bool cohort_now(Measure *measure, const Zone *zone, CohortNow *ret_now, GError **error);
/* The same of one view's facts. */
void cohort_now_of(const View *view, CohortNow *ret_now);
void cohort_now_clear(CohortNow *now);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CohortNow, cohort_now_clear)
