#include "service/answer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "service/inbox_sql.h"
#include "timeline/business.h"

#include <string.h>

enum {
    KEY_SIZE = 2 * ID_TEXT_SIZE + 2,
    THREAD_MAILS = 20, /* whose Message-IDs an answer names */
    TRY_MS_MIN = 60 * 1000,
    TRY_MS_MAX = 3600 * 1000,
};

/* ---- asking for it ---- */

static bool newest_find(Db *db, const Conversation *conversation, int64_t *ret_mail_id,
                        GError **error)
{
    ConversationMailsParams params = {conversation->person_id, conversation->conversation_id, 1};
    ConversationMailsRow row;
    g_auto(DbCursor) cursor = {0};
    *ret_mail_id = 0;
    if (!sql_conversation_mails_open(db, &params, &cursor, error)) return false;
    if (sql_conversation_mails_next(&cursor, &row)) *ret_mail_id = row.mail_id;
    return db_cursor_finish(&cursor, error);
}

/* "Re: " once, whatever stood there, in whatever language. */
static char *subject_of(const char *subject)
{
    static const char *const marks[] = {"re:", "aw:", "antw:", "fwd:", "fw:", "wg:"};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
        if (g_ascii_strncasecmp(subject, marks[i], strlen(marks[i])) == 0) {
            subject += strlen(marks[i]);
            while (*subject == ' ')
                subject++;
            i = (size_t)-1;
        }
    Slice cut = text_cut(slice_of(subject), MAIL_SUBJECT_MAX - 4);
    return g_strdup_printf("Re: %.*s", (int)cut.size, cut.data);
}

static void key_write(const Answer *answer, char key[KEY_SIZE])
{
    char conversation[ID_TEXT_SIZE], mail[ID_TEXT_SIZE];
    id_format(answer->conversation_id, conversation);
    id_format(answer->mail_id, mail);
    g_snprintf(key, KEY_SIZE, "%s %s", conversation, mail);
}

static bool answer_write(Inbox *inbox, Db *db, const Conversation *conversation,
                         const Answer *answer, GError **error)
{
    int64_t now = clock_now_ms();
    char key[KEY_SIZE];
    g_autofree char *subject = subject_of(conversation->subject);
    MailRef ref = mail_ref_own(inbox, answer->mail_id);
    ConversationMailAddParams mail = {.person_id = conversation->person_id,
                                      .conversation_id = conversation->conversation_id,
                                      .mail_id = answer->mail_id,
                                      .direction = "out",
                                      .state = "waiting",
                                      .address = conversation->address,
                                      .subject = subject,
                                      .body = answer->text,
                                      .message_key = "",
                                      .actor = answer->actor,
                                      .at = now};
    ConversationRefAddParams named = {mail_ref_bytes(&ref), conversation->person_id,
                                      conversation->conversation_id, now};
    ConversationGrowParams grow = {.person_id = conversation->person_id,
                                   .conversation_id = conversation->conversation_id,
                                   .state = answer->done ? "done" : "open",
                                   .at = now,
                                   .now = now};
    key_write(answer, key);
    JobAdd job = {.kind = INBOX_ANSWER_JOB, .key = key, .due_at = now};
    return sql_conversation_mail_add(db, &mail, NULL, error) &&
           sql_conversation_ref_add(db, &named, NULL, error) &&
           sql_conversation_grow(db, &grow, NULL, error) && jobs_add(db, &job, error);
}

bool answer_add(Inbox *inbox, Db *db, Answer *answer, GError **error)
{
    g_auto(Conversation) conversation = {0};
    int64_t newest = 0;
    if (!conversation_load(inbox, db, answer->conversation_id, &conversation, error) ||
        !newest_find(db, &conversation, &newest, error))
        return false;
    if (strcmp(conversation.kind, "person") != 0 || !smtp_address_check(conversation.address))
        return fail(error, KITH_ERROR_CONFLICT, "nobody can be answered there");
    if (newest != answer->seen)
        return fail(error, KITH_ERROR_CONFLICT,
                    "somebody wrote in this conversation meanwhile: read that first");
    answer->mail_id = store_id_next(inbox->options.store);
    return answer_write(inbox, db, &conversation, answer, error);
}

