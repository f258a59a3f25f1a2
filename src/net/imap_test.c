#include "net/imap.h"

#include "net/certificate_fixture.h"
#include "net/smtp_fixture.h"

#include <glib/gstdio.h>

#define HELLO                                                                                      \
    "< * OK mail.example ready\n> k1 CAPABILITY\n< * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\n"    \
    "< k1 OK done\n"
#define SIGNED_IN HELLO "> k2 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n< k2 OK welcome\n"
#define INBOX                                                                                      \
    "> k3 EXAMINE \"INBOX\"\n< * 3 EXISTS\n< * 0 RECENT\n< * OK [UIDVALIDITY 7] UIDs valid\n"      \
    "< * OK [UIDNEXT 12] next\n< k3 OK [READ-ONLY] done\n"
#define BYE(tag) "> " tag " LOGOUT\n< * BYE see you\n< " tag " OK done\n"

enum { PATIENCE_MS = 60000, SHORT_MS = 300 };

static ImapOptions towards(const Script *script)
{
    ImapOptions options = {
        .host = "127.0.0.1", .port = script->port, .user = "ann", .password = "secret"};
    for (int i = 0; i < IMAP_PHASES; i++)
        options.phase_ms[i] = PATIENCE_MS;
    return options;
}

static void check_result(const ImapResult *result, ImapOutcome outcome, ImapPhase phase,
                         const char *text)
{
    g_assert_cmpstr(imap_outcome_names[result->outcome], ==, imap_outcome_names[outcome]);
    g_assert_cmpstr(imap_phase_names[result->phase], ==, imap_phase_names[phase]);
    g_test_message("%s", result->text);
    g_assert_nonnull(strstr(result->text, text));
}

/* ---- opening ---- */

static void a_mailbox_that_cannot_be_opened_says_why(void)
{
    static const struct {
        const char *why, *script;
        SmtpSecurity security;
        ImapOutcome outcome;
        ImapPhase phase;
        const char *text;
    } rows[] = {
        {"stalls at the greeting", "stall\n", SMTP_PLAIN, IMAP_LATER, IMAP_AT_GREETING, "in time"},
        {"a byte a moment", "drip * OK this will take longer than anybody has the patience for\n",
         SMTP_PLAIN, IMAP_LATER, IMAP_AT_GREETING, "in time"},
        {"hangs up", "close\n", SMTP_PLAIN, IMAP_LATER, IMAP_AT_GREETING, ""},
        {"busy", "< * BYE too many\n", SMTP_PLAIN, IMAP_LATER, IMAP_AT_GREETING, "no connections"},
        {"is a mail relay", "< 220 mail.example ESMTP\n", SMTP_PLAIN, IMAP_LATER, IMAP_AT_GREETING,
         "no mailbox server"},
        {"a line without end", "< * OK hi\n> k1\n+ * CAPABILITY \nstall\n", SMTP_PLAIN, IMAP_LATER,
         IMAP_AT_GREETING, "in time"},
        {"another tag", "< * OK hi\n> k1\n< k9 OK done\nstall\n", SMTP_PLAIN, IMAP_LATER,
         IMAP_AT_GREETING, "no mailbox server"},
        {"asks for more than was offered", "< * OK hi\n> k1\n< + go on\nstall\n", SMTP_PLAIN,
         IMAP_LATER, IMAP_AT_GREETING, "nobody offered"},
        {"offers no STARTTLS", HELLO, SMTP_STARTTLS, IMAP_REFUSED, IMAP_AT_TLS, "STARTTLS"},
        {"signed in before encryption", "< * PREAUTH hi\n> k1\n< * CAPABILITY STARTTLS\n< k1 OK\n",
         SMTP_STARTTLS, IMAP_REFUSED, IMAP_AT_TLS, "STARTTLS"},
        {"words are put in before TLS",
         "< * OK hi\n> k1\n< * CAPABILITY STARTTLS\n< k1 OK\n> k2 STARTTLS\n"
         "+ k2 OK go\\r\\n* CAPABILITY AUTH=PLAIN\\r\\n\nstall\n",
         SMTP_STARTTLS, IMAP_REFUSED, IMAP_AT_TLS, "before it was encrypted"},
        {"no TLS behind the port", "< * OK plain\nstall\n", SMTP_TLS, IMAP_LATER, IMAP_AT_TLS,
         "broke"},
        {"wrong password", HELLO "> k2 AUTH\n< k2 NO [AUTHENTICATIONFAILED] not you\n", SMTP_PLAIN,
         IMAP_REFUSED, IMAP_AT_AUTH, "not you"},
        {"passing trouble", HELLO "> k2 AUTH\n< k2 NO [UNAVAILABLE] the directory sleeps\n",
         SMTP_PLAIN, IMAP_LATER, IMAP_AT_AUTH, "directory sleeps"},
        {"control characters", HELLO "> k2 AUTH\n+ k2 NO a\\tb\\033[2Jc\\r\\n\n", SMTP_PLAIN,
         IMAP_REFUSED, IMAP_AT_AUTH, "a b [2Jc"},
        {"takes no password here",
         "< * OK hi\n> k1\n< * CAPABILITY IMAP4rev1 LOGINDISABLED\n< k1 OK\n", SMTP_PLAIN,
         IMAP_REFUSED, IMAP_AT_AUTH, "takes no password"},
        {"goes in the middle", HELLO "> k2 AUTH\n< * BYE out of memory\n", SMTP_PLAIN, IMAP_LATER,
         IMAP_AT_AUTH, "ended the connection"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        ImapResult result = {0};
        g_test_message("%s", rows[i].why);
        g_autoptr(Script) script = script_start(rows[i].script, NULL);
        ImapOptions options = towards(script);
        options.security = rows[i].security;
        if (strstr(rows[i].text, "in time")) options.phase_ms[rows[i].phase] = SHORT_MS;
        g_assert_null(imap_open(&options, &result));
        check_result(&result, rows[i].outcome, rows[i].phase, rows[i].text);
    }
}

static void what_cannot_be_asked_is_refused_before_a_word(void)
{
    static const char *const users[] = {NULL, "", "ann"};
    g_autofree char *long_password = g_strnfill(513, 'x');
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        ImapResult result = {0};
        g_autoptr(Script) script = script_start(HELLO "close\n", NULL);
        ImapOptions options = towards(script);
        options.user = users[i];
        options.password = long_password;
        g_assert_null(imap_open(&options, &result));
        check_result(&result, IMAP_REFUSED, IMAP_AT_AUTH, "at most 512 bytes");
    }
    ImapResult result = {0};
    ImapOptions options = {.host = "mail.example\r\nk1 LOGOUT", .port = 143};
    g_assert_null(imap_open(&options, &result));
    check_result(&result, IMAP_REFUSED, IMAP_AT_CONNECT, "cannot be right");
}

