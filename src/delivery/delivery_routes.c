#include "base/error.h"
#include "base/ids.h"
#include "delivery/address.h"
#include "delivery/delivery_private.h"
#include "net/audit.h"
#include "net/request.h"
#include "net/server.h"

#include <string.h>

/* ---- the sender ---- */

static const Field preset_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"label", FIELD_TEXT, .required = true},
    {"host", FIELD_TEXT, .required = true, .doc = "\"\" where it depends on the region"},
    {"port", FIELD_INT, .required = true},
    {"security", FIELD_TEXT, .required = true, .choices = smtp_security_names},
    {"daily_limit", FIELD_INT, .required = true, .doc = "0: none that is the same for everybody"},
    {"dkim_selector", FIELD_TEXT, .required = true},
    {"page", FIELD_TEXT, .required = true, .doc = "where the provider says so"},
};
static const Schema preset_schema = SCHEMA_REPLY("SenderPreset", preset_fields);

static const char *const test_states[] = {"none", "running", "done", NULL};
static const Field test_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = test_states},
    {"id", FIELD_ID, .doc = "of the mail; in the local mailbox it is found by it"},
    {"at", FIELD_TIME},
    {"to", FIELD_TEXT},
    {"outcome", FIELD_TEXT, .choices = smtp_outcome_names},
    {"phase", FIELD_TEXT, .choices = smtp_phase_names, .doc = "where in the dialogue it ended"},
    {"code", FIELD_INT, .doc = "the server's, 250 or 550; 0: it did not answer"},
    {"status", FIELD_TEXT, .doc = "RFC 3463, \"5.1.1\", or \"\""},
    {"text", FIELD_TEXT, .doc = "the server's words, or ours"},
    {"dialogue", FIELD_TEXT, .doc = "> what we said, < what the server said; without secrets"},
};
static const Schema test_schema = SCHEMA_REPLY("SenderTest", test_fields);

static const Field sender_fields[] = {
    {"transport", FIELD_TEXT, .required = true, .choices = sender_transport_names},
    {"preset", FIELD_TEXT, .required = true},
    {"host", FIELD_TEXT, .required = true},
    {"port", FIELD_INT, .required = true},
    {"security", FIELD_TEXT, .required = true, .choices = smtp_security_names},
    {"user", FIELD_TEXT, .required = true},
    {"password_set", FIELD_BOOL, .required = true, .doc = "it is never shown again"},
    {"from_name", FIELD_TEXT, .required = true},
    {"from_address", FIELD_TEXT, .required = true},
    {"reply_to", FIELD_TEXT, .required = true},
    {"postal_address", FIELD_TEXT, .required = true},
    {"dkim_selector", FIELD_TEXT, .required = true},
    {"daily_limit", FIELD_INT, .required = true, .doc = "mails a day; 0: no limit"},
    {"ready", FIELD_BOOL, .required = true, .doc = "a test arrived by the way that is set"},
    {"test", FIELD_OBJECT, .required = true, .of = &test_schema},
    {"presets", FIELD_LIST, .required = true, .of = &preset_schema},
};
static const Schema sender_reply = SCHEMA_REPLY("Sender", sender_fields);

static json_t *id_json(int64_t id)
{
    char text[ID_TEXT_SIZE];
    if (id == 0) return json_null();
    id_format(id, text);
    return json_string(text);
}

static json_t *test_json(const SenderTest *test)
{
    json_t *json =
        json_pack("{s:s, s:o, s:o, s:o}", "state", test_states[test->state], "id",
                  id_json(test->mail_id), "at", test->at ? json_integer(test->at) : json_null(),
                  "to", *test->to ? json_string(test->to) : json_null());
    if (test->state != TEST_DONE) return json;
    const SmtpResult *result = &test->result;
    json_object_set_new(json, "outcome", json_string(smtp_outcome_names[result->outcome]));
    json_object_set_new(json, "phase", json_string(smtp_phase_names[result->phase]));
    json_object_set_new(json, "code", json_integer(result->code));
    json_object_set_new(json, "status", json_string(result->status));
    json_object_set_new(json, "text", json_string(result->text));
    json_object_set_new(json, "dialogue", json_string(test->dialogue));
    return json;
}

