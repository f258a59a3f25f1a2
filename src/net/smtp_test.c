#include "net/smtp.h"

#include "base/clock.h"
#include "net/certificate_fixture.h"
#include "net/smtp_fixture.h"
#include "store/testdb.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>

/* A server that has been greeted; one that has taken the envelope; one that wants the body. */
#define HELLO                                                                                      \
    "< 220 mail.example ESMTP\n> EHLO \n< 250-mail.example\n< 250-SIZE 40000\n< 250 8BITMIME\n"
#define ENVELOPE                                                                                   \
    "> MAIL FROM:<shop@shop.example> SIZE=\n< 250 2.1.0 Ok\n> RCPT TO:<ann@ann.example>\n< 250 "   \
    "2.1.5 Ok\n"
#define BODY "> DATA\n< 354 go ahead\nbody\n"
#define MAIL ENVELOPE BODY
#define BYE  "> QUIT\n< 221 bye\n"

static const char letter[] = "Subject: Hello\nTo: ann@ann.example\n\nGood day\n.\nYours";

/* Longer than any machine takes, but where a server is to be given up. */
enum { PATIENCE_MS = 60000, SHORT_MS = 300 };

static SmtpOptions quick(const Script *script)
{
    SmtpOptions options = {.host = "127.0.0.1", .port = script->port, .name = "kith.example"};
    for (int i = 0; i < SMTP_PHASES; i++)
        options.times.ms[i] = PATIENCE_MS;
    return options;
}

static SmtpMessage mail_to(const char *to)
{
    return (SmtpMessage){
        .from = "shop@shop.example", .to = to, .data = letter, .size = strlen(letter)};
}

/* ---- every answer, classified ---- */

typedef struct Case {
    const char *why, *script;
    SmtpOutcome outcome;
    SmtpPhase phase;
    int code;
    const char *status, *text; /* text: a part of it */
} Case;

