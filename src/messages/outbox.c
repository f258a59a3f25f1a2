#include "messages/outbox.h"

#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "messages/campaign.h"
#include "messages/daily.h"
#include "messages/messages_sql.h"
#include "people/consent.h"
#include "timeline/payload.h"

bool messages_event(Messages *messages, Db *db, const char *name, const MessageKey *key,
                    const json_t *more, GError **error)
{
    int64_t now_ms = clock_now_ms();
    char origin[ID_TEXT_SIZE];
    id_format(key->origin, origin);
    json_t *properties = more ? json_deep_copy(more) : json_object();
    json_object_set_new(properties, "campaign_id", json_string(origin));
    g_autofree char *payload = payload_from_json(properties, error);
    json_decref(properties);
    if (!payload) return false;
    EventInput input = {.person_id = key->person_id,
                        .name = slice_of(name),
                        .type = EVENT_OWN,
                        .source_id = SOURCE_ID_KITH,
                        .occurred_at = now_ms,
                        .received_at = now_ms,
                        .payload = payload};
    return event_append(messages->options.timeline, db, &input, NULL, error);
}

bool outbox_withheld(Messages *messages, Db *db, const MessageKey *key, const char *reason,
                     GError **error)
{
    json_t *more = json_pack("{s:s}", "reason", reason);
    bool done = messages_event(messages, db, "Message Withheld", key, more, error);
    json_decref(more);
    return done;
}

/* ---- claim ---- */

typedef struct ClaimWork {
    Messages *messages;
    GArray *claims;
    int64_t rows, owner;
} ClaimWork;

static bool guard_epoch(Db *db, int64_t person_id, int64_t *ret_epoch, GError **error)
{
    GuardMakeParams make = {person_id, clock_now_ms()};
    GuardFindParams params = {person_id};
    GuardFindRow row;
    bool found;
    if (!sql_guard_make(db, &make, NULL, error) ||
        !sql_guard_find(db, &params, &row, &found, error))
        return false;
    *ret_epoch = found ? row.epoch : 0;
    return true;
}

static bool claim_one(ClaimWork *work, Db *db, const MessageKey *key, GError **error)
{
    Claim claim = {.key = *key, .owner = work->owner};
    int64_t now_ms = clock_now_ms(), changed = 0;
    MessageFindParams find = {key->person_id, key->origin, key->occurrence};
    MessageFindRow row;
    bool found;
    if (!guard_epoch(db, key->person_id, &claim.epoch, error) ||
        !sql_message_find(db, &find, &row, &found, error))
        return false;
    if (!found) return true;
    claim.message_id = row.message_id;
    claim.template_id = row.template_id;
    claim.attempts = row.attempts + 1;
    g_strlcpy(claim.address, row.address ? row.address : "", sizeof claim.address);
    MessageClaimParams params = {key->person_id,
                                 key->origin,
                                 key->occurrence,
                                 work->owner,
                                 clock_real_ms() + MESSAGE_LEASE_MS,
                                 claim.epoch,
                                 now_ms};
    if (!sql_message_claim(db, &params, &changed, error)) return false;
    if (changed) g_array_append_val(work->claims, claim);
    return true;
}

static bool claim_run(Db *db, void *data, GError **error)
{
    ClaimWork *work = data;
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(MessageKey));
    MessageDueParams params = {clock_now_ms(), work->rows};
    MessageDueRow row;
    g_auto(DbCursor) cursor = {0};
    g_array_set_size(work->claims, 0);
    if (!sql_message_due_open(db, &params, &cursor, error)) return false;
    while (sql_message_due_next(&cursor, &row)) {
        MessageKey key = {row.person_id, row.origin, row.occurrence};
        g_array_append_val(keys, key);
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    for (guint i = 0; i < keys->len; i++)
        if (!claim_one(work, db, &g_array_index(keys, MessageKey, i), error)) return false;
    return true;
}

bool outbox_claim(Messages *messages, GArray *claims, int64_t rows, GError **error)
{
    ClaimWork work = {messages, claims, rows, store_id_next(messages_store(messages))};
    return writer_call(messages_writer(messages), WRITER_HANDOVER, claim_run, &work, error);
}

/* ---- hand over ---- */

typedef struct HandWork {
    Messages *messages;
    Claim *claim;
    Campaign campaign;
    Judgement judgement;
    int64_t now_ms;
} HandWork;

static bool hand_end(HandWork *work, Db *db, const char *state, const char *reason, GError **error)
{
    const MessageKey *key = &work->claim->key;
    MessageEndParams params = {key->person_id, key->origin, key->occurrence, work->claim->owner,
                               state,          reason,      work->now_ms};
    work->claim->held = true;
    return sql_message_end(db, &params, NULL, error) &&
           outbox_withheld(work->messages, db, key, reason, error);
}

static bool hand_wait(HandWork *work, Db *db, const char *reason, int64_t due_ms, GError **error)
{
    const MessageKey *key = &work->claim->key;
    MessageWaitParams params = {key->person_id, key->origin, key->occurrence, work->claim->owner,
                                reason,         due_ms,      work->now_ms};
    work->claim->held = true;
    return sql_message_wait(db, &params, NULL, error);
}

