#include "delivery/delivery.h"

#include "base/clock.h"
#include "delivery/mail_read.h"
#include "delivery/notice.h"
#include "net/account.h"
#include "net/http_fixture.h"
#include "net/server.h"
#include "net/smtp_fixture.h"
#include "store/attention.h"
#include "store/testdb.h"

#include <gmime/gmime.h>

#define HELLO "< 220 mail.example\n> EHLO shop.example\n< 250 mail.example\n"
#define MAIL                                                                                       \
    "> MAIL FROM:<tea@shop.example>\n< 250 ok\n> RCPT TO:<\n< 250 ok\n> DATA\n< 354 go\nbody\n"
#define BYE "> QUIT\n< 221 bye\n"

/* A served store with an owner who is signed in. */
typedef struct House {
    TestStore *test;
    Auth *auth;
    Delivery *delivery;
    Server *server;
    uint16_t port;
    int64_t owner;
    char *headers; /* cookie and CSRF token */
} House;

/* Signs the owner in: these tests are not about passwords. */
static bool enter(Request *request, GError **error)
{
    House *house = request_context(request);
    SessionNew session;
    if (!auth_session_begin(house->auth, request, house->owner, &session, error)) return false;
    return request_reply_json(request, 200, json_pack("{s:s}", "csrf", session.csrf));
}
static const Field enter_fields[] = {{"csrf", FIELD_TEXT, .required = true}};
static const Schema enter_reply = SCHEMA_REPLY("Enter", enter_fields);
static const Route enter_routes[] = {
    {"POST", "/api/enter", SCOPE_PUBLIC, .reply = &enter_reply, .handle = enter, .summary = "in"}};

static bool test_run(Job *job, GError **error)
{
    House *house = job_context(job);
    return delivery_test_run(house->delivery, job, error);
}

static bool user_run(Job *job, GError **error)
{
    House *house = job_context(job);
    return delivery_user_run(house->delivery, job, error);
}

static const JobKind kinds[] = {{.kind = DELIVERY_TEST_JOB, .run = test_run},
                                {.kind = DELIVERY_USER_JOB, .run = user_run, .sends = true}};

static void jobs_work(House *house)
{
    g_autoptr(GError) error = NULL;
    int64_t count = 0;
    JobTable table = {kinds, G_N_ELEMENTS(kinds), house};
    jobs_run_due(house->test->store, &table, &count, &error);
    g_assert_no_error(error);
}

static void house_enter(House *house)
{
    g_auto(Reply) reply = http_json(house->port, "POST /api/enter", "", NULL);
    g_autofree char *set = http_header(&reply, "Set-Cookie");
    g_autofree char *cookie = g_strndup(set, strcspn(set, ";"));
    house->headers = g_strdup_printf("Cookie: %s\r\nX-CSRF-Token: %s\r\n", cookie,
                                     json_text(reply.json, "csrf", NULL));
}

static void house_open(House *house, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    char token[AUTH_TOKEN_SIZE];
    AccountInput owner = {.name = "Ada",
                          .email = "ada@shop.example",
                          .password = "correct horse battery",
                          .language = "de",
                          .role = ROLE_OWNER};
    *house = (House){.test = test};
    g_free(test_store_sql(test, "INSERT INTO setting (name, value, changed_at) VALUES "
                                "('business.name', 'Teehaus Grün', 0)"));
    house->auth = auth_new(test->store, &error);
    house->delivery = delivery_new(&(DeliveryOptions){.store = test->store});
    g_assert_true(account_create(house->auth, &owner, NULL, &house->owner, token, &error));
    ServerOptions options = {
        .listen = "127.0.0.1:0", .auth = house->auth, .quiet = true, .check_replies = true};
    house->server = server_new(&options, &error);
    delivery_add_routes(house->delivery, house->server);
    server_add_routes(house->server, enter_routes, 1, house);
    g_assert_true(server_start(house->server, &error));
    house->port = server_port(house->server);
    house_enter(house);
}

