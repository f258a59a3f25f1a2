/* messages/settle.c: the ends of messages: what the relay said, what a crash left, what a no does.
 */
#include "messages/outbox.h"

#include <string.h>

#include "base/clock.h"
#include "messages/campaign.h"
#include "messages/campaign_sql.h"
#include "messages/messages_sql.h"
#include "people/consent.h"

enum {
    SETTLE_FIRST = 200,        /* a mailing is judged by these */
    SETTLE_REFUSED_MIN = 4,    /* three dead addresses say nothing */
    SETTLE_REFUSED_SHARE = 20, /* a twentieth */
    CANCEL_ROWS = 500,
    LEFT_ROWS = 500,
};

/* Pauses after a "try again later", by attempt. */
static const int64_t pauses_ms[] = {60 * 1000, 5 * 60 * 1000, 15 * 60 * 1000, 30 * 60 * 1000};

static const char *const end_states[CARRIER_OUTCOMES] = {
    [CARRIER_ACCEPTED] = "accepted",
    [CARRIER_REFUSED_ADDRESS] = "refused",
    [CARRIER_REFUSED_MESSAGE] = "refused",
    [CARRIER_LATER] = NULL,
    [CARRIER_BLOCKED] = NULL,
    [CARRIER_UNKNOWN] = "unknown",
    [CARRIER_HELD] = NULL,
};

typedef struct SettleWork {
    Messages *messages;
    const Claim *claim;
    const CarrierResult *result;
    bool stopped; /* out: this stopped the mailing */
} SettleWork;

static bool wait_again(const SettleWork *work, Db *db, GError **error)
{
    const Claim *claim = work->claim;
    int64_t now_ms = clock_now_ms();
    size_t pause = (size_t)CLAMP(claim->attempts - 1, 0, (int64_t)G_N_ELEMENTS(pauses_ms) - 1);
    bool blocked = work->result->outcome == CARRIER_BLOCKED;
    MessageWaitParams params = {.person_id = claim->key.person_id,
                                .origin = claim->key.origin,
                                .occurrence = claim->key.occurrence,
                                .owner = claim->owner,
                                .reason = blocked ? "sender_blocked" : "relay_busy",
                                .due_at = now_ms + pauses_ms[pause],
                                .now = now_ms};
    return sql_message_wait(db, &params, NULL, error);
}

bool outbox_bounced(Messages *messages, Db *db, const MessageKey *key, const char *address,
                    GError **error)
{
    int64_t now_ms = clock_now_ms();
    ConsentInput input = {.stem = key->person_id,
                          .address = address,
                          .channel = "email",
                          .topic = "*",
                          .state = CONSENT_DENIED,
                          .reason = DENIAL_BOUNCED,
                          .basis = "refused by the mailbox's server",
                          .actor = "kith",
                          .source_id = SOURCE_ID_KITH,
                          .trust = TRUST_HAND,
                          .occurred_at = now_ms,
                          .received_at = now_ms};
    Refusal refusal = {0, address, "*", "bounced"};
    return people_consent_put(messages->options.people, db, &input, error) &&
           outbox_refuse(messages, db, &refusal, NULL, error) &&
           messages_event(messages, db, "Email Bounced", key, NULL, error);
}

/* Over 5 % of the first 200 refused: the list is bad, and the relay will say so. */
static bool refusals_watch(SettleWork *work, Db *db, GError **error)
{
    MessageTriedParams params = {work->claim->key.origin};
    MessageTriedRow row;
    bool found;
    if (!sql_message_tried(db, &params, &row, &found, error)) return false;
    if (!found || row.tried > SETTLE_FIRST || row.refused < SETTLE_REFUSED_MIN) return true;
    MessageOpenCountParams open = {work->claim->key.origin};
    MessageOpenCountRow left = {0};
    if (!sql_message_open_count(db, &open, &left, &found, error)) return false;
    int64_t of = MIN(row.tried + left.count, SETTLE_FIRST);
    if (row.refused * SETTLE_REFUSED_SHARE <= of) return true;
    CampaignStopParams stop = {work->claim->key.origin, "too_many_refused", clock_now_ms()};
    work->stopped = true;
    return sql_campaign_stop(db, &stop, NULL, error);
}

static bool settle_end(SettleWork *work, Db *db, GError **error)
{
    const Claim *claim = work->claim;
    CarrierOutcome outcome = work->result->outcome;
    const char *reason = outcome == CARRIER_REFUSED_ADDRESS   ? "no_such_mailbox"
                         : outcome == CARRIER_REFUSED_MESSAGE ? "refused_by_relay"
                                                              : NULL;
    MessageEndParams params = {.person_id = claim->key.person_id,
                               .origin = claim->key.origin,
                               .occurrence = claim->key.occurrence,
                               .owner = claim->owner,
                               .state = end_states[outcome],
                               .reason = reason,
                               .now = clock_now_ms()};
    int64_t changed = 0;
    if (!sql_message_end(db, &params, &changed, error)) return false;
    if (outcome == CARRIER_ACCEPTED && changed)
        return messages_event(work->messages, db, "Email Sent", &claim->key, NULL, error);
    if (outcome == CARRIER_REFUSED_ADDRESS &&
        !outbox_bounced(work->messages, db, &claim->key, claim->address, error))
        return false;
    return !reason || refusals_watch(work, db, error);
}

