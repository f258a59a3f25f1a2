#include "base/error.h"
#include "base/ids.h"
#include "net/audit.h"
#include "net/request.h"
#include "net/server.h"
#include "service/answer.h"
#include "service/inbox_show.h"
#include "service/inbox_sql.h"

#include <string.h>

/* ---- what goes out ---- */

static const char *const kinds[] = {"person", "automatic", "returned", "delayed", NULL};
static const char *const states[] = {"open", "done", "apart", NULL};
static const char *const wishes[] = {"stop", "stopped", NULL};

static const Field person_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true, .doc = "or the address; \"\" when neither is known"},
};
static const Schema person_schema = SCHEMA_REPLY("InboxPerson", person_fields);

#define CONVERSATION_FIELDS                                                                        \
    {"id", FIELD_ID, .required = true}, {"kind", FIELD_TEXT, .required = true, .choices = kinds},  \
        {"state", FIELD_TEXT, .required = true, .choices = states,                                 \
         .doc = "apart: nobody wrote it, so nobody answers"},                                      \
        {"person", FIELD_OBJECT, .of = &person_schema, .doc = "null: nobody we know"},             \
        {"suggested", FIELD_OBJECT, .of = &person_schema,                                          \
         .doc = "of a conversation without a person: whose address it is by now"},                 \
        {"address", FIELD_TEXT, .required = true, .doc = "who writes, or could not be reached"},   \
        {"name", FIELD_TEXT, .required = true, .doc = "as they write it, or \"\""},                \
        {"subject", FIELD_TEXT, .required = true},                                                 \
        {"snippet", FIELD_TEXT, .required = true, .doc = "how the newest mail begins"},            \
        {"campaign_id", FIELD_ID, .doc = "the mailing that it answers or that came back"},         \
        {"campaign", FIELD_TEXT, .doc = "its name"},                                               \
        {"status", FIELD_TEXT, .doc = "of returned mail: RFC 3463, \"5.1.1\""},                    \
        {"wish", FIELD_TEXT, .choices = wishes,                                                    \
         .doc = "stop: asks for no more mail; stopped: done"},                                     \
    {                                                                                              \
        "last_at", FIELD_TIME, .required = true                                                    \
    }

static const Field conversation_fields[] = {CONVERSATION_FIELDS};
static const Schema conversation_schema = SCHEMA_REPLY("InboxConversation", conversation_fields);

static const Field counts_fields[] = {
    {"open", FIELD_INT, .required = true},
    {"done", FIELD_INT, .required = true},
    {"apart", FIELD_INT, .required = true},
};
static const Schema counts_schema = SCHEMA_REPLY("InboxCounts", counts_fields);

static const Field list_fields[] = {
    {"conversations", FIELD_LIST, .required = true, .of = &conversation_schema},
    {"next", FIELD_TEXT, .doc = "cursor of the next page; null at the end"},
    {"counts", FIELD_OBJECT, .required = true, .of = &counts_schema},
    {"reads", FIELD_BOOL, .required = true, .doc = "a mailbox of the business is read"},
};
static const Schema list_schema = SCHEMA_REPLY("Inbox", list_fields);

static const char *const directions[] = {"in", "out", NULL};
static const char *const mail_states[] = {"received", "waiting", "handing", "sent",
                                          "refused",  "unknown", NULL};
static const Field mail_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"direction", FIELD_TEXT, .required = true, .choices = directions},
    {"state", FIELD_TEXT, .required = true, .choices = mail_states,
     .doc = "unknown: the connection was lost at the end; it may have arrived"},
    {"reason", FIELD_TEXT, .doc = "why it waits or was refused"},
    {"address", FIELD_TEXT, .required = true, .doc = "who wrote it, or to whom it goes"},
    {"subject", FIELD_TEXT, .required = true},
    {"text", FIELD_TEXT, .required = true, .doc = "what its writer wrote"},
    {"quoted", FIELD_TEXT, .required = true, .doc = "what follows: older mails, as quoted"},
    {"cut", FIELD_BOOL, .required = true, .doc = "it was longer than what is kept"},
    {"at", FIELD_TIME, .required = true},
};
static const Schema mail_schema = SCHEMA_REPLY("InboxMail", mail_fields);
static const Field whole_fields[] = {
    CONVERSATION_FIELDS,
    {"mails", FIELD_LIST, .required = true, .of = &mail_schema, .doc = "oldest first"},
};
static const Schema whole_schema = SCHEMA_REPLY("InboxConversationWhole", whole_fields);

/* ---- reading ---- */

