/* measure/cohort.h: who came back when: month cohorts and return curves.
 *
 * Cohort table: rows are calendar months (of the view's zone) of people's first order, cells the
 * distinct people of the row who bought in the k-th month after; cell 0 is the whole row. A cell is
 * complete when its whole month lies before as_of.
 * Return curve: of people whose first order lies in a quarter, the share who had a second purchase
 * day within d days. Up to `complete_days` everybody of the quarter was watched that long and the
 * share is a plain count; beyond, the youngest fall out as they are too young and the estimate is
 * Kaplan-Meier's (1958), to be drawn dashed.
 * Pure; results belong to the caller.
 */
#pragma once
#include "measure/view.h"

enum { COHORT_MONTHS_MAX = 240, CURVE_DAYS_MAX = 365, CURVE_LABEL_SIZE = 16 };

typedef struct CohortTable {
    int32_t first_month;    /* month number of row 0 */
    uint32_t month_count;   /* rows; row r has month_count - r cells */
    int32_t complete_month; /* months before this one are complete */
    uint32_t *buyers;       /* [month_count * month_count], cell (r, k) at r * month_count + k */
} CohortTable;

/* Builds the table over all months with an order of a known person, at most the last
 * COHORT_MONTHS_MAX rows (people who first bought earlier are left out). O(orders + months^2). */
CohortTable *cohort_table_new(const View *view);
void cohort_table_free(CohortTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CohortTable, cohort_table_free)

/* Distinct buyers of row r in its k-th month after. */
uint32_t cohort_table_cell(const CohortTable *table, uint32_t r, uint32_t k);

/* True when the month of cell (r, k) is over. */
bool cohort_table_complete(const CohortTable *table, uint32_t r, uint32_t k);

typedef struct Curve {
    char label[CURVE_LABEL_SIZE]; /* "2011-Q1" */
    int32_t from, to;             /* days of the quarter, [from, to) */
    uint32_t size;                /* people who first bought in it */
    int32_t complete_days;        /* everybody was watched for so many days, 0..CURVE_DAYS_MAX */
    int32_t last_day;             /* last day with somebody watched: points 0..last_day exist */
    double share[CURVE_DAYS_MAX + 1];
} Curve;

/* One curve per quarter with a first order, oldest first: array of Curve. O(people log people). */
GArray *curves_new(const View *view);