static json_t *presets_json(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sender_preset_count; i++) {
        const SenderPreset *preset = &sender_presets[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i, s:s, s:I, s:s, s:s}", "name",
                                              preset->name, "label", preset->label, "host",
                                              preset->host, "port", (int)preset->port, "security",
                                              smtp_security_names[preset->security], "daily_limit",
                                              (json_int_t)preset->daily_limit, "dkim_selector",
                                              preset->dkim_selector, "page", preset->page));
    }
    return list;
}

static json_t *sender_json(const Sender *sender, const SenderTest *test)
{
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:o, s:o}",
        "transport", sender_transport_names[sender->transport], "preset", sender->preset, "host",
        sender->host, "port", (json_int_t)sender->port, "security",
        smtp_security_names[sender->security], "user", sender->user, "password_set",
        *sender->password != '\0', "from_name", sender->from_name, "from_address",
        sender->from_address, "reply_to", sender->reply_to, "postal_address",
        sender->postal_address, "dkim_selector", sender->dkim_selector, "daily_limit",
        (json_int_t)sender->daily_limit, "ready", sender_is_ready(sender, test), "test",
        test_json(test), "presets", presets_json());
}

static bool sender_answer(Request *request, int status, GError **error)
{
    Sender sender;
    g_autofree SenderTest *test = g_new0(SenderTest, 1);
    if (!delivery_sender(request_context(request), &sender, test, error)) return false;
    return request_reply_json(request, status, sender_json(&sender, test));
}

static bool sender_get(Request *request, GError **error)
{
    return sender_answer(request, 200, error);
}

typedef struct SenderInput {
    const char *transport, *preset, *host, *security, *user, *password;
    const char *from_name, *from_address, *reply_to, *postal_address, *dkim_selector;
    int64_t port, daily_limit;
} SenderInput;
static const Field sender_input_fields[] = {
    {"transport", FIELD_TEXT, .required = true, .choices = sender_transport_names,
     .offset = offsetof(SenderInput, transport)},
    {"preset", FIELD_TEXT, .max = 20, .offset = offsetof(SenderInput, preset)},
    {"host", FIELD_TEXT, .max = SENDER_HOST_MAX, .offset = offsetof(SenderInput, host)},
    {"port", FIELD_INT, .min = 1, .max = 65535, .otherwise = 587,
     .offset = offsetof(SenderInput, port)},
    {"security", FIELD_TEXT, .choices = smtp_security_names,
     .offset = offsetof(SenderInput, security), .doc = "absent: starttls"},
    {"user", FIELD_TEXT, .max = SENDER_USER_MAX, .offset = offsetof(SenderInput, user)},
    {"password", FIELD_TEXT, .max = SENDER_PASSWORD_MAX, .offset = offsetof(SenderInput, password),
     .doc = "absent: as it is, for the same server and user; \"\": none"},
    {"from_name", FIELD_TEXT, .max = SENDER_NAME_MAX, .offset = offsetof(SenderInput, from_name)},
    {"from_address", FIELD_TEXT, .max = SENDER_ADDRESS_MAX,
     .offset = offsetof(SenderInput, from_address)},
    {"reply_to", FIELD_TEXT, .max = SENDER_ADDRESS_MAX, .offset = offsetof(SenderInput, reply_to)},
    {"postal_address", FIELD_TEXT, .max = SENDER_POSTAL_MAX,
     .offset = offsetof(SenderInput, postal_address)},
    {"dkim_selector", FIELD_TEXT, .max = SENDER_SELECTOR_MAX,
     .offset = offsetof(SenderInput, dkim_selector)},
    {"daily_limit", FIELD_INT, .min = 0, .max = SENDER_DAILY_MAX,
     .offset = offsetof(SenderInput, daily_limit)},
};
static const Schema sender_input = SCHEMA("SenderInput", SenderInput, sender_input_fields);

static void text_set(char *out, size_t size, const char *text)
{
    g_strlcpy(out, text ? text : "", size);
    g_strstrip(out);
}

static int choice_of(const char *const *choices, const char *text, int otherwise)
{
    for (int i = 0; text && choices[i]; i++)
        if (strcmp(choices[i], text) == 0) return i;
    return otherwise;
}

/* A password stays for its own server and user only: who may change the server must not get it
 * sent to another one. */
static void password_set(Sender *sender, const Sender *before, const SenderInput *input)
{
    bool same = strcmp(sender->host, before->host) == 0 &&
                strcmp(sender->user, before->user) == 0 && *sender->user;
    const char *kept = same ? before->password : "";
    g_strlcpy(sender->password, input->password ? input->password : kept, sizeof sender->password);
}

