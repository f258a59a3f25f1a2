/* segments/feed_queue.h: what was written and is not yet in the columns.
 *
 * A watch of the writer (store/writer.h) hears of every row that is written, whoever writes it, and
 * queues what concerns the columns when the group is stored: before anybody is answered. So who
 * takes the queue and then reads the columns has seen everything acknowledged before. What is
 * rolled back is queued too, as something to look at again: memory that others keep may have shown
 * it for a moment. Private to segments/; any thread, one short lock.
 */
#pragma once
#include "store/store.h"
#include "store/writer.h"

typedef enum FeedOpKind {
    FEED_EVENT,  /* an event was added */
    FEED_EVENTS, /* the events of a stem have to be read again */
    FEED_ORDERS, /* its orders and refunds have to be */
    FEED_PERSON, /* whether this is somebody, what lists show, and whose stems are theirs */
    FEED_TRAITS, /* traits and tags of a stem have to be read again */
    FEED_PURGE,  /* somebody was erased: what is void has to leave memory */
    FEED_STALE,  /* nobody can say what changed */
    FEED_OPS
} FeedOpKind;

typedef struct FeedOp {
    FeedOpKind kind;
    uint32_t flags; /* of FEED_EVENT: EventFlag */
    int64_t stem, name_id, at, id;
    char *payload; /* owned; of FEED_EVENT, as stored */
} FeedOp;

typedef struct FeedQueue FeedQueue;

/* Called on the writer's thread when the queue has grown long, or memory is to be cleared of
 * somebody; only wakes somebody. */
typedef void (*FeedLong)(void *data);

typedef struct FeedQueueOptions {
    Store *store;
    guint ops_max; /* changes that may wait; 0: LIMIT_FEED_OPS */
    FeedLong is_long;
    void *data;
} FeedQueueOptions;

FeedQueue *feed_queue_new(const FeedQueueOptions *options, GError **error);
void feed_queue_free(FeedQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedQueue, feed_queue_free)

/* Everything queued so far, in order, of FeedOp; the caller unrefs it, which frees payloads. Beyond
 * `ops_max` it is one FEED_STALE. */
GArray *feed_queue_take(FeedQueue *queue);

/* Whether nothing is queued. */
bool feed_queue_is_empty(FeedQueue *queue);

/* An empty list of FeedOp. */
GArray *feed_ops_new(void);
