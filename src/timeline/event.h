/* timeline/event.h: what one event is, and the words the house has for it.
 *
 * An event is something that happened to or by a person. Rows are immutable. Names follow the
 * Segment specs; what Kith does itself is an event too, under names that a public key may not use
 * (promise 8). The calls that are not `track` have fixed names, so that rules can read them:
 * page -> "Page Viewed", screen -> "Screen Viewed", identify -> "Identified",
 * group -> "Group Joined", alias -> "Alias Created".
 *
 * The words are const tables; event_append and event_delete belong to the writer thread.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keyhash.h"
#include "base/slice.h"

typedef struct Db Db;
typedef struct Timeline Timeline; /* timeline/timeline.h */

/* Stored in the low bits of `flags`: numbers are part of the schema, add only. */
typedef enum EventType {
    EVENT_TRACK = 0,
    EVENT_PAGE = 1,
    EVENT_SCREEN = 2,
    EVENT_IDENTIFY = 3,
    EVENT_GROUP = 4,
    EVENT_ALIAS = 5,
    EVENT_OWN = 6, /* by Kith itself */
    EVENT_TYPES
} EventType;

/* Stored in `flags`, above the type. */
typedef enum EventFlag {
    EVENT_TYPE_MASK = 0xf,
    EVENT_UNCONFIRMED = 1 << 4, /* only a public key says so: its money counts nowhere */
    EVENT_FUTURE = 1 << 5,      /* was dated ahead: occurred_at = received_at */
    EVENT_IMPORTED = 1 << 6,    /* from a file: triggers nothing */
    EVENT_UNLISTED = 1 << 7,    /* its name is over the budget: "n" of the payload holds it */
    EVENT_EVIDENCE = 1 << 8,    /* a further report of an order: kept, not shown on the timeline */
} EventFlag;

typedef enum EventFamily {
    FAMILY_ORDER,
    FAMILY_VISIT,
    FAMILY_MAIL,
    FAMILY_SERVICE,
    FAMILY_OTHER,
    FAMILIES
} EventFamily;

enum {
    EVENT_NAME_BYTES_MAX = 200,
    EVENT_AHEAD_MS_MAX = 5 * 60 * 1000, /* an event dated further ahead gets received_at */
};

/* The name under which events beyond the budget of names are kept. */
#define EVENT_NAME_UNLISTED "Unlisted Event"

/* The name of a further report of an order or refund that is on the timeline already. */
#define EVENT_NAME_EVIDENCE "Order Reported"

/* A new event. Slices and texts are borrowed. */
typedef struct EventInput {
    int64_t event_id;  /* 0: one is minted; else a fresh one of store_id_next */
    int64_t person_id; /* stem; negative: a visitor; 0: nobody known (a till) */
    Slice name;        /* 1..EVENT_NAME_BYTES_MAX bytes of UTF-8 */
    EventType type;
    unsigned flags; /* of EventFlag, without the type */
    int64_t source_id;
    int64_t occurred_at, received_at; /* UTC ms */
    const char *message_id;           /* NULL when it has none */
    const Hash128 *fingerprint;       /* of message_id, when known; NULL: it is computed */
    const char *payload;              /* comparable form (payload.h); NULL: nothing */
} EventInput;

/* "track", "page", …; and back, false when it is none of the Segment types. */
const char *event_type_name(EventType type);
bool event_type_find(Slice name, EventType *ret_type);

/* The name of an event of a call that has a fixed one; the empty slice for track and own. */
Slice event_type_event(EventType type);

/* The name that an old or differently spelt one stands for ("Completed Order"), else itself. */
Slice event_name_canonical(Slice name);

/* The vocabulary: the canonical names in their order; NULL behind the last. */
const char *event_name_word(size_t index);

/* The name itself if it is one of those; else NULL. */
const char *event_name_known(Slice name);

/* Is this a name that Kith emits itself, in any case? Public keys may not use it. */
bool event_name_reserved(Slice name);

/* Where the timeline shows an event of this name. */
EventFamily event_name_family(Slice name);
const char *event_family_name(EventFamily family);
bool event_family_find(const char *name, EventFamily *ret_family);

/* Appends a row, in a unit of the writer; the one way an event comes into being. Notes its message;
 * asking before whether it was seen is the caller's (dedupe.h). `ret_event_id` may be NULL. Fails
 * only with the database. About 1 µs on SQLite. */
bool event_append(Timeline *timeline, Db *db, const EventInput *input, int64_t *ret_event_id,
                  GError **error);

typedef struct EventKey {
    int64_t person_id, event_id;
    int64_t name_id; /* 0: nobody hears of it, as everything of the person goes */
} EventKey;

/* Deletes a row (an order that moves to its buyer, erasure, retention). Its id in the runs then
 * leads nowhere and is skipped by readers. */
bool event_delete(Timeline *timeline, Db *db, const EventKey *key, GError **error);
