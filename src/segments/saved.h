/* segments/saved.h: rules that somebody keeps under a name.
 *
 * Names are unique in any case. A rule is kept in its canonical text and checked when it is saved;
 * it may name other segments, but not lead back to itself. A segment that another one names cannot
 * be deleted or renamed. Each change is a line of the audit log. Thread safe; never from the
 * writer's thread.
 */
#pragma once
#include "net/request.h"
#include "segments/segments.h"

enum { SEGMENT_NAME_BYTES_MAX = 120 };

typedef struct SavedSegment {
    int64_t segment_id;
    char *name, *rule; /* owned */
    int64_t created_at, changed_at;
    int64_t version;    /* rises with every change of the rule, from 1 */
    bool watched;       /* a record is kept (watch.h) */
    int64_t watched_at; /* since when, UTC ms; 0: none is */
    bool listed;        /* a list of people (picked.h): `rule` is in segment "its own name" */
} SavedSegment;

void saved_segment_free(SavedSegment *saved);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SavedSegment, saved_segment_free)

/* All of them by name; elements are SavedSegment. NULL on failure. */
GPtrArray *saved_list(Segments *segments, GError **error);

/* One of them. Errors: KITH_ERROR_NOT_FOUND. */
SavedSegment *saved_get(Segments *segments, int64_t segment_id, GError **error);

/* Keeps a rule. Errors: KITH_ERROR_INVALID (name, rule), KITH_ERROR_CONFLICT (the name is taken),
 * KITH_ERROR_LIMIT (LIMIT_SEGMENTS). */
bool saved_create(Segments *segments, const Actor *by, const char *name, const char *rule,
                  int64_t *ret_segment_id, GError **error);

/* Keeps a list of people (picked.h) whose rows are there already. */
bool saved_create_list(Segments *segments, const Actor *by, const char *name, int64_t segment_id,
                       GError **error);

/* Whether a text can be a name at all. Errors: INVALID. */
bool saved_name_valid(const char *name, GError **error);

/* Whether a name can be given to a new segment. Errors: INVALID, CONFLICT. */
bool saved_name_check(Segments *segments, const char *name, GError **error);

/* Changes name or rule; NULL leaves it. A list's rule stays what it is (INVALID). Errors as above,
 * NOT_FOUND, and CONFLICT when another segment names this one and the name would change. */
bool saved_change(Segments *segments, const Actor *by, int64_t segment_id, const char *name,
                  const char *rule, GError **error);

/* The same with the choice whether people whom the edit of a watched segment moves get events. */
typedef struct SavedEdit {
    const Actor *by;
    int64_t segment_id;
    const char *name, *rule; /* NULL leaves it */
    bool notify;
} SavedEdit;
bool saved_edit(Segments *segments, const SavedEdit *edit, GError **error);

/* Errors: NOT_FOUND, CONFLICT (another segment names it). */
bool saved_delete(Segments *segments, const Actor *by, int64_t segment_id, GError **error);
