#include "messages/plan.h"

#include <string.h>

#include "base/clock.h"
#include "base/keyhash.h"
#include "messages/campaign_sql.h"
#include "messages/daily.h"
#include "messages/messages_sql.h"
#include "messages/outbox.h"

bool plan_members(Messages *messages, const Campaign *campaign, int64_t at_ms, GArray *person_ids,
                  GError **error)
{
    const MessageGroups *groups = &messages->options.groups;
    return groups->people(groups->context, campaign->rule, at_ms, person_ids, error);
}

/* ---- judging ---- */

static PlanEntry entry_of(Messages *messages, const Campaign *campaign, int64_t person_id,
                          const Judgement *judgement)
{
    int64_t now_ms = clock_now_ms();
    int64_t not_after = campaign->not_after ? campaign->not_after : now_ms + CAMPAIGN_LATE_MS;
    PlanEntry entry = {.person_id = person_id, .judgement = *judgement, .due_at = now_ms};
    if (!judgement->may) {
        entry.reason = judgement->reason;
    } else if (judgement->wait.wait_until_ms > not_after) {
        entry.reason = judgement->wait.reason;
    } else if (campaign_leaves_alone(messages, campaign, person_id)) {
        entry.left_alone = true;
        entry.reason = "left_alone";
    } else {
        entry.sends = true;
        entry.reason = judgement->wait.reason;
        entry.due_at = MAX(judgement->wait.wait_until_ms, now_ms);
    }
    return entry;
}

typedef struct Judging {
    Messages *messages;
    const Campaign *campaign;
    const int64_t *person_ids;
    size_t count;
    GArray *entries;
} Judging;

static bool judge_all(const Judging *judging, Db *db, GError **error)
{
    JudgeRules rules;
    const Campaign *campaign = judging->campaign;
    if (!judge_rules_load(db, campaign->topic, &rules, error)) return false;
    for (size_t i = 0; i < judging->count; i++) {
        Judgement judgement;
        int64_t person_id = judging->person_ids[i];
        if (!judge_person(judging->messages, db, &rules, person_id, &judgement, error))
            return false;
        PlanEntry entry = entry_of(judging->messages, campaign, person_id, &judgement);
        g_array_append_val(judging->entries, entry);
    }
    return true;
}

