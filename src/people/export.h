/* people/export.h: all that is known of a person, as one JSON document (GDPR 15 and 20).
 *
 * {"format":"kith-person-1","exported_at":…,"person":{the person's page},"data":{"traits":[…],
 * "events":[…],…}}: one list for each table that a folder declared personal, over all stems, with
 * its columns explained under "columns". Large people are read in chunks, each in a snapshot of
 * its own.
 */
#pragma once
#include <jansson.h>

#include "people/people.h"

/* New reference; NULL on failure. Worker thread. Errors: KITH_ERROR_NOT_FOUND. */
json_t *people_export_json(People *people, int64_t person_id, GError **error);
