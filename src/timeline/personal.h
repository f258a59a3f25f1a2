/* timeline/personal.h: what the timeline holds about people, for export and erasure.
 *
 * The rows of `event` are found through the runs on SQLite, so export and erasure go through the
 * Timeline (a PersonalFile), not through a statement alone.
 */
#pragma once
#include "people/personal.h"
#include "timeline/timeline.h"

/* What events, orders and refunds hold about a person, and what export and erasure do with it. */
extern const PersonalTable timeline_personal[];

/* Export and erasure of events, and of the runs. The timeline must outlive it. */
PersonalFile timeline_personal_file(Timeline *timeline);
