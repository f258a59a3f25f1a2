/* people/attestation.h: what the business swore to, and what that permits.
 *
 * "Existing customers, similar products" needs no yes of the person, but facts that only the
 * business knows. Somebody confirms a text about them (law.h); the text, the law, who and when are
 * kept for ever and stand in the audit log. Ending one takes its permissions away at once.
 *
 *     AttestationInput input = {.basis = ATTESTATION_CUSTOMER, .channel = "email", .topic = "*",
 *                               .law = "de-uwg-7-3", .country = "DE", .text = text, …};
 *     if (!people_attest(people, db, &input, &id, error)) return false;
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "people/law.h"
#include "people/people.h"

#define ATTESTATION_CUSTOMER "existing_customer"

enum { ATTESTATIONS_MAX = 500, ATTESTATION_TEXT_MAX = 4000 };

/* One that stands, as the rules read it. */
typedef struct Attestation {
    int64_t attestation_id;
    int law;              /* place in the table of law.h */
    bool unknown_country; /* also for people whose country is not known */
} Attestation;

typedef struct AttestationInput {
    const char *basis; /* ATTESTATION_CUSTOMER */
    const char *channel, *topic;
    const char *law;     /* must be that of the country */
    const char *country; /* ISO code or name */
    const char *text;    /* as shown */
    bool unknown_country;
    const char *actor;
    int64_t at; /* UTC ms */
} AttestationInput;

/* Checks it and gives what the rules read. Errors: KITH_ERROR_INVALID. */
bool attestation_check(const AttestationInput *input, Attestation *ret_attestation, GError **error);

/* Inside a unit of the writer. Errors: KITH_ERROR_INVALID, KITH_ERROR_LIMIT, KITH_ERROR_CONFLICT
 * (the same stands already). */
bool people_attest(People *people, Db *db, const AttestationInput *input,
                   int64_t *ret_attestation_id, GError **error);

/* Errors: KITH_ERROR_NOT_FOUND, KITH_ERROR_CONFLICT (ended before). */
typedef struct AttestationEnd {
    int64_t attestation_id;
    const char *actor;
    int64_t at;
} AttestationEnd;
bool people_attestation_end(People *people, Db *db, const AttestationEnd *end, GError **error);

/* Those that stand for a channel and topic, appended to `list` (of Attestation). */
bool people_attestations(Db *db, const char *channel, const char *topic, GArray *list,
                         GError **error);
