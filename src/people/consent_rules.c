#include "people/consent_rules.h"

#include <string.h>

static const char *const state_names[] = {
    [CONSENT_UNKNOWN] = "unknown", [CONSENT_GRANTED] = "granted", [CONSENT_PENDING] = "pending",
    [CONSENT_DENIED] = "denied",   [CONSENT_EXPIRED] = "expired", [CONSENT_DECLINED] = "declined",
};

const char *consent_state_name(ConsentState state) { return state_names[state]; }

ConsentState consent_state_parse(const char *name)
{
    static const ConsentState written[] = {CONSENT_GRANTED, CONSENT_PENDING, CONSENT_DENIED,
                                           CONSENT_DECLINED};
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++)
        if (g_strcmp0(consent_state_name(written[i]), name) == 0) return written[i];
    return CONSENT_UNKNOWN;
}

static const char *const reason_names[DENIAL_REASONS] = {
    [DENIAL_ERASED] = "erased",   [DENIAL_COMPLAINED] = "complained",
    [DENIAL_SAID] = "denied",     [DENIAL_UNSUBSCRIBED] = "unsubscribed",
    [DENIAL_BOUNCED] = "bounced", [DENIAL_CLEANED] = "cleaned",
    [DENIAL_MANUAL] = "manual",
};

const char *denial_reason_name(DenialReason reason) { return reason_names[reason]; }

DenialReason denial_reason_parse(const char *name)
{
    for (DenialReason i = 0; i < DENIAL_REASONS; i++)
        if (g_strcmp0(reason_names[i], name) == 0) return i;
    return DENIAL_SAID;
}

/* Only an act of the person at that address, later than the denial. */
bool say_lifts(const Say *grant, const Say *denial)
{
    if (grant->state != CONSENT_GRANTED || !grant->by_person) return false;
    if (grant->occurred_at <= denial->occurred_at) return false;
    if (!denial->has_address) return true;
    return grant->has_address &&
           memcmp(grant->address_hash, denial->address_hash, CONSENT_HASH_SIZE) == 0;
}

static bool is_lifted(const Say *says, size_t count, const Say *denial)
{
    for (size_t i = 0; i < count; i++)
        if (say_lifts(&says[i], denial)) return true;
    return false;
}

/* Of several reasons the highest is shown: what a person wanted comes before what a mailbox did. */
static int reason_rank(DenialReason reason)
{
    static const int ranks[DENIAL_REASONS] = {
        [DENIAL_CLEANED] = 0,      [DENIAL_BOUNCED] = 1, [DENIAL_MANUAL] = 2,
        [DENIAL_UNSUBSCRIBED] = 3, [DENIAL_SAID] = 4,    [DENIAL_COMPLAINED] = 5,
        [DENIAL_ERASED] = 6,
    };
    return ranks[reason];
}

/* True when a denial stands: the strongest goes to `verdict`. `ret_since`: the last denial, lifted
 * or not; what was granted up to then does not count. */
static bool denials_judge(const Say *says, size_t count, ConsentVerdict *verdict,
                          int64_t *ret_since)
{
    bool stands = false;
    *ret_since = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        const Say *say = &says[i];
        if (say->state != CONSENT_DENIED) continue;
        *ret_since = MAX(*ret_since, say->occurred_at);
        if (is_lifted(says, count, say)) continue;
        if (stands && reason_rank(say->reason) <= reason_rank(verdict->reason)) continue;
        stands = true;
        verdict->state = CONSENT_DENIED;
        verdict->reason = say->reason;
        verdict->consent_id = say->consent_id;
    }
    return stands;
}

/* Whether the source that granted took it back in its own column since. */
static bool is_declined(const Say *says, size_t count, const Say *grant)
{
    for (size_t i = 0; i < count; i++)
        if (says[i].state == CONSENT_DECLINED && says[i].source_id == grant->source_id &&
            says[i].occurred_at >= grant->occurred_at && !grant->by_person)
            return true;
    return false;
}

/* Whether a source granted again after its own "no". */
static bool is_regranted(const Say *says, size_t count, const Say *declined)
{
    for (size_t i = 0; i < count; i++)
        if (says[i].state == CONSENT_GRANTED && says[i].occurred_at > declined->occurred_at &&
            (says[i].source_id == declined->source_id || says[i].by_person))
            return true;
    return false;
}

/* Higher wins. */
static int state_rank(ConsentState state)
{
    static const int ranks[] = {
        [CONSENT_UNKNOWN] = 0, [CONSENT_DECLINED] = 1, [CONSENT_EXPIRED] = 2,
        [CONSENT_PENDING] = 3, [CONSENT_GRANTED] = 4,  [CONSENT_DENIED] = 5,
    };
    return ranks[state];
}

/* Of two grants the one that lasts longer, then the later one. */
static bool outlasts(const Say *say, const ConsentVerdict *verdict)
{
    if ((say->expires_at == 0) != (verdict->expires_at == 0)) return say->expires_at == 0;
    if (say->expires_at != verdict->expires_at) return say->expires_at > verdict->expires_at;
    return say->consent_id > verdict->consent_id;
}

static ConsentState say_now(const Say *says, size_t count, const Say *say, int64_t at_ms)
{
    bool expired = say->expires_at != 0 && say->expires_at <= at_ms;
    if (say->state == CONSENT_DECLINED)
        return is_regranted(says, count, say) ? CONSENT_UNKNOWN : CONSENT_DECLINED;
    if (say->state == CONSENT_PENDING) return expired ? CONSENT_UNKNOWN : CONSENT_PENDING;
    if (say->state != CONSENT_GRANTED || is_declined(says, count, say)) return CONSENT_UNKNOWN;
    return expired ? CONSENT_EXPIRED : CONSENT_GRANTED;
}

ConsentVerdict consent_judge(const Say *says, size_t count, int64_t at_ms)
{
    ConsentVerdict verdict = {.state = CONSENT_UNKNOWN};
    int64_t since;
    if (denials_judge(says, count, &verdict, &since)) return verdict;
    for (size_t i = 0; i < count; i++) {
        const Say *say = &says[i];
        if (say->state == CONSENT_DENIED || say->occurred_at <= since) continue;
        ConsentState state = say_now(says, count, say, at_ms);
        verdict.declined |= state == CONSENT_DECLINED;
        verdict.of_address |= state == CONSENT_GRANTED && say->has_address;
        int better = state_rank(state) - state_rank(verdict.state);
        if (better < 0 || state == CONSENT_UNKNOWN) continue;
        if (better == 0 && !outlasts(say, &verdict)) continue;
        verdict.state = state;
        verdict.consent_id = say->consent_id;
        verdict.expires_at = say->expires_at;
    }
    return verdict;
}
