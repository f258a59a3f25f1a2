/* segments/cycle.h: the window within which a customer counts as active, fitted to the buying
 * cycle of the shop. The one definition of rules and of the figures of measure/. Pure.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    CYCLE_DAYS_MIN = 30,
    CYCLE_DAYS_MAX = 730,
    CYCLE_DAYS_DEFAULT = 180, /* while nobody ever came back */
};

/* Nine in ten returns came within this many days (the 90th percentile of the gaps between purchase
 * days of all customers, which rise), or 2.5 times the usual gap of the business profile where one
 * is set (`gap_days` > 0); CYCLE_DAYS_MIN..MAX. */
int32_t cycle_days(const int64_t *sorted_gaps, size_t count, int64_t gap_days);
