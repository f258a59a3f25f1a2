/* segments/picked.h: saved segments that are a list of people instead of a rule.
 *
 * To rules such a segment is like any other: `in segment "Regulars"`, and that is also what its own
 * rule says. Its leaf is filled from `segment_pick` on either database and beside columns, and a
 * record can be kept of it. A row bears the stem somebody was put on the list as: who it means
 * follows merges and their undoing, and an erased person's rows go. Somebody is on it at a moment
 * when they were put on it before that moment and not taken off before it.
 *
 * Written a chunk at a time: who reads meanwhile sees part of it, and saying the same again after a
 * failure is harmless. A new list becomes visible when it is whole. Thread safe; never from the
 * writer's thread, nor with a reader in hand.
 *
 *     PickedCount count;
 *     g_autoptr(GArray) ids = …;
 *     if (!picked_create(segments, actor, "Regulars", ids, &segment_id, &count, error)) return …;
 */
#pragma once
#include "segments/saved.h"

typedef struct PickedCount {
    int64_t added, removed;
    int64_t same;    /* were as they should be already, or were named twice */
    int64_t unknown; /* nobody has such an id */
} PickedCount;

/* Who gets on a list, resp. off it. Ids of people or of any of their stems. */
typedef struct PickedChange {
    const Actor *by;
    int64_t segment_id;
    const GArray *add, *remove; /* of int64_t; NULL: nobody */
} PickedChange;

/* Keeps a list under a name, which may be empty. Errors: as saved_create; KITH_ERROR_LIMIT
 * (LIMIT_SEGMENT_PICKS). */
typedef struct PickedNew {
    const Actor *by;
    const char *name;
    const GArray *people; /* of int64_t */
} PickedNew;
bool picked_create(Segments *segments, const PickedNew *made, int64_t *ret_segment_id,
                   PickedCount *ret_count, GError **error);

/* Puts people on a list and takes others off. Errors: NOT_FOUND, KITH_ERROR_INVALID (the segment is
 * a rule), KITH_ERROR_LIMIT. */
bool picked_change(Segments *segments, const PickedChange *change, PickedCount *ret_count,
                   GError **error);

/* Forgets the rows of a list that is gone. */
bool picked_forget(Segments *segments, int64_t segment_id, GError **error);

/* How a file of people is read. */
typedef struct PickedFile {
    const char *path;
    const char *column; /* its name in any case; NULL: the one that looks like it */
    const char *by;     /* "email", "user_id", "person_id"; NULL or "auto": by what stands there */
} PickedFile;

/* Reads whom a file names. `ret_people` (of int64_t, the caller's) has everybody once. The result
 * says what was understood, for a preview: {"columns":[{"name","samples"}], "column", "by", "rows",
 * "found", "repeated", "empty", "unknown", "unknown_sample":[{"line","value"}]}; values of the
 * sample are as in the file. Nobody is made. NULL on failure. Errors: KITH_ERROR_INVALID (no text,
 * no such column, no row), KITH_ERROR_LIMIT (over LIMIT_SEGMENT_PICKS rows). */
json_t *picked_read(Segments *segments, const PickedFile *file, GArray **ret_people,
                    GError **error);