static void house_close(House *house)
{
    server_free(house->server);
    delivery_free(house->delivery);
    auth_free(house->auth);
    g_free(house->headers);
}

static Reply house_call(const House *house, const char *line, const char *json)
{
    return http_json(house->port, line, house->headers, json);
}

/* Sends by a script that listens. */
static void house_smtp(const House *house, const Script *script)
{
    g_autofree char *json = g_strdup_printf(
        "{\"transport\":\"smtp\",\"preset\":\"other\",\"host\":\"127.0.0.1\",\"port\":%u,"
        "\"security\":\"plain\",\"from_name\":\"Teehaus Gr\u00fcn\","
        "\"from_address\":\"tea@shop.example\"}",
        script->port);
    g_auto(Reply) reply = house_call(house, "PUT /api/sender", json);
    g_assert_cmpint(reply.status, ==, 200);
}

/* Presses "send a test mail" and lets the job run. */
static json_t *house_test(House *house)
{
    g_auto(Reply) asked =
        house_call(house, "POST /api/sender/test", "{\"to\":\"ada@shop.example\"}");
    g_assert_cmpint(asked.status, ==, 202);
    g_assert_cmpstr(json_text(asked.json, "test", "state"), ==, "running");
    jobs_work(house);
    g_auto(Reply) reply = house_call(house, "GET /api/sender", NULL);
    g_assert_cmpint(reply.status, ==, 200);
    return json_incref(reply.json);
}

/* ---- the text of a mail ---- */

static Mail plain_mail(void)
{
    return (Mail){.mail_id = 4711,
                  .at = 1700000000000,
                  .from_name = "Teehaus Gr\u00fcn",
                  .from_address = "tea@shop.example",
                  .to_name = "J\u00f6rg \"Joe\" Meyer, junior",
                  .to_address = "joerg@meyer.example",
                  .subject = "\u00dcber Tee: ein Gru\u00df, der so lang ist, dass er in eine Zeile "
                             "nicht passt und umbrochen wird",
                  .text = "Guten Tag\n.\nmit Gr\u00fc\u00dfen\n",
                  .html = "<p>Guten Tag</p>",
                  .auto_submitted = true};
}

