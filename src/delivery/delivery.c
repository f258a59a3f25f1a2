#include "delivery/delivery.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "delivery/delivery_private.h"
#include "store/secret.h"

#include <gmime/gmime.h>
#include <string.h>

const SmtpTimes delivery_times = {{
    [SMTP_AT_CONNECT] = 15000,
    [SMTP_AT_GREETING] = 60000,
    [SMTP_AT_HELLO] = 60000,
    [SMTP_AT_TLS] = 20000,
    [SMTP_AT_AUTH] = 60000,
    [SMTP_AT_MAIL] = 60000,
    [SMTP_AT_RCPT] = 60000,
    [SMTP_AT_DATA] = 60000,
    [SMTP_AT_BODY] = 60000,
    [SMTP_AT_END] = 600000,
    [SMTP_AT_QUIT] = 2000,
}};

const char *const mail_way_names[] = {"none", "mailbox", "smtp", NULL};
const char *const user_mail_names[] = {"invite", "reset", "letter", NULL};

Delivery *delivery_new(const DeliveryOptions *options)
{
    Delivery *delivery = g_new0(Delivery, 1);
    g_mime_init();
    delivery->options = *options;
    delivery->mailbox = mailbox_new(store_dir(options->store));
    delivery->dns = dns_new(NULL, NULL);
    g_mutex_init(&delivery->here_mutex);
    return delivery;
}

void delivery_free(Delivery *delivery)
{
    if (!delivery) return;
    mailbox_free(delivery->mailbox);
    dns_free(delivery->dns);
    g_mutex_clear(&delivery->here_mutex);
    g_free(delivery->base_url);
    g_free(delivery);
}

bool delivery_serve_at(Delivery *delivery, const char *base_url, const char *resolver,
                       GError **error)
{
    g_autoptr(Dns) dns = dns_new(resolver, error);
    if (!dns) return false;
    g_mutex_lock(&delivery->here_mutex);
    dns_free(delivery->dns);
    delivery->dns = g_steal_pointer(&dns);
    g_free(delivery->base_url);
    delivery->base_url = g_strdup(base_url);
    g_mutex_unlock(&delivery->here_mutex);
    return true;
}

Store *delivery_store(const Delivery *delivery) { return delivery->options.store; }
Mailbox *delivery_mailbox(Delivery *delivery) { return delivery->mailbox; }

void delivery_seal(Delivery *delivery, int64_t mail_id, char ret_seal[MAIL_SEAL_SIZE])
{
    mail_seal(store_secret(delivery->options.store, "message id"), mail_id, ret_seal);
}

int64_t delivery_mail_of(Delivery *delivery, const char *message_id, bool *ret_sealed)
{
    return mail_id_find(store_secret(delivery->options.store, "message id"), message_id,
                        ret_sealed);
}

bool delivery_sender(Delivery *delivery, Sender *ret_sender, SenderTest *ret_test, GError **error)
{
    Store *store = delivery->options.store;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = sender_load(store, db, ret_sender, error) &&
                (!ret_test || sender_test_load(store, db, ret_test, error));
    store_reader_end(store, db);
    return done;
}

/* ---- posting ---- */

static void mailbox_post(Delivery *delivery, const Posting *posting, SmtpResult *ret_result)
{
    g_autoptr(GError) error = NULL;
    People *people = delivery->options.people;
    MailboxMail mail = {
        .mail_id = posting->mail_id, .data = posting->text->data, .size = posting->text->size};
    *ret_result = (SmtpResult){.outcome = SMTP_HELD, .phase = SMTP_AT_DATA};
    if (people) mail.person = people_find(people, IDENTITY_EMAIL, 0, slice_of(posting->to_address));
    if (posting->hand_over && !posting->hand_over(posting->data)) return;
    ret_result->phase = SMTP_AT_END;
    ret_result->outcome = SMTP_DELIVERED;
    if (mailbox_put(delivery->mailbox, &mail, &error)) return;
    ret_result->outcome = SMTP_LATER;
    g_strlcpy(ret_result->text, error->message, sizeof ret_result->text);
}

static void smtp_post(const Posting *posting, SmtpResult *ret_result)
{
    const char *domain = strrchr(posting->sender->from_address, '@');
    SmtpOptions options = sender_smtp_options(posting->sender);
    SmtpMessage message = {.from = posting->sender->from_address,
                           .to = posting->to_address,
                           .data = posting->text->data,
                           .size = posting->text->size,
                           .hand_over = posting->hand_over,
                           .hand_over_data = posting->data};
    options.name = domain && g_str_is_ascii(domain) ? domain + 1 : NULL;
    if (posting->times) options.times = *posting->times;
    options.stopping = posting->stopping;
    options.stopping_data = posting->data;
    options.dialogue = posting->dialogue;
    g_autoptr(Smtp) smtp = smtp_open(&options, ret_result);
    if (smtp) smtp_send(smtp, &message, ret_result);
}

