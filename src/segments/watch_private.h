/* segments/watch_private.h: the inside of a Watch, for watch.c, watch_index.c and watch_move.c. */
#pragma once
#include "segments/evaluate.h"
#include "segments/judge.h"
#include "segments/watch.h"
#include "store/changes.h"

/* One segment that is watched, as of the last reading. */
typedef struct Watched {
    int64_t segment_id, version;
    int64_t recorded; /* version that the record has caught up with; 0: none */
    bool notify;
    char *name; /* owned */
    Rule *rule; /* owned */
} Watched;

/* What watched rules look at; immutable. */
typedef struct WatchIndex {
    bool any, events, orders, traits, tags, lists, consents;
    GHashTable *names; /* event name ids, as pointers */
} WatchIndex;

struct Watch {
    Segments *segments;
    bool listening;
    GMutex mutex; /* of what follows up to `state` */
    GCond cond;
    bool stopping, woken;
    WatchIndex index;
    WatchState state;
    gint renew;         /* atomic: rules are to be read anew */
    bool noted;         /* writer thread: the running group put somebody on the list */
    GThread *thread;    /* NULL while it does not run */
    GPtrArray *watched; /* of Watched; of who steps */
    int64_t scan_segment, scan_person; /* where a record that begins has come to */
};

/* watch_index.c: reads what is watched, and what those rules look at. */
bool watch_read(Watch *watch, GError **error);
void watched_free(Watched *watched);
/* Whether a change concerns any watched rule. Any thread. */
bool watch_concerns(Watch *watch, const StoreChange *change);

/* One person who has to be judged. */
typedef struct WatchItem {
    int64_t stem, at; /* at: from this instant on, UTC ms */
    int64_t revision; /* of the list; 0: was not on it */
    int64_t segment;  /* only this one; 0: all */
} WatchItem;

/* watch_move.c: judges the items, as of `now`, and writes what came of it. */
bool watch_move(Watch *watch, const GArray *items, int64_t now, GError **error);
/* The record has caught up with this version. */
bool watch_recorded(Watch *watch, Watched *watched, GError **error);