static bool settle_run(Db *db, void *data, GError **error)
{
    SettleWork *work = data;
    if (work->result->outcome == CARRIER_HELD) return true;
    if (!end_states[work->result->outcome]) return wait_again(work, db, error);
    return settle_end(work, db, error);
}

bool outbox_settle(Messages *messages, const Claim *claim, const CarrierResult *result,
                   GError **error)
{
    SettleWork work = {messages, claim, result, false};
    if (!writer_call(messages_writer(messages), WRITER_HANDOVER, settle_run, &work, error))
        return false;
    return !work.stopped || outbox_cancel_all(messages, claim->key.origin, "stopped", error);
}

/* ---- dropped: it cannot be said ---- */

typedef struct DropWork {
    Messages *messages;
    const Claim *claim;
    const char *reason;
} DropWork;

static bool drop_run(Db *db, void *data, GError **error)
{
    const DropWork *work = data;
    const Claim *claim = work->claim;
    MessageEndParams params = {.person_id = claim->key.person_id,
                               .origin = claim->key.origin,
                               .occurrence = claim->key.occurrence,
                               .owner = claim->owner,
                               .state = "dropped",
                               .reason = work->reason,
                               .now = clock_now_ms()};
    return sql_message_end(db, &params, NULL, error) &&
           outbox_withheld(work->messages, db, &claim->key, work->reason, error);
}

bool outbox_drop(Messages *messages, const Claim *claim, const char *reason, GError **error)
{
    DropWork work = {messages, claim, reason};
    return writer_call(messages_writer(messages), WRITER_HANDOVER, drop_run, &work, error);
}

/* ---- after a crash ---- */

typedef struct Left {
    Claim claim;
    bool handing;
} Left;

static bool left_read(Db *db, void *data, GError **error)
{
    GArray *left = data;
    MessageLeftParams params = {LEFT_ROWS};
    MessageLeftRow row;
    g_auto(DbCursor) cursor = {0};
    g_array_set_size(left, 0);
    if (!sql_message_left_open(db, &params, &cursor, error)) return false;
    while (sql_message_left_next(&cursor, &row)) {
        Left one = {.handing = strcmp(row.state, "handing") == 0};
        one.claim = (Claim){.key = {row.person_id, row.origin, row.occurrence},
                            .message_id = row.message_id,
                            .owner = row.owner};
        g_strlcpy(one.claim.address, row.address ? row.address : "", sizeof one.claim.address);
        g_array_append_val(left, one);
    }
    return db_cursor_finish(&cursor, error);
}

typedef struct LeftWork {
    Messages *messages;
    GArray *left;
} LeftWork;

static bool left_wait(const Claim *claim, Db *db, GError **error)
{
    int64_t now_ms = clock_now_ms();
    MessageWaitParams params = {.person_id = claim->key.person_id,
                                .origin = claim->key.origin,
                                .occurrence = claim->key.occurrence,
                                .owner = claim->owner,
                                .due_at = now_ms,
                                .now = now_ms};
    return sql_message_wait(db, &params, NULL, error);
}

static bool left_settle(Messages *messages, Db *db, const Left *left, GError **error)
{
    const Carrier *carrier = &messages->options.carrier;
    if (!left->handing) return left_wait(&left->claim, db, error);
    bool taken = carrier->taken && carrier->taken(carrier->context, left->claim.message_id);
    bool certain = carrier->certain && carrier->certain(carrier->context);
    if (!taken && certain) return left_wait(&left->claim, db, error);
    CarrierResult result = {.outcome = taken ? CARRIER_ACCEPTED : CARRIER_UNKNOWN};
    SettleWork work = {messages, &left->claim, &result, false};
    return settle_end(&work, db, error);
}

static bool left_run(Db *db, void *data, GError **error)
{
    LeftWork *work = data;
    if (!left_read(db, work->left, error)) return false;
    for (guint i = 0; i < work->left->len; i++)
        if (!left_settle(work->messages, db, &g_array_index(work->left, Left, i), error))
            return false;
    return true;
}

bool outbox_recover(Messages *messages, GError **error)
{
    g_autoptr(GArray) left = g_array_new(FALSE, FALSE, sizeof(Left));
    LeftWork work = {messages, left};
    do {
        if (!writer_call(messages_writer(messages), WRITER_HANDOVER, left_run, &work, error))
            return false;
    } while (left->len > 0);
    return true;
}

/* ---- stopping a mailing ---- */

typedef struct CancelWork {
    Messages *messages;
    int64_t origin, done;
    const char *reason;
} CancelWork;

