/* segments/look.h: looking at a rule before and after it is kept: how many and who, whom it shares
 * people with, what they have in common, who came and went.
 *
 * Each is one question to segments_ask (who came and went: two). Thread safe; not with a reader in
 * hand. All return a new reference, NULL on failure; errors as segments_ask.
 */
#pragma once
#include <jansson.h>

#include "segments/segments.h"

enum {
    LOOK_FACES = 8,       /* people with a name that a number shows */
    LOOK_OTHERS_MAX = 20, /* rules that one is compared with */
    LOOK_VALUES_MAX = 20, /* of a trait that a group is broken down by */
    LOOK_SHARED_MIN =
        5, /* people who must bear a value before it is told: fewer can be known by it */
};

/* Some people of a set who have a name, at most `most`, added to the array `sample` as
 * {"id":…,"name":…}. `db` is a reader. */
bool look_faces(Db *db, const SegmentAnswer *answer, const PersonSet *set, size_t most,
                json_t *sample, GError **error);

/* {"count":n,"people":n,"may":n,"at":…,"rule":…,"cost":{…},"sample":[…]}; `may`: how many of them
 * may be written to by mail about the newsletter; `cost`: of the rule alone (cost.h). */
json_t *look_preview(Segments *segments, const Rule *rule, int64_t at, GError **error);

/* {"count":n,"before":n,"from":…,"at":…,"entered":n,"left":n,"entered_sample":[…],
 * "left_sample":[…]}: the same people judged at two moments. */
json_t *look_flow(Segments *segments, const Rule *rule, int64_t from, int64_t at, GError **error);

/* {"count":n,"people":n,"at":…,"others":[{"rule":…,"count":n,"both":n}]}, in the order given. */
json_t *look_overlap(Segments *segments, const Rule *const *rules, size_t count, int64_t at,
                     GError **error);

typedef struct LookBy {
    const char *const *path; /* of a trait */
    size_t path_count;
    int64_t at; /* UTC ms */
} LookBy;

/* {"count":n,"people":n,"at":…,"values":[{"value":…,"count":n,"people":n}],"rest":n,"missing":n},
 * of the trait's frequent values (suggest.h), the most frequent in the group first. A person with
 * a list of values counts under each; a value of fewer than LOOK_SHARED_MIN people is told with the
 * rest. Errors: NOT_FOUND (no such trait is offered), INVALID (the rule). */
json_t *look_breakdown(Segments *segments, const Rule *rule, const LookBy *by, GError **error);
