#include "segments/cycle.h"

#include <glib.h>

int32_t cycle_days(const int64_t *sorted_gaps, size_t count, int64_t gap_days)
{
    int64_t days = CYCLE_DAYS_DEFAULT;
    if (gap_days > 0)
        days = (5 * gap_days + 1) / 2;
    else if (count > 0)
        days = sorted_gaps[(9 * count + 9) / 10 - 1]; /* the nearest rank */
    return (int32_t)CLAMP(days, CYCLE_DAYS_MIN, CYCLE_DAYS_MAX);
}

/* Beyond CYCLE_DAYS_MAX the window does not grow: where the nearest rank lies there does not
 * matter. */
int32_t cycle_days_counted(const CycleGaps *gaps, int64_t gap_days)
{
    int64_t day = 0;
    uint64_t rank = (9 * gaps->count + 9) / 10, so_far = gaps->of[0];
    while (so_far < rank)
        so_far += gaps->of[++day];
    return cycle_days(&day, gaps->count > 0, gap_days);
}
