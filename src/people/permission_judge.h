/* people/permission_judge.h: private to people/: one person's facts in, the answer out. Pure.
 *
 * people_permission gathers the facts of one person, permission_count.c of all of them; both are
 * judged here, so that the list and the moment of sending cannot differ.
 */
#pragma once
#include "people/permission.h"

/* One address of the person on the channel in question. */
typedef struct PermissionAddress {
    const Say *says; /* about this address, whoever held it */
    size_t say_count;
    int64_t seen_at; /* UTC ms, first seen with this person */
    bool confirmed;  /* may be written to at all */
    bool ordered;    /* came with an order */
} PermissionAddress;

typedef struct PermissionFacts {
    const PermissionAddress *addresses;
    size_t address_count;
    const Say *says; /* of the person, naming no address */
    size_t say_count;
    int64_t last_order_at; /* 0 = none */
    int law;               /* of their country; LAW_NONE when not known */
    bool country_known;    /* a country is named, whether the table has it or not */
    const Attestation *attestations;
    size_t attestation_count;
    int64_t at_ms;
    GArray *scratch; /* of Say; the caller's, so that counting allocates once */
} PermissionFacts;

typedef struct PermissionAnswer {
    PermissionReason reason;
    size_t address; /* index; meaningless when there is none */
    int64_t consent_id, attestation_id, expires_at;
} PermissionAnswer;

/* The best of their addresses. Nobody erased comes here. */
PermissionAnswer permission_judge(const PermissionFacts *facts);

/* One of them, by its index. */
PermissionAnswer permission_judge_address(const PermissionFacts *facts, size_t index);
