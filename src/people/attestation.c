#include "people/attestation.h"

#include <string.h>

#include "people/consent.h"
#include "people/people_state.h"
#include "people/permission_sql.h"
#include "store/changes.h"
#include "store/store.h"

static bool words_check(const AttestationInput *input, GError **error)
{
    if (g_strcmp0(input->basis, ATTESTATION_CUSTOMER) != 0)
        return fail(error, KITH_ERROR_INVALID, "basis \"%s\": only %s can be sworn to",
                    input->basis ? input->basis : "", ATTESTATION_CUSTOMER);
    bool electronic =
        g_strcmp0(input->channel, "email") == 0 || g_strcmp0(input->channel, "sms") == 0;
    if (!electronic)
        return fail(error, KITH_ERROR_INVALID,
                    "customers may be written to by email or sms, not %s",
                    input->channel ? input->channel : "");
    if (!input->topic || !*input->topic || strlen(input->topic) > CONSENT_WORD_MAX)
        return fail(error, KITH_ERROR_INVALID, "a topic has 1 to %d bytes", CONSENT_WORD_MAX);
    if (!input->text || !*input->text || strlen(input->text) > ATTESTATION_TEXT_MAX)
        return fail(error, KITH_ERROR_INVALID, "the text that was shown has 1 to %d bytes",
                    ATTESTATION_TEXT_MAX);
    return true;
}

bool attestation_check(const AttestationInput *input, Attestation *ret_attestation, GError **error)
{
    if (!words_check(input, error)) return false;
    int place = law_country(slice_of(input->country ? input->country : ""));
    const Law *law = law_at(place);
    if (!law)
        return fail(error, KITH_ERROR_INVALID,
                    "no law is known for country \"%s\": ask these people for their permission",
                    input->country ? input->country : "");
    if (!law->id)
        return fail(error, KITH_ERROR_INVALID,
                    "the law of %s has no basis for customers who did not ask: they must say yes",
                    law->country);
    if (g_strcmp0(law->id, input->law) != 0)
        return fail(error, KITH_ERROR_INVALID, "the law of %s is %s, not \"%s\"", law->country,
                    law->id, input->law ? input->law : "");
    *ret_attestation = (Attestation){.law = place, .unknown_country = input->unknown_country};
    return true;
}

static bool topic_bears(const char *asked, const char *topic)
{
    return g_str_equal(topic, "*") || g_str_equal(topic, asked);
}

bool people_attestations(Db *db, const char *channel, const char *topic, GArray *list,
                         GError **error)
{
    AttestationListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_attestation_list_open(db, &cursor, error)) return false;
    while (sql_attestation_list_next(&cursor, &row)) {
        Attestation one = {row.attestation_id, law_country(slice_of(row.country)),
                           row.unknown_country != 0};
        bool bears = g_str_equal(row.channel, channel) && topic_bears(topic, row.topic);
        if (!row.ended_at.set && bears && one.law != LAW_NONE) g_array_append_val(list, one);
    }
    return db_cursor_finish(&cursor, error);
}

/* Refuses the same once more: two that say the same could not both be ended by one click. */
static bool room_check(Db *db, const AttestationInput *input, const char *country, GError **error)
{
    AttestationListRow row;
    g_auto(DbCursor) cursor = {0};
    int count = 0;
    bool same = false;
    if (!sql_attestation_list_open(db, &cursor, error)) return false;
    for (; sql_attestation_list_next(&cursor, &row); count++)
        same |= !row.ended_at.set && g_str_equal(row.channel, input->channel) &&
                g_str_equal(row.topic, input->topic) && g_str_equal(row.country, country) &&
                (row.unknown_country != 0) == input->unknown_country;
    if (!db_cursor_finish(&cursor, error)) return false;
    if (same) return fail(error, KITH_ERROR_CONFLICT, "this was confirmed before and still stands");
    return count < ATTESTATIONS_MAX ||
           fail(error, KITH_ERROR_LIMIT, "at most %d attestations are kept", ATTESTATIONS_MAX);
}

bool people_attest(People *people, Db *db, const AttestationInput *input,
                   int64_t *ret_attestation_id, GError **error)
{
    Attestation checked;
    if (!attestation_check(input, &checked, error)) return false;
    const Law *law = law_at(checked.law);
    if (!room_check(db, input, law->country, error)) return false;
    AttestationInsertParams params = {
        .attestation_id = store_id_next(people->store),
        .basis = input->basis,
        .channel = input->channel,
        .topic = input->topic,
        .law = law->id,
        .country = law->country,
        .unknown_country = input->unknown_country,
        .text = input->text,
        .actor = input->actor,
        .at = input->at,
    };
    people_permission_touch(people, 0);
    if (!sql_attestation_insert(db, &params, NULL, error)) return false;
    *ret_attestation_id = params.attestation_id;
    return store_changed_now(db, CHANGE_CONSENT, 0, error); /* of everybody it is about */
}

bool people_attestation_end(People *people, Db *db, const AttestationEnd *end, GError **error)
{
    AttestationFindRow row = {0};
    bool found;
    if (!sql_attestation_find(db, &(AttestationFindParams){end->attestation_id}, &row, &found,
                              error))
        return false;
    if (!found)
        return fail(error, KITH_ERROR_NOT_FOUND, "no such attestation: %" G_GINT64_FORMAT,
                    end->attestation_id);
    if (row.ended_at.set) return fail(error, KITH_ERROR_CONFLICT, "this was taken back before");
    people_permission_touch(people, 0);
    AttestationEndParams params = {end->attestation_id, end->at, end->actor};
    return sql_attestation_end(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_CONSENT, 0, error);
}
