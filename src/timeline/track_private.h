/* timeline/track_private.h: one tracking request on its way, for track_*.c alone. */
#pragma once
#include "people/trait.h"
#include "timeline/live.h"
#include "timeline/payload.h"
#include "timeline/track.h"
#include "timeline/track_parse.h"

/* A call made ready for the writer. */
typedef struct TrackEvent {
    bool ready; /* nothing was wrong with it when it was prepared */
    LiveStatus status;
    const char *reason; /* why refused, or what was not taken of an accepted one; NULL: nothing */
    EventType type;
    unsigned flags;
    Slice name;
    bool is_order; /* an order word: goes through orders/ */
    int64_t occurred_at;
    const char *message_id; /* NUL-terminated; NULL: none */
    Hash128 fingerprint;
    const char *payload; /* comparable form */
    bool has_user_hash;
    Hash128 user_hash; /* of user_id */
    Slice user_id, anonymous_id, previous_id, email, phone;
    Slice properties; /* raw, for orders */
    const TraitValue *traits;
    size_t trait_count;
    int64_t stem; /* found by the writer */
} TrackEvent;

/* What a thread parses with; borrowed from the pool. */
typedef struct TrackTools {
    TrackScan scan;
    PayloadCoder *coder;
    JsonReader reader; /* over traits */
    Buffer payload;
} TrackTools;

typedef struct TrackRequest {
    Track *track;
    Request *request;
    Arena *arena;
    EventSource source; /* of the key */
    char key_name[64];
    int64_t received_at;
    TrackEvent *events;
    size_t count;
    struct TrackUnit *units;
    size_t unit_count;
    size_t units_open; /* writer's thread once submitted */
    GError *failure;   /* first one of a unit */
} TrackRequest;

typedef struct TrackUnit {
    TrackRequest *request;
    size_t first, count;
} TrackUnit;

struct Track {
    Timeline *timeline;
    Orders *orders;
    GMutex lock;       /* of what follows */
    GCond idle;        /* in_flight fell to 0 */
    size_t in_flight;  /* requests that are not freed yet */
    GPtrArray *arenas; /* of Arena, spare */
    GPtrArray *tools;  /* of TrackTools, spare */
};

/* Turns the calls of a batch into events: checks, times, stored form. False only when memory is
 * over (LIMIT). */
bool track_prepare(TrackRequest *request, TrackTools *tools, const TrackBatch *batch,
                   GError **error);

/* Hands a prepared request to the writer; it is answered from there. */
void track_submit(TrackRequest *request);

/* Stores one purchase, refund or cancellation that `event` reports. `ret_append`: it is what the
 * timeline shows of it, under `event_id`; else it is evidence only. A report that cannot be taken
 * sets event->reason and is appended as a plain event. */
bool track_order_store(TrackRequest *request, Db *db, TrackEvent *event, int64_t event_id,
                       bool *ret_append, GError **error);

/* Is this the name of something orders/ takes? */
bool track_order_name(Slice name);

void track_request_free(TrackRequest *request);
