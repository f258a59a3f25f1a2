#include "base/error.h"
#include "base/ids.h"
#include "delivery/delivery_private.h"
#include "delivery/delivery_sql.h"
#include "delivery/mail.h"
#include "delivery/notice.h"
#include "store/secret.h"
#include "timeline/business.h"

#include <string.h>

/* Shorter than the RFC's: somebody waits for a test, and a worker that waits does nothing else.
 * What was not answered in time is tried again later; only the final dot has its ten minutes. */
static const SmtpTimes test_times = {{
    [SMTP_AT_CONNECT] = 15000,
    [SMTP_AT_GREETING] = 30000,
    [SMTP_AT_HELLO] = 30000,
    [SMTP_AT_TLS] = 20000,
    [SMTP_AT_AUTH] = 30000,
    [SMTP_AT_MAIL] = 30000,
    [SMTP_AT_RCPT] = 30000,
    [SMTP_AT_DATA] = 30000,
    [SMTP_AT_BODY] = 30000,
    [SMTP_AT_END] = 60000,
    [SMTP_AT_QUIT] = 2000,
}};

/* ---- handing over, at most once ---- */

/* Noted, and durable, before DATA: a run that finds the note knows that the mail may have gone. */
static const char handed_over[] = "{\"handed_over\":true}";

static bool was_handed_over(const Job *job)
{
    return g_strcmp0(job_progress(job), handed_over) == 0;
}

static bool hand_over(void *data) { return job_progress_set(data, handed_over, NULL); }

static bool stopping(void *data) { return job_stopping(data); }

/* ---- reading what a mail needs ---- */

typedef struct Reader {
    Business business;
    Sender sender;
    char email[SENDER_ADDRESS_MAX + 1], name[MAIL_NAME_MAX + 1], language[8];
    bool has_account;
} Reader;

static bool account_read(Db *db, int64_t account_id, Reader *reader, GError **error)
{
    DeliveryAccountParams params = {.account_id = account_id};
    DeliveryAccountRow row = {0};
    if (account_id == 0) return true;
    if (!sql_delivery_account(db, &params, &row, &reader->has_account, error)) return false;
    if (!reader->has_account) return true;
    g_strlcpy(reader->email, row.email, sizeof reader->email);
    g_strlcpy(reader->name, row.name, sizeof reader->name);
    g_strlcpy(reader->language, row.language, sizeof reader->language);
    return true;
}

static bool reader_read(Delivery *delivery, int64_t account_id, Reader *reader, GError **error)
{
    Store *store = delivery_store(delivery);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = business_load(db, &reader->business, error) &&
                sender_load(store, db, &reader->sender, error) &&
                account_read(db, account_id, reader, error);
    store_reader_end(store, db);
    return done;
}

static Mail mail_from(const Reader *reader, int64_t mail_id)
{
    const Sender *sender = &reader->sender;
    const char *name = *sender->from_name ? sender->from_name : reader->business.name;
    return (Mail){.mail_id = mail_id,
                  .at = id_time_ms(mail_id),
                  .from_name = mail_header_check(name, MAIL_NAME_MAX) ? name : "",
                  .from_address =
                      *sender->from_address ? sender->from_address : DELIVERY_NO_ADDRESS,
                  .reply_to = sender->reply_to,
                  .auto_submitted = true};
}

/* ---- the test ---- */

typedef struct TestSave {
    Delivery *delivery;
    SenderTest *test;
} TestSave;

/* Only while it is still the test asked for: settings may have changed meanwhile. */
static bool test_save(Db *db, void *data, GError **error)
{
    TestSave *save = data;
    Store *store = delivery_store(save->delivery);
    g_autofree SenderTest *now = g_new0(SenderTest, 1);
    if (!sender_test_load(store, db, now, error)) return false;
    if (now->mail_id != save->test->mail_id) return true;
    return sender_test_save(store, db, save->test, save->test->at, error);
}

static void test_send(Delivery *delivery, Job *job, const Reader *reader, SenderTest *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) dialogue = g_string_new(NULL);
    g_auto(Notice) notice = {0};
    NoticeFacts facts = {.language = reader->business.language, .business = reader->business.name};
    Mail mail = mail_from(reader, test->mail_id);
    notice_write(NOTICE_TEST, &facts, &notice);
    mail.to_address = test->to;
    mail.subject = notice.subject;
    mail.text = notice.text;
    mail.html = notice.html;
    mail.auto_submitted = false; /* somebody did press "send", and waits for it */
    g_autoptr(MailText) text = mail_build(&mail, &error);
    if (!text) {
        test->result = (SmtpResult){.outcome = SMTP_REFUSED_MESSAGE, .phase = SMTP_AT_MAIL};
        g_strlcpy(test->result.text, error->message, sizeof test->result.text);
        return;
    }
    Posting posting = {.sender = &reader->sender,
                       .to_address = test->to,
                       .text = text,
                       .mail_id = test->mail_id,
                       .times = &test_times,
                       .hand_over = hand_over,
                       .stopping = stopping,
                       .data = job,
                       .dialogue = dialogue};
    delivery_post(delivery, &posting, &test->result);
    g_strlcpy(test->dialogue, dialogue->str, sizeof test->dialogue);
}

