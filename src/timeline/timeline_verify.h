/* timeline/timeline_verify.h: what `kith verify` can show of the timeline.
 *
 * Every event has a name and can be found from its stem (SQLite: through the runs), nothing counts
 * twice within the window of messages, nothing happened in the future. Looks at the events up to
 * the newest one at its start, in chunks; the server may go on writing.
 */
#pragma once
#include "base/findings.h"
#include "timeline/timeline.h"

/* False only when a check could not be made. Up to 24 bytes of memory for each event with a
 * message. */
bool timeline_verify(Timeline *timeline, Findings *findings, GError **error);
