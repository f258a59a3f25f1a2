/* columns/event_columns.h: the timeline by event name, in memory, laid out for scans.
 *
 * A cache of occurrences: per event name the instants, ids and *wanted* properties of everybody,
 * grouped by row and in order of time (event_view.h says how they are read). Rows are stems, the
 * ids that events were born under; who a stem belongs to now is the owner's matter.
 *
 * Never the only copy. The owner fills it from the database, appends what is new and says up to
 * which id with event_columns_publish. Order does not matter: late events, events of the past and
 * new names are appended like any other. The same (name, stem, id) must not be appended twice.
 *
 * Life of a name: hold (begins empty, not visible) -> append … -> ready (built, visible with the
 * next publish) -> append … -> drop. To rebuild one (another property is wanted, retention), hold
 * it again; until ready it is not held for readers, who use SQL. What a budget does not allow is
 * refused by hold or, when memory runs out, dropped: event_columns_held says which and why.
 *
 * Changing what is there: event_columns_clear voids the occurrences of a name of one stem, after
 * which the right ones are appended; event_columns_forget voids a stem everywhere and for ever, and
 * its bytes, texts that only it had included, leave with the next event_columns_fold.
 *
 * Threads: one writer. Folding happens in a thread of its own; views are for everybody. Nothing
 * appended is visible before publish. event_columns_save may be called by any one thread.
 * Lock order: fold before write before view.
 *
 *     g_autoptr(EventColumns) columns = event_columns_new(&options);
 *     if (!event_columns_load(columns, path, &why)) …start from nothing
 *     event_columns_hold(columns, name, paths, 2, error); … append …; event_columns_ready(…);
 *     event_columns_publish(columns, highest_id);
 */
#pragma once
#include "columns/event_view.h"

typedef struct EventColumns EventColumns;

enum { EVENT_EPOCH_BYTES = 16 };

/* Budgets; 0 means the default in brackets. */
typedef struct EventColumnsOptions {
    uint64_t bytes_max;               /* everything, except while one name is folded [4 GiB] */
    uint32_t names_max;               /* [512] */
    uint32_t properties_max;          /* of one name, up to EVENT_PROPERTIES_MAX [8] */
    uint32_t words_max;               /* entries of one dictionary [65,536] */
    uint32_t word_bytes_max;          /* texts of one dictionary [4 MiB] */
    uint32_t delta_max;               /* occurrences of one name not folded [1,048,576] */
    uint8_t epoch[EVENT_EPOCH_BYTES]; /* of the store; a snapshot of another is refused */
    uint8_t key[16];                  /* of hashes; from the store's secrets */
} EventColumnsOptions;

EventColumns *event_columns_new(const EventColumnsOptions *options);
/* Ends the folding thread. Views may outlive it. */
void event_columns_free(EventColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventColumns, event_columns_free)

/* Begins to hold a name with these wanted properties, which may be none. Errors:
 * KITH_ERROR_LIMIT (a budget; the message says which and what it would take). */
bool event_columns_hold(EventColumns *columns, uint32_t name, const char *const *paths,
                        uint32_t count, GError **error);
/* Builds what was appended since hold. Errors: KITH_ERROR_LIMIT (memory; the name is dropped). */
bool event_columns_ready(EventColumns *columns, uint32_t name, GError **error);
void event_columns_drop(EventColumns *columns, uint32_t name);

typedef enum EventHeld {
    EVENT_HELD_NOT,      /* never asked for, or dropped */
    EVENT_HELD_BUILDING, /* between hold and ready */
    EVENT_HELD_READY,
    EVENT_HELD_OVER /* dropped because bytes_max was reached */
} EventHeld;
EventHeld event_columns_held(EventColumns *columns, uint32_t name);

typedef struct EventValue {
    EventKind kind;
    int64_t number;   /* EVENT_NUMBER: x 10^6, within EVENT_NUMBER_MAX either side */
    const char *text; /* EVENT_TEXT: folded; EVENT_OTHER */
    size_t length;
} EventValue;

typedef struct EventFact {
    uint32_t name;
    int64_t stem;             /* not 0 */
    int64_t at;               /* UTC ms, EVENT_AT_MIN to EVENT_AT_MAX */
    int64_t id;               /* > 0 */
    const EventValue *values; /* one per wanted property of the name, copied; NULL: all missing */
} EventFact;

/* Appends occurrences; those of names not held, and of forgotten stems, are passed over. */
void event_columns_append(EventColumns *columns, const EventFact *facts, size_t count);

/* Voids everything appended so far of this name and stem. */
void event_columns_clear(EventColumns *columns, uint32_t name, int64_t stem);

/* Voids a stem in all names, published at once; later appends of it are passed over. */
void event_columns_forget(EventColumns *columns, int64_t stem);

/* Makes everything so far visible, and says that it holds all events up to id `through`. */
void event_columns_publish(EventColumns *columns, int64_t through);

/* The columns as published last. */
EventView *event_columns_view(EventColumns *columns);

/* Folds every delta now and waits; erased bytes are gone from memory once old views are released.
 * Publishes nothing that was not published. Any thread but a reader in need of low latency. */
void event_columns_fold(EventColumns *columns);

/* Later saves are of this epoch instead of the one of the options, and bear bytes that mean
 * something to the owner (may be NULL). */
void event_columns_mark(EventColumns *columns, const uint8_t epoch[EVENT_EPOCH_BYTES],
                        GBytes *owner);

/* Folds, and writes what is published to a file: beside it, flushed, renamed.
 * Errors: KITH_ERROR_UNAVAILABLE. */
bool event_columns_save(EventColumns *columns, const char *path, GError **error);

/* Maps a saved file into columns that hold nothing yet. Every byte is checked. Errors (nothing is
 * held then, the owner builds anew): KITH_ERROR_NOT_FOUND, KITH_ERROR_INVALID (damaged, another
 * epoch, another version), KITH_ERROR_LIMIT (budgets are smaller now). */
bool event_columns_load(EventColumns *columns, const char *path, GError **error);

/* The owner's bytes of the file that was loaded or is saved; NULL: none. The caller's. */
GBytes *event_columns_owner(EventColumns *columns);

typedef struct EventUsage {
    uint64_t bytes, bytes_max; /* of the four below together */
    uint64_t base_bytes, delta_bytes, word_bytes, crowd_bytes;
    uint64_t events, delta_events;         /* valid or not */
    uint32_t names, names_max, names_over; /* held; allowed; dropped for memory */
    uint32_t properties, words, rows;
    uint64_t folds;
} EventUsage;
void event_columns_usage(EventColumns *columns, EventUsage *ret_usage);

/* Calls `work` for [0, count) in two halves, one in a thread of its own, and waits; small counts
 * run in the caller's alone. `lane` is 0 or 1; a half begins at a multiple of 64. */
typedef void EventWork(uint32_t from, uint32_t to, unsigned lane, void *data);
void columns_parallel(uint32_t count, EventWork *work, void *data);
