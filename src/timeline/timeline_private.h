/* timeline/timeline_private.h: the inside of a Timeline, for the files of this folder alone. */
#pragma once
#include "base/json_write.h"
#include "timeline/payload.h"
#include "timeline/timeline.h"

struct Timeline {
    Store *store;
    People *people;
    Names *names;
    Dedupe *dedupe;
    Runs *runs; /* SQLite */
    Live *live;
    bool watched;        /* the writer tells `names` */
    GPtrArray *kept;     /* of Kept: freed with it */
    GMutex lock;         /* of sources */
    GHashTable *sources; /* gint64 source_id -> EventSource, owned */
};

/* Appends the row under a known name number. */
bool event_write(Timeline *timeline, Db *db, const EventInput *input, int64_t name_id,
                 int64_t *ret_event_id, GError **error);