static void a_mail_is_what_the_rfcs_want(void)
{
    g_autoptr(GError) error = NULL;
    Mail mail = plain_mail();
    g_autoptr(MailText) text = mail_build(&mail, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_is_ascii(text->data));
    g_auto(GStrv) lines = g_strsplit(text->data, "\r\n", -1);
    for (char **line = lines; *line; line++) {
        g_assert_null(strpbrk(*line, "\r\n"));
        g_assert_cmpint((int)strlen(*line), <=, 78);
    }
    static const char *const wanted[] = {"\r\nMessage-Id: <", "\r\nDate: Tue, 14 Nov 2023 22:13:20",
                                         "\r\nAuto-Submitted: auto-generated\r\n",
                                         "\r\nMIME-Version: 1.0\r\n", "multipart/alternative"};
    g_autofree char *all = g_strconcat("\r\n", text->data, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_nonnull(strcasestr(all, wanted[i]));
    g_assert_cmpstr(text->message_id, ==, "1267.kith@shop.example");
    g_assert_cmpint(strstr(text->data, "text/plain") - strstr(text->data, "text/html"), <, 0);
    json_auto_t *read = mail_read(text->data, text->size, true);
    g_assert_cmpstr(json_text(read, "subject", NULL), ==, mail.subject);
    g_assert_cmpstr(json_text(read, "text", NULL), ==, mail.text);
    g_assert_nonnull(strstr(json_text(read, "html", NULL), "<p>Guten Tag</p>"));
    g_assert_nonnull(strstr(json_text(read, "to", NULL), "J\u00f6rg"));
}

static void no_header_can_be_added(void)
{
    static const struct {
        const char *why;
        size_t field;
        const char *value;
    } rows[] = {
        {"a line feed in the subject", offsetof(Mail, subject), "Hi\nBcc: all@x.example"},
        {"CR LF in a name", offsetof(Mail, to_name), "Ann\r\nBcc: all@x.example"},
        {"a Unicode line end in a name", offsetof(Mail, from_name), "Ann\u2028Bcc: x"},
        {"a NEL in the subject", offsetof(Mail, subject),
         "Hi\xc2\x85"
         "Bcc: x"},
        {"an address with more", offsetof(Mail, to_address), "a@b.example\r\nBcc: c@d.example"},
        {"a reply-to with more", offsetof(Mail, reply_to), "a@b.example, c@d.example"},
        {"no UTF-8", offsetof(Mail, subject), "caf\xe9"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        Mail mail = plain_mail();
        g_test_message("%s", rows[i].why);
        *(const char **)((char *)&mail + rows[i].field) = rows[i].value;
        g_assert_null(mail_build(&mail, &error));
        g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    }
    Mail mail = plain_mail();
    mail.to_name = "=?utf-8?q?Ann=0D=0ABcc:_x?="; /* an encoded word that is only text */
    g_autoptr(MailText) text = mail_build(&mail, NULL);
    g_assert_null(strcasestr(text->data, "\nBcc:"));
}

/* ---- the local mailbox ---- */

static void mailbox_fill(Mailbox *mailbox, int64_t mail_id, int64_t person)
{
    Mail mail = plain_mail();
    mail.mail_id = mail_id;
    g_autoptr(MailText) text = mail_build(&mail, NULL);
    g_assert_true(
        mailbox_put(mailbox, &(MailboxMail){mail_id, person, text->data, text->size}, NULL));
}

static int64_t mailbox_total(Mailbox *mailbox)
{
    json_auto_t *list = mailbox_list(mailbox, 0, NULL);
    return json_integer_value(json_object_get(list, "total"));
}

static void the_mailbox_keeps_each_mail_once(TestStore *test)
{
    g_autoptr(Delivery) delivery = delivery_new(&(DeliveryOptions){.store = test->store});
    Mailbox *mailbox = delivery_mailbox(delivery);
    int64_t first = 0, last = 0;
    g_assert_cmpint(mailbox_total(mailbox), ==, 0);
    for (int i = 0; i < MAILBOX_PAGE + 10; i++) {
        last = store_id_next(test->store);
        if (i == 0) first = last;
        mailbox_fill(mailbox, last, i % 2 ? 77 : 0);
        mailbox_fill(mailbox, last, i % 2 ? 77 : 0);
    }
    json_auto_t *page = mailbox_list(mailbox, 0, NULL);
    json_t *mails = json_object_get(page, "mails");
    g_assert_cmpint(json_array_size(mails), ==, MAILBOX_PAGE);
    g_assert_cmpint(json_integer_value(json_object_get(page, "total")), ==, MAILBOX_PAGE + 10);
    int64_t next = g_ascii_strtoll(json_text(page, "next", NULL), NULL, 10);
    json_auto_t *rest = mailbox_list(mailbox, next, NULL);
    g_assert_cmpint(json_array_size(json_object_get(rest, "mails")), ==, 10);
    g_assert_true(json_is_null(json_object_get(rest, "next")));
    json_auto_t *one = mailbox_read(mailbox, first, NULL);
    g_assert_cmpstr(json_text(one, "text", NULL), ==, "Guten Tag\n.\nmit Gr\u00fc\u00dfen\n");
    g_autoptr(GError) error = NULL;
    g_assert_null(mailbox_read(mailbox, 12345, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_NOT_FOUND);
}

static void the_mailbox_forgets(TestStore *test)
{
    g_autoptr(Delivery) delivery = delivery_new(&(DeliveryOptions){.store = test->store});
    Mailbox *mailbox = delivery_mailbox(delivery);
    PersonalFile file = mailbox_personal_file(mailbox);
    json_auto_t *rows = json_array();
    mailbox_fill(mailbox, store_id_next(test->store), 77);
    mailbox_fill(mailbox, store_id_next(test->store), 77);
    mailbox_fill(mailbox, store_id_next(test->store), 78);
    mailbox_fill(mailbox, store_id_next(test->store), 0);
    g_assert_true(file.export(file.context, 77, rows, NULL));
    g_assert_cmpint(json_array_size(rows), ==, 2);
    g_assert_true(file.erase(file.context, 77, NULL));
    g_assert_true(file.seal(file.context, NULL));
    g_assert_cmpint(mailbox_total(mailbox), ==, 2);
    g_assert_true(file.erase(file.context, 0, NULL));
    g_assert_cmpint(mailbox_total(mailbox), ==, 2);
    g_assert_true(mailbox_tidy(mailbox, clock_now_ms() + 29 * CLOCK_DAY_MS, NULL));
    g_assert_cmpint(mailbox_total(mailbox), ==, 2);
    g_assert_true(mailbox_tidy(mailbox, clock_now_ms() + 31 * CLOCK_DAY_MS, NULL));
    g_assert_cmpint(mailbox_total(mailbox), ==, 0);
}

/* ---- the sender ---- */

static void wrong_settings_are_named(TestStore *test)
{
    static const struct {
        const char *why, *json, *field;
    } rows[] = {
        {"no such way", "{\"transport\":\"pigeon\"}", "transport"},
        {"no server", "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\"}", "host"},
        {"a server with a command",
         "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"a b\"}", "host"},
        {"no address", "{\"transport\":\"smtp\",\"host\":\"a.example\"}", "from_address"},
        {"a line end in the name", "{\"transport\":\"mailbox\",\"from_name\":\"a\\r\\nBcc: b\"}",
         "from_name"},
        {"two addresses",
         "{\"transport\":\"mailbox\",\"from_address\":\"a@b.example,c@d.example\"}",
         "from_address"},
        {"a reply-to that is none", "{\"transport\":\"mailbox\",\"reply_to\":\"me\"}", "reply_to"},
        {"a password in the clear",
         "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"a.example\","
         "\"security\":\"plain\",\"user\":\"u\",\"password\":\"p\"}",
         "security"},
        {"a user without password",
         "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"a.example\",\"user\":"
         "\"u\"}",
         "password"},
        {"a port", "{\"transport\":\"smtp\",\"port\":70000}", "port"},
    };
    House house;
    house_open(&house, test);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].why);
        g_auto(Reply) reply = house_call(&house, "PUT /api/sender", rows[i].json);
        g_assert_cmpint(reply.status, ==, 400);
        g_assert_nonnull(strstr(reply.body, rows[i].field));
    }
    house_close(&house);
}

