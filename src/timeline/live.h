/* timeline/live.h: what just arrived and what was refused, and why; for the Live page.
 *
 * A ring of the newest LIVE_ITEMS items in memory, never on disk, and listeners that are told of
 * each. Under load only the last LIVE_PER_REQUEST items of a request are shown; all are counted.
 * Personal data (names, properties): forgotten with the person, gone with the process.
 *
 * Thread safe; one short lock a request.
 */
#pragma once
#include <jansson.h>

#include "timeline/event.h"

enum { LIVE_ITEMS = 2000, LIVE_PER_REQUEST = 20, LIVE_PAYLOAD_BYTES_MAX = 4096 };

typedef enum LiveStatus { LIVE_ACCEPTED, LIVE_DUPLICATE, LIVE_REFUSED, LIVE_STATUSES } LiveStatus;

/* One item; everything is copied. Empty slices and NULL where there is nothing. */
typedef struct LiveItem {
    int64_t at; /* UTC ms of receipt */
    LiveStatus status;
    Slice type, name;
    int64_t stem; /* 0: nobody, or not known yet */
    Slice who;    /* the name it came with (user id, address), when there is no person */
    const char *source, *key; /* names */
    const char *reason;
    const char *payload; /* comparable form, or NULL */
} LiveItem;

typedef struct Live Live;

Live *live_new(void);
void live_free(Live *live);

/* Adds items, oldest first. */
void live_add(Live *live, const LiveItem *items, size_t count);

/* Forgets what concerns a stem. */
void live_forget(Live *live, int64_t stem);

/* Number of the newest item; items are numbered from 1. */
uint64_t live_newest(Live *live);

/* The items numbered above `after`, at most `limit` newest of them, newest first: JSON array as
 * the API gives it. `person_of` (may be NULL) turns a stem into a person's id. */
json_t *live_list(Live *live, uint64_t after, unsigned limit,
                  int64_t (*person_of)(void *context, int64_t stem), void *context);

/* `listener` is called after items were added, on the thread that added them: it only wakes
 * somebody. Returns a number for live_unlisten, after which it is not called any more. */
typedef void (*LiveListener)(void *data);
unsigned live_listen(Live *live, LiveListener listener, void *data);
void live_unlisten(Live *live, unsigned number);

/* Items since the start, by status. */
void live_counts(Live *live, int64_t ret_counts[LIVE_STATUSES]);
/* Counts items that are not shown. */
void live_count(Live *live, LiveStatus status, int64_t count);
