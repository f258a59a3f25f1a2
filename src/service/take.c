/* service/take.c: one mail that came in: whose it is, what it answers, where it belongs. */
#include "base/clock.h"
#include "base/ids.h"
#include "messages/answered.h"
#include "service/inbox_private.h"
#include "service/inbox_sql.h"

#include <string.h>

typedef struct Take {
    Inbox *inbox;
    Db *db;
    const InboundMail *mail;
    int64_t now, mail_id;
    MailRef ref;
    Answered answered; /* a message of a mailing */
    bool answers;      /* there is one */
    bool sealed;       /* and its Message-ID could be known only from it */
    bool joins;        /* it continues `conversation` */
    bool stops;        /* it asks for no more mail, and that was done */
    Conversation conversation;
    uint8_t hash[CONSENT_HASH_SIZE];
    bool has_hash;
} Take;

/* ---- what it answers ---- */

static bool ref_follow(Take *take, const MailRef *ref, GError **error)
{
    g_autoptr(GError) failure = NULL;
    ConversationRefFindParams params = {mail_ref_bytes(ref)};
    ConversationRefFindRow row;
    bool found;
    if (!sql_conversation_ref_find(take->db, &params, &row, &found, error)) return false;
    if (!found || row.conversation_id == 0) return true;
    take->joins = conversation_load(take->inbox, take->db, row.conversation_id, &take->conversation,
                                    &failure);
    if (!take->joins && !g_error_matches(failure, KITH_ERROR, KITH_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (take->joins && strcmp(take->conversation.kind, "person") != 0) {
        conversation_clear(&take->conversation); /* nobody answers what nobody wrote */
        take->joins = false;
    }
    return true;
}

static bool id_follow(Take *take, const char *message_id, GError **error)
{
    bool sealed = false;
    int64_t own = delivery_mail_of(take->inbox->options.delivery, message_id, &sealed);
    MailRef ref = own ? mail_ref_own(take->inbox, own) : mail_ref(take->inbox, 'm', message_id);
    if (!take->joins && !ref_follow(take, &ref, error)) return false;
    if (!own || take->joins || take->answers) return true;
    take->sealed = sealed;
    return answered_find(take->db, own, &take->answered, &take->answers, error);
}

static bool answers_find(Take *take, GError **error)
{
    const InboundMail *mail = take->mail;
    bool back = mail->kind == INBOUND_RETURNED || mail->kind == INBOUND_DELAYED;
    if (back && *mail->failed_id && !id_follow(take, mail->failed_id, error)) return false;
    for (guint i = 0; i < mail->refers->len; i++)
        if (!id_follow(take, mail->refers->pdata[i], error)) return false;
    return true;
}

/* ---- whose it is ---- */

static bool is_same_address(const Take *take, const char *address)
{
    uint8_t hash[CONSENT_HASH_SIZE], sent[CONSENT_HASH_SIZE];
    return address_hash(take->inbox, address, hash) &&
           address_hash(take->inbox, take->answered.address, sent) &&
           memcmp(hash, sent, sizeof hash) == 0;
}

/* The stem whose the mail is; 0: nobody we know. */
static int64_t person_of(const Take *take)
{
    People *people = take->inbox->options.people;
    int64_t asked = take->answers ? people_person(people, take->answered.person_id) : 0;
    int64_t from = take->has_hash
                       ? people_find(people, IDENTITY_EMAIL, 0, slice_of(take->mail->from_address))
                       : 0;
    bool back = take->mail->kind == INBOUND_RETURNED || take->mail->kind == INBOUND_DELAYED;
    if (asked && people_is_erased(people, asked)) asked = 0;
    if (asked && (back || from == 0 || from == asked)) return take->answered.person_id;
    return back ? 0 : from;
}

/* ---- keeping it ---- */

static const char *address_of(const Take *take)
{
    const InboundMail *mail = take->mail;
    bool back = mail->kind == INBOUND_RETURNED || mail->kind == INBOUND_DELAYED;
    if (back && take->answers && *take->answered.address) return take->answered.address;
    return back && *mail->failed_address ? mail->failed_address : mail->from_address;
}

static bool conversation_make(Take *take, GError **error)
{
    const InboundMail *mail = take->mail;
    Conversation *conversation = &take->conversation;
    const char *address = address_of(take);
    bool person = mail->kind == INBOUND_PERSON;
    bool back = mail->kind == INBOUND_RETURNED || mail->kind == INBOUND_DELAYED;
    *conversation = (Conversation){.person_id = person_of(take),
                                   .conversation_id = store_id_next(take->inbox->options.store),
                                   .origin = take->answers ? take->answered.origin : 0,
                                   .address = g_strdup(address),
                                   .name = g_strdup(back ? "" : mail->from_name)};
    take->has_hash = address_hash(take->inbox, address, take->hash);
    ConversationAddParams params = {.person_id = conversation->person_id,
                                    .conversation_id = conversation->conversation_id,
                                    .kind = inbound_kind_names[mail->kind],
                                    .state = person ? "open" : "apart",
                                    .address = address,
                                    .name = conversation->name,
                                    .subject = mail->subject,
                                    .origin = conversation->origin,
                                    .status = *mail->status ? mail->status : NULL,
                                    .at = mail->at,
                                    .now = take->now};
    if (take->has_hash) params.address_hash = (DbBytes){take->hash, sizeof take->hash};
    return sql_conversation_add(take->db, &params, NULL, error);
}

static bool mail_add(Take *take, GError **error)
{
    const InboundMail *mail = take->mail;
    ConversationMailAddParams params = {.person_id = take->conversation.person_id,
                                        .conversation_id = take->conversation.conversation_id,
                                        .mail_id = take->mail_id,
                                        .direction = "in",
                                        .state = "received",
                                        .address = mail->from_address,
                                        .subject = mail->subject,
                                        .body = mail->text,
                                        .cut = mail->cut,
                                        .message_key = mail->message_id,
                                        .at = mail->at};
    ConversationRefAddParams ref = {mail_ref_bytes(&take->ref), take->conversation.person_id,
                                    take->conversation.conversation_id, take->now};
    return sql_conversation_mail_add(take->db, &params, NULL, error) &&
           sql_conversation_ref_add(take->db, &ref, NULL, error);
}

/* ---- what follows ---- */

static json_t *event_json(const Take *take)
{
    char id[ID_TEXT_SIZE], origin[ID_TEXT_SIZE];
    id_format(take->conversation.conversation_id, id);
    json_t *json = json_pack("{s:s}", "conversation_id", id);
    if (!take->conversation.origin) return json;
    id_format(take->conversation.origin, origin);
    json_object_set_new(json, "campaign_id", json_string(origin));
    return json;
}

/* A person said no: from the address the mail went to it is believed at once; from another, the
 * owner is asked, since a From can be written by anybody. */
static bool stop_follow(Take *take, const char **ret_wish, GError **error)
{
    *ret_wish = NULL;
    if (!inbound_asks_to_stop(take->mail->text)) return true;
    *ret_wish = "stop";
    take->stops = take->answers && is_same_address(take, take->mail->from_address);
    return !take->stops || inbox_stop(take->inbox, take->db, &take->conversation, "person", error);
}

static bool person_follow(Take *take, GError **error)
{
    const char *wish = NULL;
    Conversation *conversation = &take->conversation;
    const char *name = take->joins || take->answers ? "Email Replied" : "Email Received";
    if (!inbox_event(take->inbox, take->db, conversation->person_id, name, event_json(take),
                     error) ||
        !stop_follow(take, &wish, error))
        return false;
    ConversationGrowParams grow = {.person_id = conversation->person_id,
                                   .conversation_id = conversation->conversation_id,
                                   .state = take->stops ? "done" : "open",
                                   .wish = take->stops ? "stopped" : wish,
                                   .at = take->mail->at,
                                   .now = take->now};
    return sql_conversation_grow(take->db, &grow, NULL, error);
}

/* Permanent, and about the address: not a full mailbox (5.2.2), not the mail's size or content
 * (5.3.4, 5.6), not a policy (5.7), all of which say nothing about who lives there (RFC 3463). */
static bool is_hard(const InboundMail *mail)
{
    const char *status = mail->status;
    return mail->kind == INBOUND_RETURNED && g_str_has_prefix(status, "5.") &&
           strcmp(status, "5.2.2") != 0 && strcmp(status, "5.3.4") != 0 &&
           !g_str_has_prefix(status, "5.6.") && !g_str_has_prefix(status, "5.7.");
}

/* Only who got the mail knows its seal; and a report must name the address that it went to. */
static bool is_believed(const Take *take)
{
    const InboundMail *mail = take->mail;
    return take->answers && take->sealed &&
           (is_same_address(take, mail->failed_address) ||
            is_same_address(take, mail->failed_original));
}

static bool returned_follow(Take *take, GError **error)
{
    if (!is_believed(take)) return true;
    if (is_hard(take->mail))
        return answered_bounced(take->inbox->options.messages, take->db, &take->answered, error);
    if (take->mail->kind == INBOUND_DELAYED) return true;
    json_t *more = event_json(take);
    json_object_set_new(more, "type", json_string("soft"));
    json_object_set_new(more, "status", json_string(take->mail->status));
    return inbox_event(take->inbox, take->db, take->conversation.person_id, "Email Bounced", more,
                       error);
}

static bool follow(Take *take, GError **error)
{
    switch (take->mail->kind) {
    case INBOUND_PERSON:
        return person_follow(take, error);
    case INBOUND_RETURNED:
    case INBOUND_DELAYED:
        return returned_follow(take, error);
    case INBOUND_AUTOMATIC:
    case INBOUND_KINDS:
        break;
    }
    return true;
}

/* ---- the call ---- */

static MailRef ref_of(const Inbox *inbox, const InboundMail *mail)
{
    if (*mail->message_id) return mail_ref(inbox, 'm', mail->message_id);
    g_autofree char *content = g_strdup_printf("%" G_GINT64_FORMAT "\n%s\n%s\n%s", mail->at,
                                               mail->from_address, mail->subject, mail->text);
    return mail_ref(inbox, 'c', content);
}

/* Taken before, or one that we wrote ourselves (a test mail to the same mailbox). */
static bool is_known(const Take *take, bool *ret_known, GError **error)
{
    ConversationRefFindParams params = {mail_ref_bytes(&take->ref)};
    ConversationRefFindRow row;
    bool sealed;
    if (delivery_mail_of(take->inbox->options.delivery, take->mail->message_id, &sealed)) {
        *ret_known = true;
        return true;
    }
    return sql_conversation_ref_find(take->db, &params, &row, ret_known, error);
}

static bool take_run(Take *take, GError **error)
{
    bool known;
    if (!is_known(take, &known, error)) return false;
    if (known) return true;
    if (!answers_find(take, error)) return false;
    take->has_hash = address_hash(take->inbox, take->mail->from_address, take->hash);
    bool joins = take->joins && take->mail->kind == INBOUND_PERSON;
    if (!joins) {
        conversation_clear(&take->conversation);
        if (!conversation_make(take, error)) return false;
    }
    return mail_add(take, error) && follow(take, error);
}

static bool take_mail(void *context, Db *db, const InboundMail *mail, GError **error)
{
    Inbox *inbox = context;
    Take take = {.inbox = inbox,
                 .db = db,
                 .mail = mail,
                 .now = clock_now_ms(),
                 .mail_id = store_id_next(inbox->options.store),
                 .ref = ref_of(inbox, mail)};
    bool done = take_run(&take, error);
    conversation_clear(&take.conversation);
    return done;
}

InboundTaker inbox_taker(Inbox *inbox) { return (InboundTaker){inbox, take_mail}; }