static void the_password_is_never_shown(TestStore *test)
{
    static const char first[] =
        "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"one.example\","
        "\"user\":\"ann\",\"password\":\"open sesame\"}";
    static const char same[] =
        "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"one.example\","
        "\"user\":\"ann\"}";
    static const char other[] =
        "{\"transport\":\"smtp\",\"from_address\":\"a@b.example\",\"host\":\"evil.example\","
        "\"user\":\"ann\"}";
    House house;
    house_open(&house, test);
    g_auto(Reply) put = house_call(&house, "PUT /api/sender", first);
    g_assert_cmpint(put.status, ==, 200);
    g_assert_null(strstr(put.body, "sesame"));
    g_assert_true(json_is_true(json_object_get(put.json, "password_set")));
    g_autofree char *kept = test_store_sql(test, "SELECT value FROM setting WHERE name = 'sender'");
    g_assert_null(strstr(kept, "sesame"));
    g_auto(Reply) again = house_call(&house, "PUT /api/sender", same);
    g_assert_true(json_is_true(json_object_get(again.json, "password_set")));
    Sender sender;
    g_assert_true(delivery_sender(house.delivery, &sender, NULL, NULL));
    g_assert_cmpstr(sender.password, ==, "open sesame");
    g_auto(Reply) moved = house_call(&house, "PUT /api/sender", other);
    g_assert_cmpint(moved.status, ==, 400); /* the password does not follow to another server */
    g_assert_cmpint(
        test_store_number(test, "SELECT COUNT(*) FROM audit WHERE action = 'sender.change'"), ==,
        2);
    house_close(&house);
}