typedef struct ListInput {
    const char *state, *cursor;
} ListInput;
static const Field list_input_fields[] = {
    {"state", FIELD_TEXT, .choices = states, .offset = offsetof(ListInput, state),
     .doc = "absent: open"},
    {"cursor", FIELD_TEXT, .max = 48, .offset = offsetof(ListInput, cursor)},
};
static const Schema list_input = SCHEMA("InboxQuery", ListInput, list_input_fields);

typedef json_t *(*Show)(Inbox *inbox, Db *db, const void *what, GError **error);

static json_t *show(Inbox *inbox, Show call, const void *what, GError **error)
{
    Db *db = store_reader_begin(inbox->options.store, error);
    if (!db) return NULL;
    json_t *json = call(inbox, db, what, error);
    store_reader_end(inbox->options.store, db);
    return json;
}

static json_t *list_show(Inbox *inbox, Db *db, const void *what, GError **error)
{
    return inbox_list_json(inbox, db, what, error);
}

static json_t *whole_show(Inbox *inbox, Db *db, const void *what, GError **error)
{
    return inbox_conversation_json(inbox, db, *(const int64_t *)what, error);
}

static bool list_get(Request *request, GError **error)
{
    const ListInput *input = request_query(request);
    InboxPlace place = {.state = input->state ? input->state : "open"};
    if (!inbox_place_parse(input->cursor, &place, error)) return false;
    json_t *json = show(request_context(request), list_show, &place, error);
    return json && request_reply_json(request, 200, json);
}

static bool whole_answer(Request *request, int status, GError **error)
{
    int64_t id = request_path_id(request, "id");
    json_t *json = show(request_context(request), whole_show, &id, error);
    return json && request_reply_json(request, status, json);
}

static bool conversation_get(Request *request, GError **error)
{
    return whole_answer(request, 200, error);
}

/* ---- acting: each in one unit with its entry in the audit log ---- */

typedef struct Act Act;
struct Act {
    Inbox *inbox;
    const void *input;
    int64_t id;
    char actor[ACTOR_TEXT_SIZE];
    AuditEntry audit;
    bool (*step)(Act *act, Db *db, GError **error);
};

static bool act_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    return act->step(act, db, error) && audit_add(db, &act->audit, error);
}

static bool act(Request *request, const char *action, bool (*step)(Act *, Db *, GError **),
                GError **error)
{
    Inbox *inbox = request_context(request);
    Store *store = inbox->options.store;
    Act work = {.inbox = inbox,
                .input = request_input(request),
                .id = request_path_id(request, "id"),
                .step = step};
    actor_text(request_actor(request), work.actor);
    work.audit = (AuditEntry){.audit_id = store_id_next(store),
                              .at = request_now_ms(request),
                              .by = request_actor(request),
                              .action = action,
                              .kind = "conversation",
                              .id = work.id};
    return writer_call(store_writer(store), WRITER_HANDOVER, act_run, &work, error) &&
           whole_answer(request, 200, error);
}

typedef struct AnswerInput {
    const char *text;
    int64_t seen;
    bool done;
} AnswerInput;
static const Field answer_fields[] = {
    {"text", FIELD_TEXT, .required = true, .min = 1, .max = INBOX_ANSWER_MAX,
     .offset = offsetof(AnswerInput, text), .doc = "plain text"},
    {"seen", FIELD_ID, .required = true, .offset = offsetof(AnswerInput, seen),
     .doc = "the newest mail that was read; is there a newer one: 409, so that two do not answer"},
    {"done", FIELD_BOOL, .offset = offsetof(AnswerInput, done), .doc = "and that was all"},
};
static const Schema answer_input = SCHEMA("InboxAnswerInput", AnswerInput, answer_fields);

static bool answer_step(Act *act, Db *db, GError **error)
{
    const AnswerInput *input = act->input;
    Answer answer = {.conversation_id = act->id,
                     .seen = input->seen,
                     .text = input->text,
                     .done = input->done,
                     .actor = act->actor};
    return answer_add(act->inbox, db, &answer, error);
}

static bool answer_post(Request *request, GError **error)
{
    MailWay way;
    Inbox *inbox = request_context(request);
    if (!delivery_way(inbox->options.delivery, &way, error)) return false;
    if (way == MAIL_WAY_NONE)
        return fail(error, KITH_ERROR_CONFLICT,
                    "no mail can leave yet: set up and test the sender");
    return act(request, "conversation.answer", answer_step, error);
}

typedef struct StateInput {
    const char *state;
} StateInput;
static const char *const set_states[] = {"open", "done", NULL};
static const Field state_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = set_states,
     .offset = offsetof(StateInput, state)},
};
static const Schema state_input = SCHEMA("InboxStateInput", StateInput, state_fields);