/* Was this person reached under another of their stems? */
static bool reached_before(HandWork *work, Db *db, bool *ret_reached, GError **error)
{
    People *people = work->messages->options.people;
    const MessageKey *key = &work->claim->key;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, people_person(people, key->person_id), stems);
    *ret_reached = false;
    for (guint i = 0; i < stems->len && !*ret_reached; i++) {
        MessageFindParams params = {g_array_index(stems, int64_t, i), key->origin, key->occurrence};
        MessageFindRow row;
        bool found;
        if (params.person_id == key->person_id) continue;
        if (!sql_message_find(db, &params, &row, &found, error)) return false;
        *ret_reached =
            found && (strcmp(row.state, "handing") == 0 || strcmp(row.state, "accepted") == 0 ||
                      strcmp(row.state, "unknown") == 0);
    }
    return true;
}

static bool address_is_free(HandWork *work, Db *db, bool *ret_free, GError **error)
{
    const MessageKey *key = &work->claim->key;
    DbBytes hash = {work->judgement.address_hash, CONSENT_HASH_SIZE};
    AddressSentClaimParams claim = {key->origin, key->occurrence, hash, key->person_id};
    AddressSentFindParams params = {key->origin, key->occurrence, hash};
    AddressSentFindRow row;
    bool found;
    if (!sql_address_sent_claim(db, &claim, NULL, error) ||
        !sql_address_sent_find(db, &params, &row, &found, error))
        return false;
    *ret_free = found && row.person_id == key->person_id;
    return true;
}

/* The mail was made out to an address that is not theirs any more: made again. */
static bool hand_readdress(HandWork *work, Db *db, GError **error)
{
    const MessageKey *key = &work->claim->key;
    MessageReaddressParams params = {key->person_id,
                                     key->origin,
                                     key->occurrence,
                                     work->claim->owner,
                                     work->judgement.permission.address,
                                     {work->judgement.address_hash, CONSENT_HASH_SIZE},
                                     work->now_ms};
    return sql_message_readdress(db, &params, NULL, error) &&
           hand_wait(work, db, NULL, work->now_ms, error);
}

/* Last: the guard passes once for each epoch, which is also the lock between two processes. */
static bool hand_pass(HandWork *work, Db *db, GError **error)
{
    const Claim *claim = work->claim;
    int64_t changed = 0;
    GuardPassParams guard = {claim->key.person_id, claim->epoch, work->now_ms};
    if (!sql_guard_pass(db, &guard, &changed, error)) return false;
    if (!changed) return hand_wait(work, db, NULL, work->now_ms, error);
    const Permission *permission = &work->judgement.permission;
    MessageHandParams params = {
        claim->key.person_id,   claim->key.origin,          claim->key.occurrence, claim->owner,
        permission->consent_id, permission->attestation_id, work->now_ms};
    if (!sql_message_hand(db, &params, &changed, error)) return false;
    work->claim->held = !changed;
    return !changed || daily_count(db, work->now_ms, error);
}

static bool hand_decide(HandWork *work, Db *db, int64_t not_after, GError **error)
{
    bool reached, address_free;
    const Judgement *judgement = &work->judgement;
    if (work->now_ms > not_after) return hand_end(work, db, "dropped", "too_late", error);
    if (!judgement->may) return hand_end(work, db, "dropped", judgement->reason, error);
    if (!reached_before(work, db, &reached, error)) return false;
    if (reached) return hand_end(work, db, "dropped", "reached_before", error);
    if (strcmp(judgement->permission.address, work->claim->address) != 0)
        return hand_readdress(work, db, error);
    if (!address_is_free(work, db, &address_free, error)) return false;
    if (!address_free) return hand_end(work, db, "dropped", "same_address", error);
    if (judgement->wait.wait_until_ms > not_after)
        return hand_end(work, db, "dropped", judgement->wait.reason, error);
    if (judgement->wait.wait_until_ms > work->now_ms)
        return hand_wait(work, db, judgement->wait.reason, judgement->wait.wait_until_ms, error);
    return hand_pass(work, db, error);
}

static bool hand_run(Db *db, void *data, GError **error)
{
    HandWork *work = data;
    const MessageKey *key = &work->claim->key;
    MessageFindParams find = {key->person_id, key->origin, key->occurrence};
    MessageFindRow row;
    JudgeRules rules;
    bool found;
    work->claim->held = false;
    work->now_ms = clock_now_ms();
    if (!sql_message_find(db, &find, &row, &found, error)) return false;
    if (!found || strcmp(row.state, "claimed") != 0 || row.owner != work->claim->owner) {
        work->claim->held = true; /* somebody said no meanwhile */
        return true;
    }
    int64_t not_after = row.not_after;
    People *people = work->messages->options.people;
    int64_t person_id = people_person(people, key->person_id);
    if (!campaign_load(db, key->origin, &work->campaign, error)) return false;
    if (!campaign_runs(&work->campaign)) return hand_end(work, db, "cancelled", "stopped", error);
    return judge_rules_load(db, work->campaign.topic, &rules, error) &&
           judge_person(work->messages, db, &rules, person_id, &work->judgement, error) &&
           hand_decide(work, db, not_after, error);
}

bool outbox_hand_over(Messages *messages, Claim *claim, GError **error)
{
    HandWork work = {.messages = messages, .claim = claim};
    bool done = writer_call(messages_writer(messages), WRITER_HANDOVER, hand_run, &work, error);
    campaign_clear(&work.campaign);
    return done && !claim->held;
}
