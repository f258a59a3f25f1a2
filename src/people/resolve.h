/* people/resolve.h: whose event is this? Called for every event, in the writer's transaction.
 *
 * Takes the names an event bears and finds the stem to store on its row, making a person where a
 * `user_id` or address is new and joining people where the names say that they are one. The
 * result does not depend on the order in which identify, alias and track arrive (retries reorder:
 * reference/tracking-clients.md), as long as the names do not contradict each other.
 *
 * Who may do what (promise 8)
 *   - `track` (public): may make a person, may tie a visitor to one, may join two unless each has
 *     a user_id or a confirmed address. May not move an identity. Addresses it gives are
 *     *unconfirmed*.
 *   - others: may also confirm addresses, and take an address from whom only `track` gave it to.
 *   - nobody joins two people with different user_ids because they share an address or a device:
 *     only an alias or a hand does (chatwoot #4728).
 * A refused join is not an error: the event is stored, `refused` says why.
 *
 * Cost: a known user_id, nothing else: under 100 ns, no database. A call with both a known user_id
 * and its known anonymous_id: the same twice.
 *
 *     ResolveInput input = {.source_id = …, .shop_id = …, .trust = TRUST_TRACK, .user_id = …,
 *                           .anonymous_id = …, .at = received_at};
 *     ResolveResult who;
 *     if (!people_resolve(people, db, &input, &who, error)) return false;
 *     event.person_id = who.stem;
 */
#pragma once
#include "base/keyhash.h"
#include "base/slice.h"
#include "people/people.h"
#include "people/trust.h"

typedef struct ResolveInput {
    int64_t source_id; /* goes on the rows that are made */
    int64_t shop_id;   /* the source's shop: anonymous ids mean something only within it */
    int64_t stem;      /* the person is known already (a hand on their page); 0 = find them */
    Trust trust;
    Slice user_id, anonymous_id; /* as sent; empty = absent */
    Slice email, phone;          /* of traits or context.traits; empty = absent */
    Slice previous_id;           /* alias: the id that is from now on `user_id` */
    int64_t at;                  /* received_at, UTC ms: first_seen of new identities */
    const Hash128 *user_hash;    /* of people_user_hash for `user_id`; NULL = not computed yet */
} ResolveInput;

/* The hash under which a user_id as sent is looked up; false when it has none (empty, too long,
 * spaces around it). For threads that prepare what the writer resolves. */
bool people_user_hash(const People *people, Slice user_id, Hash128 *ret_hash);

/* Fetches what the look-up of this hash will read. On the writer's thread. */
void people_user_prefetch(const People *people, Hash128 hash);

/* Why a name was not used or a join was not made; a set. */
typedef enum ResolveRefusal {
    RESOLVE_BLOCKED_VALUE = 1 << 0,    /* a placeholder such as "null" */
    RESOLVE_BAD_VALUE = 1 << 1,        /* malformed or too long */
    RESOLVE_DIFFERENT_USERS = 1 << 2,  /* both have user_ids, and this was no alias */
    RESOLVE_UNTRUSTED = 1 << 3,        /* the public key may not do this */
    RESOLVE_TOO_MANY = 1 << 4,         /* a limit per person */
    RESOLVE_ADDRESS_OF_OTHER = 1 << 5, /* the address stays with whom it belongs to */
} ResolveRefusal;

typedef struct ResolveResult {
    int64_t stem;      /* goes on the row; negative: a visitor; 0: nothing usable named anybody */
    int64_t person_id; /* the person as of now; 0 for a visitor and for nobody */
    bool created;      /* a person was made */
    bool joined;       /* two people or a visitor and a person became one */
    unsigned refused;  /* set of ResolveRefusal */
} ResolveResult;

/* See above. Inside a unit of the writer. Fails only with the database. */
bool people_resolve(People *people, Db *db, const ResolveInput *input, ResolveResult *ret_result,
                    GError **error);

/* A word for the Live page for one bit of `refused`: "blocked value", … */
const char *resolve_refusal_name(ResolveRefusal refusal);