static bool state_step(Act *act, Db *db, GError **error)
{
    const StateInput *input = act->input;
    g_auto(Conversation) conversation = {0};
    if (!conversation_load(act->inbox, db, act->id, &conversation, error)) return false;
    if (strcmp(conversation.state, "apart") == 0)
        return fail(error, KITH_ERROR_CONFLICT, "what nobody wrote needs no answer");
    ConversationStateParams params = {conversation.person_id, act->id, input->state, act->audit.at};
    return sql_conversation_state(db, &params, NULL, error);
}

static bool state_put(Request *request, GError **error)
{
    return act(request, "conversation.state", state_step, error);
}

typedef struct PersonInput {
    int64_t person_id;
} PersonInput;
static const Field person_input_fields[] = {
    {"person_id", FIELD_ID, .required = true, .offset = offsetof(PersonInput, person_id)},
};
static const Schema person_input = SCHEMA("InboxPersonInput", PersonInput, person_input_fields);

static bool person_check(Act *act, Db *db, int64_t person_id, GError **error)
{
    InboxPersonRow row;
    bool found;
    if (!sql_inbox_person(db, &(InboxPersonParams){person_id}, &row, &found, error)) return false;
    if (!found || people_is_erased(act->inbox->options.people, person_id))
        return fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
    return true;
}

static bool person_step(Act *act, Db *db, GError **error)
{
    const PersonInput *input = act->input;
    char id[ID_TEXT_SIZE];
    g_auto(Conversation) conversation = {0};
    if (!conversation_load(act->inbox, db, act->id, &conversation, error) ||
        !person_check(act, db, input->person_id, error))
        return false;
    if (conversation.person_id)
        return fail(error, KITH_ERROR_CONFLICT, "this conversation has a person");
    ConversationCopyParams copy = {act->id, input->person_id, act->audit.at};
    ConversationCopyMailsParams mails = {act->id, input->person_id};
    ConversationDropMailsParams drop_mails = {0, act->id};
    ConversationDropParams drop = {0, act->id};
    ConversationRefMoveParams refs = {act->id, input->person_id};
    id_format(act->id, id);
    return sql_conversation_copy(db, &copy, NULL, error) &&
           sql_conversation_copy_mails(db, &mails, NULL, error) &&
           sql_conversation_drop_mails(db, &drop_mails, NULL, error) &&
           sql_conversation_drop(db, &drop, NULL, error) &&
           sql_conversation_ref_move(db, &refs, NULL, error) &&
           inbox_event(act->inbox, db, input->person_id, "Email Received",
                       json_pack("{s:s}", "conversation_id", id), error);
}

static bool person_put(Request *request, GError **error)
{
    return act(request, "conversation.link", person_step, error);
}

static bool stop_step(Act *act, Db *db, GError **error)
{
    g_auto(Conversation) conversation = {0};
    if (!conversation_load(act->inbox, db, act->id, &conversation, error)) return false;
    if (strcmp(conversation.kind, "person") != 0 || !smtp_address_check(conversation.address))
        return fail(error, KITH_ERROR_CONFLICT, "nobody asked for that there");
    return inbox_stop(act->inbox, db, &conversation, act->actor, error);
}

static bool stop_post(Request *request, GError **error)
{
    return act(request, "conversation.stop", stop_step, error);
}

static const Route routes[] = {
    {"GET", "/api/inbox", SCOPE_USER, .query = &list_input, .reply = &list_schema,
     .handle = list_get, .summary = "What people wrote to the business, newest first"},
    {"GET", "/api/inbox/{id}", SCOPE_USER, .reply = &whole_schema, .handle = conversation_get,
     .summary = "One conversation with its mails, as plain text"},
    {"POST", "/api/inbox/{id}/answers", SCOPE_USER, .request = &answer_input,
     .reply = &whole_schema, .handle = answer_post,
     .summary = "Answer by mail; the conversation says what became of it"},
    {"PUT", "/api/inbox/{id}/state", SCOPE_USER, .request = &state_input, .reply = &whole_schema,
     .handle = state_put, .summary = "Done, or open again"},
    {"PUT", "/api/inbox/{id}/person", SCOPE_USER, .request = &person_input, .reply = &whole_schema,
     .handle = person_put, .summary = "Say whose a conversation is that nobody is known for"},
    {"POST", "/api/inbox/{id}/stop", SCOPE_USER, .reply = &whole_schema, .handle = stop_post,
     .summary = "Unsubscribe who asked for it by mail"},
};

void inbox_add_routes(Inbox *inbox, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), inbox);
}
