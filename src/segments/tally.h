/* segments/tally.h: which names and values were met, and how often: what a builder of rules offers.
 *
 * Values are fed one by one under the path that leads to them; nested objects and lists are walked.
 * What is offered is bounded and nobody's own: a value is only offered when at least
 * TALLY_PEOPLE_MIN people share it, never below names that hold personal data (tally_is_personal),
 * and never when it looks like an address or a number of somebody's.
 *
 *     g_autoptr(Tally) tally = tally_new(false);
 *     tally_add(tally, "country", value, person_id);
 *     json_t *fields = tally_json(tally);
 *
 * Pure; one thread. Names are chosen by strangers: trees, not hashes.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TALLY_FIELDS_MAX = 200,  /* paths; others are not offered */
    TALLY_TRACKED_MAX = 500, /* different values of one path that are counted */
    TALLY_VALUES_MAX = 20,   /* offered of one path, the most frequent first */
    TALLY_NAME_BYTES_MAX = 80,
    TALLY_VALUE_BYTES_MAX = 80,
    TALLY_DEPTH_MAX = 4,
    TALLY_ITEMS_MAX = 50, /* of one list */
    TALLY_PEOPLE_MIN = 2,
};

typedef struct Tally Tally;

/* `traits`: `name` and the like at the top are a person's. */
Tally *tally_new(bool traits);
void tally_free(Tally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tally, tally_free)

/* Notes a value that a person has under a name. */
void tally_add(Tally *tally, const char *name, const json_t *value, int64_t person_id);

/* Notes that there is a path of a type ("number", "text") whether or not it is met. */
void tally_known(Tally *tally, const char *const *path, size_t count, const char *type);

/* [{"path":[…],"type":"text","count":n,"values":[{"value":…,"people":n}]}], the most frequent
 * first; new reference. `count`: how often a value was met; `people` of a value: by how many. */
json_t *tally_json(const Tally *tally);

/* Whether a name, below others or at the top, holds what only one person has. */
bool tally_is_personal(const char *name, bool trait);
