/* segments/feed_private.h: the inside of a Feed, for its own files.
 *
 * Lock order: lock, then write. `lock` may be held while the database is read; `write` never, so
 * that a scan with a reader in hand can append.
 */
#pragma once
#include "base/limits.h"
#include "segments/evaluate.h"
#include "segments/feed.h"
#include "segments/feed_queue.h"

/* The crowd as of one moment; `index` grows at its end only, everything else is never changed. */
typedef struct FeedCrowd {
    gatomicrefcount count;
    GArray *people;
    uint32_t *index;
    uint32_t rows, room;
} FeedCrowd;

FeedCrowd *feed_crowd_new(GArray *people);
FeedCrowd *feed_crowd_ref(FeedCrowd *crowd);
void feed_crowd_unref(FeedCrowd *crowd);

#define FEED_FOR_EVER INT64_MAX                           /* needed by what is kept */
#define FEED_FRESH_US ((int64_t)10 * 60 * G_USEC_PER_SEC) /* not displaced before */
#define FEED_LET_GO   (-FEED_FRESH_US) /* by nobody who is known: displaced first */

/* A name of events whose occurrences are held. */
typedef struct FeedName {
    int64_t name_id;
    GPtrArray *paths; /* of owned texts: properties wanted; replaced, never changed */
    int64_t asked_us[LIMIT_FEED_PROPERTIES]; /* of each path: when it was needed last */
    GPtrArray *held; /* those of the columns as they are, or are being read */
    bool again;      /* to be read: `paths` are others than `held`, or it is not held */
    bool building;
} FeedName;

/* A trait, what lists show, or the tags: held as occurrences of a name of its own, or wanted. */
typedef struct FeedTrait {
    char *key;     /* owned: feed_traits.h; the path of its first property */
    uint32_t name; /* of the columns */
    bool again;    /* to be read */
    bool building, held;
    int64_t asked_us; /* monotonic: when a question needed it last; FEED_FOR_EVER */
} FeedTrait;

/* Whose what has to be read again: sets of gint64. It stays here until it was read. */
typedef struct FeedAgain {
    GHashTable *people, *orders, *events, *traits;
    GHashTable *later; /* stems whose traits changed while some are being read for everybody */
    bool purge;        /* what is void has to leave memory */
} FeedAgain;

typedef struct FeedSnapshot FeedSnapshot;

struct Feed {
    FeedOptions options;
    Segments *segments; /* for scans: answers by SQL alone */
    FeedQueue *queue;

    GMutex lock; /* of what follows */
    GCond settled;
    FeedCrowd *crowd; /* NULL: not read yet */
    char currency[CURRENCY_SIZE];
    GHashTable *names; /* gint64 name_id -> FeedName */
    GArray *deferred;  /* of FeedOp: of names that are being read */
    GPtrArray *traits; /* of FeedTrait */
    FeedAgain again;
    bool stale, wanted;     /* everything, resp. some names have to be read */
    bool anew;              /* other rules are kept */
    bool stop, changed;     /* `changed`: something is not published */
    bool idle;              /* the thread has nothing to do */
    FeedSnapshot *snapshot; /* opened and not yet read; NULL: none */
    bool loaded;            /* it was used */
    uint64_t rebuilds;

    GMutex write;          /* of the columns' writing end */
    EventColumns *columns; /* replaced with both locks held */

    GThread *thread;
    GCond wake;
    int ready, is_long; /* atomic */
    gint answers[3];    /* atomic: by FeedEngine */
};

/* feed_facts.c: append an occurrence of a held name, resp. an order or refund; take `write`. */
void feed_append(Feed *feed, const FeedName *name, const Seen *seen);
void feed_append_bought(Feed *feed, const Seen *seen);

/* feed_scan.c. Reads the crowd; the orders and refunds of everybody; the events of all names that
 * are marked `again`. On the feed's thread, without locks. */
bool feed_read_people(Feed *feed, GError **error);
bool feed_read_orders(Feed *feed, GError **error);
bool feed_read_names(Feed *feed, GError **error);

/* Replaces orders and refunds, resp. events, of some stems (of int64_t); `lock` is held. `ret_ids`:
 * gets the ids read (set of gint64). */
bool feed_reread_orders(Feed *feed, const GArray *stems, GError **error);
bool feed_reread_events(Feed *feed, const GArray *stems, GHashTable *ret_ids, GError **error);

/* feed_crowd.c: who of `touched` (set of gint64) is somebody now, and whose rows are whose. */
bool feed_crowd_touch(Feed *feed, GHashTable *touched, GError **error);
/* Finds whose the rows are that came since. */
void feed_crowd_extend(Feed *feed, const EventView *view);

/* feed_traits.c. Reads for everybody what is marked `again`; on the feed's thread, without locks.
 * Replaces what is held of some stems (of int64_t); `lock` is held. */
bool feed_read_traits(Feed *feed, GError **error);
bool feed_reread_traits(Feed *feed, const GArray *stems, GError **error);
bool feed_traits_building(const Feed *feed);
void feed_trait_free(void *trait);

/* feed_want.c: what kept rules and ready groups need; on the feed's thread, without locks. */
void feed_want_ahead(Feed *feed);
/* Nothing is needed for ever until that is said again; `lock` is held. */
void feed_let_go(Feed *feed);

/* feed_drain.c: applies what is queued; `lock` is held. `skip` (may be NULL): ids that a scan has
 * read already. What could not be read stays to be read: false, and nothing may be shown. */
bool feed_drain(Feed *feed, GHashTable *skip, GError **error);
/* Applies what was deferred while names were read. */
bool feed_drain_deferred(Feed *feed, GHashTable *skip, GError **error);

void feed_again_init(FeedAgain *again);
void feed_again_clear(FeedAgain *again);
/* Forgets all of it: everything is read. */
void feed_again_drop(FeedAgain *again);

/* feed_snapshot.c: takes the file out of the folder, before anything is written; reads it on the
 * feed's thread (`lock` is held, and let go meanwhile); saves at the end, without threads. */
void feed_snapshot_open(Feed *feed);
bool feed_snapshot_load(Feed *feed);
void feed_snapshot_save(Feed *feed);
void feed_snapshot_clear(Feed *feed);
EventColumnsOptions feed_columns_options(const Feed *feed);

FeedName *feed_name_add(Feed *feed, int64_t name_id);
GHashTable *feed_ids_new(void);
void feed_ids_add(GHashTable *ids, int64_t id);

extern const char *const feed_order_paths[];
extern const char *const feed_refund_paths[];
enum { FEED_ORDER_PATHS = 8, FEED_REFUND_PATHS = 2 };
#define FEED_TILL (INT64_MIN + 1) /* the stem under which orders of nobody known are held */