/* ---- sending it ---- */

typedef struct Sending {
    Inbox *inbox;
    Job *job;
    int64_t conversation_id, mail_id;
    Conversation conversation;
    Sender sender;
    Business business;
    char *state, *subject, *body; /* of the answer; state NULL: it is gone */
    GString *thread;              /* Message-IDs, oldest first */
    char *quoted, *quoted_id;     /* what is answered; NULL: nothing */
    int64_t quoted_at;
    bool passed; /* the hand over was noted */
} Sending;

static void sending_clear(Sending *sending)
{
    conversation_clear(&sending->conversation);
    g_free(sending->state);
    g_free(sending->subject);
    g_free(sending->body);
    g_free(sending->quoted);
    g_free(sending->quoted_id);
    if (sending->thread) g_string_free(sending->thread, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sending, sending_clear)

static void thread_add(Sending *sending, const char *id)
{
    GString *thread = sending->thread;
    if (!*id || thread->len + strlen(id) + 3 > MAIL_ANSWERS_MAX / 2) return;
    g_autofree char *word = g_strdup_printf("<%s>%s", id, thread->len ? " " : "");
    g_string_prepend(thread, word);
}

/* The mails before the answer, newest first: the newest that came in is the one answered. */
static void before_take(Sending *sending, const ConversationMailsRow *row)
{
    char seal[MAIL_SEAL_SIZE];
    if (strcmp(row->direction, "in") == 0) {
        if (!sending->quoted) {
            sending->quoted = g_strndup(row->body, inbound_said(row->body));
            sending->quoted_id = g_strdup(row->message_key);
            sending->quoted_at = row->at;
        } else {
            thread_add(sending, row->message_key);
        }
        return;
    }
    delivery_seal(sending->inbox->options.delivery, row->mail_id, seal);
    g_autofree char *own =
        g_strdup_printf("%" G_GINT64_MODIFIER "x.%s.kith@%s", (guint64)row->mail_id, seal,
                        strrchr(sending->sender.from_address, '@') + 1);
    thread_add(sending, own);
}

static bool thread_read(Sending *sending, Db *db, GError **error)
{
    const Conversation *conversation = &sending->conversation;
    ConversationMailsParams params = {conversation->person_id, conversation->conversation_id,
                                      THREAD_MAILS};
    ConversationMailsRow row;
    g_auto(DbCursor) cursor = {0};
    sending->thread = g_string_new(NULL);
    if (!sql_conversation_mails_open(db, &params, &cursor, error)) return false;
    while (sql_conversation_mails_next(&cursor, &row))
        if (row.mail_id < sending->mail_id) before_take(sending, &row);
    if (!db_cursor_finish(&cursor, error)) return false;
    if (sending->quoted_id && *sending->quoted_id)
        g_string_append_printf(sending->thread, "%s<%s>", sending->thread->len ? " " : "",
                               sending->quoted_id);
    return true;
}

static bool answer_read(Sending *sending, Db *db, GError **error)
{
    const Conversation *conversation = &sending->conversation;
    ConversationMailFindParams params = {conversation->person_id, conversation->conversation_id,
                                         sending->mail_id};
    ConversationMailFindRow row;
    bool found;
    if (!sql_conversation_mail_find(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    sending->state = g_strdup(row.state);
    sending->subject = g_strdup(row.subject);
    sending->body = g_strdup(row.body);
    return true;
}

/* An erased person's conversation is gone: nothing to do, and no error. */
static bool conversation_find(Sending *sending, Db *db, bool *ret_found, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *ret_found = conversation_load(sending->inbox, db, sending->conversation_id,
                                   &sending->conversation, &failure);
    if (*ret_found || g_error_matches(failure, KITH_ERROR, KITH_ERROR_NOT_FOUND)) return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static bool sending_load_from(Sending *sending, Db *db, GError **error)
{
    Store *store = sending->inbox->options.store;
    bool found;
    if (!conversation_find(sending, db, &found, error)) return false;
    return !found ||
           (sender_load(store, db, &sending->sender, error) &&
            business_load(db, &sending->business, error) && answer_read(sending, db, error) &&
            (!*sending->sender.from_address || thread_read(sending, db, error)));
}

static bool sending_load(Sending *sending, GError **error)
{
    int64_t ids[2] = {0};
    Store *store = sending->inbox->options.store;
    g_auto(GStrv) words = g_strsplit(job_key(sending->job), " ", 3);
    for (int i = 0; i < 2; i++)
        if (!words[i] || !id_parse(slice_of(words[i]), &ids[i], error)) return false;
    sending->conversation_id = ids[0];
    sending->mail_id = ids[1];
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = sending_load_from(sending, db, error);
    store_reader_end(store, db);
    return done;
}

/* ---- its words ---- */

static void quote_add(GString *text, const Sending *sending)
{
    g_auto(GStrv) lines = g_strsplit(sending->quoted, "\n", INBOX_QUOTE_LINES_MAX + 1);
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(sending->quoted_at / 1000);
    bool german = strcmp(sending->business.language, "de") == 0;
    g_autofree char *day = g_date_time_format(at, german ? "%d.%m.%Y" : "%Y-%m-%d");
    const char *name = sending->conversation.name;
    const char *who = *name ? name : sending->conversation.address;
    g_string_append_printf(text, german ? "\n\nAm %s schrieb %s:\n" : "\n\nOn %s, %s wrote:\n", day,
                           who);
    for (int i = 0; lines[i] && i < INBOX_QUOTE_LINES_MAX; i++)
        g_string_append_printf(text, ">%s%s\n", *lines[i] ? " " : "", lines[i]);
}

static MailText *answer_text(const Sending *sending, GError **error)
{
    char seal[MAIL_SEAL_SIZE];
    const Sender *sender = &sending->sender;
    const char *name = *sender->from_name ? sender->from_name : sending->business.name;
    const char *to_name = sending->conversation.name;
    g_autoptr(GString) text = g_string_new(sending->body);
    if (sending->quoted && *sending->quoted) quote_add(text, sending);
    delivery_seal(sending->inbox->options.delivery, sending->mail_id, seal);
    Mail mail = {.mail_id = sending->mail_id,
                 .at = clock_now_ms(),
                 .from_name = mail_header_check(name, MAIL_NAME_MAX) ? name : "",
                 .from_address = sender->from_address,
                 .reply_to = sender->reply_to,
                 .to_name = mail_header_check(to_name, MAIL_NAME_MAX) ? to_name : "",
                 .to_address = sending->conversation.address,
                 .subject = sending->subject,
                 .text = text->str,
                 .seal = seal,
                 .answers = sending->thread->len ? sending->thread->str : NULL};
    return mail_build(&mail, error);
}

/* ---- its states ---- */

typedef struct Change {
    const Sending *sending;
    const char *was, *state, *reason;
    bool changed; /* out */
} Change;

static bool change_run(Db *db, void *data, GError **error)
{
    Change *change = data;
    const Sending *sending = change->sending;
    Inbox *inbox = sending->inbox;
    g_auto(Conversation) now = {0};
    char id[ID_TEXT_SIZE];
    int64_t count = 0;
    change->changed = false;
    /* Erased since, or linked to somebody: then the rows lie elsewhere. */
    if (!conversation_load(inbox, db, sending->conversation_id, &now, error)) return false;
    ConversationMailStateParams params = {.person_id = now.person_id,
                                          .conversation_id = sending->conversation_id,
                                          .mail_id = sending->mail_id,
                                          .was = change->was,
                                          .state = change->state,
                                          .reason = change->reason};
    if (!sql_conversation_mail_state(db, &params, &count, error)) return false;
    change->changed = count == 1;
    if (!change->changed || strcmp(change->state, "sent") != 0) return true;
    id_format(sending->conversation_id, id);
    return inbox_event(inbox, db, now.person_id, "Email Answered",
                       json_pack("{s:s}", "conversation_id", id), error);
}

static bool change(Change *change, GError **error)
{
    Writer *writer = store_writer(change->sending->inbox->options.store);
    return writer_call(writer, WRITER_HANDOVER, change_run, change, error);
}

/* Noted, and durable, before DATA. */
static bool hand_over(void *data)
{
    Sending *sending = data;
    Change step = {.sending = sending, .was = "waiting", .state = "handing"};
    sending->passed = change(&step, NULL) && step.changed;
    return sending->passed;
}

static bool stopping(void *data) { return job_stopping(((Sending *)data)->job); }

static bool later(Sending *sending, GError **error)
{
    int64_t now = clock_now_ms(), age = now - id_time_ms(sending->mail_id);
    Change step = {.sending = sending, .was = sending->passed ? "handing" : "waiting"};
    bool over = age > INBOX_GIVE_UP_MS;
    step.state = over ? "refused" : "waiting";
    step.reason = over ? "too_late" : "relay_busy";
    if (!change(&step, error)) return false;
    if (!over) job_again(sending->job, now + CLAMP(age, TRY_MS_MIN, TRY_MS_MAX));
    return true;
}

static bool settle(Sending *sending, const SmtpResult *result, GError **error)
{
    Change step = {.sending = sending, .was = sending->passed ? "handing" : "waiting"};
    switch (result->outcome) {
    case SMTP_DELIVERED:
        step.state = "sent";
        break;
    case SMTP_UNKNOWN:
        step.state = "unknown";
        break;
    case SMTP_REFUSED_ADDRESS:
        step.state = "refused";
        step.reason = "no_such_mailbox";
        break;
    case SMTP_REFUSED_MESSAGE:
    case SMTP_REFUSED_ACCOUNT:
        step.state = "refused";
        step.reason =
            result->outcome == SMTP_REFUSED_ACCOUNT ? "sender_blocked" : "refused_by_relay";
        break;
    case SMTP_LATER:
        return later(sending, error);
    case SMTP_HELD: /* erased, or another run has it: nothing to write */
    case SMTP_OUTCOMES:
        return true;
    }
    return change(&step, error);
}

/* A run before died while handing over. Of the local mailbox we know what came of it. */
static bool left_settle(Sending *sending, bool *ret_again, GError **error)
{
    size_t size;
    Mailbox *mailbox = delivery_mailbox(sending->inbox->options.delivery);
    Change step = {.sending = sending, .was = "handing", .state = "unknown"};
    *ret_again = false;
    if (sending->sender.transport == TRANSPORT_MAILBOX) {
        g_autofree char *raw = mailbox_raw(mailbox, sending->mail_id, &size, NULL);
        step.state = raw ? "sent" : "waiting";
        *ret_again = !raw;
    }
    return change(&step, error);
}

static bool refuse(Sending *sending, const char *reason, GError **error)
{
    Change step = {.sending = sending, .was = "waiting", .state = "refused", .reason = reason};
    return change(&step, error);
}

static bool send_now(Sending *sending, GError **error)
{
    SmtpResult result;
    g_autoptr(GError) failure = NULL;
    if (!*sending->sender.from_address) return refuse(sending, "sender_blocked", error);
    g_autoptr(MailText) text = answer_text(sending, &failure);
    if (!text) return refuse(sending, "text_failed", error);
    Posting posting = {.sender = &sending->sender,
                       .to_address = sending->conversation.address,
                       .text = text,
                       .mail_id = sending->mail_id,
                       .hand_over = hand_over,
                       .stopping = stopping,
                       .data = sending};
    delivery_post(sending->inbox->options.delivery, &posting, &result);
    return settle(sending, &result, error);
}

bool inbox_answer_run(Inbox *inbox, Job *job, GError **error)
{
    g_auto(Sending) sending = {.inbox = inbox, .job = job};
    bool again = true;
    if (!sending_load(&sending, error)) return false;
    if (!sending.state) return true;
    if (strcmp(sending.state, "handing") == 0 && !left_settle(&sending, &again, error))
        return false;
    bool waits = strcmp(sending.state, "waiting") == 0 || strcmp(sending.state, "handing") == 0;
    return !waits || !again || send_now(&sending, error);
}
