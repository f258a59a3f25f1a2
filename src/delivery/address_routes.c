/* delivery/address_routes.c: the address as the API shows it, and the page that proves it. */
#include "base/error.h"
#include "delivery/address.h"
#include "delivery/delivery_private.h"
#include "delivery/dkim.h"
#include "net/request.h"
#include "net/server.h"

#include <string.h>

static const char *const states[] = {"none", "running", "done", NULL};

static const Field record_fields[] = {
    {"type", FIELD_TEXT, .required = true, .doc = "TXT or CNAME"},
    {"name", FIELD_TEXT, .required = true},
    {"value", FIELD_TEXT, .doc = "absent: only the provider knows it, see dkim_page"},
};
static const Schema record_schema = SCHEMA_REPLY("DnsRecord", record_fields);

static const Field finding_fields[] = {
    {"name", FIELD_TEXT, .required = true, .doc = "url, spf, dkim or dmarc"},
    {"state", FIELD_TEXT, .required = true, .choices = check_state_names},
    {"code", FIELD_TEXT, .required = true, .doc = "why: several, no_provider, certificate …"},
    {"detail", FIELD_TEXT, .doc = "the name, number or words that the code is about"},
    {"found", FIELD_TEXTS, .required = true, .doc = "the records that are published"},
    {"records", FIELD_LIST, .required = true, .of = &record_schema, .doc = "to be published"},
};
static const Schema finding_schema = SCHEMA_REPLY("AddressFinding", finding_fields);

static const Field mail_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = check_state_names},
    {"code", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"signer", FIELD_TEXT, .doc = "d= of the signature that counts"},
    {"selector", FIELD_TEXT, .doc = "its s="},
};
static const Schema mail_schema = SCHEMA_REPLY("AddressMail", mail_fields);

static const Field address_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = states},
    {"at", FIELD_TIME, .doc = "of the last check"},
    {"good", FIELD_BOOL, .required = true, .doc = "a mailing may leave this machine"},
    {"stale", FIELD_BOOL, .required = true, .doc = "the sender or the address changed since"},
    {"local", FIELD_BOOL, .required = true, .doc = "mails stay on this machine: none is needed"},
    {"domain", FIELD_TEXT, .required = true, .doc = "of the address that mails are from"},
    {"url", FIELD_TEXT, .required = true, .doc = "where links in mails lead"},
    {"dkim_page", FIELD_TEXT, .required = true, .doc = "where the provider shows its record"},
    {"findings", FIELD_LIST, .required = true, .of = &finding_schema},
    {"mail", FIELD_OBJECT, .of = &mail_schema, .doc = "the last source that was looked at"},
};
static const Schema address_reply = SCHEMA_REPLY("SenderAddress", address_fields);

static json_t *item(const json_t *json, const char *name)
{
    json_t *value = json_object_get(json, name);
    return value ? json_incref(value) : json_null();
}

static json_t *list_item(const json_t *json, const char *name)
{
    json_t *value = json_object_get(json, name);
    return json_is_array(value) ? json_incref(value) : json_array();
}

static json_t *findings_json(const json_t *check)
{
    static const char *const names[] = {"url", "spf", "dkim", "dmarc"};
    json_t *list = json_array();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const json_t *one = json_object_get(check, names[i]);
        if (!json_is_object(one)) continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "name", names[i], "state",
                                        item(one, "state"), "code", item(one, "code"), "detail",
                                        item(one, "detail"), "found", list_item(one, "found"),
                                        "records", list_item(one, "records")));
    }
    return list;
}

static bool with_is(const json_t *json, const AddressNow *now)
{
    const char *with = json_string_value(json_object_get(json, "with"));
    return with && strcmp(with, now->with) == 0;
}

static json_t *mail_json(const json_t *mail, const AddressNow *now)
{
    if (!with_is(mail, now)) return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "state", item(mail, "state"), "code",
                     item(mail, "code"), "at", item(mail, "at"), "signer", item(mail, "signer"),
                     "selector", item(mail, "selector"));
}