static const Case cases[] = {
    {"all is well", HELLO MAIL "< 250 2.0.0 queued as 7\n" BYE, SMTP_DELIVERED, SMTP_AT_END, 250,
     "2.0.0", "queued"},
    {"251 will forward",
     HELLO "> MAIL\n< 250 ok\n> RCPT\n< 251 will forward\n" BODY "< 250 ok\n" BYE, SMTP_DELIVERED,
     SMTP_AT_END, 250, "", "ok"},
    {"no such mailbox",
     HELLO "> MAIL\n< 250 ok\n> RCPT\n< 550 5.1.1 no such user here\n> RSET\n< 250 ok\n" BYE,
     SMTP_REFUSED_ADDRESS, SMTP_AT_RCPT, 550, "5.1.1", "no such user"},
    {"a full mailbox may have room tomorrow",
     HELLO "> MAIL\n< 250 ok\n> RCPT\n< 552 5.2.2 full\n> RSET\n< 250 ok\n" BYE, SMTP_LATER,
     SMTP_AT_RCPT, 552, "5.2.2", "full"},
    {"greylisted", HELLO "> MAIL\n< 250 ok\n> RCPT\n< 450 4.7.1 greylisted\n> RSET\n< 250 ok\n" BYE,
     SMTP_LATER, SMTP_AT_RCPT, 450, "4.7.1", "greylisted"},
    {"relaying denied is about us, not about the address",
     HELLO "> MAIL\n< 250 ok\n> RCPT\n< 554 5.7.1 Relay access denied\n> RSET\n< 250 ok\n" BYE,
     SMTP_REFUSED_ACCOUNT, SMTP_AT_RCPT, 554, "5.7.1", "Relay"},
    {"sign in first", HELLO "> MAIL\n< 530 5.7.0 Authentication required\n> RSET\n< 250 ok\n" BYE,
     SMTP_REFUSED_ACCOUNT, SMTP_AT_MAIL, 530, "5.7.0", "Authentication"},
    {"the sender's address is not allowed",
     HELLO "> MAIL\n< 553 5.7.1 not yours\n> RSET\n< 250 ok\n" BYE, SMTP_REFUSED_ACCOUNT,
     SMTP_AT_MAIL, 553, "5.7.1", "not yours"},
    {"too large, said at MAIL", HELLO "> MAIL\n< 552 5.3.4 too big\n> RSET\n< 250 ok\n" BYE,
     SMTP_REFUSED_MESSAGE, SMTP_AT_MAIL, 552, "5.3.4", "too big"},
    {"DATA refused, try later", HELLO ENVELOPE "> DATA\n< 451 4.3.0 later\n> RSET\n< 250 ok\n" BYE,
     SMTP_LATER, SMTP_AT_DATA, 451, "4.3.0", "later"},
    {"content refused", HELLO MAIL "< 554 5.6.0 spam\n" BYE, SMTP_REFUSED_MESSAGE, SMTP_AT_END, 554,
     "5.6.0", "spam"},
    {"a relay that learns of the mailbox only after the body",
     HELLO MAIL "< 550 5.1.1 unknown\n" BYE, SMTP_REFUSED_ADDRESS, SMTP_AT_END, 550, "5.1.1",
     "unknown"},
    {"later, after the body", HELLO MAIL "< 452 4.3.1 no room\n" BYE, SMTP_LATER, SMTP_AT_END, 452,
     "4.3.1", "no room"},
    {"DMARC refusal with a long status", HELLO MAIL "< 550 5.7.515 access denied\n" BYE,
     SMTP_REFUSED_MESSAGE, SMTP_AT_END, 550, "5.7.515", "denied"},
    {"closed after the final dot: nobody knows", HELLO MAIL "close\n", SMTP_UNKNOWN, SMTP_AT_END, 0,
     "", "closed"},
    {"reset after the final dot", HELLO MAIL "reset\n", SMTP_UNKNOWN, SMTP_AT_END, 0, "", ""},
    {"silence after the final dot", HELLO MAIL "stall\n", SMTP_UNKNOWN, SMTP_AT_END, 0, "",
     "in time"},
    {"nonsense after the final dot", HELLO MAIL "< hello there\nstall\n", SMTP_UNKNOWN, SMTP_AT_END,
     0, "", "no mail server"},
    {"421 after the final dot is an answer", HELLO MAIL "< 421 4.3.2 shutting down\n", SMTP_LATER,
     SMTP_AT_END, 421, "4.3.2", "shutting"},
    {"421 in the middle", HELLO "> MAIL\n< 250 ok\n> RCPT\n< 421 4.7.0 too many\nclose\n",
     SMTP_LATER, SMTP_AT_RCPT, 421, "4.7.0", "too many"},
    {"421 at MAIL", HELLO "> MAIL\n< 421 4.7.0 slow down\nclose\n", SMTP_LATER, SMTP_AT_MAIL, 421,
     "4.7.0", "slow down"},
    {"closed before DATA", HELLO ENVELOPE "close\n", SMTP_LATER, SMTP_AT_DATA, 0, "", ""},
    {"reset at RCPT", HELLO "> MAIL\n< 250 ok\n> RCPT\nreset\n", SMTP_LATER, SMTP_AT_RCPT, 0, "",
     ""},
    {"an answer without end",
     HELLO "> MAIL\ndrip 250 ok, really, this goes on and on and on and on and on and on\n",
     SMTP_LATER, SMTP_AT_MAIL, 0, "", "in time"},
    {"an answer of two minds", HELLO "> MAIL\n< 250-yes\n< 550 no\nstall\n", SMTP_LATER,
     SMTP_AT_MAIL, 0, "", "no mail server"},
    {"an answer in pieces",
     HELLO "> MAIL\n+ 2\n+ 50-o\n+ ne\\r\n+ \\n250 tw\n+ o\\r\\n\n> RCPT\n< 250 ok\n" BODY
           "+ 250 2.0.0 ok\\n\n" BYE,
     SMTP_DELIVERED, SMTP_AT_END, 250, "2.0.0", "ok"},
    {"empty texts", HELLO "> MAIL\n< 250\n> RCPT\n< 250-\n< 250 \n" BODY "< 250\n" BYE,
     SMTP_DELIVERED, SMTP_AT_END, 250, "", ""},
    {"control characters in a refusal",
     HELLO "> MAIL\n< 250 ok\n> RCPT\n+ 550 5.1.1 a\\tb\\033[2Jc\\r\\n\n> RSET\n< 250 ok\n" BYE,
     SMTP_REFUSED_ADDRESS, SMTP_AT_RCPT, 550, "5.1.1", "a b [2Jc"},
};

