/* people/consent_rules.h: what a handful of ledger rows mean together. Pure.
 *
 * The caller gathers the rows that bear on one question (a person, an address, a channel, a topic,
 * a moment); here they are judged. Ask and count use the same rules, so they cannot differ.
 *
 * Rules, strongest first
 *   - a denial stands until it is lifted: by a later act of the person at that address, or, for a
 *     denial without address, by a later act of that person;
 *   - what was granted before the last denial does not come back with its lifting;
 *   - a "no" in a source's own column (declined) ends what that same source granted before, and
 *     nothing else: a shop that never asked says nothing about a list that did;
 *   - among what is left a grant counts until it runs out, then a pending one, then a declined one;
 *   - equal times: the no wins.
 *
 *     ConsentVerdict verdict = consent_judge(says, count, now_ms);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONSENT_HASH_SIZE = 16 };

typedef enum ConsentState {
    CONSENT_UNKNOWN, /* nobody said anything: not allowed */
    CONSENT_GRANTED,
    CONSENT_PENDING, /* asked for, not confirmed: not allowed */
    CONSENT_DENIED,
    CONSENT_EXPIRED,  /* was granted, and ran out: not allowed */
    CONSENT_DECLINED, /* a source's own column says no: not allowed by what that source said */
} ConsentState;

/* Why an address is denied; stored as text. */
typedef enum DenialReason {
    DENIAL_SAID,         /* the person said no here, or somebody of the business noted it */
    DENIAL_UNSUBSCRIBED, /* another system's list says so */
    DENIAL_BOUNCED,      /* the mailbox does not exist */
    DENIAL_COMPLAINED,   /* marked as spam */
    DENIAL_CLEANED,      /* another system gave the address up */
    DENIAL_MANUAL,       /* on a list of addresses that are never written to */
    DENIAL_ERASED,       /* the person was erased */
    DENIAL_REASONS
} DenialReason;

/* One row of the ledger that bears on the question. Times UTC ms. */
typedef struct Say {
    int64_t consent_id, source_id;
    int64_t occurred_at, expires_at; /* expires_at 0 = never */
    uint8_t address_hash[CONSENT_HASH_SIZE];
    ConsentState state;
    DenialReason reason; /* of a denial */
    bool has_address, by_person;
} Say;

typedef struct ConsentVerdict {
    ConsentState state;
    DenialReason reason; /* when denied */
    int64_t consent_id;  /* the row it rests on; 0 = none */
    int64_t expires_at;  /* of a grant; 0 = never */
    bool of_address;     /* a grant that stands names this address */
    bool declined;       /* some source's latest word is no */
} ConsentVerdict;

/* `says`: all rows that bear, in any order, none later than `at_ms`. O(count²) in the worst case
 * of many denials. */
ConsentVerdict consent_judge(const Say *says, size_t count, int64_t at_ms);

/* Is `grant` the act that lifts `denial`? Both bear on one question. */
bool say_lifts(const Say *grant, const Say *denial);

const char *consent_state_name(ConsentState state);
/* CONSENT_UNKNOWN when the word is none that is stored: granted, pending, denied, declined. */
ConsentState consent_state_parse(const char *name);

const char *denial_reason_name(DenialReason reason);
/* NULL and unknown words are DENIAL_SAID. */
DenialReason denial_reason_parse(const char *name);