/* ---- signing in ---- */

static void every_way_to_sign_in(void)
{
    static const char *const scripts[] = {
        SIGNED_IN BYE("k3"),
        "< * OK hi\n> k1 CAPABILITY\n< * CAPABILITY IMAP4rev1 AUTH=PLAIN\n< k1 OK\n"
        "> k2 AUTHENTICATE PLAIN\n< + \n> AGFubgBzZWNyZXQ=\n< k2 OK\n" BYE("k3"),
        "< * OK hi\n> k1 CAPABILITY\n< * CAPABILITY IMAP4rev1\n< k1 OK\n"
        "> k2 LOGIN \"ann\" \"secret\"\n< k2 OK\n" BYE("k3"),
        "< * PREAUTH welcome\n> k1 CAPABILITY\n< k1 OK\n" BYE("k2"),
        "< * ok hi\n> k1\n+ * capability IMAP4rev1 Auth=Pla\n+ in sasl-ir\\r\\nk1 o\n"
        "+ k done\\r\\n\n> k2 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n< k2 ok\n" BYE("k3"),
    };
    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        ImapResult result = {0};
        g_autoptr(Script) script = script_start(scripts[i], NULL);
        ImapOptions options = towards(script);
        Imap *imap = imap_open(&options, &result);
        g_test_message("%s", result.text);
        g_assert_nonnull(imap);
        imap_close(imap);
        script_end(script);
        g_assert_cmpstr(script->broken, ==, NULL);
    }
}

static void encrypted_from_the_start_or_by_starttls(void)
{
    static const struct {
        SmtpSecurity security;
        const char *script;
    } rows[] = {
        {SMTP_TLS, "tls\n" SIGNED_IN BYE("k3")},
        {SMTP_STARTTLS, "< * OK hi\n> k1 CAPABILITY\n< * CAPABILITY STARTTLS LOGINDISABLED\n"
                        "< k1 OK\n> k2 STARTTLS\n< k2 OK go\ntls\n> k3 CAPABILITY\n"
                        "< * CAPABILITY AUTH=PLAIN SASL-IR\n< k3 OK\n"
                        "> k4 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n< k4 OK\n" BYE("k5")},
    };
    g_autofree char *folder = g_dir_make_tmp("kith-imap-XXXXXX", NULL);
    g_autofree char *pem = g_build_filename(folder, "own.pem", NULL);
    certificate_make(pem, "DNS:localhost,IP:127.0.0.1");
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        bool trusted = i % 2 == 0;
        ImapResult result = {0};
        g_autoptr(Script) script = script_start(rows[i / 2].script, pem);
        ImapOptions options = towards(script);
        options.security = rows[i / 2].security;
        options.trust_file = trusted ? pem : NULL;
        Imap *imap = imap_open(&options, &result);
        g_assert_true((imap != NULL) == trusted);
        if (!trusted) check_result(&result, IMAP_REFUSED, IMAP_AT_TLS, "certificate");
        imap_close(imap);
        script_end(script);
        if (trusted) g_assert_cmpstr(script->broken, ==, NULL);
    }
    g_unlink(pem);
    g_rmdir(folder);
}

/* ---- reading ---- */