static void sender_fill(Sender *sender, const Sender *before, const SenderInput *input)
{
    *sender = (Sender){.port = input->port, .daily_limit = input->daily_limit};
    sender->transport = (SenderTransport)choice_of(sender_transport_names, input->transport, 0);
    sender->security = (SmtpSecurity)choice_of(smtp_security_names, input->security, SMTP_STARTTLS);
    text_set(sender->preset, sizeof sender->preset,
             sender_preset(input->preset ? input->preset : "")->name);
    text_set(sender->host, sizeof sender->host, input->host);
    text_set(sender->user, sizeof sender->user, input->user);
    text_set(sender->from_name, sizeof sender->from_name, input->from_name);
    text_set(sender->from_address, sizeof sender->from_address, input->from_address);
    text_set(sender->reply_to, sizeof sender->reply_to, input->reply_to);
    text_set(sender->postal_address, sizeof sender->postal_address, input->postal_address);
    text_set(sender->dkim_selector, sizeof sender->dkim_selector, input->dkim_selector);
    password_set(sender, before, input);
}

static void note_bad(void *data, const char *field, const char *message)
{
    request_note_field(data, field, message);
}

typedef struct SenderWork {
    Store *store;
    const Sender *sender;
    AuditEntry audit;
} SenderWork;

static bool sender_write(Db *db, void *data, GError **error)
{
    const SenderWork *work = data;
    return sender_save(work->store, db, work->sender, work->audit.at, error) &&
           audit_add(db, &work->audit, error);
}

static bool sender_put(Request *request, GError **error)
{
    Delivery *delivery = request_context(request);
    Store *store = delivery_store(delivery);
    Sender before, sender;
    if (!delivery_sender(delivery, &before, NULL, error)) return false;
    sender_fill(&sender, &before, request_input(request));
    if (sender_check(&sender, note_bad, request) > 0)
        return fail(error, KITH_ERROR_INVALID, "the sender cannot be kept like this");
    SenderWork work = {.store = store,
                       .sender = &sender,
                       .audit = {.audit_id = store_id_next(store),
                                 .at = request_now_ms(request),
                                 .by = request_actor(request),
                                 .action = "sender.change",
                                 .kind = "sender"}};
    return writer_call(store_writer(store), WRITER_REST, sender_write, &work, error) &&
           sender_answer(request, 200, error);
}

typedef struct TestInput {
    const char *to;
} TestInput;
static const Field test_input_fields[] = {
    {"to", FIELD_TEXT, .required = true, .max = SENDER_ADDRESS_MAX,
     .offset = offsetof(TestInput, to)},
};
static const Schema test_input = SCHEMA("SenderTestInput", TestInput, test_input_fields);

static bool sender_test_post(Request *request, GError **error)
{
    const TestInput *input = request_input(request);
    int64_t mail_id = 0;
    if (!smtp_address_check(input->to))
        return request_fail_field(request, "to", "this is not an address", error);
    return delivery_test(request_context(request), input->to, &mail_id, error) &&
           sender_answer(request, 202, error);
}

/* ---- the local mailbox ---- */

typedef struct MailboxQuery {
    int64_t cursor;
} MailboxQuery;
static const Field mailbox_query_fields[] = {
    {"cursor", FIELD_ID, .offset = offsetof(MailboxQuery, cursor)},
};
static const Schema mailbox_query = SCHEMA("MailboxQuery", MailboxQuery, mailbox_query_fields);

#define MAIL_FIELDS                                                                                \
    {"id", FIELD_ID, .required = true}, {"at", FIELD_TIME, .required = true},                      \
        {"from", FIELD_TEXT, .required = true}, {"to", FIELD_TEXT, .required = true},              \
        {"subject", FIELD_TEXT, .required = true},                                                 \
    {                                                                                              \
        "bytes", FIELD_INT, .required = true                                                       \
    }

static const Field mail_fields[] = {MAIL_FIELDS};
static const Schema mail_schema = SCHEMA_REPLY("MailboxMail", mail_fields);
static const Field mailbox_fields[] = {
    {"mails", FIELD_LIST, .required = true, .of = &mail_schema},
    {"next", FIELD_ID, .doc = "cursor of the next page; null at the end"},
    {"total", FIELD_INT, .required = true},
};
static const Schema mailbox_reply = SCHEMA_REPLY("Mailbox", mailbox_fields);

