/* store/changes.h: who hears, inside the unit of the writer that does it, what changed about whom.
 *
 * Folders that keep something derived from people (which segments somebody is in, columns) are told
 * of each change of the rows that it is derived from, in the transaction of the change: what a
 * listener writes stands or falls with it. What was told of a unit or group that is rolled back did
 * not happen (store/writer.h, WriterWatch, says when).
 *
 *     StoreListener listener = {watch_changed, watch};
 *     if (!store_listen(store, &listener, error)) return false;
 *     …
 *     StoreChange change = {.kind = CHANGE_TAG, .stem = stem, .at = at};
 *     if (!store_changed(db, &change, error)) return false; // in a unit of the writer
 *
 * Listeners live on the writer's thread; no locks.
 */
#pragma once
#include "store/store.h"

typedef enum ChangeKind {
    CHANGE_EVENT,   /* a row of `event` was added or taken away: `name_id`, `event_id`; of what was
                       added `occurred_at` */
    CHANGE_ORDER,   /* an order or a refund */
    CHANGE_TRAIT,   /* a trait: `name` */
    CHANGE_TAG,     /* a tag was put on or taken off */
    CHANGE_LIST,    /* put on a list of people (a segment without a rule), or taken off */
    CHANGE_CONSENT, /* the ledger of what somebody agreed to */
    CHANGE_PERSON,  /* what lists show; made, joined, parted or erased */
    CHANGE_KINDS
} ChangeKind;

typedef struct StoreChange {
    ChangeKind kind;
    int64_t stem;                           /* 0: more people than can be named */
    int64_t at;                             /* UTC ms of receipt */
    int64_t name_id, event_id, occurred_at; /* of CHANGE_EVENT */
    const char *name;                       /* of CHANGE_TRAIT */
} StoreChange;

typedef struct StoreListener {
    /* False undoes the unit; only for failures of the database. */
    bool (*changed)(void *data, Db *db, const StoreChange *change, GError **error);
    void *data;
} StoreListener;

enum { STORE_LISTENERS_MAX = 4 };

/* Adds a listener (copied), resp. removes the one with this `data`, between two groups of the
 * writer. Never from the writer's thread. */
bool store_listen(Store *store, const StoreListener *listener, GError **error);
void store_unlisten(Store *store, void *data);

/* Tells all of them. Inside a unit of the writer; does nothing on other connections. */
bool store_changed(Db *db, const StoreChange *change, GError **error);

/* The same for one stem and a kind without more to say, received now. */
bool store_changed_now(Db *db, ChangeKind kind, int64_t stem, GError **error);