static void a_mailbox_is_read_and_nothing_is_changed(void)
{
    static const char text[] =
        SIGNED_IN INBOX "> k4 UID SEARCH UID 1:12\n< * SEARCH 9 4 9 99\n< * 4 EXISTS\n< k4 OK\n"
                        "> k5 UID FETCH 4 (UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.8>)\n"
                        "< * 2 FETCH (FLAGS (\\\\Seen) UID 9)\n"
                        "+ * 1 FETCH (UID 4 RFC822.SIZE 4096 INTERNALDATE \"17-Jul-1996 02:44:25 "
                        "-0700\" BODY[]<0> {8}\\r\\nSubject:)\\r\\n\n< k5 OK\n"
                        "> k6 UID FETCH 9\n< k6 OK nothing there\n" BYE("k7");
    ImapResult result;
    ImapFolder folder;
    g_autoptr(Script) script = script_start(text, NULL);
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_auto(ImapMail) mail = {0};
    g_auto(ImapMail) gone = {0};
    ImapOptions options = towards(script);
    Imap *imap = imap_open(&options, &result);
    g_assert_nonnull(imap);
    g_assert_true(imap_examine(imap, "INBOX", &folder, &result));
    g_assert_cmpuint(folder.uid_validity, ==, 7);
    g_assert_cmpuint(folder.uid_next, ==, 12);
    g_assert_cmpuint(folder.exists, ==, 3);
    g_assert_true(imap_search(imap, 1, 12, uids, &result));
    g_assert_cmpuint(uids->len, ==, 2);
    g_assert_cmpuint(g_array_index(uids, guint32, 0), ==, 4);
    g_assert_true(imap_fetch(imap, 4, 8, &mail, &result));
    g_assert_true(mail.found);
    g_assert_cmpstr(mail.data->str, ==, "Subject:");
    g_assert_cmpuint(mail.size, ==, 4096);
    g_assert_cmpint(mail.at, ==, 837596665000);
    g_assert_true(imap_fetch(imap, 9, 8, &gone, &result));
    g_assert_false(gone.found);
    imap_close(imap);
    script_end(script);
    g_assert_cmpstr(script->broken, ==, NULL);
}

static void answers_that_cannot_be_read_end_the_connection(void)
{
    static const struct {
        const char *why, *answer, *text;
        ImapOutcome outcome;
    } rows[] = {
        {"a literal larger than asked for", "+ * 1 FETCH (UID 4 BODY[] {70000}\\r\\n\nstall\n",
         "too much", IMAP_LATER},
        {"a literal of a size that is none",
         "+ * 1 FETCH (UID 4 BODY[] {99999999999999999999}\\r\\n\nstall\n", "", IMAP_LATER},
        {"cut in a literal", "+ * 1 FETCH (UID 4 BODY[] {8}\\r\\nSub\nclose\n", "", IMAP_LATER},
        {"brackets without end", "< * 1 FETCH (UID 4 BODYSTRUCTURE (((((\nstall\n",
         "cannot be read", IMAP_LATER},
        {"a UID that is no number", "< * 1 FETCH (UID many)\nstall\n", "cannot be read",
         IMAP_LATER},
        {"refused", "< k3 NO [SERVERBUG] oops\n", "oops", IMAP_LATER},
        {"not allowed", "< k3 BAD what is that\n", "what is that", IMAP_REFUSED},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        ImapResult result = {0};
        g_auto(ImapMail) mail = {0};
        g_test_message("%s", rows[i].why);
        g_autofree char *text = g_strconcat(SIGNED_IN "> k3 UID FETCH\n", rows[i].answer, NULL);
        g_autoptr(Script) script = script_start(text, NULL);
        ImapOptions options = towards(script);
        if (strstr(text, "99999999999999999999")) options.phase_ms[IMAP_AT_FETCH] = SHORT_MS;
        Imap *imap = imap_open(&options, &result);
        g_assert_nonnull(imap);
        g_assert_false(imap_fetch(imap, 4, 100, &mail, &result));
        check_result(&result, rows[i].outcome, IMAP_AT_FETCH, rows[i].text);
        g_assert_false(mail.found);
        imap_close(imap);
    }
}

static bool stop_now(void *data) { return g_atomic_int_get((gint *)data) != 0; }

static void a_stop_is_heard_while_a_server_says_nothing(void)
{
    ImapResult result = {0};
    gint stopping = 1;
    g_autoptr(Script) script = script_start("stall\n", NULL);
    ImapOptions options = towards(script);
    options.stopping = stop_now;
    options.stopping_data = &stopping;
    g_assert_null(imap_open(&options, &result));
    g_assert_cmpint(result.outcome, ==, IMAP_LATER);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/imap/opening", a_mailbox_that_cannot_be_opened_says_why);
    g_test_add_func("/imap/asking", what_cannot_be_asked_is_refused_before_a_word);
    g_test_add_func("/imap/signing-in", every_way_to_sign_in);
    g_test_add_func("/imap/tls", encrypted_from_the_start_or_by_starttls);
    g_test_add_func("/imap/reading", a_mailbox_is_read_and_nothing_is_changed);
    g_test_add_func("/imap/nonsense", answers_that_cannot_be_read_end_the_connection);
    g_test_add_func("/imap/stop", a_stop_is_heard_while_a_server_says_nothing);
    return g_test_run();
}
