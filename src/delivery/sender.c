#include "delivery/sender.h"

#include "base/error.h"
#include "delivery/delivery_sql.h"
#include "delivery/mail.h"
#include "net/fetch.h"
#include "store/secret.h"

#include <jansson.h>
#include <string.h>

static const char seal_password[] = "sender.password";
static const char seal_test[] = "sender.test";
static const char setting_sender[] = "sender";
static const char setting_test[] = "sender.test";

const char *const sender_transport_names[] = {"mailbox", "smtp", NULL};

/* Hosts, ports and limits, each with the provider's own page about them. */
const SenderPreset sender_presets[] = {
    {"ses", "Amazon SES", "", 587, SMTP_STARTTLS, 200, "", "",
     "https://docs.aws.amazon.com/ses/latest/dg/quotas.html", "dkim.amazonses.com",
     "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html"},
    {"brevo", "Brevo", "smtp-relay.brevo.com", 587, SMTP_STARTTLS, 300, "", "",
     "https://developers.brevo.com/docs/smtp-integration", NULL,
     "https://help.brevo.com/hc/en-us/articles/17286219877778"},
    {"postmark", "Postmark", "smtp-broadcasts.postmarkapp.com", 587, SMTP_STARTTLS, 0, "", "",
     "https://postmarkapp.com/developer/user-guide/send-email-with-smtp", NULL,
     "https://postmarkapp.com/support/article/1046-how-do-i-verify-a-domain"},
    {"google", "Google Workspace", "smtp.gmail.com", 587, SMTP_STARTTLS, 2000,
     "include:_spf.google.com", "google", "https://support.google.com/a/answer/166852", NULL,
     "https://support.google.com/a/answer/174124"},
    {"microsoft", "Microsoft 365", "smtp.office365.com", 587, SMTP_STARTTLS, 10000,
     "include:spf.protection.outlook.com", "selector1",
     "https://learn.microsoft.com/office365/servicedescriptions/"
     "exchange-online-service-description/exchange-online-limits",
     NULL, "https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure"},
    {"other", "", "", 587, SMTP_STARTTLS, 0, "", "", "", NULL, ""},
};
const size_t sender_preset_count = G_N_ELEMENTS(sender_presets);

const SenderPreset *sender_preset(const char *name)
{
    size_t i = 0;
    while (i + 1 < sender_preset_count && strcmp(sender_presets[i].name, name) != 0)
        i++;
    return &sender_presets[i];
}

/* ---- as JSON in a setting ---- */

static void text_take(json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    g_strlcpy(out, text ? text : "", size);
}

static int choice_take(json_t *json, const char *name, const char *const *choices)
{
    const char *text = json_string_value(json_object_get(json, name));
    for (int i = 0; text && choices[i]; i++)
        if (strcmp(choices[i], text) == 0) return i;
    return 0;
}

static json_t *sender_json(const Sender *sender)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "transport",
                     sender_transport_names[sender->transport], "preset", sender->preset, "host",
                     sender->host, "port", (json_int_t)sender->port, "security",
                     smtp_security_names[sender->security], "user", sender->user, "from_name",
                     sender->from_name, "from_address", sender->from_address, "reply_to",
                     sender->reply_to, "postal_address", sender->postal_address, "dkim_selector",
                     sender->dkim_selector, "daily_limit", (json_int_t)sender->daily_limit);
}

static void sender_take(json_t *json, Sender *sender)
{
    sender->transport = (SenderTransport)choice_take(json, "transport", sender_transport_names);
    sender->security = (SmtpSecurity)choice_take(json, "security", smtp_security_names);
    sender->port = json_integer_value(json_object_get(json, "port"));
    sender->daily_limit = json_integer_value(json_object_get(json, "daily_limit"));
    text_take(json, "preset", sender->preset, sizeof sender->preset);
    text_take(json, "host", sender->host, sizeof sender->host);
    text_take(json, "user", sender->user, sizeof sender->user);
    text_take(json, "from_name", sender->from_name, sizeof sender->from_name);
    text_take(json, "from_address", sender->from_address, sizeof sender->from_address);
    text_take(json, "reply_to", sender->reply_to, sizeof sender->reply_to);
    text_take(json, "postal_address", sender->postal_address, sizeof sender->postal_address);
    text_take(json, "dkim_selector", sender->dkim_selector, sizeof sender->dkim_selector);
}

