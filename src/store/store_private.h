/* store/store_private.h: the inside of a Store, for the files of store/ alone. */
#pragma once
#include "base/ids.h"
#include "store/changes.h"
#include "store/epoch.h"
#include "store/folder.h"
#include "store/jobs.h"
#include "store/never.h"
#include "store/node.h"
#include "store/readers.h"
#include "store/secret.h"
#include "store/sqlite.h"
#include "store/stage.h"
#include "store/store.h"
#include "store/writer_private.h"

/* Whether the mark of calm.h may be there. */
typedef enum CalmState {
    CALM_UNKNOWN,
    CALM_ENDS, /* the transaction at hand removes it */
    CALM_OVER
} CalmState;

typedef struct Checkpoint Checkpoint;
typedef struct Keeper Keeper;

struct Store {
    int64_t claim_ms; /* StoreOptions; -1 = shared */
    int reader_ms;
    Folder folder;
    char *database; /* NULL = SQLite in the folder */
    char *file;     /* DATA/kith.db; NULL on PostgreSQL */
    DbKind kind;
    bool fresh; /* the database was made by this open */
    Secret *secret;
    Node *node;
    Writer *writer;
    Readers *readers;
    Checkpoint *checkpoint; /* SQLite */
    Epoch *epoch;
    Never *never;
    Keeper *keeper;
    StoreMetrics metrics;
    GMutex jobs_mutex; /* guards `jobs` against its end */
    Jobs *jobs;
    gint jobs_added; /* atomic: a transaction added jobs; the dispatcher is woken after COMMIT */
    gint stopping;   /* atomic: running jobs should end */
    CalmState calm;  /* writer thread */
    GMutex retry_mutex;
    StoreListener listeners[STORE_LISTENERS_MAX]; /* writer thread */
    unsigned listener_count;
    GArray *retries; /* Retry: parked items of stages that somebody wants tried again */
};

typedef struct Retry {
    char stage[STAGE_NAME_MAX + 1];
    int64_t item;
} Retry;

/* Wakes the dispatcher of jobs. */
void jobs_wake(Jobs *jobs);

/* After this returns the writer wakes no dispatcher any more. */
void store_jobs_detach(Store *store);

/* Opens one more connection to the store's database. */
Db *store_connect(Store *store, SqliteRole role, GError **error);

/* calm.c: hears of writes; before and after the COMMIT of a group. */
bool calm_watch(Store *store, GError **error);
bool calm_keep(Store *store, Db *db, GError **error);
void calm_kept(Store *store, bool done);
