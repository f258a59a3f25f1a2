/* timeline/timeline.h: all events of every person, in the order they occurred.
 *
 * A Timeline owns what stands beside the `event` table: the dictionary of names, the window of
 * messages (dedupe.h), on SQLite the runs from stem to event ids, the cache of sources, and the
 * live view (live.h). Events are appended with event_append (event.h) by every producer.
 *
 * Reading one person: people/ gives the stems, the runs their event ids (PostgreSQL: the key does),
 * the rows are read, and what belongs to another stem or is gone is skipped.
 *
 * Threads: appending, sealing and erasing on the writer's; everything else on any.
 *
 *     g_autoptr(Timeline) timeline = timeline_open(store, people, error);
 *     TimelineAsk ask = {.person_id = id, .limit = 50};
 *     g_autoptr(TimelinePage) page = timeline_read(timeline, db, &ask, error);
 */
#pragma once
#include "columns/runs.h"
#include "people/people.h"
#include "people/trust.h"
#include "store/store.h"
#include "timeline/dedupe.h"
#include "timeline/event.h"
#include "timeline/names.h"

typedef struct Live Live; /* timeline/live.h */

/* Opens everything and brings the runs up to date by a scan of the newest rows. `people` may be
 * NULL for tools that read no person. Both must outlive the result. */
Timeline *timeline_open(Store *store, People *people, GError **error);
void timeline_free(Timeline *timeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Timeline, timeline_free)

Store *timeline_store(Timeline *timeline);
People *timeline_people(Timeline *timeline);
Names *timeline_names(Timeline *timeline);
Dedupe *timeline_dedupe(Timeline *timeline);
Live *timeline_live(Timeline *timeline);
Runs *timeline_runs(Timeline *timeline); /* stem -> event ids; NULL on PostgreSQL */

/* Frees `data` by `destroy` with the timeline. */
void timeline_keep(Timeline *timeline, void *data, GDestroyNotify destroy);

/* The stem as a key of the runs. */
static inline uint64_t timeline_key(int64_t stem) { return (uint64_t)stem; }

/* Where rows came from. */
typedef struct EventSource {
    int64_t source_id, shop_id;
    Trust trust;
    char name[64];
    char kind[16];
} EventSource;

/* Copies what is known about a source; false when there is none of that id. New sources are read
 * from the database as they are met. */
bool timeline_source(Timeline *timeline, Db *db, int64_t source_id, EventSource *ret_source);

/* Hourly, in a unit of the writer: seals the heads, forgets messages older than the window. */
bool timeline_hourly(Timeline *timeline, Db *db, int64_t now, GError **error);

/* ---- reading one person ---- */

enum { TIMELINE_LIMIT_MAX = 200, TIMELINE_EVENTS_MAX = 1000000 };

typedef struct TimelineAsk {
    int64_t person_id;
    int64_t before_at, before_id; /* page on from here; both 0: the newest */
    unsigned limit;               /* 1..TIMELINE_LIMIT_MAX */
    unsigned families;            /* set of 1 << EventFamily; 0: all */
} TimelineAsk;

/* One event as stored; texts are owned. */
typedef struct TimelineEvent {
    int64_t event_id, stem, name_id, source_id;
    int64_t occurred_at, received_at;
    unsigned flags;
    const char *name; /* of the dictionary; not owned */
    char *message_id; /* or NULL */
    char *payload;
} TimelineEvent;

typedef struct TimelinePage {
    GPtrArray *events; /* of TimelineEvent, the latest to have occurred first */
    int64_t total;     /* of the families asked for */
    bool more;         /* there are older ones: go on before the last */
} TimelinePage;

void timeline_event_free(TimelineEvent *event);
void timeline_page_free(TimelinePage *page);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TimelinePage, timeline_page_free)

/* One page of a person. `db` is a reader. NULL on failure. Under 50 ms for 10,000 events. */
TimelinePage *timeline_read(Timeline *timeline, Db *db, const TimelineAsk *ask, GError **error);

/* Calls `each` for every event of one stem, oldest id first, until it returns false. For exports,
 * settlements, erasure. False on failure of the database only. */
typedef bool (*TimelineEach)(void *context, const TimelineEvent *event);
bool timeline_each(Timeline *timeline, Db *db, int64_t stem, TimelineEach each, void *context,
                   GError **error);

/* Removes a stem from the runs (after its rows were deleted and that was committed), resp. rewrites
 * the files so that none of it is left. Worker thread; the first waits for the writer. */
bool timeline_forget(Timeline *timeline, int64_t stem, GError **error);
bool timeline_purge(Timeline *timeline, GError **error);
