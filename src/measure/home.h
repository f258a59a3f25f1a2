/* measure/home.h: what Home shows: what is worth doing today, three figures, the return curves.
 *
 * Answer first (ui/README.md): attention lines bear the people and the money at stake and a link;
 * a line with nobody behind it is left out. The three figures are the rate of coming back at equal
 * age (against the same time last year), sales of the last 30 complete days (against the 30 before)
 * and, while sales without a customer exist, the share of sales to known customers, else the
 * average order. Steps are ticked from the state of the store. Read-only; any thread.
 */
#pragma once
#include "measure/measure.h"
#include "measure/report.h"

enum { HOME_PERIOD_DAYS = 30, HOME_CURVES = 4 };

/* Everything of GET /api/home; new reference, NULL on failure of the database. */
json_t *home_report(Measure *measure, GError **error);