static void a_test_says_how_it_went(TestStore *test)
{
    static const struct {
        const char *why, *script, *outcome, *phase, *text;
        bool ready;
    } rows[] = {
        {"it arrives", HELLO MAIL "< 250 2.0.0 queued\n" BYE, "delivered", "end", "queued", true},
        {"the address is refused",
         HELLO "> MAIL\n< 250 ok\n> RCPT\n< 550 5.1.1 who?\n> RSET\n< 250 ok\n" BYE,
         "refused-address", "rcpt", "who?", false},
        {"greylisted", HELLO "> MAIL\n< 250 ok\n> RCPT\n< 451 4.7.1 later\n> RSET\n< 250 ok\n" BYE,
         "later", "rcpt", "later", false},
        {"closed after the final dot", HELLO MAIL "close\n", "unknown", "end", "closed", false},
        {"no mail server", "< SSH-2.0-OpenSSH\n", "later", "greeting", "no mail server", false},
    };
    House house;
    house_open(&house, test);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].why);
        g_autoptr(Script) script = script_start(rows[i].script, NULL);
        house_smtp(&house, script);
        json_auto_t *sender = house_test(&house);
        g_assert_cmpstr(json_text(sender, "test", "state"), ==, "done");
        g_assert_cmpstr(json_text(sender, "test", "outcome"), ==, rows[i].outcome);
        g_assert_cmpstr(json_text(sender, "test", "phase"), ==, rows[i].phase);
        g_assert_nonnull(strstr(json_text(sender, "test", "text"), rows[i].text));
        g_assert_cmpint(json_is_true(json_object_get(sender, "ready")), ==, rows[i].ready);
    }
    g_autofree char *kept =
        test_store_sql(test, "SELECT value FROM setting WHERE name = 'sender.test'");
    g_assert_null(strstr(kept, "ada@shop.example"));
    house_close(&house);
}

static void another_way_has_to_be_tested_again(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_auto(Reply) early = house_call(&house, "POST /api/sender/test", "{\"to\":\"a@b.example\"}");
    g_assert_cmpint(early.status, ==, 409); /* from which address? */
    g_auto(Reply) put = house_call(&house, "PUT /api/sender",
                                   "{\"transport\":\"mailbox\",\"from_address\":\"a@b.example\"}");
    json_auto_t *tested = house_test(&house);
    g_assert_true(json_is_true(json_object_get(tested, "ready")));
    g_autofree char *path = g_strdup_printf("GET /api/mailbox/%s", json_text(tested, "test", "id"));
    g_auto(Reply) mail = house_call(&house, path, NULL);
    g_assert_cmpint(mail.status, ==, 200);
    g_assert_nonnull(strstr(json_text(mail.json, "subject", NULL), "Teehaus Gr\u00fcn"));
    g_autofree char *raw_path = g_strconcat(path, "/raw", NULL);
    g_auto(Reply) raw = house_call(&house, raw_path, NULL);
    g_assert_nonnull(strstr(raw.body, "multipart/alternative"));
    g_autofree char *html_path = g_strconcat(path, "/html", NULL);
    g_auto(Reply) html = house_call(&house, html_path, NULL);
    g_autofree char *policy = http_header(&html, "Content-Security-Policy");
    g_assert_true(g_str_has_prefix(policy, "sandbox; default-src 'none'"));
    g_assert_nonnull(strstr(html.body, "<p"));
    g_auto(Reply) no_html = house_call(&house, "GET /api/mailbox/12345/html", NULL);
    g_assert_cmpint(no_html.status, ==, 404);
    g_auto(Reply) none = house_call(&house, "GET /api/mailbox/12345/raw", NULL);
    g_assert_cmpint(none.status, ==, 404);
    g_auto(Reply) listed = house_call(&house, "GET /api/mailbox", NULL);
    g_assert_cmpint(json_integer_value(json_object_get(listed.json, "total")), ==, 1);
    g_auto(Reply) name = house_call(&house, "PUT /api/sender",
                                    "{\"transport\":\"mailbox\",\"from_address\":\"a@b.example\","
                                    "\"from_name\":\"Another name\"}");
    g_assert_true(json_is_true(json_object_get(name.json, "ready")));
    g_auto(Reply) from = house_call(&house, "PUT /api/sender",
                                    "{\"transport\":\"mailbox\",\"from_address\":\"c@d.example\"}");
    g_assert_false(json_is_true(json_object_get(from.json, "ready")));
    g_auto(Reply) emptied = house_call(&house, "DELETE /api/mailbox", NULL);
    g_assert_cmpint(emptied.status, ==, 204);
    g_assert_cmpint(mailbox_total(delivery_mailbox(house.delivery)), ==, 0);
    house_close(&house);
}

