/* segments/suggest.h: the names that exist in this shop, for whoever builds a rule.
 *
 * Events with how often they came lately, traits and tags with their frequent values, the
 * properties of one event. Each is a bounded look at what came in last (SUGGEST_ROWS rows a time),
 * so a name that nobody used for long is still listed, with a count of 0. Values are offered as
 * segments/tally.h says: nobody's own. Thread safe; not with a reader in hand.
 */
#pragma once
#include <jansson.h>

#include "segments/segments.h"

enum {
    SUGGEST_ROWS = 20000,     /* of traits, people, tags */
    SUGGEST_CHUNK = 4000,     /* events read with one reader, which has 2 s on any machine */
    SUGGEST_LOOKS = 25,       /* chunks of events that are searched for one name */
    SUGGEST_COUNTED = 5,      /* chunks in which all names are counted */
    SUGGEST_EVENTS_MAX = 500, /* of one name that are read */
};

/* {"events":[…],"looked_at":n,"traits":[…],"tags":[…]}; new reference, NULL on failure. */
json_t *suggest_names(Segments *segments, GError **error);

/* {"event":…,"looked_at":n,"properties":[…]}. Errors: KITH_ERROR_NOT_FOUND. */
json_t *suggest_properties(Segments *segments, const char *event, GError **error);