/* The JSON of a setting; NULL without error when there is none. */
static bool setting_json(Db *db, const char *name, json_t **ret_json, GError **error)
{
    DeliverySettingRow row;
    bool found = false;
    *ret_json = NULL;
    if (!sql_delivery_setting(db, &(DeliverySettingParams){name}, &row, &found, error))
        return false;
    if (found) *ret_json = json_loads(row.value, 0, NULL);
    return true;
}

static bool setting_put(Db *db, const char *name, const char *value, int64_t now, GError **error)
{
    DeliverySettingPutParams params = {.name = name, .value = value, .at = now};
    return sql_delivery_setting_put(db, &params, NULL, error);
}

static bool password_take(Store *store, json_t *json, Sender *sender, GError **error)
{
    const char *sealed = json_string_value(json_object_get(json, "password"));
    if (!sealed) return true;
    g_autofree char *password = store_unseal(store, seal_password, sealed, error);
    if (!password) return false;
    g_strlcpy(sender->password, password, sizeof sender->password);
    return true;
}

bool sender_load(Store *store, Db *db, Sender *ret_sender, GError **error)
{
    json_auto_t *json = NULL;
    Sender sender = {.port = 587, .security = SMTP_STARTTLS, .preset = "other"};
    if (!setting_json(db, setting_sender, &json, error)) return false;
    if (json) sender_take(json, &sender);
    if (json && !password_take(store, json, &sender, error)) return false;
    *ret_sender = sender;
    return true;
}

/* ---- checks ---- */

typedef struct Bad {
    void (*call)(void *data, const char *field, const char *message);
    void *data;
    unsigned count;
} Bad;

static void bad_if(Bad *bad, bool wrong, const char *field, const char *message)
{
    if (!wrong) return;
    bad->count++;
    bad->call(bad->data, field, message);
}

static bool host_is_good(const char *host)
{
    for (const char *c = host; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr(".-:_", *c)) return false;
    return *host != '\0';
}

static bool lines_are_good(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((guchar)*c < 0x20 && *c != '\n' && *c != '\r') return false;
    return true;
}

unsigned sender_check(const Sender *sender,
                      void (*call)(void *data, const char *field, const char *message), void *data)
{
    Bad bad = {call, data, 0};
    bool smtp = sender->transport == TRANSPORT_SMTP;
    bad_if(&bad, smtp && !host_is_good(sender->host), "host", "the name of a server");
    bad_if(&bad, sender->port < 1 || sender->port > 65535, "port", "a number from 1 to 65535");
    bad_if(&bad, smtp && !*sender->from_address, "from_address", "the address that mails are from");
    bad_if(&bad, *sender->from_address && !smtp_address_check(sender->from_address), "from_address",
           "this is not an address");
    bad_if(&bad, *sender->reply_to && !smtp_address_check(sender->reply_to), "reply_to",
           "this is not an address");
    bad_if(&bad, !mail_header_check(sender->from_name, SENDER_NAME_MAX), "from_name",
           "one line of plain text");
    bad_if(&bad, !lines_are_good(sender->postal_address), "postal_address", "plain text");
    bad_if(&bad, *sender->dkim_selector && !host_is_good(sender->dkim_selector), "dkim_selector",
           "letters, digits and dashes");
    bad_if(&bad, smtp && *sender->user && !*sender->password, "password", "is needed to sign in");
    bad_if(&bad,
           smtp && *sender->user && sender->security == SMTP_PLAIN &&
               strcmp(sender->host, "localhost") != 0 && !g_str_has_prefix(sender->host, "127."),
           "security", "a password is not sent without encryption");
    return bad.count;
}

/* ---- keeping ---- */

