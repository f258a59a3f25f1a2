/* people/consent.h: who may be written to, about what, and how we know.
 *
 * A ledger: every permission, request and refusal is a row that stays. Nothing is a flag; the state
 * is computed at the moment it is asked, over the person's rows (all stems) and over those of the
 * address (a keyed hash), whoever held it when they were written.
 *
 * Rules
 *   - A source's own column that says no ("declined") ends what that source granted, no more.
 *   - A denial wins over everything that is not its lifting. It is lifted only by a later act of
 *     the person at that address (`by_person`); a denial without address by a later act of that
 *     person on that channel. Imports, servers, keys, hands and merges cannot lift it.
 *   - A denial binds whoever holds the address, and outlives the person's erasure.
 *   - Among what is left the latest grant counts until it expires; a pending one (asked, not yet
 *     confirmed) counts only where there is no grant.
 *   - Topic "*" speaks of all topics of the channel.
 *   - The public key can only make `pending` (promise 8).
 *   - Equal times: the denial wins.
 *   - A denial of an address is in never.log before it is answered.
 *
 *     ConsentInput input = {.stem = …, .channel = "email", .topic = "newsletter",
 *                           .state = CONSENT_GRANTED, .basis = "double opt-in", …};
 *     if (!people_consent_put(people, db, &input, error)) return false;
 */
#pragma once
#include "people/consent_rules.h"
#include "people/people.h"
#include "people/trust.h"

enum { CONSENT_TEXT_MAX = 4000, CONSENT_WORD_MAX = 100 };

typedef struct ConsentInput {
    int64_t stem;        /* > 0; 0 with an address: nobody we know has it */
    const char *address; /* as typed; NULL: the person as such (a denial then also binds the
                            addresses the person has on that channel) */
    const char *channel; /* "email", "sms", "post", "phone" … */
    const char *topic;   /* "newsletter" …, "*" = all */
    ConsentState state;  /* granted, pending, denied or declined */
    DenialReason reason; /* of a denial; DENIAL_SAID for what the person says here */
    const char *basis;   /* "consent", "contract", "soft opt-in" … */
    const char *text;    /* what was shown, or NULL */
    const char *proof;   /* form, address of the caller, file and line …, or NULL */
    const char *actor;   /* as in `audit` */
    int64_t source_id;
    Trust trust; /* TRUST_PERSON: an act of the person at that address */
    int64_t occurred_at, received_at;
    int64_t expires_at; /* 0 = never */
} ConsentInput;

/* Adds to the ledger. Inside a unit of the writer. Errors: KITH_ERROR_INVALID (state, or an address
 * that is none), KITH_ERROR_LIMIT. */
bool people_consent_put(People *people, Db *db, const ConsentInput *input, GError **error);

typedef struct ConsentQuery {
    int64_t person_id;   /* 0: only the address is known */
    const char *address; /* NULL: the person as such */
    const char *channel, *topic;
    int64_t at_ms;       /* the moment of sending; expiry is judged then */
    int64_t known_at_ms; /* only what was received up to then; INT64_MAX = all */
} ConsentQuery;

/* The state at that moment. Any connection: ask inside the transaction that hands a message over.
 */
bool people_consent_state(People *people, Db *db, const ConsentQuery *query,
                          ConsentState *ret_state, GError **error);

/* One row as shown; texts are owned. */
typedef struct Consent {
    int64_t consent_id, stem, source_id;
    char *channel, *topic, *basis, *text, *proof, *actor;
    uint8_t address_hash[CONSENT_HASH_SIZE];
    bool has_address, by_person;
    ConsentState state;
    int64_t occurred_at, received_at, expires_at; /* expires_at 0 = never */
} Consent;

void consent_free(Consent *consent);

/* The ledger of a person over all stems, newest first; elements are Consent. NULL on failure. */
GPtrArray *people_consents_load(People *people, Db *db, int64_t person_id, GError **error);

/* Before the link of `stem` is ended: every denial that stands and was given while the two sides
 * were one person is written for the other side too. Inside a unit of the writer. */
bool people_consent_split(People *people, Db *db, int64_t stem, GError **error);

/* Denies an address on every channel and topic for ever, as erasure does. */
bool people_consent_suppress(People *people, Db *db, IdentityKind kind, const char *value,
                             GError **error);

/* Repeats one "deny …" record of never.log; adds to `count` when the store did not know it. Inside
 * a unit of the writer. */
bool people_consent_replay(Db *db, const char *record, int64_t *count, GError **error);

/* For imports: from here on denials are kept in memory, and flush writes them to never.log with one
 * fsync. Both inside the same unit of the writer; what a unit did not flush is forgotten with the
 * next hold. */
void people_denials_hold(People *people);
bool people_denials_flush(People *people, GError **error);

/* Appends to `says` (of Say) what bears on the question: rows of the person that name no address
 * (all of them when the query names none), and rows of the query's address, whoever held it. */
bool people_person_says(People *people, Db *db, const ConsentQuery *query, GArray *says,
                        GError **error);
bool people_address_says(People *people, Db *db, const ConsentQuery *query, GArray *says,
                         GError **error);

/* A row as the rules read it. */
Say consent_say(const Consent *row);

/* What kind of address a channel writes to; IDENTITY_KIND_END when to none we know. */
IdentityKind people_channel_kind(const char *channel);

/* Keyed hash of an address in normal form (e-mail or telephone number). */
void people_address_hash(const People *people, IdentityKind kind, Slice value,
                         uint8_t ret_hash[CONSENT_HASH_SIZE]);