static bool cancel_run(Db *db, void *data, GError **error)
{
    CancelWork *work = data;
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(MessageKey));
    MessageOpenOfOriginParams params = {work->origin, CANCEL_ROWS};
    MessageOpenOfOriginRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_message_open_of_origin_open(db, &params, &cursor, error)) return false;
    while (sql_message_open_of_origin_next(&cursor, &row)) {
        MessageKey key = {row.person_id, work->origin, row.occurrence};
        g_array_append_val(keys, key);
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    work->done = keys->len;
    for (guint i = 0; i < keys->len; i++) {
        const MessageKey *key = &g_array_index(keys, MessageKey, i);
        MessageCancelParams cancel = {key->person_id, key->origin, key->occurrence, work->reason,
                                      clock_now_ms()};
        if (!sql_message_cancel(db, &cancel, NULL, error) ||
            !outbox_withheld(work->messages, db, key, work->reason, error))
            return false;
    }
    return true;
}

bool outbox_cancel_all(Messages *messages, int64_t origin, const char *reason, GError **error)
{
    CancelWork work = {messages, origin, 0, reason};
    do {
        if (!writer_call(messages_writer(messages), WRITER_HANDOVER, cancel_run, &work, error))
            return false;
    } while (work.done > 0);
    return true;
}

/* ---- a no ---- */

typedef struct OpenMessage {
    MessageKey key;
    bool handing;
} OpenMessage;

static bool open_of_person(Messages *messages, Db *db, int64_t person_id, GArray *open,
                           GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(messages->options.people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        MessageOpenOfPersonParams params = {g_array_index(stems, int64_t, i)};
        MessageOpenOfPersonRow row;
        g_auto(DbCursor) cursor = {0};
        if (params.person_id <= 0) continue;
        GuardBumpParams bump = {params.person_id, clock_now_ms()};
        if (!sql_guard_bump(db, &bump, NULL, error) ||
            !sql_message_open_of_person_open(db, &params, &cursor, error))
            return false;
        while (sql_message_open_of_person_next(&cursor, &row)) {
            OpenMessage one = {{params.person_id, row.origin, row.occurrence},
                               strcmp(row.state, "handing") == 0};
            g_array_append_val(open, one);
        }
        if (!db_cursor_finish(&cursor, error)) return false;
    }
    return true;
}

static bool open_of_address(Messages *messages, Db *db, const char *address, GArray *open,
                            GError **error)
{
    IdentityValue value;
    uint8_t hash[CONSENT_HASH_SIZE];
    if (identity_normalize(IDENTITY_EMAIL, slice_of(address), &value) != IDENTITY_USABLE)
        return true;
    people_address_hash(messages->options.people, IDENTITY_EMAIL, (Slice){value.text, value.size},
                        hash);
    MessageOpenOfAddressParams params = {{hash, CONSENT_HASH_SIZE}};
    MessageOpenOfAddressRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_message_open_of_address_open(db, &params, &cursor, error)) return false;
    while (sql_message_open_of_address_next(&cursor, &row)) {
        OpenMessage one = {{row.person_id, row.origin, row.occurrence},
                           strcmp(row.state, "handing") == 0};
        GuardBumpParams bump = {row.person_id, clock_now_ms()};
        g_array_append_val(open, one);
        if (!sql_guard_bump(db, &bump, NULL, error)) return false;
    }
    return db_cursor_finish(&cursor, error);
}

/* Does a no about this topic concern a message of that mailing? */
static bool concerns(Db *db, const Refusal *refusal, int64_t origin, bool *ret_concerns,
                     GError **error)
{
    *ret_concerns = true;
    if (!refusal->topic || strcmp(refusal->topic, "*") == 0) return true;
    g_auto(Campaign) campaign = {0};
    if (!campaign_load(db, origin, &campaign, error)) return false;
    *ret_concerns = strcmp(campaign.topic, refusal->topic) == 0;
    return true;
}

static bool refuse_one(Messages *messages, Db *db, const Refusal *refusal, const OpenMessage *open,
                       GArray *under_way, GError **error)
{
    bool meant;
    if (!concerns(db, refusal, open->key.origin, &meant, error)) return false;
    if (!meant) return true;
    if (open->handing) {
        if (under_way) g_array_append_val(under_way, open->key);
        return true;
    }
    int64_t changed = 0;
    MessageCancelParams params = {open->key.person_id, open->key.origin, open->key.occurrence,
                                  refusal->reason, clock_now_ms()};
    if (!sql_message_cancel(db, &params, &changed, error)) return false;
    return !changed || outbox_withheld(messages, db, &open->key, refusal->reason, error);
}

bool outbox_refuse(Messages *messages, Db *db, const Refusal *refusal, GArray *under_way,
                   GError **error)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(OpenMessage));
    if (refusal->person_id && !open_of_person(messages, db, refusal->person_id, open, error))
        return false;
    if (refusal->address && !open_of_address(messages, db, refusal->address, open, error))
        return false;
    for (guint i = 0; i < open->len; i++)
        if (!refuse_one(messages, db, refusal, &g_array_index(open, OpenMessage, i), under_way,
                        error))
            return false;
    return true;
}
