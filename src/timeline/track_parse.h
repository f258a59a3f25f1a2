/* timeline/track_parse.h: the body of a tracking call, read once, into calls that point into it.
 *
 * Understands what the Segment family sends (reference: Segment HTTP tracking API, "common
 * fields"): one call as an object, or {"batch":[…]} with shared context and sentAt. Names may come
 * in any order. What is wrong with one call is that call's `refused`; what is wrong with the body
 * is an error. A call that is nested too deep or has too many names is refused alone too.
 *
 * Pure; memory from the arena; texts are slices of the body or of the arena.
 *
 *     TrackBatch batch;
 *     if (!track_parse(&scan, body, size, NULL, &batch, error)) return false;
 */
#pragma once
#include "base/json_read.h"
#include "timeline/event.h"

enum { TRACK_BLANKED_MAX = 16 };

/* One call; every slice may be empty. Raw slices are JSON as it came. */
typedef struct TrackCall {
    size_t bytes;        /* length of its JSON */
    const char *refused; /* why it is not taken; NULL: nothing is wrong so far */
    bool has_type;
    EventType type;
    Slice message_id, user_id, anonymous_id, previous_id, group_id;
    Slice event, name, category;
    Slice timestamp, original_timestamp, sent_at; /* as written, text or number */
    Slice properties, traits, context;            /* raw objects */
} TrackCall;

typedef struct TrackBatch {
    TrackCall *calls;
    size_t count;
    Slice write_key, sent_at;
    Slice context; /* shared by calls that have none; raw */
} TrackBatch;

/* What parsing needs; one per thread, reused. */
typedef struct TrackScan {
    JsonReader reader;
    Arena *arena;
    Slice context;       /* the last one read in this body, raw */
    unsigned context_at; /* how deep it stood */
    struct {
        size_t at;          /* offset of a call that was cut out of the body */
        const char *reason; /* why */
    } blanked[TRACK_BLANKED_MAX];
    size_t blanked_count;
} TrackScan;

/* Reads `body`, which may be changed. `single` NULL: the body is a batch (or one call that says
 * its type); else one call of that type (or a batch all the same). Errors: KITH_ERROR_INVALID (bad
 * JSON, not an object, no batch), KITH_ERROR_LIMIT (too many calls, memory). */
bool track_parse(TrackScan *scan, char *body, size_t size, const EventType *single,
                 TrackBatch *ret_batch, GError **error);