static void every_answer_has_its_meaning(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *want = &cases[i];
        SmtpResult result = {0};
        g_test_message("%s", want->why);
        g_autoptr(Script) script = script_start(want->script, NULL);
        SmtpOptions options = quick(script);
        if (strstr(want->script, "stall") || strstr(want->script, "drip"))
            options.times.ms[want->phase] = SHORT_MS;
        Smtp *smtp = smtp_open(&options, &result);
        g_assert_nonnull(smtp);
        SmtpMessage message = mail_to("ann@ann.example");
        smtp_send(smtp, &message, &result);
        smtp_close(smtp);
        script_end(script);
        g_assert_cmpstr(script->broken, ==, NULL);
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==, smtp_outcome_names[want->outcome]);
        g_assert_cmpstr(smtp_phase_names[result.phase], ==, smtp_phase_names[want->phase]);
        g_assert_cmpint(result.code, ==, want->code);
        g_assert_cmpstr(result.status, ==, want->status);
        g_assert_nonnull(strstr(result.text, want->text));
        if (want->outcome == SMTP_DELIVERED)
            g_assert_cmpstr(script->body->str, ==,
                            "Subject: Hello\r\nTo: ann@ann.example\r\n\r\nGood day\r\n..\r\n"
                            "Yours\r\n.\r\n");
    }
}

/* ---- opening ---- */

static void a_server_that_cannot_be_used_says_why(void)
{
    static const struct {
        const char *why, *script, *user;
        SmtpSecurity security;
        SmtpOutcome outcome;
        SmtpPhase phase;
        const char *text;
    } rows[] = {
        {"stalls at the greeting", "stall\n", NULL, SMTP_PLAIN, SMTP_LATER, SMTP_AT_GREETING,
         "in time"},
        {"a byte a moment", "drip 220 this will take longer than anybody has the patience for it\n",
         NULL, SMTP_PLAIN, SMTP_LATER, SMTP_AT_GREETING, "in time"},
        {"hangs up", "close\n", NULL, SMTP_PLAIN, SMTP_LATER, SMTP_AT_GREETING, ""},
        {"busy", "< 421 4.3.2 busy\n", NULL, SMTP_PLAIN, SMTP_LATER, SMTP_AT_GREETING, "busy"},
        {"does not want us", "< 554 5.7.1 no\n", NULL, SMTP_PLAIN, SMTP_REFUSED_ACCOUNT,
         SMTP_AT_GREETING, "no"},
        {"is a web server", "< HTTP/1.1 400 Bad Request\n", NULL, SMTP_PLAIN, SMTP_LATER,
         SMTP_AT_GREETING, "no mail server"},
        {"offers no STARTTLS", HELLO BYE, NULL, SMTP_STARTTLS, SMTP_REFUSED_ACCOUNT, SMTP_AT_TLS,
         "STARTTLS"},
        {"has no TLS at the moment",
         "< 220 hi\n> EHLO\n< 250-hi\n< 250 STARTTLS\n> STARTTLS\n< 454 4.7.0 TLS not available\n",
         NULL, SMTP_STARTTLS, SMTP_LATER, SMTP_AT_TLS, "not available"},
        {"words are put in before TLS (CVE-2011-0411)",
         "< 220 hi\n> EHLO\n< 250-hi\n< 250 STARTTLS\n> STARTTLS\n+ 220 go\\r\\n250-hi\\r\\n250 "
         "AUTH PLAIN\\r\\n\nstall\n",
         "ann", SMTP_STARTTLS, SMTP_REFUSED_ACCOUNT, SMTP_AT_TLS, "before it was encrypted"},
        {"wrong password",
         "< 220 hi\n> EHLO\n< 250-hi\n< 250 AUTH LOGIN PLAIN\n> AUTH PLAIN AGFubgBzZWNyZXQ=\n< 535 "
         "5.7.8 bad credentials\n",
         "ann", SMTP_PLAIN, SMTP_REFUSED_ACCOUNT, SMTP_AT_AUTH, "bad credentials"},
        {"AUTH 454 is for later",
         "< 220 hi\n> EHLO\n< 250-hi\n< 250 AUTH=LOGIN\n> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> "
         "YW5u\n< 334 UGFzc3dvcmQ6\n> c2VjcmV0\n< 454 4.7.0 temporary failure\n",
         "ann", SMTP_PLAIN, SMTP_LATER, SMTP_AT_AUTH, "temporary"},
        {"no method that we know", "< 220 hi\n> EHLO\n< 250-hi\n< 250 AUTH GSSAPI NTLM\n", "ann",
         SMTP_PLAIN, SMTP_REFUSED_ACCOUNT, SMTP_AT_AUTH, "PLAIN or LOGIN"},
        {"no TLS behind the port", "< 220 plain text\nstall\n", NULL, SMTP_TLS, SMTP_LATER,
         SMTP_AT_TLS, "broke"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        SmtpResult result = {0};
        g_test_message("%s", rows[i].why);
        g_autoptr(Script) script = script_start(rows[i].script, NULL);
        SmtpOptions options = quick(script);
        options.security = rows[i].security;
        options.user = rows[i].user;
        options.password = "secret";
        if (strstr(rows[i].text, "in time")) options.times.ms[SMTP_AT_GREETING] = SHORT_MS;
        g_assert_null(smtp_open(&options, &result));
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==,
                        smtp_outcome_names[rows[i].outcome]);
        g_assert_cmpstr(smtp_phase_names[result.phase], ==, smtp_phase_names[rows[i].phase]);
        g_assert_nonnull(strstr(result.text, rows[i].text));
    }
}

