/* segments/watch_write.h: what came of a judging, on its way into the record.
 *
 * Rows go to the writer as many small units that do not wait for each other, while the next people
 * are judged; one set of moves is on its way at a time.
 *
 *     watch_launch(moves); … if (!watch_land(watch, error)) …
 */
#pragma once
#include "segments/watch_private.h"

/* Somebody came in or left. */
typedef struct MoveFlip {
    int64_t person, segment_id, member_id, version, at;
    const char *told; /* lives as long as what is watched; NULL: nobody is told */
    bool enters;
} MoveFlip;

/* When a rule of somebody's changes next. */
typedef struct MoveDue {
    int64_t person, segment_id, at; /* INT64_MAX: never */
} MoveDue;

/* What is to be written; items last, so that who was not written altogether is judged again. */
typedef struct Moves {
    Watch *watch;
    int64_t now;
    GArray *flips, *dues, *done; /* of MoveFlip, MoveDue, WatchItem; owned */
    GArray *units;               /* of MoveUnit, in that order; owned */
    GHashTable *people;          /* once they are written: stems and people of those rows; owned */
    WatchMask scans;             /* segments that are recorded anew */
    GMutex mutex;                /* of what follows */
    GCond cond;
    guint pending;   /* units */
    GError *failure; /* the first; nothing is written after it */
} Moves;

/* Some of the rows, counted through flips, dues and items: what one unit of the writer writes,
 * which may be run again. */
typedef struct MoveUnit {
    Moves *moves;
    guint from, to;
} MoveUnit;

Moves *moves_new(Watch *watch, int64_t now);
void moves_free(Moves *moves);
/* Begins to write them while others are judged; takes them over. Nothing else may be on its way. */
void watch_launch(Moves *moves);
/* Waits until what is on its way is written; false: not all of it, and no item. Then nothing of the
 * record is kept in memory any more. */
bool watch_land(Watch *watch, GError **error);
/* Whether something of them is on its way, so that they cannot be judged yet. */
bool watch_flies(const Watch *watch, int64_t person);
