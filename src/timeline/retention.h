/* timeline/retention.h: how long events of a name are kept, and the daily counts that remain.
 *
 * The owner sets days per event name; without a setting events are kept for ever. Once a day a job
 * looks through the table in key ranges, deletes what occurred longer ago, and in the same
 * transaction adds it to `event_daily`, so that a count by day never changes by deleting. What
 * orders stand on (RETENTION_KEPT) is never deleted: figures must not change with age.
 */
#pragma once
#include "store/jobs.h"
#include "timeline/timeline.h"

#define RETENTION_JOB "timeline.retention"

enum {
    RETENTION_SCAN_ROWS = 5000, /* rows one read looks at: well under the 2 s of a reader */
    RETENTION_UNIT_ROWS = 500,  /* rows one unit of the writer deletes */
    RETENTION_DAYS_MAX = 36500
};

/* May events of this name be given an end? */
bool retention_allowed(Slice name);

/* Deletes everything that is due as of `now`. Stops early, and returns true, when `job` (may be
 * NULL) is asked to. `ret_deleted` may be NULL. Worker thread. */
bool retention_run(Timeline *timeline, Job *job, int64_t now, int64_t *ret_deleted, GError **error);