static void nobody_there_is_said_at_once(void)
{
    SmtpResult result = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, so that nobody else listens there */
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    SmtpOptions options = {.host = "127.0.0.1", .port = ntohs(address.sin_port)};
    g_assert_null(smtp_open(&options, &result));
    g_assert_cmpint(result.outcome, ==, SMTP_LATER);
    g_assert_cmpint(result.phase, ==, SMTP_AT_CONNECT);
    close(fd);
}

/* ---- several mails ---- */

typedef struct Asked {
    int count, yes_until;
} Asked;

static bool may_go(void *data)
{
    Asked *asked = data;
    return ++asked->count <= asked->yes_until;
}

static void a_connection_takes_mail_after_mail(void)
{
    static const char text[] =
        "< 220 hi\n> EHLO\n< 250-hi\n< 250 PIPELINING\n"
        "> MAIL\n> RCPT TO:<one@\n+ 250 ok\\r\\n250 ok\\r\\n\n" BODY "< 250 first\n"
        "> MAIL\n> RCPT TO:<two@\n+ 250 o\n+ k\\r\\n550 5.1.1 gone\\r\\n\n> RSET\n< 250 ok\n"
        "> MAIL\n> RCPT TO:<three@\n+ 550 5.7.1 not you\\r\\n503 bad sequence\\r\\n\n> RSET\n< 250 "
        "ok\n"
        "> MAIL\n> RCPT TO:<four@\n< 250 ok\n< 250 ok\n> RSET\n< 250 ok\n"
        "> MAIL\n> RCPT TO:<five@\n< 250 ok\n< 250 ok\n" BODY "< 250 last\n" BYE;
    static const char *const to[] = {"one@x.example", "two@x.example", "three@x.example",
                                     "four@x.example", "five@x.example"};
    static const SmtpOutcome want[] = {SMTP_DELIVERED, SMTP_REFUSED_ADDRESS, SMTP_REFUSED_ACCOUNT,
                                       SMTP_HELD, SMTP_DELIVERED};
    g_autoptr(Script) script = script_start(text, NULL);
    SmtpOptions options = quick(script);
    SmtpResult result;
    Smtp *smtp = smtp_open(&options, &result);
    g_assert_nonnull(smtp);
    for (size_t i = 0; i < G_N_ELEMENTS(to); i++) {
        Asked asked = {.yes_until = i == 3 ? 0 : 9};
        SmtpMessage message = mail_to(to[i]);
        message.hand_over = may_go;
        message.hand_over_data = &asked;
        g_assert_true(smtp_send(smtp, &message, &result));
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==, smtp_outcome_names[want[i]]);
        g_assert_cmpint(asked.count, ==, want[i] == SMTP_DELIVERED || want[i] == SMTP_HELD);
    }
    smtp_close(smtp);
    script_end(script);
    g_assert_cmpstr(script->broken, ==, NULL);
}

