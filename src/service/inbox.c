#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "people/consent.h"
#include "service/inbox_private.h"
#include "service/inbox_sql.h"
#include "timeline/event.h"
#include "timeline/payload.h"

#include <string.h>

enum { FORGET_ROWS = 200 };

Inbox *inbox_new(const InboxOptions *options)
{
    Inbox *inbox = g_new0(Inbox, 1);
    inbox->options = *options;
    inbox->ref_key = store_secret(options->store, "mail reference");
    return inbox;
}

void inbox_free(Inbox *inbox) { g_free(inbox); }

void conversation_clear(Conversation *conversation)
{
    g_free(conversation->kind);
    g_free(conversation->state);
    g_free(conversation->address);
    g_free(conversation->name);
    g_free(conversation->subject);
    g_free(conversation->status);
    g_free(conversation->wish);
    *conversation = (Conversation){0};
}

bool conversation_load(Inbox *inbox, Db *db, int64_t conversation_id,
                       Conversation *ret_conversation, GError **error)
{
    ConversationFindParams params = {conversation_id};
    ConversationFindRow row;
    bool found;
    if (!sql_conversation_find(db, &params, &row, &found, error)) return false;
    if (found && row.person_id && people_is_erased(inbox->options.people, row.person_id))
        found = false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such conversation");
    *ret_conversation = (Conversation){.person_id = row.person_id,
                                       .conversation_id = conversation_id,
                                       .origin = row.origin,
                                       .last_at = row.last_at,
                                       .kind = g_strdup(row.kind),
                                       .state = g_strdup(row.state),
                                       .address = g_strdup(row.address),
                                       .name = g_strdup(row.name),
                                       .subject = g_strdup(row.subject),
                                       .status = g_strdup(row.status),
                                       .wish = g_strdup(row.wish)};
    return true;
}

MailRef mail_ref(const Inbox *inbox, char kind, const char *text)
{
    g_autofree char *whole = g_strdup_printf("%c %s", kind, text);
    return (MailRef){keyhash128(inbox->ref_key, whole, strlen(whole))};
}

MailRef mail_ref_own(const Inbox *inbox, int64_t mail_id)
{
    char text[ID_TEXT_SIZE];
    id_format(mail_id, text);
    return mail_ref(inbox, 'o', text);
}

bool address_hash(const Inbox *inbox, const char *address, uint8_t ret_hash[CONSENT_HASH_SIZE])
{
    IdentityValue value;
    if (identity_normalize(IDENTITY_EMAIL, slice_of(address), &value) != IDENTITY_USABLE)
        return false;
    people_address_hash(inbox->options.people, IDENTITY_EMAIL, (Slice){value.text, value.size},
                        ret_hash);
    return true;
}

bool inbox_event(Inbox *inbox, Db *db, int64_t person_id, const char *name, json_t *more,
                 GError **error)
{
    json_auto_t *properties = more;
    int64_t now = clock_now_ms();
    if (person_id <= 0) return true;
    g_autofree char *payload = payload_from_json(properties, error);
    if (!payload) return false;
    EventInput input = {.person_id = person_id,
                        .name = slice_of(name),
                        .type = EVENT_OWN,
                        .source_id = SOURCE_ID_KITH,
                        .occurred_at = now,
                        .received_at = now,
                        .payload = payload};
    return event_append(inbox->options.timeline, db, &input, NULL, error);
}

bool inbox_stop(Inbox *inbox, Db *db, const Conversation *conversation, const char *actor,
                GError **error)
{
    int64_t now = clock_now_ms();
    char id[ID_TEXT_SIZE];
    ConsentInput input = {.stem = conversation->person_id,
                          .address = conversation->address,
                          .channel = "email",
                          .topic = "*",
                          .state = CONSENT_DENIED,
                          .reason = DENIAL_SAID,
                          .basis = "asked for by mail",
                          .actor = actor,
                          .source_id = SOURCE_ID_KITH,
                          .trust = TRUST_PERSON,
                          .occurred_at = now,
                          .received_at = now};
    ConversationStoppedParams params = {conversation->person_id, conversation->conversation_id,
                                        now};
    id_format(conversation->conversation_id, id);
    return people_consent_put(inbox->options.people, db, &input, error) &&
           inbox_event(inbox, db, conversation->person_id, "Unsubscribed",
                       json_pack("{s:s}", "conversation_id", id), error) &&
           sql_conversation_stopped(db, &params, NULL, error);
}

/* ---- erasure of what was linked to nobody ---- */

static bool unknown_drop(Db *db, const uint8_t hash[CONSENT_HASH_SIZE], guint *ret_count,
                         GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int64_t));
    ConversationUnknownParams params = {{hash, CONSENT_HASH_SIZE}, FORGET_ROWS};
    ConversationUnknownRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_conversation_unknown_open(db, &params, &cursor, error)) return false;
    while (sql_conversation_unknown_next(&cursor, &row))
        g_array_append_val(found, row.conversation_id);
    if (!db_cursor_finish(&cursor, error)) return false;
    for (guint i = 0; i < found->len; i++) {
        int64_t conversation_id = g_array_index(found, int64_t, i);
        ConversationDropParams drop = {0, conversation_id};
        ConversationDropMailsParams mails = {0, conversation_id};
        if (!sql_conversation_drop_mails(db, &mails, NULL, error) ||
            !sql_conversation_drop(db, &drop, NULL, error))
            return false;
    }
    *ret_count = found->len;
    return true;
}

static bool addresses_add(Db *db, int64_t stem, GPtrArray *addresses, GError **error)
{
    InboxAddressesParams params = {stem};
    InboxAddressesRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_inbox_addresses_open(db, &params, &cursor, error)) return false;
    while (sql_inbox_addresses_next(&cursor, &row))
        g_ptr_array_add(addresses, g_strdup(row.value));
    return db_cursor_finish(&cursor, error);
}

bool inbox_forget(Inbox *inbox, Db *db, int64_t person_id, GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    people_stems(inbox->options.people, person_id, stems);
    for (guint i = 0; i < stems->len; i++)
        if (g_array_index(stems, int64_t, i) > 0 &&
            !addresses_add(db, g_array_index(stems, int64_t, i), addresses, error))
            return false;
    for (guint i = 0; i < addresses->len; i++) {
        uint8_t hash[CONSENT_HASH_SIZE];
        if (!address_hash(inbox, addresses->pdata[i], hash)) continue;
        for (guint count = FORGET_ROWS; count == FORGET_ROWS;)
            if (!unknown_drop(db, hash, &count, error)) return false;
    }
    return true;
}
