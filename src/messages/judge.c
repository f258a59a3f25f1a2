#include "messages/judge.h"

#include "base/clock.h"
#include "messages/messages_private.h"
#include "messages/messages_sql.h"
#include "messages/settings.h"
#include "people/consent.h"
#include "people/trait.h"
#include "timeline/business.h"

bool judge_rules_load(Db *db, const char *topic, JudgeRules *ret_rules, GError **error)
{
    Business business;
    JudgeRules rules = {.zone = zone_utc(), .now_ms = clock_now_ms()};
    if (!settings_manners(db, &rules.manners, error) || !business_load(db, &business, error))
        return false;
    if (*business.zone) rules.zone = zone_find(slice_of(business.zone), NULL);
    if (!rules.zone) rules.zone = zone_utc();
    g_strlcpy(rules.topic, topic, sizeof rules.topic);
    *ret_rules = rules;
    return true;
}

/* The person's own zone, as a device or a hand said it; NULL when not known. */
static bool zone_of(Messages *messages, Db *db, int64_t person_id, const Zone **ret_zone,
                    GError **error)
{
    TraitQuery query = {person_id, "timezone", INT64_MAX, INT64_MAX};
    g_autoptr(GPtrArray) traits = people_traits_load(messages->options.people, db, &query, error);
    if (!traits) return false;
    *ret_zone = NULL;
    for (guint i = 0; i < traits->len && !*ret_zone; i++) {
        const Trait *trait = traits->pdata[i];
        if (trait->unconfirmed) continue;
        json_t *value = json_loads(trait->json, JSON_DECODE_ANY, NULL);
        if (json_is_string(value)) *ret_zone = zone_find(slice_of(json_string_value(value)), NULL);
        json_decref(value);
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Hand overs of the last week over all stems, oldest first. */
static bool sent_load(Messages *messages, Db *db, int64_t person_id, int64_t now_ms, GArray *sent,
                      GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(messages->options.people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        MessageSentTimesParams params = {g_array_index(stems, int64_t, i),
                                         now_ms - MANNERS_WEEK_MS};
        MessageSentTimesRow row;
        g_auto(DbCursor) cursor = {0};
        if (params.person_id <= 0) continue;
        if (!sql_message_sent_times_open(db, &params, &cursor, error)) return false;
        while (sent->len < MANNERS_SENT_MAX && sql_message_sent_times_next(&cursor, &row))
            g_array_append_val(sent, row.handed_at);
        if (!db_cursor_finish(&cursor, error)) return false;
    }
    g_array_sort(sent, by_time);
    return true;
}

static bool manners_judge(Messages *messages, Db *db, const JudgeRules *rules, int64_t person_id,
                          MannersAnswer *ret_answer, GError **error)
{
    const Zone *zone;
    g_autoptr(GArray) sent = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!zone_of(messages, db, person_id, &zone, error) ||
        !sent_load(messages, db, person_id, rules->now_ms, sent, error))
        return false;
    MannersAsk ask = {.zone = zone ? zone : rules->zone,
                      .now_ms = rules->now_ms,
                      .sent_ms = (const int64_t *)(void *)sent->data,
                      .sent_count = sent->len};
    *ret_answer = manners_ask(&rules->manners, &ask);
    return true;
}

bool judge_person(Messages *messages, Db *db, const JudgeRules *rules, int64_t person_id,
                  Judgement *ret_judgement, GError **error)
{
    People *people = messages->options.people;
    Judgement *judgement = ret_judgement;
    *judgement = (Judgement){.wait = {.wait_until_ms = rules->now_ms}};
    PermissionQuery query = {
        .person_id = person_id, .channel = "email", .topic = rules->topic, .at_ms = rules->now_ms};
    if (people_is_erased(people, person_id)) {
        judgement->reason = permission_reason_name(PERMISSION_ERASED);
        return true;
    }
    if (!people_permission(people, db, &query, &judgement->permission, error)) return false;
    judgement->may = judgement->permission.may;
    if (!judgement->may) {
        judgement->reason = permission_reason_name(judgement->permission.reason);
        return true;
    }
    people_address_hash(people, IDENTITY_EMAIL, slice_of(judgement->permission.address),
                        judgement->address_hash);
    return manners_judge(messages, db, rules, person_id, &judgement->wait, error);
}