static void a_lost_connection_takes_no_more(void)
{
    g_autoptr(Script) script = script_start(HELLO MAIL "< 421 4.3.2 bye\nclose\n", NULL);
    SmtpOptions options = quick(script);
    SmtpResult result;
    Smtp *smtp = smtp_open(&options, &result);
    SmtpMessage message = mail_to("ann@ann.example");
    g_assert_false(smtp_send(smtp, &message, &result));
    g_assert_cmpint(result.outcome, ==, SMTP_LATER);
    g_assert_false(smtp_send(smtp, &message, &result));
    g_assert_cmpint(result.outcome, ==, SMTP_LATER);
    smtp_close(smtp);
}

/* ---- what may not go out ---- */

static void nothing_can_be_injected(void)
{
    static const struct {
        const char *why, *from, *to, *data;
        SmtpOutcome outcome;
    } rows[] = {
        {"a second command in the recipient", "a@b.example", "x@y.example>\r\nRCPT TO:<z@z.example",
         "a", SMTP_REFUSED_ADDRESS},
        {"a lone line feed", "a@b.example", "x@y.example\nDATA", "a", SMTP_REFUSED_ADDRESS},
        {"a Unicode line end", "a@b.example", "x\u2028@y.example", "a", SMTP_REFUSED_ADDRESS},
        {"a bracket", "a@b.example", "<x@y.example>", "a", SMTP_REFUSED_ADDRESS},
        {"a space and a parameter", "a@b.example", "x@y.example NOTIFY=NEVER", "a",
         SMTP_REFUSED_ADDRESS},
        {"two addresses", "a@b.example", "x@y.example,z@y.example", "a", SMTP_REFUSED_ADDRESS},
        {"no address", "a@b.example", "nobody", "a", SMTP_REFUSED_ADDRESS},
        {"the sender", "a@b.example>\r\nDATA", "x@y.example", "a", SMTP_REFUSED_ACCOUNT},
        {"letters beyond ASCII in the local part, not offered", "a@b.example",
         "j\u00f6rg@y.example", "a", SMTP_REFUSED_ADDRESS},
        {"a domain that is none", "a@b.example", "x@\u00fc..example", "a", SMTP_REFUSED_ADDRESS},
        {"larger than SIZE", "a@b.example", "x@y.example", NULL, SMTP_REFUSED_MESSAGE},
    };
    g_autofree char *large = g_strnfill(50000, '\n');
    g_autoptr(Script) script = script_start(HELLO BYE, NULL);
    SmtpOptions options = quick(script);
    SmtpResult result;
    Smtp *smtp = smtp_open(&options, &result);
    g_assert_nonnull(smtp);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *data = rows[i].data ? rows[i].data : large;
        SmtpMessage message = {
            .from = rows[i].from, .to = rows[i].to, .data = data, .size = strlen(data)};
        g_test_message("%s", rows[i].why);
        g_assert_true(smtp_send(smtp, &message, &result));
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==,
                        smtp_outcome_names[rows[i].outcome]);
        g_assert_cmpint(result.code, ==, 0);
    }
    smtp_close(smtp);
    script_end(script);
    g_assert_cmpstr(script->broken, ==, NULL);
    g_assert_cmpstr(script->heard->str, ==, "EHLO kith.example\nQUIT\n");
}

static void letters_beyond_ascii_go_where_they_may(void)
{
    g_autoptr(Script) script = script_start(
        "< 220 hi\n> EHLO\n< 250-hi\n< 250 SMTPUTF8\n"
        "> MAIL FROM:<a@b.example>\n< 250 ok\n> RCPT TO:<x@xn--mnchen-3ya.example>\n"
        "< 250 ok\n" BODY "< 250 ok\n"
        "> MAIL FROM:<a@b.example> SMTPUTF8\n< 250 ok\n> RCPT TO:<j\u00f6rg@y.example>\n"
        "< 250 ok\n" BODY "< 250 ok\n" BYE,
        NULL);
    static const char *const to[] = {"x@m\u00fcnchen.example", "j\u00f6rg@y.example"};
    SmtpOptions options = quick(script);
    SmtpResult result;
    Smtp *smtp = smtp_open(&options, &result);
    for (size_t i = 0; i < G_N_ELEMENTS(to); i++) {
        SmtpMessage message = {.from = "a@b.example", .to = to[i], .data = "a", .size = 1};
        smtp_send(smtp, &message, &result);
        g_assert_cmpint(result.outcome, ==, SMTP_DELIVERED);
    }
    smtp_close(smtp);
    script_end(script);
    g_assert_cmpstr(script->broken, ==, NULL);
}

