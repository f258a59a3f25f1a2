/* people/merge.h: making two people one, and two again.
 *
 * A merge writes one `merge` row and one link and lets each domain settle its open decisions
 * (personal.h, Settlement). Undo ends the link, in any order and at any time: what was born under
 * either stem is there again as it was. Two rules reach over the undo: a denial that was given
 * while they were one person stays with both, and what was already acted on stays done.
 *
 *     MergeInput input = {.winner = a, .loser = b, .reason = "by hand", .actor = "account 1",
 *                         .at = clock_now_ms()};
 *     int64_t merge_id;
 *     if (!people_merge(people, db, &input, &merge_id, error)) return false;
 *     …
 *     MergeUndo undo = {merge_id, "account 1", clock_now_ms()};
 *     if (!people_merge_undo(people, db, &undo, error)) …
 */
#pragma once
#include "people/people.h"

typedef struct MergeInput {
    int64_t winner, loser; /* people, not stems: roots. The winner's id stays */
    const char *reason;    /* "shared e-mail address", "by hand": shown */
    const char *actor;     /* as in `audit`: "account 12", "key 3", "kith" */
    int64_t at;            /* UTC ms */
} MergeInput;

/* Inside a unit of the writer. O(identities). Errors: KITH_ERROR_NOT_FOUND (no such person, or
 * erased), KITH_ERROR_CONFLICT (already one person), KITH_ERROR_LIMIT (LINK_STEMS_MAX). */
bool people_merge(People *people, Db *db, const MergeInput *input, int64_t *ret_merge_id,
                  GError **error);

typedef struct MergeUndo {
    int64_t merge_id;
    const char *actor;
    int64_t at; /* UTC ms */
} MergeUndo;

/* Inside a unit of the writer. Errors: KITH_ERROR_NOT_FOUND (no such merge, or one of them was
 * erased), KITH_ERROR_CONFLICT (undone before). */
bool people_merge_undo(People *people, Db *db, const MergeUndo *undo, GError **error);
