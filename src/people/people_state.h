/* people/people_state.h: the inside of `People`, for the .c files of this folder only.
 *
 * Both maps change only on the writer thread. That thread reads them without the lock (nobody else
 * writes); every change takes it for writing, every other thread for reading. Each change notes
 * what was there before in `undo`; the writer's hooks put the tail of that list back (a unit
 * failed) or all of it (the group's commit failed), or forget it (committed).
 */
#pragma once
#include "base/keyhash.h"
#include "people/link.h"
#include "people/list.h"
#include "people/people.h"
#include "people/permission.h"
#include "people/personal.h"

typedef enum UndoKind { UNDO_IDENTITY, UNDO_LINK, UNDO_ERASED } UndoKind;

/* What a map said before a change. */
typedef struct Undo {
    UndoKind kind;
    Hash128 key;  /* UNDO_IDENTITY */
    int64_t stem; /* UNDO_LINK, UNDO_ERASED */
    int64_t old;  /* value or parent before; 0 = was not there */
} Undo;

enum { PEOPLE_REFUSED_SLOTS = 4096 };

/* A pair of people whose join was refused: asked again with every event of a shared device, so the
 * answer is kept. Void as soon as any identity or link changes. */
typedef struct RefusedPair {
    int64_t a, b;
    unsigned refused;
    unsigned generation; /* of People.generation when it was noted */
} RefusedPair;

struct People {
    Store *store;
    uint8_t identity_key[KEYHASH_KEY_SIZE]; /* memory only */
    uint8_t visitor_key[KEYHASH_KEY_SIZE];  /* on disk as stems: may never change */
    uint8_t address_key[KEYHASH_KEY_SIZE];  /* on disk as address hashes: may never change */
    GRWLock lock;
    KeyMap *identities; /* hash of (kind, value) -> stem; negative while not confirmed */
    Links *links;
    GHashTable *erased;   /* persons being erased or erased since the start (of gint64) */
    GArray *undo;         /* of Undo, oldest first */
    guint unit_start;     /* length of `undo` when the running unit began */
    unsigned generation;  /* rises with every change of the maps */
    gint64 links_version; /* atomic; rises with every change of the links */
    RefusedPair refused[PEOPLE_REFUSED_SLOTS];
    GPtrArray *denials; /* writer thread: lines of never.log held back; NULL = not held */
    /* Writer thread: whose permission the running group may have changed (of int64_t, stems). */
    GArray *touched;
    bool touched_all; /* everybody's */
    GHashTable
        *touch_places; /* const DbStatement * -> 1 + place of its person; 0: not about them */
    struct PermissionCache *permission;
    PeopleProvider provider; /* zeroed until set */
    PeopleOrders orders;     /* zeroed until set */
    PeopleRefusals refusals; /* zeroed until set */
    PeopleDomains domains;   /* zeroed until set */
};

/* Fills both maps and the list of erasures under way from the store. */
bool people_load(People *people, GError **error);

/* Keys of the map. `value` in normal form; never called for anonymous ids (they are stems). */
Hash128 people_identity_hash(const People *people, IdentityKind kind, Slice value);

/* Writer thread: the stem of a value, 0 when unknown; `ret_confirmed` may be NULL. */
int64_t people_identity_stem(const People *people, Hash128 hash, bool *ret_confirmed);

/* Writer thread, in a unit: change the maps and note how to put them back. */
void people_identity_put(People *people, Hash128 hash, int64_t stem, bool confirmed);
void people_identity_drop(People *people, Hash128 hash);
void people_link_put(People *people, int64_t stem, int64_t parent);
void people_link_drop(People *people, int64_t stem);
void people_erased_put(People *people, int64_t person_id);

/* Writer thread, in a unit: what is known of the permission of this stem (0: of everybody) is out
 * of date once it commits. Rows that bear a person_id are heard of anyway. */
void people_permission_touch(People *people, int64_t stem);

/* The memo of refused joins: 0 when the pair is not in it. */
unsigned people_refused_find(const People *people, int64_t a, int64_t b);
void people_refused_put(People *people, int64_t a, int64_t b, unsigned refused);

/* All tags of a person as a JSON array; NULL on failure. */
json_t *people_tags_json(People *people, Db *db, int64_t person_id, GError **error);