static void a_body_goes_as_the_wire_wants_it(void)
{
    static const struct {
        const char *why, *in, *out;
    } rows[] = {
        {"nothing", "", ".\r\n"},
        {"line feeds", "a\nb\n", "a\r\nb\r\n.\r\n"},
        {"carriage returns", "a\rb", "a\r\nb\r\n.\r\n"},
        {"both", "a\r\nb\r\n", "a\r\nb\r\n.\r\n"},
        {"a mixture that smuggles (CVE-2023-51764)", "a\n.\r\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n"},
        {"a dot after a lone carriage return", "a\r.\r", "a\r\n..\r\n.\r\n"},
        {"dots", ".\n..a\n b.\n", "..\r\n...a\r\n b.\r\n.\r\n"},
        {"empty lines", "\n\n", "\r\n\r\n.\r\n"},
    };
    g_autofree char *wide = g_strnfill(SMTP_LINE_MAX + 1, 'x');
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].why);
        g_autoptr(GString) out = smtp_body_encode(rows[i].in, strlen(rows[i].in));
        g_assert_cmpstr(out->str, ==, rows[i].out);
    }
    g_assert_null(smtp_body_encode(wide, SMTP_LINE_MAX + 1));
    g_assert_null(smtp_body_encode("a\0b", 3));
    g_autoptr(GString) fits = smtp_body_encode(wide, SMTP_LINE_MAX);
    g_assert_nonnull(fits);
}

/* ---- encryption ---- */

typedef struct Trust {
    const char *why, *names, *host;
    bool trusted, any;
    SmtpSecurity security;
    bool works;
    const char *text;
} Trust;

static void encryption_is_checked(void)
{
    static const Trust rows[] = {
        {"a name of ours", "DNS:localhost", "localhost", true, false, SMTP_STARTTLS, true, ""},
        {"an address of ours", "IP:127.0.0.1", "127.0.0.1", true, false, SMTP_TLS, true, ""},
        {"somebody else's name", "DNS:mail.example", "localhost", true, false, SMTP_STARTTLS, false,
         "not trusted"},
        {"somebody else's address", "DNS:localhost", "127.0.0.1", true, false, SMTP_TLS, false,
         "not trusted"},
        {"nobody vouches", "DNS:localhost", "localhost", false, false, SMTP_STARTTLS, false,
         "not trusted"},
        {"nobody vouches, nobody asks (loopback)", "DNS:mail.example", "localhost", false, true,
         SMTP_STARTTLS, true, ""},
    };
    static const char first[] =
        "< 220 hi\n> EHLO\n< 250-hi\n< 250 STARTTLS\n> STARTTLS\n< 220 go\ntls\n";
    static const char then[] =
        "> EHLO\n< 250-hi\n< 250 AUTH PLAIN\n> AUTH PLAIN\n< 235 in\n" MAIL "< 250 ok\n" BYE;
    g_autofree char *dir = g_dir_make_tmp("kith-smtp-XXXXXX", NULL);
    g_autofree char *pem = g_build_filename(dir, "pem", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Trust *row = &rows[i];
        SmtpResult result = {0};
        g_test_message("%s", row->why);
        certificate_make(pem, row->names);
        g_autofree char *text =
            g_strconcat(row->security == SMTP_TLS ? "tls\n< 220 hi\n" : first, then, NULL);
        char *mailless = strstr(text, " SIZE=");
        if (mailless) memmove(mailless, mailless + 6, strlen(mailless + 6) + 1);
        g_autoptr(Script) script = script_start(text, pem);
        SmtpOptions options = quick(script);
        options.host = row->host;
        options.security = row->security;
        options.user = "ann";
        options.password = "secret";
        options.trust_any = row->any;
        options.trust_file = row->trusted ? pem : NULL;
        Smtp *smtp = smtp_open(&options, &result);
        g_assert_cmpint(smtp != NULL, ==, row->works);
        if (smtp) {
            SmtpMessage message = mail_to("ann@ann.example");
            smtp_send(smtp, &message, &result);
            g_assert_cmpint(result.outcome, ==, SMTP_DELIVERED);
        } else {
            g_assert_cmpint(result.outcome, ==, SMTP_REFUSED_ACCOUNT);
            g_assert_nonnull(strstr(result.text, row->text));
        }
        smtp_close(smtp);
    }
    test_dir_remove(dir);
}

