#include "people/permission_judge.h"

#include "base/clock.h"

static const PermissionReason of_denial[DENIAL_REASONS] = {
    [DENIAL_SAID] = PERMISSION_DENIED,     [DENIAL_UNSUBSCRIBED] = PERMISSION_UNSUBSCRIBED,
    [DENIAL_BOUNCED] = PERMISSION_BOUNCED, [DENIAL_COMPLAINED] = PERMISSION_COMPLAINED,
    [DENIAL_CLEANED] = PERMISSION_CLEANED, [DENIAL_MANUAL] = PERMISSION_MANUAL,
    [DENIAL_ERASED] = PERMISSION_ERASED,
};

/* What a person wanted, as against what became of a mailbox: this holds at all their addresses. */
static bool is_refusal(DenialReason reason)
{
    return reason != DENIAL_BOUNCED && reason != DENIAL_CLEANED;
}

static ConsentVerdict address_verdict(const PermissionFacts *facts,
                                      const PermissionAddress *address)
{
    g_array_set_size(facts->scratch, 0);
    if (facts->say_count) g_array_append_vals(facts->scratch, facts->says, (guint)facts->say_count);
    if (address->say_count)
        g_array_append_vals(facts->scratch, address->says, (guint)address->say_count);
    const Say *says = (const Say *)(void *)facts->scratch->data;
    return consent_judge(says, facts->scratch->len, facts->at_ms);
}

/* What is so at any of the addresses. */
typedef struct Anywhere {
    bool refused, declined;
    ConsentVerdict refusal;
} Anywhere;

static Anywhere anywhere(const PermissionFacts *facts)
{
    Anywhere found = {0};
    for (size_t i = 0; i < facts->address_count; i++) {
        ConsentVerdict verdict = address_verdict(facts, &facts->addresses[i]);
        found.declined |= verdict.declined;
        if (verdict.state != CONSENT_DENIED || !is_refusal(verdict.reason)) continue;
        found.refused = true;
        found.refusal = verdict;
    }
    return found;
}

/* The attestation under which a customer may be written to; NULL when none does. `ret_expires`:
 * when it stops or did stop, 0 = never or nobody swore. */
static const Attestation *customer_basis(const PermissionFacts *facts, int64_t *ret_expires)
{
    const Law *own = law_at(facts->law);
    *ret_expires = 0;
    for (size_t i = 0; i < facts->attestation_count; i++) {
        const Attestation *one = &facts->attestations[i];
        bool covers = facts->country_known ? own && own == law_at(one->law) : one->unknown_country;
        if (!covers) continue;
        int64_t days = law_at(one->law)->expires_days;
        *ret_expires = days ? facts->last_order_at + days * CLOCK_DAY_MS : 0;
        if (days == 0 || *ret_expires > facts->at_ms) return one;
    }
    return NULL;
}

static PermissionAnswer answer_of(const ConsentVerdict *verdict)
{
    static const PermissionReason reasons[] = {
        [CONSENT_UNKNOWN] = PERMISSION_NO_BASIS, [CONSENT_GRANTED] = PERMISSION_GRANTED,
        [CONSENT_PENDING] = PERMISSION_PENDING,  [CONSENT_DENIED] = PERMISSION_DENIED,
        [CONSENT_EXPIRED] = PERMISSION_EXPIRED,  [CONSENT_DECLINED] = PERMISSION_DECLINED,
    };
    PermissionAnswer answer = {.reason = reasons[verdict->state],
                               .consent_id = verdict->consent_id};
    if (verdict->state == CONSENT_GRANTED) answer.expires_at = verdict->expires_at;
    if (verdict->state == CONSENT_DENIED) answer.reason = of_denial[verdict->reason];
    return answer;
}

static PermissionAnswer address_judge(const PermissionFacts *facts, const Anywhere *found, size_t i)
{
    const PermissionAddress *address = &facts->addresses[i];
    ConsentVerdict verdict = address_verdict(facts, address);
    if (!address->confirmed) return (PermissionAnswer){.reason = PERMISSION_UNCONFIRMED};
    bool moved = verdict.state == CONSENT_GRANTED && !verdict.of_address && found->refused;
    PermissionAnswer answer = answer_of(moved ? &found->refusal : &verdict);
    if (verdict.state == CONSENT_DENIED || answer.reason == PERMISSION_GRANTED) return answer;
    if (found->refused || found->declined || !address->ordered || !facts->last_order_at)
        return answer;
    int64_t expires_at;
    const Attestation *basis = customer_basis(facts, &expires_at);
    bool ran_out = !basis && expires_at && answer.reason == PERMISSION_NO_BASIS;
    if (ran_out) answer.reason = PERMISSION_EXPIRED;
    if (!basis) return answer;
    return (PermissionAnswer){.reason = PERMISSION_CUSTOMER,
                              .attestation_id = basis->attestation_id,
                              .expires_at = expires_at};
}

PermissionAnswer permission_judge(const PermissionFacts *facts)
{
    PermissionAnswer best = {.reason = PERMISSION_NO_ADDRESS};
    Anywhere found = anywhere(facts);
    for (size_t i = 0; i < facts->address_count; i++) {
        PermissionAnswer answer = address_judge(facts, &found, i);
        answer.address = i;
        bool earlier = facts->addresses[i].seen_at < facts->addresses[best.address].seen_at;
        bool better = answer.reason < best.reason || (answer.reason == best.reason && earlier);
        if (i == 0 || better) best = answer;
    }
    return best;
}

PermissionAnswer permission_judge_address(const PermissionFacts *facts, size_t index)
{
    Anywhere found = anywhere(facts);
    PermissionAnswer answer = address_judge(facts, &found, index);
    answer.address = index;
    return answer;
}
