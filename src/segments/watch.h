/* segments/watch.h: watched segments: a record of who came in and who left, and when exactly.
 *
 * What the record says of a watched segment is what its rule says. Whatever changes about a person
 * (an event, an order, a trait, a tag, a consent, a merge, an erasure) puts the person on a list
 * in the transaction of the change (store/changes.h), if some watched rule looks at such things;
 * for what changes by itself there is a row with the next instant, per person and segment. One
 * thread takes what waits, a batch of people at a time, looks how each rule stood from that instant
 * on (screen.h; judge.h for whom that does not tell), and writes, in units of the writer: the stays
 * (`segment_member`) with the events "Segment Entered" or "Segment Exited" on the timelines, the
 * next instants, and last that these people are done. So a kill at any moment loses nothing and
 * writes nothing twice.
 *
 * An event bears the first ms since which it is so: of what ages, the edge; of what came in, the
 * receipt, or the ms after it happened. Who was in when watching began, or by an edit of the rule,
 * is recorded without an event, unless the edit asked for it. Who is merged away, erased or gone
 * leaves the record without one. Of several changes that were judged together the receipt of the
 * first counts. Ranks are as of their last ranking (ranks.h); every five minutes they are made anew
 * and compared with the record: whom they move comes or goes at that instant. Another zone,
 * currency or usual gap of the business is an edit.
 *
 * The thread runs while the store is served and is not held. Thread safe.
 *
 *     app->watch = watch_new(segments, error);
 *     if (!watch_start(app->watch, error)) …       // when it is served
 */
#pragma once
#include "segments/saved.h"

typedef struct Watch Watch;

enum {
    WATCH_BATCH = 1000,       /* people judged before their record is written */
    WATCH_FLIPS_MAX = 1000,   /* changes of one rule for one person caught up with at once */
    WATCH_IDLE_MS = 200,      /* longest wait between two looks */
    WATCH_SEGMENTS_MAX = 200, /* watched at once */
};

/* Reads what is watched and listens to changes; must be freed before its parts are. */
Watch *watch_new(Segments *segments, GError **error);
void watch_free(Watch *watch);

/* Starts and stops the thread. */
bool watch_start(Watch *watch, GError **error);
void watch_stop(Watch *watch);

/* Judges and records what is due up to clock_now_ms(), until nothing waits; in the calling thread,
 * for tests and commands. Not while the thread runs. */
bool watch_settle(Watch *watch, GError **error);

/* Something about the saved segments changed: rules are read anew before the next step. */
void watch_renew(Watch *watch);

/* Whether a record can be kept of a segment with this rule. It depends on the segments that its
 * rule names, be it by `in segment` or by the events that their records write: these have to be
 * named
 * (`did "Segment Entered" where segment = "Regulars"`), and none may lead back to it. Errors:
 * KITH_ERROR_INVALID, KITH_ERROR_LIMIT (memory for columns), else as segments_check. */
bool watch_check(Segments *segments, const char *name, const char *rule, GError **error);

/* Begins or ends to keep a record of a segment; ending forgets it. Errors: NOT_FOUND,
 * KITH_ERROR_LIMIT (WATCH_SEGMENTS_MAX). */
bool watch_pin(Watch *watch, const Actor *by, int64_t segment_id, bool watched, GError **error);

typedef struct WatchState {
    int64_t lag_ms;        /* age of the oldest thing that waits to be judged; 0: nothing does */
    int64_t as_of;         /* UTC ms up to which the record is complete */
    int64_t waiting;       /* people on the list at the last look, at most WATCH_BATCH */
    int64_t entered, left; /* recorded since the start */
    int64_t failures;      /* tries that failed since the start, each repeated */
    unsigned watched;
} WatchState;
WatchState watch_state(Watch *watch);

/* Forgets the record of a segment that is gone or not watched any more. */
bool watch_forget(Watch *watch, int64_t segment_id, GError **error);

/* What pages show of a record. */
typedef struct WatchAsk {
    int64_t segment_id;
    int64_t since; /* UTC ms */
    int64_t rows;  /* of the list */
} WatchAsk;
typedef struct WatchCount {
    int64_t members;       /* in it now */
    int64_t entered, left; /* since then; who was in when watching began entered then */
} WatchCount;
bool watch_count(Segments *segments, const WatchAsk *ask, WatchCount *ret_count, GError **error);

typedef struct WatchFigure {
    int64_t segment_id, watched_at;
    WatchCount count; /* the last 24 hours' */
    int64_t last_at;  /* when somebody last came in or left; 0: nobody yet */
} WatchFigure;
/* The same of all watched segments among `saved`, in its order: GArray of WatchFigure, to be
 * unreffed, not changed; NULL on failure. Counted at each call as far as base/ration.h allows, else
 * up to a minute before: `ret_as_of`, UTC ms. */
GArray *watch_figures(Watch *watch, const GPtrArray *saved, int64_t *ret_as_of, GError **error);

typedef struct WatchFlip {
    int64_t person_id, at;
    bool entered;
} WatchFlip;
/* The last who came in or left, the latest first. NULL on failure. */
GArray *watch_recent(Segments *segments, const WatchAsk *ask, GError **error);

/* Who was in a watched segment as it was known at a time: ids, rising. NULL on failure. Errors:
 * KITH_ERROR_INVALID (not watched then). */
GArray *watch_known_at(Segments *segments, const Rule *rule, int64_t known_at, GError **error);
