/* segments/groups.h: the ready groups: rules that every shop wants, with who is in them.
 *
 * A group is a rule text in one const table. Those about purchases are judged as the figures are
 * (measure/view.h): when the newest order is older than GROUP_STALE_DAYS, at the start of the day
 * after it, so that an export of two years ago does not make everybody look lost. Birthdays are
 * judged now. The reply says both moments.
 */
#pragma once
#include <jansson.h>

#include "segments/segments.h"

enum { GROUP_STALE_DAYS = 30, GROUP_SAMPLE = 5 };

typedef struct Group {
    const char *key;  /* the UI has its name and sentence under it */
    const char *name; /* plain English, for the API */
    const char *rule; /* canonical text */
    bool now;         /* always judged now */
} Group;

extern const Group groups[];
extern const size_t group_count;

/* {"as_of":…,"as_of_reason":…,"zone":…,"people":n,"groups":[…]}; new reference, NULL on failure. */
json_t *groups_json(Segments *segments, GError **error);