bool plan_judge(Messages *messages, const Campaign *campaign, const int64_t *person_ids,
                size_t count, GArray *entries, GError **error)
{
    Judging judging = {messages, campaign, person_ids, count, entries};
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = judge_all(&judging, db, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

/* ---- planning ---- */

typedef struct PlanWork {
    Messages *messages;
    const Campaign *campaign;
    GArray *entries; /* of PlanEntry */
    int64_t position;
} PlanWork;

/* One address, one message: the first person of the group who is reached there has it. */
static bool address_take(PlanWork *work, Db *db, PlanEntry *entry, GError **error)
{
    DbBytes hash = {entry->judgement.address_hash, CONSENT_HASH_SIZE};
    AddressSentClaimParams claim = {work->campaign->campaign_id, 0, hash, entry->person_id};
    AddressSentFindParams params = {work->campaign->campaign_id, 0, hash};
    AddressSentFindRow row;
    bool found;
    if (!entry->sends && !entry->left_alone) return true;
    if (!sql_address_sent_claim(db, &claim, NULL, error) ||
        !sql_address_sent_find(db, &params, &row, &found, error))
        return false;
    if (found && row.person_id == entry->person_id) return true;
    entry->sends = entry->left_alone = false;
    entry->reason = "same_address";
    return true;
}

static MessagePlanParams row_of(const PlanWork *work, const PlanEntry *entry)
{
    const Permission *permission = &entry->judgement.permission;
    MessagePlanParams row = {
        .person_id = entry->person_id,
        .origin = work->campaign->campaign_id,
        .message_id = store_id_next(messages_store(work->messages)),
        .template_id = work->campaign->template_id,
        .state = entry->sends ? "planned" : "dropped",
        .reason = entry->reason,
        .arm = entry->left_alone,
        .due_at = entry->due_at,
        .not_after = work->campaign->not_after,
        .now = clock_now_ms(),
    };
    if (!entry->sends) return row;
    row.address = permission->address;
    row.address_hash = (DbBytes){entry->judgement.address_hash, CONSENT_HASH_SIZE};
    row.consent_id = permission->consent_id;
    row.attestation_id = permission->attestation_id;
    return row;
}

static bool entry_write(PlanWork *work, Db *db, PlanEntry *entry, GError **error)
{
    int64_t changed = 0;
    if (!address_take(work, db, entry, error)) return false;
    MessagePlanParams row = row_of(work, entry);
    if (!sql_message_plan(db, &row, &changed, error)) return false;
    if (entry->sends || !changed) return true;
    MessageKey key = {row.person_id, row.origin, row.occurrence};
    return outbox_withheld(work->messages, db, &key, row.reason, error);
}

/* A mailing that was stopped meanwhile changes no row, and nothing is planned. */
static bool plan_run(Db *db, void *data, GError **error)
{
    PlanWork *work = data;
    int64_t changed = 0;
    CampaignPlannedParams params = {work->campaign->campaign_id, work->position, clock_now_ms()};
    if (!sql_campaign_planned(db, &params, &changed, error)) return false;
    for (guint i = 0; changed && i < work->entries->len; i++)
        if (!entry_write(work, db, &g_array_index(work->entries, PlanEntry, i), error))
            return false;
    return true;
}

static bool sending_run(Db *db, void *data, GError **error)
{
    const Campaign *campaign = data;
    CampaignSendingParams params = {campaign->campaign_id, clock_now_ms()};
    return sql_campaign_sending(db, &params, NULL, error);
}

/* The group is looked up once for a mailing, and again after a restart, as of its start. */
static bool members_have(Messages *messages, const Campaign *campaign, GError **error)
{
    if (messages->members && messages->members_of == campaign->campaign_id) return true;
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!plan_members(messages, campaign, campaign->started_at, members, error)) return false;
    g_clear_pointer(&messages->members, g_array_unref);
    messages->members = g_steal_pointer(&members);
    messages->members_of = campaign->campaign_id;
    return true;
}

static guint member_after(const GArray *members, int64_t position)
{
    guint low = 0, high = members->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(members, int64_t, middle) <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool campaign_read(Messages *messages, int64_t campaign_id, Campaign *ret_campaign,
                          GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = campaign_load(db, campaign_id, ret_campaign, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

bool plan_step(Messages *messages, int64_t campaign_id, GError **error)
{
    g_auto(Campaign) campaign = {0};
    if (!campaign_read(messages, campaign_id, &campaign, error)) return false;
    if (!campaign_is(&campaign, "planning")) return true;
    if (!members_have(messages, &campaign, error)) return false;
    guint at = member_after(messages->members, campaign.position);
    guint count = MIN(messages->members->len - at, PLAN_CHUNK);
    if (!count) {
        g_clear_pointer(&messages->members, g_array_unref);
        return writer_call(messages_writer(messages), WRITER_TIMER, sending_run, &campaign, error);
    }
    const int64_t *ids = &g_array_index(messages->members, int64_t, at);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PlanEntry));
    if (!plan_judge(messages, &campaign, ids, count, entries, error)) return false;
    PlanWork work = {messages, &campaign, entries, ids[count - 1]};
    return writer_call(messages_writer(messages), WRITER_TIMER, plan_run, &work, error);
}

/* ---- the dry run ---- */

void plan_counts_clear(PlanCounts *counts)
{
    for (guint i = 0; counts->reasons && i < counts->reasons->len; i++)
        g_array_unref(g_array_index(counts->reasons, PlanReason, i).people);
    g_clear_pointer(&counts->reasons, g_array_unref);
}

static void reason_count(PlanCounts *counts, const char *reason, int64_t person_id)
{
    PlanReason *found = NULL;
    for (guint i = 0; i < counts->reasons->len && !found; i++) {
        PlanReason *one = &g_array_index(counts->reasons, PlanReason, i);
        if (strcmp(one->reason, reason) == 0) found = one;
    }
    if (!found) {
        PlanReason one = {reason, 0, g_array_new(FALSE, FALSE, sizeof(int64_t))};
        g_array_append_val(counts->reasons, one);
        found = &g_array_index(counts->reasons, PlanReason, counts->reasons->len - 1);
    }
    found->count++;
    if (found->people->len < PLAN_SHOWN) g_array_append_val(found->people, person_id);
}

static void entry_count(PlanCounts *counts, KeyMap *addresses, PlanEntry *entry)
{
    Hash128 hash;
    bool added = true;
    memcpy(&hash, entry->judgement.address_hash, sizeof hash);
    if (entry->sends || entry->left_alone)
        keymap_add(addresses, hash, entry->person_id, NULL, &added);
    if (!added) {
        entry->sends = entry->left_alone = false;
        entry->reason = "same_address";
    }
    counts->group++;
    counts->send += entry->sends;
    counts->later += entry->sends && entry->reason;
    counts->left_alone += entry->left_alone;
    counts->withheld += !entry->sends && !entry->left_alone;
    if (entry->reason) reason_count(counts, entry->reason, entry->person_id);
}

static bool days_count(Messages *messages, PlanCounts *counts, GError **error)
{
    DailyRoom room;
    if (!daily_room(messages, &room, error)) return false;
    counts->daily_limit = room.limit;
    counts->days = daily_days(&room, counts->send);
    return true;
}

bool plan_dry_run(Messages *messages, const Campaign *campaign, PlanCounts *ret_counts,
                  GError **error)
{
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PlanEntry));
    g_autoptr(KeyMap) addresses = keymap_new(0);
    if (!plan_members(messages, campaign, clock_now_ms(), members, error)) return false;
    *ret_counts = (PlanCounts){.reasons = g_array_new(FALSE, FALSE, sizeof(PlanReason))};
    for (guint at = 0; at < members->len; at += PLAN_CHUNK) {
        size_t count = MIN(members->len - at, PLAN_CHUNK);
        const int64_t *ids = &g_array_index(members, int64_t, at);
        g_array_set_size(entries, 0);
        if (!plan_judge(messages, campaign, ids, count, entries, error)) return false;
        for (guint i = 0; i < entries->len; i++)
            entry_count(ret_counts, addresses, &g_array_index(entries, PlanEntry, i));
    }
    return days_count(messages, ret_counts, error);
}
