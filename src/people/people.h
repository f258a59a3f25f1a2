/* people/people.h: the people of this store: who is who, held in memory, backed by the database.
 *
 * `People` holds two maps, loaded when the store opens: identity -> stem (keyed 128-bit hashes,
 * the texts stay in the database) and stem -> person (link.h). One person = one root of the links.
 *
 * Invariants
 *   - what the maps say is what `identity` and `person_link` say as of the last commit, plus what
 *     the running group of the writer did;
 *   - an identity value belongs to one stem; the stem of a row never changes;
 *   - a visitor (negative stem) has no row anywhere but on events, until it is identified.
 *
 * Thread rule: only the writer thread changes the maps (through resolve.h, merge.h, erase.h,
 * hand.h); every thread may read them here. Changes made in a unit that fails are put back by the
 * `People` itself: each changing call goes between people_begin and people_end.
 *
 *     g_autoptr(People) people = people_open(store, error);
 *     int64_t person_id = people_person(people, stem);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "people/identity.h"

typedef struct Store Store;
typedef struct Db Db;
typedef struct People People;

/* Loads both maps from the store, which must outlive the result. 1 M people take under half a
 * second. NULL on failure. */
People *people_open(Store *store, GError **error);
void people_free(People *people);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(People, people_free)

/* A number that rises with every change of who is one person, for caches. Any thread. */
int64_t people_links_version(const People *people);

/* The person a stem belongs to now; 0 when it is a visitor nobody identified. Any thread. */
int64_t people_person(People *people, int64_t stem);

/* Appends all stems of a person (itself first, visitors too) to `stems`, a GArray of int64_t: what
 * every query about one person is made over. Any thread. */
void people_stems(People *people, int64_t person_id, GArray *stems);

/* The person that a value names (normalised here), 0 when nobody. `shop_id` matters only for
 * anonymous ids. Any thread. */
int64_t people_find(People *people, IdentityKind kind, int64_t shop_id, Slice raw);

/* The stem of a visitor: negative, keyed, stable for this store. `anonymous_id` as sent. A device
 * whose person was erased gets another stem from then on: what it sends afterwards is not that
 * person's, and is not erased with it. The writer's thread, or with the lock held. */
int64_t people_visitor_stem(const People *people, int64_t shop_id, Slice anonymous_id);

/* Is this person erased or being erased? Nothing may read, export or write to them. Any thread. */
bool people_is_erased(People *people, int64_t person_id);

/* Number of identities and of edges, and the bytes both maps hold, for /metrics. Any thread. */
typedef struct PeopleSize {
    size_t identities, links, bytes;
} PeopleSize;
PeopleSize people_size(People *people);

/* ---- what later folders do about a no ---- */

/* A denial that was just written, or an erasure that is about to be. */
typedef struct PeopleRefusal {
    int64_t person_id;           /* 0: only the address is known */
    const char *address;         /* as given; NULL: all of the person's */
    const char *channel, *topic; /* "*" = all */
    const char *reason;          /* a literal: "denied", "unsubscribed", "erased" … */
} PeopleRefusal;

/* Called inside the unit of the writer that makes it true, before anything is answered. */
typedef struct PeopleRefusals {
    void *context;
    bool (*refused)(void *context, Db *db, const PeopleRefusal *refusal, GError **error);
} PeopleRefusals;

/* Set once by app/; zeroed: nobody listens. */
void people_set_refusals(People *people, const PeopleRefusals *refusals);
bool people_refused(People *people, Db *db, const PeopleRefusal *refusal, GError **error);