static json_t *address_json(const json_t *findings, const AddressNow *now, const Sender *sender,
                            bool good)
{
    const json_t *check = json_object_get(findings, "check");
    const char *state = json_string_value(json_object_get(check, "state"));
    bool made = json_string_value(json_object_get(check, "with")) != NULL;
    int64_t at = json_integer_value(json_object_get(check, "at"));
    bool lost = state && strcmp(state, "running") == 0 && clock_now_ms() - at > ADDRESS_CHECK_MS;
    if (!state || lost) state = made ? "done" : "none";
    return json_pack("{s:s, s:o, s:b, s:b, s:b, s:s, s:s, s:s, s:o, s:o}", "state", state, "at",
                     item(check, "at"), "good", (int)good, "stale",
                     (int)(made && !with_is(check, now)), "local", (int)now->local, "domain",
                     now->domain, "url", now->url ? now->url : "", "dkim_page",
                     sender_preset(sender->preset)->dkim_page, "findings", findings_json(check),
                     "mail", mail_json(json_object_get(findings, "mail"), now));
}

static bool address_read(Delivery *delivery, Db *db, json_t **ret_json, GError **error)
{
    bool good;
    Sender sender;
    g_auto(AddressNow) now = {0};
    if (!sender_load(delivery_store(delivery), db, &sender, error) ||
        !address_is_good(delivery, db, &sender, &good, error))
        return false;
    json_auto_t *findings = address_findings(db, error);
    if (!findings) return false;
    address_now(delivery, &sender, &now);
    *ret_json = address_json(findings, &now, &sender, good);
    return true;
}

static bool address_answer(Request *request, int status, GError **error)
{
    Delivery *delivery = request_context(request);
    json_t *json = NULL;
    Db *db = store_reader_begin(delivery_store(delivery), error);
    if (!db) return false;
    bool done = address_read(delivery, db, &json, error);
    store_reader_end(delivery_store(delivery), db);
    return done && request_reply_json(request, status, json);
}

static bool address_get(Request *request, GError **error)
{
    return address_answer(request, 200, error);
}

static bool address_check(Request *request, GError **error)
{
    return address_check_ask(request_context(request), error) &&
           address_answer(request, 202, error);
}

typedef struct MailInput {
    const char *source;
} MailInput;
static const Field mail_input_fields[] = {
    {"source", FIELD_TEXT, .required = true, .min = 1, .max = DKIM_SOURCE_MAX,
     .offset = offsetof(MailInput, source), .doc = "the whole mail, as the program shows it"},
};
static const Schema mail_input = SCHEMA("AddressMailInput", MailInput, mail_input_fields);

static bool address_mail(Request *request, GError **error)
{
    const MailInput *input = request_input(request);
    return address_mail_ask(request_context(request), input->source, error) &&
           address_answer(request, 202, error);
}

static bool here_get(Request *request, GError **error)
{
    const char *nonce = request_path_text(request, "nonce");
    g_autofree char *answer = address_here(request_context(request), nonce);
    if (!answer) return fail(error, KITH_ERROR_NOT_FOUND, "there is nothing here");
    request_set_header(request, "Cache-Control", "no-store");
    return request_reply_bytes(request, 200, "text/plain", answer, strlen(answer));
}

static const Route routes[] = {
    {"GET", "/api/address", SCOPE_OWNER, .reply = &address_reply, .handle = address_get,
     .summary = "Is the address that mails are from in order?"},
    {"POST", "/api/address/check", SCOPE_OWNER, .reply = &address_reply, .handle = address_check,
     .summary = "Check it again; GET /api/address says how it went"},
    {"POST", "/api/address/mail", SCOPE_OWNER, .request = &mail_input, .reply = &address_reply,
     .handle = address_mail, .body_max = 3 * DKIM_SOURCE_MAX,
     .summary = "Check the signature of a test mail that arrived, from its source"},
    {"GET", "/p/here/{nonce}", SCOPE_PUBLIC, .handle = here_get, .flags = ROUTE_UNLISTED,
     .summary = "Says to a check that its question came to this process"},
};

void address_add_routes(Delivery *delivery, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), delivery);
}