/* ---- large bodies, stops, the dialogue ---- */

static void a_connection_lost_within_the_body_is_for_later(void)
{
    static const char *const ends[] = {"reset\n", "close\n", "< 451 4.3.0 disk full\nclose\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text = g_strconcat("< 220 hi\n> EHLO\n< 250 hi\n> MAIL\n< 250 ok\n> "
                                            "RCPT\n< 250 ok\n> DATA\n< 354 go\nhalf\n",
                                            ends[i], NULL);
        g_autoptr(Script) script = script_start(text, NULL);
        g_autoptr(GString) large = g_string_new(NULL);
        for (int line = 0; line < 200000; line++)
            g_string_append(large, "A line of a mail that is far too long to be read by anybody\n");
        SmtpOptions options = quick(script);
        SmtpResult result;
        Smtp *smtp = smtp_open(&options, &result);
        SmtpMessage message = mail_to("ann@ann.example");
        message.data = large->str;
        message.size = large->len;
        g_assert_false(smtp_send(smtp, &message, &result));
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==, "later");
        g_assert_cmpint(result.phase, ==, SMTP_AT_BODY);
        smtp_close(smtp);
    }
}

static bool stop_now(void *data) { return *(bool *)data; }

static void a_stop_is_heard(void)
{
    bool stop = true;
    g_autoptr(Script) script = script_start("stall\n", NULL);
    SmtpOptions options = quick(script);
    SmtpResult result;
    options.times = (SmtpTimes){{0}};
    options.stopping = stop_now;
    options.stopping_data = &stop;
    g_assert_null(smtp_open(&options, &result)); /* without the stop this would wait for ever */
    g_assert_cmpint(result.outcome, ==, SMTP_LATER);
    g_assert_nonnull(strstr(result.text, "stop"));
}

static void the_dialogue_holds_no_secret(void)
{
    g_autoptr(Script) script =
        script_start("< 220 hi\n> EHLO\n< 250-hi\n< 250 AUTH PLAIN\n> AUTH PLAIN\n< 235 in\n"
                     "> MAIL\n< 250 ok\n> RCPT\n< 250 ok\n" BODY "< 250 ok\n" BYE,
                     NULL);
    g_autoptr(GString) dialogue = g_string_new(NULL);
    SmtpOptions options = quick(script);
    SmtpResult result;
    options.user = "ann";
    options.password = "secret";
    options.dialogue = dialogue;
    Smtp *smtp = smtp_open(&options, &result);
    SmtpMessage message = mail_to("ann@ann.example");
    smtp_send(smtp, &message, &result);
    smtp_close(smtp);
    g_assert_cmpstr(dialogue->str, ==,
                    "< 220 hi\n> EHLO kith.example\n< 250-hi\n< 250 AUTH PLAIN\n"
                    "> AUTH PLAIN ***\n< 235 in\n> MAIL FROM:<shop@shop.example>\n< 250 ok\n"
                    "> RCPT TO:<ann@ann.example>\n< 250 ok\n> DATA\n< 354 go ahead\n< 250 ok\n"
                    "> QUIT\n< 221 bye\n");
}

/* ---- a server of others ---- */

typedef struct Sink {
    GPid pid;
    uint16_t port;
    char *dir;
} Sink;

/* postfix's smtp-sink, with these options; it keeps what it gets in single files. */
static void sink_start(Sink *sink, const char *option, const char *value)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    sink->port = ntohs(address.sin_port);
    sink->dir = g_dir_make_tmp("kith-sink-XXXXXX", NULL);
    g_chmod(sink->dir, 0777);
    g_autofree char *where = g_strdup_printf("127.0.0.1:%u", sink->port);
    const char *own[] = {"/usr/sbin/smtp-sink", "-d", "m-", option, value, where, "16", NULL};
    const char *as_root[] = {
        "/usr/sbin/smtp-sink", "-u", "nobody", "-d", "m-", option, value, where, "16", NULL};
    GError *error = NULL;
    g_spawn_async(sink->dir, (char **)(getuid() == 0 ? as_root : own), NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &sink->pid,
                  &error);
    g_assert_no_error(error);
}