/* ---- mails to users ---- */

static MailWay invite(House *house)
{
    MailWay way;
    UserMail mail = {.kind = USER_MAIL_INVITE,
                     .account_id = house->owner,
                     .link = "https://kith.example/link/abc"};
    g_assert_true(delivery_user_mail(house->delivery, &mail, &way, NULL));
    return way;
}

static void an_invite_comes_in_the_readers_language(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_assert_cmpint(invite(&house), ==, MAIL_WAY_MAILBOX);
    g_autofree char *payload =
        test_store_sql(test, "SELECT payload FROM job WHERE kind = 'mail.user'");
    g_assert_null(strstr(payload, "link/abc")); /* who reads the database cannot enter */
    jobs_work(&house);
    json_auto_t *list = mailbox_list(delivery_mailbox(house.delivery), 0, NULL);
    json_t *first = json_array_get(json_object_get(list, "mails"), 0);
    g_assert_cmpstr(json_text(first, "subject", NULL), ==,
                    "Ihr Zugang zu Kith f\u00fcr Teehaus Gr\u00fcn");
    int64_t id = g_ascii_strtoll(json_text(first, "id", NULL), NULL, 10);
    json_auto_t *mail = mailbox_read(delivery_mailbox(house.delivery), id, NULL);
    g_assert_nonnull(strstr(json_text(mail, "text", NULL), "https://kith.example/link/abc"));
    g_assert_nonnull(
        strstr(json_text(mail, "html", NULL), "href=\"https://kith.example/link/abc\""));
    house_close(&house);
}

static void without_a_tested_sender_nothing_is_sent(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_autoptr(Script) script = script_start("", NULL);
    house_smtp(&house, script);
    g_assert_cmpint(invite(&house), ==, MAIL_WAY_NONE);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM job"), ==, 0);
    house_close(&house);
    close(http_connect(script->port));
}

/* Puts a script behind the sender without ending the test that it passed. */
static void house_move(const House *house, const Script *script)
{
    g_autofree char *sql =
        g_strdup_printf("UPDATE setting SET value = "
                        "'{\"transport\":\"smtp\",\"security\":\"plain\",\"host\":\"127.0.0.1\","
                        "\"port\":%u,\"from_address\":\"tea@shop.example\"}' WHERE name = 'sender'",
                        script->port);
    g_free(test_store_sql(house->test, sql));
}

static void house_tested(House *house)
{
    g_autoptr(Script) script = script_start(HELLO MAIL "< 250 ok\n" BYE, NULL);
    house_smtp(house, script);
    json_auto_t *sender = house_test(house);
    g_assert_true(json_is_true(json_object_get(sender, "ready")));
}

