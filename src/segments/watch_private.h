/* segments/watch_private.h: the inside of a Watch, for its own files. */
#pragma once
#include "base/ration.h"
#include "segments/evaluate.h"
#include "segments/judge.h"
#include "segments/watch.h"
#include "store/changes.h"

/* One segment that is watched, as of the last reading. */
typedef struct Watched {
    int64_t segment_id, version;
    int64_t recorded; /* version that the record has caught up with; 0: none */
    bool notify;
    bool ranked; /* others decide too: a rank, a stage of the lifecycle */
    char *name;  /* owned */
    char *told;  /* properties of the events that tell of it, JSON; owned */
    Rule *rule;  /* owned */
} Watched;

/* Some of the watched segments: bit i is watched->pdata[i]. */
enum { WATCH_WORDS = (WATCH_SEGMENTS_MAX + 63) / 64 };
typedef struct WatchMask {
    uint64_t words[WATCH_WORDS];
} WatchMask;

static inline bool watch_mask_has(const WatchMask *mask, guint i)
{
    return mask->words[i / 64] >> i % 64 & 1;
}

/* How somebody stands in one watched segment. */
typedef struct WatchStep {
    int64_t segment_id;
    int64_t member_id; /* the stay they are in; 0: they are not in */
    int64_t at;        /* of the last step, UTC ms; INT64_MIN: there was none */
    int64_t due;       /* when it changes next if nothing happens, or earlier; INT64_MAX: never */
} WatchStep;

/* What the record holds of one person. */
typedef struct WatchKnown {
    int64_t person;
    GArray *steps; /* of WatchStep, rising by segment */
    guint counted; /* what the memory counts of them */
    guint near;    /* the place that was looked for last */
} WatchKnown;

/* What of the record is kept in memory. Of the thread that steps; nobody else writes the record but
 * to take rows away. */
typedef struct WatchMemory WatchMemory;

/* Which rules look at what. */
typedef struct WatchIndex {
    WatchMask any;    /* all */
    WatchMask events; /* at events of a name that never came in */
    WatchMask orders, traits, tags, lists, consents;
    GHashTable *names; /* event name id -> WatchMask * */
} WatchIndex;

/* Which rules somebody's changes concern, of those that are not judged yet. It covers them all if
 * as many were noted since the row of the person began as that says; else some are older than the
 * process, or another one's. */
typedef struct WatchHint {
    int64_t person;
    int64_t notes;
    int64_t at; /* receipt of the first that is not judged yet; INT64_MAX: all are */
    bool whole; /* it is known to have counted from the row's begin */
    WatchMask rules;
} WatchHint;

typedef struct WatchScan {
    int64_t segment_id, version;
} WatchScan;

/* What pages show of the records, as last counted. */
typedef struct WatchFigures {
    GMutex mutex; /* of what follows */
    GCond cond;
    GArray *list;       /* of WatchFigure; NULL: none yet. Never changed, only replaced */
    int64_t as_of;      /* when, UTC ms */
    int64_t counted_us; /* the same, monotonic */
    Ration ration;
    bool counting; /* somebody is */
} WatchFigures;
void watch_figures_init(WatchFigures *figures);
void watch_figures_clear(WatchFigures *figures);

struct Watch {
    Segments *segments;
    bool listening;
    GMutex mutex; /* of what follows up to `state` */
    GCond cond;
    bool stopping, woken;
    WatchIndex index;
    GHashTable *hints; /* person -> WatchHint *, of who waits */
    WatchState state;
    gint recheck;        /* atomic: something changed about more people than were named */
    bool many;           /* writer thread: so did the running group */
    int64_t ranked_at;   /* when ranks were last compared with the record; 0: never */
    char *business;      /* zone, currency and usual gap of the record; NULL: not looked at yet */
    gint renew;          /* atomic: rules are to be read anew */
    bool noted;          /* writer thread: the running group put somebody on the list */
    GThread *thread;     /* NULL while it does not run */
    GPtrArray *watched;  /* of Watched; of who steps */
    GArray *scan;        /* of WatchScan: records that begin, or follow an edit, together */
    int64_t scan_person; /* where they have come to */
    WatchMemory *memory;
    struct Moves *flight; /* of who steps: what is being written; NULL: nothing */
    WatchFigures figures;
};

/* Whether a segment is among those that are recorded anew. */
bool watch_scans(const Watch *watch, const Watched *watched);

/* watch_index.c: reads what is watched, and what those rules look at. */
bool watch_read(Watch *watch, GError **error);
void watched_free(Watched *watched);
/* Whether a change concerns any watched rule; adds those to the hints of `person` and, unless it is
 * 0, of `stem`. Any thread. */
bool watch_concerns(Watch *watch, const StoreChange *change, int64_t person, int64_t stem);
/* The rules that what waits of a person concerns; they are judged now. */
WatchMask watch_hint_take(Watch *watch, int64_t person, int64_t revision);
/* On the writer's thread, after a judging: the row of the person is gone, resp. stays with this
 * revision, as more was noted meanwhile. Returns the receipt of the first that was; INT64_MAX: not
 * known. */
void watch_hint_drop(Watch *watch, int64_t person);
int64_t watch_hint_follow(Watch *watch, int64_t person, int64_t revision);
/* From now on the hints that there are mean every rule. */
void watch_hints_widen(Watch *watch);

/* One person who has to be judged. */
typedef struct WatchItem {
    int64_t stem, at; /* at: from this instant on, UTC ms */
    int64_t revision; /* of the list; 0: was not on it */
    bool scan;        /* for the segments that are recorded anew, only */
} WatchItem;

/* watch_recheck.c: puts on the list whom the record is wrong about, where that does not show by
 * changes of their own; begins all records anew when the business's zone, currency or usual gap is
 * another. `ret_did`: something was found. */
bool watch_recheck(Watch *watch, int64_t now, bool *ret_did, GError **error);
/* watch_record.c: who is in a segment by the record: ids, rising. NULL on failure. */
GArray *watch_members(Segments *segments, int64_t segment_id, GError **error);

/* watch_known.c */
WatchMemory *watch_memory_new(void);
void watch_memory_free(WatchMemory *memory);
void watch_memory_clear(WatchMemory *memory);
void watch_memory_drop(WatchMemory *memory, int64_t person);
/* Lets go of who was not asked for lately, if there is much; what was found before is not valid any
 * more. */
void watch_memory_age(WatchMemory *memory);
/* Who is kept, else NULL; resp. reads them from the record, NULL on failure. Owned by the memory.
 */
WatchKnown *watch_known(WatchMemory *memory, int64_t person);
WatchKnown *watch_known_read(WatchMemory *memory, Db *db, int64_t person, GError **error);
/* Counts the steps that were made since. */
void watch_known_count(WatchMemory *memory, WatchKnown *known);
/* Their step in a segment; NULL: none, resp. made. Valid until the next is made. */
WatchStep *watch_step_find(WatchKnown *known, int64_t segment_id);
WatchStep *watch_step_take(WatchKnown *known, int64_t segment_id);

/* watch_move.c: judges the items, as of `now`, and writes what came of it. */
bool watch_move(Watch *watch, const GArray *items, int64_t now, GError **error);
/* The record has caught up with this version. */
bool watch_recorded(Watch *watch, Watched *watched, GError **error);
