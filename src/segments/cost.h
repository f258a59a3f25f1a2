/* segments/cost.h: what a rule costs to answer: how much is looked at, and where that is kept.
 *
 * Counted from the plan of an answer that was just given, so it says what the next answer to the
 * same rule will read. Of columns only what lies in a window is looked at; the database is scanned
 * as a whole for each kind of thing that columns do not hold.
 *
 * Private to segments/; one thread.
 */
#pragma once
#include <jansson.h>

#include "segments/evaluate.h"

/* What leaves (of Leaf *) that look at data were filled from. */
SegmentEngine cost_engine(const Evaluation *evaluation, const GPtrArray *leaves);

/* Of one of the rules that were asked: after everything was read, before any set was joined. */
SegmentCost cost_of(const Evaluation *evaluation, const Rule *rule);

/* {"engine":…,"entries":n,"rows":n,"people":n,"took_ms":n} of the answer's rule; new reference. */
json_t *cost_json(const SegmentAnswer *answer, size_t index);