/* Whether a test of `a` says nothing about `b`. */
static bool way_differs(const Sender *a, const Sender *b)
{
    return a->transport != b->transport || strcmp(a->host, b->host) != 0 || a->port != b->port ||
           a->security != b->security || strcmp(a->user, b->user) != 0 ||
           strcmp(a->password, b->password) != 0 || strcmp(a->from_address, b->from_address) != 0;
}

bool sender_save(Store *store, Db *db, const Sender *sender, int64_t now, GError **error)
{
    Sender before;
    if (!sender_load(store, db, &before, error)) return false;
    json_auto_t *json = sender_json(sender);
    if (*sender->password) {
        g_autofree char *sealed = store_seal(store, seal_password, sender->password);
        json_object_set_new(json, "password", json_string(sealed));
    }
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    if (!setting_put(db, setting_sender, text, now, error)) return false;
    DeliverySettingDropParams drop = {.name = setting_test};
    return !way_differs(&before, sender) || sql_delivery_setting_drop(db, &drop, NULL, error);
}

/* ---- the test ---- */

bool sender_test_save(Store *store, Db *db, const SenderTest *test, int64_t now, GError **error)
{
    const SmtpResult *result = &test->result;
    json_auto_t *json =
        json_pack("{s:i, s:I, s:I, s:i, s:i, s:i, s:s, s:s, s:s, s:s}", "state", (int)test->state,
                  "mail_id", (json_int_t)test->mail_id, "at", (json_int_t)test->at, "outcome",
                  (int)result->outcome, "phase", (int)result->phase, "code", result->code, "status",
                  result->status, "text", result->text, "to", test->to, "dialogue", test->dialogue);
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    g_autofree char *sealed = store_seal(store, seal_test, text);
    return setting_put(db, setting_test, sealed, now, error);
}

static int number_take(json_t *json, const char *name, int end)
{
    json_int_t number = json_integer_value(json_object_get(json, name));
    return number >= 0 && number < end ? (int)number : 0;
}

static void test_take(json_t *json, SenderTest *test)
{
    test->state = (SenderTestState)number_take(json, "state", TEST_DONE + 1);
    test->mail_id = json_integer_value(json_object_get(json, "mail_id"));
    test->at = json_integer_value(json_object_get(json, "at"));
    test->result.outcome = (SmtpOutcome)number_take(json, "outcome", SMTP_OUTCOMES);
    test->result.phase = (SmtpPhase)number_take(json, "phase", SMTP_PHASES);
    test->result.code = number_take(json, "code", 600);
    text_take(json, "status", test->result.status, sizeof test->result.status);
    text_take(json, "text", test->result.text, sizeof test->result.text);
    text_take(json, "to", test->to, sizeof test->to);
    text_take(json, "dialogue", test->dialogue, sizeof test->dialogue);
}

bool sender_test_load(Store *store, Db *db, SenderTest *ret_test, GError **error)
{
    DeliverySettingRow row;
    bool found = false;
    *ret_test = (SenderTest){0};
    if (!sql_delivery_setting(db, &(DeliverySettingParams){setting_test}, &row, &found, error))
        return false;
    if (!found) return true;
    g_autofree char *text = store_unseal(store, seal_test, row.value, error);
    if (!text) return false;
    json_auto_t *json = json_loads(text, 0, NULL);
    if (json) test_take(json, ret_test);
    return true;
}

bool sender_is_ready(const Sender *sender, const SenderTest *test)
{
    return *sender->from_address && test->state == TEST_DONE &&
           test->result.outcome == SMTP_DELIVERED;
}

bool sender_is_local(const Sender *sender)
{
    const char *host = sender->host;
    return sender->transport == TRANSPORT_MAILBOX || g_ascii_strcasecmp(host, "localhost") == 0 ||
           fetch_place(host) == PLACE_LOOPBACK;
}

SmtpOptions sender_smtp_options(const Sender *sender)
{
    return (SmtpOptions){.host = sender->host,
                         .port = (uint16_t)sender->port,
                         .security = sender->security,
                         .user = sender->user,
                         .password = sender->password};
}