static void later_is_later_and_refused_is_shown(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_tested(&house);
    g_autoptr(Script) busy = script_start("< 421 4.3.2 busy\n", NULL);
    house_move(&house, busy);
    g_assert_cmpint(invite(&house), ==, MAIL_WAY_SMTP);
    jobs_work(&house);
    g_assert_cmpint(
        test_store_number(test,
                          "SELECT COUNT(*) FROM job WHERE kind = 'mail.user' AND state = 'due'"),
        ==, 1);
    g_autoptr(Script) refusing = script_start(
        HELLO "> MAIL\n< 250 ok\n> RCPT\n< 550 5.1.1 gone\n> RSET\n< 250 ok\n" BYE, NULL);
    house_move(&house, refusing);
    clock_simulate(clock_real_ms());
    clock_advance(DELIVERY_TRY_MS_MIN + 1000);
    jobs_work(&house);
    script_end(refusing);
    g_assert_cmpstr(refusing->broken, ==, NULL);
    g_autofree char *reason = test_store_sql(test, "SELECT reason FROM parked");
    g_assert_nonnull(strstr(reason, "550"));
    g_assert_null(strstr(reason, "ada@")); /* no addresses where reasons are logged */
    clock_restore();
    house_close(&house);
}

static void a_mail_that_may_have_gone_does_not_go_again(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_tested(&house);
    g_autoptr(Script) script = script_start(HELLO MAIL "close\n", NULL);
    house_move(&house, script);
    invite(&house);
    jobs_work(&house);
    script_end(script);
    g_assert_nonnull(strstr(script->body->str, "Message-Id: <"));
    g_assert_cmpint(
        test_store_number(test,
                          "SELECT COUNT(*) FROM job WHERE kind = 'mail.user' AND state = 'done'"),
        ==, 1);
    /* The same after a kill -9 between DATA and its end: the note of the hand-over is there. */
    g_free(test_store_sql(test, "UPDATE job SET state = 'due' WHERE kind = 'mail.user'"));
    jobs_work(&house); /* would wait for a script that no longer listens, and fail */
    g_assert_cmpint(
        test_store_number(test,
                          "SELECT COUNT(*) FROM job WHERE kind = 'mail.user' AND state = 'done'"),
        ==, 1);
    house_close(&house);
}

static void notices_are_whole_in_both_languages(void)
{
    static const char *const languages[] = {"en", "de"};
    for (int kind = 0; kind < NOTICES; kind++)
        for (size_t i = 0; i < G_N_ELEMENTS(languages); i++) {
            g_auto(Notice) notice = {0};
            NoticeFacts facts = {languages[i], "Tea & <b>", "Ada", "https://x.example/link/t"};
            notice_write((NoticeKind)kind, &facts, &notice);
            g_assert_nonnull(strstr(notice.subject, "Tea & <b>"));
            g_assert_nonnull(strstr(notice.text, " Ada,"));
            g_assert_null(strstr(notice.html, "<b>"));
            g_assert_nonnull(strstr(notice.html, "Tea &amp; &lt;b&gt;"));
            g_assert_null(strchr(notice.text, '%'));
            g_assert_cmpint(strstr(notice.text, facts.link) != NULL, ==, kind != NOTICE_TEST);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func("/mail/form", a_mail_is_what_the_rfcs_want);
    g_test_add_func("/mail/injection", no_header_can_be_added);
    g_test_add_func("/notice/languages", notices_are_whole_in_both_languages);
    test_store_add_on(DB_SQLITE, "/mailbox/once", the_mailbox_keeps_each_mail_once);
    test_store_add_on(DB_SQLITE, "/mailbox/forgets", the_mailbox_forgets);
    test_store_add_on(DB_SQLITE, "/sender/wrong", wrong_settings_are_named);
    test_store_add("/sender/password", the_password_is_never_shown);
    test_store_add("/sender/test", a_test_says_how_it_went);
    test_store_add("/sender/again", another_way_has_to_be_tested_again);
    test_store_add("/user/language", an_invite_comes_in_the_readers_language);
    test_store_add_on(DB_SQLITE, "/user/untested", without_a_tested_sender_nothing_is_sent);
    test_store_add("/user/later", later_is_later_and_refused_is_shown);
    test_store_add("/user/once", a_mail_that_may_have_gone_does_not_go_again);
    return g_test_run();
}
