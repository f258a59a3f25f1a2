/* segments/of_person.h: in which of the saved segments one person is.
 *
 * The person's rows are read once and every rule is judged from them (judge.h), so that it costs
 * about as much as the person's page, whatever the number of people. A rank is as of its last
 * ranking. Worker threads.
 */
#pragma once
#include "segments/saved.h"

/* [{"id", "name", "kind": "rule"|"list", "rule", "holds", "since"}], by name; "since" in UTC ms
 * where a record is kept, else null. NULL on failure. Errors: KITH_ERROR_NOT_FOUND (nobody). */
json_t *of_person_json(Segments *segments, int64_t person_id, int64_t at, GError **error);