void delivery_post(Delivery *delivery, const Posting *posting, SmtpResult *ret_result)
{
    if (posting->sender->transport == TRANSPORT_MAILBOX)
        mailbox_post(delivery, posting, ret_result);
    else
        smtp_post(posting, ret_result);
}

/* ---- asking for a mail to a user ---- */

bool delivery_way(Delivery *delivery, MailWay *ret_way, GError **error)
{
    Sender sender;
    g_autofree SenderTest *test = g_new0(SenderTest, 1);
    if (!delivery_sender(delivery, &sender, test, error)) return false;
    *ret_way = MAIL_WAY_NONE;
    if (sender.transport == TRANSPORT_MAILBOX)
        *ret_way = MAIL_WAY_MAILBOX;
    else if (sender_is_ready(&sender, test))
        *ret_way = MAIL_WAY_SMTP;
    return true;
}

static char *payload_of(Store *store, const UserMail *mail, int64_t mail_id)
{
    char id[ID_TEXT_SIZE], account[ID_TEXT_SIZE];
    json_auto_t *words = json_pack("{s:s?, s:s?, s:s?, s:s?}", "link", mail->link, "subject",
                                   mail->subject, "text", mail->text, "html", mail->html);
    g_autofree char *text = json_dumps(words, JSON_COMPACT);
    g_autofree char *sealed = store_seal(store, DELIVERY_SEAL, text);
    id_format(mail_id, id);
    id_format(mail->account_id, account);
    json_auto_t *payload = json_pack("{s:s, s:s, s:s, s:s}", "kind", user_mail_names[mail->kind],
                                     "mail", id, "account", account, "sealed", sealed);
    return json_dumps(payload, JSON_COMPACT);
}

bool delivery_user_mail_add(Delivery *delivery, Db *db, const UserMail *mail, const char *key,
                            GError **error)
{
    Store *store = delivery->options.store;
    g_autofree char *payload = payload_of(store, mail, store_id_next(store));
    JobAdd add = {
        .kind = DELIVERY_USER_JOB, .key = key, .due_at = clock_now_ms(), .payload = payload};
    return jobs_add(db, &add, error);
}

typedef struct UserWork {
    Delivery *delivery;
    const UserMail *mail;
    char key[ID_TEXT_SIZE];
} UserWork;

static bool user_write(Db *db, void *data, GError **error)
{
    UserWork *work = data;
    return delivery_user_mail_add(work->delivery, db, work->mail, work->key, error);
}

bool delivery_user_mail(Delivery *delivery, const UserMail *mail, MailWay *ret_way, GError **error)
{
    Store *store = delivery->options.store;
    UserWork work = {.delivery = delivery, .mail = mail};
    if (!delivery_way(delivery, ret_way, error)) return false;
    id_format(store_id_next(store), work.key);
    return *ret_way == MAIL_WAY_NONE ||
           writer_call(store_writer(store), WRITER_REST, user_write, &work, error);
}

/* ---- asking for a test ---- */

typedef struct TestWork {
    Delivery *delivery;
    SenderTest *test;
} TestWork;

static bool test_write(Db *db, void *data, GError **error)
{
    TestWork *work = data;
    Store *store = work->delivery->options.store;
    char id[ID_TEXT_SIZE];
    JobAdd add = {.kind = DELIVERY_TEST_JOB, .key = id, .due_at = work->test->at};
    id_format(work->test->mail_id, id);
    return sender_test_save(store, db, work->test, work->test->at, error) &&
           jobs_add(db, &add, error);
}

bool delivery_test(Delivery *delivery, const char *to, int64_t *ret_mail_id, GError **error)
{
    Sender sender;
    g_autofree SenderTest *test = g_new0(SenderTest, 1);
    TestWork work = {delivery, test};
    Store *store = delivery->options.store;
    if (!delivery_sender(delivery, &sender, test, error)) return false;
    if (test->state == TEST_RUNNING && clock_now_ms() - test->at < DELIVERY_TEST_MS)
        return fail(error, KITH_ERROR_CONFLICT, "a test is under way: wait for its end");
    if (!*sender.from_address)
        return fail(error, KITH_ERROR_CONFLICT, "say first which address mails are from");
    *test = (SenderTest){.state = TEST_RUNNING, .at = clock_now_ms()};
    test->mail_id = store_id_next(store);
    g_strlcpy(test->to, to, sizeof test->to);
    *ret_mail_id = test->mail_id;
    return writer_call(store_writer(store), WRITER_REST, test_write, &work, error);
}
