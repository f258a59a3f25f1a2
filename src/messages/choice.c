/* messages/choice.c: the no, and the yes after it, of somebody who holds a link from our mail. */
#include <string.h>

#include "base/clock.h"
#include "messages/campaign.h"
#include "messages/messages_sql.h"
#include "messages/outbox.h"
#include "messages/public.h"
#include "messages/settings.h"
#include "people/consent.h"

/* The address the mail went to; "" when it is not kept any more (erased). */
static bool address_of(Db *db, const Token *token, char *ret_address, size_t size, bool *ret_known,
                       GError **error)
{
    MessageFindParams params = {token->person_id, token->origin, token->occurrence};
    MessageFindRow row;
    if (!sql_message_find(db, &params, &row, ret_known, error)) return false;
    g_strlcpy(ret_address, *ret_known && row.address ? row.address : "", size);
    return true;
}

static bool choice_consent(Choice *choice, Db *db, const char *address, const char *topic,
                           GError **error)
{
    People *people = choice->messages->options.people;
    int64_t now_ms = clock_now_ms();
    ConsentInput input = {.stem = people_person(people, choice->token.person_id),
                          .address = *address ? address : NULL,
                          .channel = "email",
                          .topic = choice->yes ? topic : "*",
                          .state = choice->yes ? CONSENT_GRANTED : CONSENT_DENIED,
                          .basis = choice->yes ? "preference page" : "unsubscribed",
                          .text = choice->text,
                          .proof = choice->agent,
                          .actor = "person",
                          .source_id = SOURCE_ID_KITH,
                          .trust = TRUST_PERSON,
                          .occurred_at = now_ms,
                          .received_at = now_ms};
    return people_consent_put(people, db, &input, error);
}

static bool said_no_before(Choice *choice, Db *db, const char *address, bool *ret_before,
                           GError **error)
{
    People *people = choice->messages->options.people;
    ConsentQuery query = {.person_id = people_person(people, choice->token.person_id),
                          .address = *address ? address : NULL,
                          .channel = "email",
                          .topic = "*",
                          .at_ms = clock_now_ms(),
                          .known_at_ms = INT64_MAX};
    ConsentState state;
    if (!people_consent_state(people, db, &query, &state, error)) return false;
    *ret_before = state == CONSENT_DENIED;
    return true;
}

/* Beside openings and clicks, so that the mailing can say how many left because of it. */
static bool hit_no(const Choice *choice, Db *db, GError **error)
{
    const Token *token = &choice->token;
    HitAddParams params = {.person_id = token->person_id,
                           .hit_id = store_id_next(messages_store(choice->messages)),
                           .origin = token->origin,
                           .occurrence = token->occurrence,
                           .kind = "unsubscribe",
                           .at = clock_now_ms()};
    return sql_hit_add(db, &params, NULL, error);
}

static bool choice_no(Choice *choice, Db *db, const char *address, GError **error)
{
    g_autoptr(GArray) under_way = g_array_new(FALSE, FALSE, sizeof(MessageKey));
    Messages *messages = choice->messages;
    MessageKey key = {choice->token.person_id, choice->token.origin, choice->token.occurrence};
    Refusal refusal = {people_person(messages->options.people, key.person_id),
                       *address ? address : NULL, "*", "unsubscribed"};
    bool before;
    if (!said_no_before(choice, db, address, &before, error)) return false;
    if (!outbox_refuse(messages, db, &refusal, under_way, error)) return false;
    choice->under_way = under_way->len > 0;
    return before ||
           (choice_consent(choice, db, address, "*", error) && hit_no(choice, db, error) &&
            messages_event(messages, db, "Unsubscribed", &key, NULL, error));
}

static bool choice_run(Db *db, void *data, GError **error)
{
    Choice *choice = data;
    People *people = choice->messages->options.people;
    char address[IDENTITY_VALUE_MAX + 1];
    g_auto(Campaign) campaign = {0};
    choice->known = true;
    if (choice->token.kind == TOKEN_TEST)
        return choice->yes || settings_prove(choice->messages, db, error);
    if (!address_of(db, &choice->token, address, sizeof address, &choice->known, error))
        return false;
    if (!choice->known || people_is_erased(people, choice->token.person_id)) return true;
    if (!choice->yes) return choice_no(choice, db, address, error);
    return campaign_load(db, choice->token.origin, &campaign, error) &&
           choice_consent(choice, db, address, campaign.topic, error);
}

bool choice_make(Choice *choice, GError **error)
{
    return writer_call(messages_writer(choice->messages), WRITER_HANDOVER, choice_run, choice,
                       error);
}

static bool state_read(Messages *messages, Db *db, const Token *token, bool *ret_yes,
                       GError **error)
{
    char address[IDENTITY_VALUE_MAX + 1];
    bool known;
    g_auto(Campaign) campaign = {0};
    *ret_yes = false;
    if (!address_of(db, token, address, sizeof address, &known, error)) return false;
    if (!known || !*address) return true;
    if (!campaign_load(db, token->origin, &campaign, error)) return false;
    PermissionQuery query = {.person_id = people_person(messages->options.people, token->person_id),
                             .address = address,
                             .channel = "email",
                             .topic = campaign.topic,
                             .at_ms = clock_now_ms()};
    Permission permission;
    if (!people_permission(messages->options.people, db, &query, &permission, error)) return false;
    *ret_yes = permission.may;
    return true;
}

bool choice_state(Messages *messages, const Token *token, bool *ret_yes, GError **error)
{
    *ret_yes = true;
    if (token->kind == TOKEN_TEST) return true;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = state_read(messages, db, token, ret_yes, error);
    store_reader_end(messages_store(messages), db);
    return done;
}