bool delivery_test_run(Delivery *delivery, Job *job, GError **error)
{
    g_autofree Reader *reader = g_new0(Reader, 1);
    g_autofree SenderTest *test = g_new0(SenderTest, 1);
    int64_t mail_id = 0;
    TestSave save = {delivery, test};
    if (!id_parse(slice_of(job_key(job)), &mail_id, error) ||
        !reader_read(delivery, 0, reader, error) ||
        !delivery_sender(delivery, &reader->sender, test, error))
        return false;
    if (test->mail_id != mail_id || test->state != TEST_RUNNING) return true;
    if (was_handed_over(job))
        test->result = (SmtpResult){.outcome = SMTP_UNKNOWN, .phase = SMTP_AT_END};
    else
        test_send(delivery, job, reader, test);
    test->state = TEST_DONE;
    test->at = clock_now_ms();
    return writer_call(store_writer(delivery_store(delivery)), WRITER_REST, test_save, &save,
                       error);
}

/* ---- mails to users ---- */

typedef struct UserJob {
    UserMailKind kind;
    int64_t mail_id, account_id;
    json_t *words; /* owned: link, or subject, text and html */
} UserJob;

static void user_job_clear(UserJob *user) { json_decref(user->words); }
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UserJob, user_job_clear)

static const char *word(const UserJob *user, const char *name)
{
    return json_string_value(json_object_get(user->words, name));
}

static bool user_job_read(Delivery *delivery, const Job *job, UserJob *user, GError **error)
{
    json_auto_t *payload = json_loads(job_payload(job), 0, NULL);
    const char *kind = NULL, *mail = NULL, *account = NULL, *sealed = NULL;
    if (json_unpack(payload, "{s:s, s:s, s:s, s:s}", "kind", &kind, "mail", &mail, "account",
                    &account, "sealed", &sealed) != 0)
        return fail(error, KITH_ERROR_INTERNAL, "the job of a mail is not whole");
    g_autofree char *text = store_unseal(delivery_store(delivery), DELIVERY_SEAL, sealed, error);
    if (!text || !id_parse(slice_of(mail), &user->mail_id, error) ||
        !id_parse(slice_of(account), &user->account_id, error))
        return false;
    while (user->kind + 1 < USER_MAILS && strcmp(user_mail_names[user->kind], kind) != 0)
        user->kind++;
    user->words = json_loads(text, 0, NULL);
    return true;
}

static void notice_of(const UserJob *user, const Reader *reader, Notice *notice)
{
    NoticeFacts facts = {.language = reader->language,
                         .business = reader->business.name,
                         .name = reader->name,
                         .link = word(user, "link")};
    if (user->kind != USER_MAIL_LETTER) {
        notice_write(user->kind == USER_MAIL_INVITE ? NOTICE_INVITE : NOTICE_RESET, &facts, notice);
        return;
    }
    *notice = (Notice){.subject = g_strdup(word(user, "subject")),
                       .text = g_strdup(word(user, "text")),
                       .html = g_strdup(word(user, "html"))};
}

static bool user_send(Delivery *delivery, Job *job, const UserJob *user, SmtpResult *ret_result,
                      GError **error)
{
    g_autofree Reader *reader = g_new0(Reader, 1);
    g_auto(Notice) notice = {0};
    if (!reader_read(delivery, user->account_id, reader, error)) return false;
    *ret_result = (SmtpResult){.outcome = SMTP_HELD};
    if (!reader->has_account) return true; /* removed meanwhile */
    notice_of(user, reader, &notice);
    Mail mail = mail_from(reader, user->mail_id);
    mail.to_name = mail_header_check(reader->name, MAIL_NAME_MAX) ? reader->name : "";
    mail.to_address = reader->email;
    mail.subject = notice.subject;
    mail.text = notice.text;
    mail.html = notice.html;
    g_autoptr(MailText) text = mail_build(&mail, error);
    if (!text) return false;
    Posting posting = {.sender = &reader->sender,
                       .to_address = reader->email,
                       .text = text,
                       .mail_id = user->mail_id,
                       .times = &delivery_times,
                       .hand_over = hand_over,
                       .stopping = stopping,
                       .data = job};
    delivery_post(delivery, &posting, ret_result);
    return true;
}

/* A later try, further and further apart; three days after the first it is given up. */
static bool user_later(Job *job, const UserJob *user, const SmtpResult *result, GError **error)
{
    int64_t now = clock_now_ms(), age = now - id_time_ms(user->mail_id);
    if (age > DELIVERY_GIVE_UP_MS)
        return fail(error, KITH_ERROR_UNAVAILABLE,
                    "a mail to a user was not taken for three days "
                    "(code %d at %s)",
                    result->code, smtp_phase_names[result->phase]);
    if (!job_progress_set(job, "{}", error)) return false;
    job_again(job, now + CLAMP(age, DELIVERY_TRY_MS_MIN, DELIVERY_TRY_MS_MAX));
    return true;
}

bool delivery_user_run(Delivery *delivery, Job *job, GError **error)
{
    g_auto(UserJob) user = {0};
    SmtpResult result;
    if (was_handed_over(job)) return true;
    if (!user_job_read(delivery, job, &user, error) ||
        !user_send(delivery, job, &user, &result, error))
        return false;
    switch (result.outcome) {
    case SMTP_DELIVERED:
    case SMTP_UNKNOWN: /* may have arrived; a second one would only confuse */
        return true;
    case SMTP_HELD:
    case SMTP_OUTCOMES:
        return true;
    case SMTP_LATER:
        return user_later(job, &user, &result, error);
    case SMTP_REFUSED_ADDRESS:
    case SMTP_REFUSED_MESSAGE:
    case SMTP_REFUSED_ACCOUNT:
        break;
    }
    if (!job_progress_set(job, "{}", error)) return false;
    return fail(error, KITH_ERROR_DENIED, "a mail to a user was refused (code %d %s at %s)",
                result.code, result.status, smtp_phase_names[result.phase]);
}
