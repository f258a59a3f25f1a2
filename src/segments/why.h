/* segments/why.h: why a rule is true of a person, or is not, and until when.
 *
 * The tree of the rule with what each part says, the number behind it where there is one, and the
 * first instant at which that part says something else if nothing happens.
 */
#pragma once
#include <jansson.h>

#include "segments/segments.h"

typedef struct WhyAsk {
    int64_t person_id; /* a person, or any stem of one */
    const Rule *rule;
    int64_t at; /* UTC ms */
} WhyAsk;

/* New object, as POST /api/segments/why replies:
 *   {"person":{"id","name"},"rule","at","zone","holds","flips_at","looked_until","why":NODE}
 * NODE: {"rule","holds","flips_at","count","number","value","reason","last_at","parts":[NODE]};
 * null where it does not apply. `flips_at` null: never, or not before `looked_until` when that is
 * set. Errors: KITH_ERROR_NOT_FOUND (nobody of that id), else as segments_ask. */
json_t *why_json(Segments *segments, const WhyAsk *ask, GError **error);

/* The person whom a text names: an id, an e-mail address, or a user id; 0: nobody. */
int64_t why_person(Segments *segments, const char *text);

/* The same as lines of text, ending in a new line; the caller frees. */
char *why_text(const json_t *why);
