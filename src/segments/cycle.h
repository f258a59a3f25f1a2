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

/* The gaps of many customers, counted by their days: what is longer than CYCLE_DAYS_MAX counts as
 * that. Zeroed it is empty. */
typedef struct CycleGaps {
    uint64_t count;
    uint64_t of[CYCLE_DAYS_MAX + 1];
} CycleGaps;

/* Adds one of `days` >= 0. */
static inline void cycle_gap_add(CycleGaps *gaps, int64_t days)
{
    gaps->of[days < CYCLE_DAYS_MAX ? days : CYCLE_DAYS_MAX]++;
    gaps->count++;
}

/* cycle_days of gaps so counted. */
int32_t cycle_days_counted(const CycleGaps *gaps, int64_t gap_days);