static const Field header_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"value", FIELD_TEXT, .required = true},
};
static const Schema header_schema = SCHEMA_REPLY("MailHeader", header_fields);
static const Field whole_fields[] = {
    MAIL_FIELDS,
    {"text", FIELD_TEXT},
    {"html", FIELD_TEXT, .doc = "show it in a sandboxed frame only"},
    {"headers", FIELD_LIST, .required = true, .of = &header_schema},
};
static const Schema whole_schema = SCHEMA_REPLY("MailboxMailWhole", whole_fields);

static bool mailbox_get(Request *request, GError **error)
{
    const MailboxQuery *query = request_query(request);
    json_t *list = mailbox_list(delivery_mailbox(request_context(request)), query->cursor, error);
    return list && request_reply_json(request, 200, list);
}

static bool mail_get(Request *request, GError **error)
{
    json_t *mail = mailbox_read(delivery_mailbox(request_context(request)),
                                request_path_id(request, "id"), error);
    return mail && request_reply_json(request, 200, mail);
}

static bool mail_raw_get(Request *request, GError **error)
{
    size_t size = 0;
    int64_t mail_id = request_path_id(request, "id");
    g_autofree char *data =
        mailbox_raw(delivery_mailbox(request_context(request)), mail_id, &size, error);
    if (!data) return false;
    g_autofree char *name =
        g_strdup_printf("attachment; filename=\"%" G_GINT64_FORMAT ".eml\"", mail_id);
    request_set_header(request, "Content-Disposition", name);
    return request_reply_bytes(request, 200, "message/rfc822", data, size);
}

/* A page of its own that can do nothing: no scripts, no requests, no way to the pages around it,
 * whatever the mail says (ASVS 3.2.2). */
static bool mail_html_get(Request *request, GError **error)
{
    json_auto_t *mail = mailbox_read(delivery_mailbox(request_context(request)),
                                     request_path_id(request, "id"), error);
    const char *html = mail ? json_string_value(json_object_get(mail, "html")) : NULL;
    if (!mail) return false;
    if (!html) return fail(error, KITH_ERROR_NOT_FOUND, "this mail has no HTML part");
    request_set_header(request, "Content-Security-Policy",
                       "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                       "base-uri 'none'; form-action 'none'; frame-ancestors 'self'");
    request_set_header(request, "X-Frame-Options", "SAMEORIGIN");
    return request_reply_bytes(request, 200, "text/html; charset=utf-8", html, strlen(html));
}

static bool mailbox_delete(Request *request, GError **error)
{
    return mailbox_empty(delivery_mailbox(request_context(request)), error) &&
           request_reply_empty(request, 204);
}

static const Route routes[] = {
    {"GET", "/api/sender", SCOPE_OWNER, .reply = &sender_reply, .handle = sender_get,
     .summary = "From whom and by which way mails leave"},
    {"PUT", "/api/sender", SCOPE_OWNER, .request = &sender_input, .reply = &sender_reply,
     .handle = sender_put, .summary = "Change it; a new way has to be tested again"},
    {"POST", "/api/sender/test", SCOPE_OWNER, .request = &test_input, .reply = &sender_reply,
     .handle = sender_test_post, .summary = "Send a test mail; GET /api/sender says how it went"},
    {"GET", "/api/mailbox", SCOPE_OWNER, .query = &mailbox_query, .reply = &mailbox_reply,
     .handle = mailbox_get, .summary = "The local mailbox, newest first"},
    {"DELETE", "/api/mailbox", SCOPE_OWNER, .handle = mailbox_delete,
     .summary = "Empty the local mailbox"},
    {"GET", "/api/mailbox/{id}", SCOPE_OWNER, .reply = &whole_schema, .handle = mail_get,
     .summary = "One mail of the local mailbox"},
    {"GET", "/api/mailbox/{id}/html", SCOPE_OWNER, .handle = mail_html_get,
     .summary = "Its HTML part as a page that can do nothing"},
    {"GET", "/api/mailbox/{id}/raw", SCOPE_OWNER, .handle = mail_raw_get,
     .summary = "The same as a file, as it would go over the wire"},
};

void delivery_add_routes(Delivery *delivery, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), delivery);
    address_add_routes(delivery, server);
}