static void sink_stop(Sink *sink)
{
    kill(sink->pid, SIGTERM);
    waitpid(sink->pid, NULL, 0);
    test_dir_remove(sink->dir);
    g_free(sink->dir);
}

/* The sink takes a moment to listen. */
static Smtp *sink_open(const Sink *sink, SmtpOptions *options, SmtpResult *result)
{
    Smtp *smtp = NULL;
    options->host = "127.0.0.1";
    options->port = sink->port;
    for (int64_t end_us = clock_monotonic_us() + 10000000; !smtp && clock_monotonic_us() < end_us;)
        if (!(smtp = smtp_open(options, result))) g_usleep(20000);
    g_assert_nonnull(smtp);
    return smtp;
}

static int sink_count(const Sink *sink)
{
    int count = 0;
    g_autoptr(GDir) dir = g_dir_open(sink->dir, 0, NULL);
    while (g_dir_read_name(dir))
        count++;
    return count;
}

static void smtp_sink_gets_every_mail_once(void)
{
    Sink sink;
    SmtpOptions options = {0};
    SmtpResult result;
    sink_start(&sink, "-h", "sink.example");
    Smtp *smtp = sink_open(&sink, &options, &result);
    for (int i = 0; i < 50; i++) {
        SmtpMessage message = mail_to("ann@ann.example");
        g_assert_true(smtp_send(smtp, &message, &result));
        g_assert_cmpint(result.outcome, ==, SMTP_DELIVERED);
    }
    smtp_close(smtp);
    g_assert_cmpint(sink_count(&sink), ==, 50);
    sink_stop(&sink);
}

static void smtp_sink_refuses_as_it_likes(void)
{
    static const struct {
        const char *option, *value;
        SmtpOutcome outcome;
    } rows[] = {
        {"-r", "RCPT", SMTP_LATER},           /* 450 */
        {"-f", "RCPT", SMTP_REFUSED_ACCOUNT}, /* "500 5.3.0 Error: command failed" */
        {"-q", ".", SMTP_UNKNOWN},            /* hangs up instead of answering the final dot */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Sink sink;
        SmtpOptions options = {0};
        SmtpResult result;
        g_test_message("smtp-sink %s %s", rows[i].option, rows[i].value);
        sink_start(&sink, rows[i].option, rows[i].value);
        Smtp *smtp = sink_open(&sink, &options, &result);
        SmtpMessage message = mail_to("ann@ann.example");
        smtp_send(smtp, &message, &result);
        g_assert_cmpstr(smtp_outcome_names[result.outcome], ==,
                        smtp_outcome_names[rows[i].outcome]);
        smtp_close(smtp);
        sink_stop(&sink);
    }
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* the script's own TLS; the client needs no such help */
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smtp/answers", every_answer_has_its_meaning);
    g_test_add_func("/smtp/opening", a_server_that_cannot_be_used_says_why);
    g_test_add_func("/smtp/nobody", nobody_there_is_said_at_once);
    g_test_add_func("/smtp/several", a_connection_takes_mail_after_mail);
    g_test_add_func("/smtp/lost", a_lost_connection_takes_no_more);
    g_test_add_func("/smtp/injection", nothing_can_be_injected);
    g_test_add_func("/smtp/utf8", letters_beyond_ascii_go_where_they_may);
    g_test_add_func("/smtp/body", a_body_goes_as_the_wire_wants_it);
    g_test_add_func("/smtp/tls", encryption_is_checked);
    g_test_add_func("/smtp/large", a_connection_lost_within_the_body_is_for_later);
    g_test_add_func("/smtp/stop", a_stop_is_heard);
    g_test_add_func("/smtp/dialogue", the_dialogue_holds_no_secret);
    g_test_add_func("/smtp/sink", smtp_sink_gets_every_mail_once);
    g_test_add_func("/smtp/sink/refusals", smtp_sink_refuses_as_it_likes);
    return g_test_run();
}
