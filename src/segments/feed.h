/* segments/feed.h: keeps event columns and the crowd in memory equal to the database.
 *
 * Events, orders and refunds are held as columns (columns/event_columns.h), read by the same scans
 * that answer a rule from the database (load.h tells them as `Seen`), and kept equal by what the
 * writer wrote (feed_queue.h): new events are appended, of people whose events or orders changed
 * otherwise all are read again. The crowd is who is somebody, rising, and for each row of the
 * columns whose it is. Merges and undos change the crowd alone.
 *
 * Exact: feed_begin applies all that was acknowledged before it. In doubt (a failure of the
 * database, too many changes, another currency) nothing is held until a thread has read everything
 * anew; meanwhile feed_begin says no and rules are answered by SQL. So a start reads everything,
 * too, unless nothing was written since a clean stop that left a snapshot in the data folder.
 *
 * Which properties and traits are held is learnt from the rules that are kept, from the ready
 * groups and from what is asked: feed_want. They are read in the background and are there some
 * moments later.
 *
 * Threads: any. Never with a reader in hand, nor from the writer's thread.
 */
#pragma once
#include "columns/event_columns.h"
#include "segments/segments.h"

/* Names of the columns beside those of events (timeline/names.h): folded orders, booked refunds. */
enum { FEED_NAME_ORDERS = 0x7ffffff0, FEED_NAME_REFUNDS = 0x7ffffff1 };
#define FEED_NOBODY UINT32_MAX

typedef struct Feed Feed;

/* What one question reads; immutable. */
typedef struct FeedRead {
    EventView *view;
    GArray *people;        /* of int64_t: the crowd, rising */
    const uint32_t *index; /* of each row of the view: in the crowd, or FEED_NOBODY */
    uint32_t rows;
    void *crowd; /* holds `index` */
} FeedRead;

typedef struct FeedOptions {
    Store *store; /* all three outlive the feed */
    People *people;
    Timeline *timeline;
    uint64_t bytes_max;
    int64_t chunk_rows; /* as of SegmentsOptions */
    guint ops_max;      /* changes that may wait, else all is read anew; 0: LIMIT_FEED_OPS */
    bool snapshot;      /* save at the end, and use what the last end left */
    /* Told how the columns came to be, in a thread of the feed; may be NULL. */
    void (*note)(void *data, const char *text);
    void *note_data;
} FeedOptions;

/* Begins to hear of changes and to read in a thread of its own; returns at once. The end waits for
 * what is being read and saved: with a snapshot about a second for ten million occurrences. */
Feed *feed_new(const FeedOptions *options, GError **error);
void feed_free(Feed *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Feed, feed_free)

/* Everything acknowledged so far; false: nothing is held now. `currency`: the business's. */
bool feed_begin(Feed *feed, const char *currency, FeedRead *ret_read);
void feed_end(FeedRead *read);

/* Why something is to be held. */
typedef enum FeedNeed {
    FEED_ASKED, /* a question needs it: it makes room again once nobody asks */
    FEED_KEPT   /* a rule that is kept or watched, or a ready group, does */
} FeedNeed;

/* Asks for a property (feed_path_of; NULL: the events as such) of an event's name to be held from
 * some moments later on. Errors: KITH_ERROR_LIMIT, saying which budget is too small. */
bool feed_want(Feed *feed, int64_t name_id, const char *property, FeedNeed need, GError **error);

#define FEED_CONTEXT_MARK '\x01' /* before the name of a member of an event's context */

/* Under which path a field of an event is held: its first name, or one that means a member of the
 * event's context. NULL: none is; the caller frees. */
char *feed_path_of(const RuleField *field);

/* Other rules are kept than before: what only those needed that are not any more makes room again,
 * from some moments later on. NULL: nothing. */
void feed_want_anew(Feed *feed);

/* Waits until what is wanted is held (or will not be); for tests. */
void feed_settle(Feed *feed);

/* Counts an answer. */
void feed_answered(Feed *feed, SegmentEngine engine);

typedef struct FeedUsage {
    bool ready;
    bool loaded; /* from a snapshot, since the start */
    uint64_t rebuilds;
    int answers[SEGMENT_ENGINES];
    EventUsage columns;
} FeedUsage;
void feed_usage(Feed *feed, FeedUsage *ret_usage);
