#include "base/error.h"
#include "delivery/inbound.h"
#include "delivery/inbound_sql.h"
#include "net/audit.h"
#include "net/request.h"
#include "net/server.h"

#include <string.h>

static const Field source_fields[] = {
    {"host", FIELD_TEXT, .required = true, .doc = "\"\": no mailbox is read"},
    {"port", FIELD_INT, .required = true},
    {"security", FIELD_TEXT, .required = true, .choices = smtp_security_names},
    {"user", FIELD_TEXT, .required = true},
    {"password_set", FIELD_BOOL, .required = true, .doc = "it is never shown again"},
    {"since", FIELD_TIME, .doc = "older mails are not read; null: reading has not begun"},
    {"taken", FIELD_INT, .required = true, .doc = "mails read since"},
    {"taken_at", FIELD_TIME, .doc = "when the last of them was read"},
    {"checked_at", FIELD_TIME, .doc = "last look; null: none since the settings were changed"},
    {"outcome", FIELD_TEXT, .choices = imap_outcome_names, .doc = "how that went"},
    {"phase", FIELD_TEXT, .choices = imap_phase_names, .doc = "how far it came, unless ok"},
    {"text", FIELD_TEXT, .doc = "the server's words, or ours, unless ok"},
};
static const Schema source_reply = SCHEMA_REPLY("InboundSource", source_fields);

typedef struct Shown {
    InboundSource source;
    InboundState state;
    int64_t since, taken, taken_at;
} Shown;

static bool position_show(Db *db, Shown *shown, GError **error)
{
    MailSourceFindRow row;
    bool found;
    if (!sql_mail_source_find(db, &row, &found, error)) return false;
    if (!found || !*shown->source.host) return true;
    shown->since = row.since_at;
    shown->taken = row.taken;
    shown->taken_at = row.taken_at.set ? row.taken_at.value : 0;
    return true;
}

static bool shown_load(Store *store, Shown *shown, GError **error)
{
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = inbound_source_load(store, db, &shown->source, error) &&
                inbound_state_load(store, db, &shown->state, error) &&
                position_show(db, shown, error);
    store_reader_end(store, db);
    return done;
}

static json_t *time_json(int64_t at) { return at ? json_integer(at) : json_null(); }

static json_t *shown_json(const Shown *shown)
{
    const InboundSource *source = &shown->source;
    const ImapResult *result = &shown->state.result;
    json_t *json =
        json_pack("{s:s, s:I, s:s, s:s, s:b, s:o, s:I, s:o, s:o}", "host", source->host, "port",
                  (json_int_t)source->port, "security", smtp_security_names[source->security],
                  "user", source->user, "password_set", *source->password != '\0', "since",
                  time_json(shown->since), "taken", (json_int_t)shown->taken, "taken_at",
                  time_json(shown->taken_at), "checked_at", time_json(shown->state.checked_at));
    if (!shown->state.checked_at) return json;
    json_object_set_new(json, "outcome", json_string(imap_outcome_names[result->outcome]));
    if (result->outcome == IMAP_OK) return json;
    json_object_set_new(json, "phase", json_string(imap_phase_names[result->phase]));
    json_object_set_new(json, "text", json_string(result->text));
    return json;
}

static bool source_answer(Request *request, int status, GError **error)
{
    Shown shown = {0};
    return shown_load(inbound_store(request_context(request)), &shown, error) &&
           request_reply_json(request, status, shown_json(&shown));
}

static bool source_get(Request *request, GError **error)
{
    return source_answer(request, 200, error);
}

typedef struct SourceInput {
    const char *host, *security, *user, *password;
    int64_t port;
} SourceInput;
static const Field input_fields[] = {
    {"host", FIELD_TEXT, .max = SENDER_HOST_MAX, .offset = offsetof(SourceInput, host),
     .doc = "absent or \"\": read no mailbox"},
    {"port", FIELD_INT, .min = 1, .max = 65535, .otherwise = 993,
     .offset = offsetof(SourceInput, port)},
    {"security", FIELD_TEXT, .choices = smtp_security_names,
     .offset = offsetof(SourceInput, security), .doc = "absent: tls"},
    {"user", FIELD_TEXT, .max = SENDER_USER_MAX, .offset = offsetof(SourceInput, user)},
    {"password", FIELD_TEXT, .max = SENDER_PASSWORD_MAX, .offset = offsetof(SourceInput, password),
     .doc = "absent: as it is, for the same server and user"},
};
static const Schema source_input = SCHEMA("InboundSourceInput", SourceInput, input_fields);

static void text_set(char *out, size_t size, const char *text)
{
    g_strlcpy(out, text ? text : "", size);
    g_strstrip(out);
}

static SmtpSecurity security_of(const char *name)
{
    for (int i = 0; name && smtp_security_names[i]; i++)
        if (strcmp(smtp_security_names[i], name) == 0) return (SmtpSecurity)i;
    return SMTP_TLS;
}

/* A password stays for its own server and user only. */
static void source_fill(InboundSource *source, const InboundSource *before,
                        const SourceInput *input)
{
    *source = (InboundSource){.port = input->port, .security = security_of(input->security)};
    text_set(source->host, sizeof source->host, input->host);
    text_set(source->user, sizeof source->user, input->user);
    bool same = strcmp(source->host, before->host) == 0 && strcmp(source->user, before->user) == 0;
    const char *kept = same ? before->password : "";
    if (!*source->host) return;
    g_strlcpy(source->password, input->password ? input->password : kept, sizeof source->password);
}

static void note_bad(void *data, const char *field, const char *message)
{
    request_note_field(data, field, message);
}

typedef struct SourceWork {
    Store *store;
    const InboundSource *source; /* NULL: only a look is asked for */
    AuditEntry audit;
} SourceWork;

static bool source_write(Db *db, void *data, GError **error)
{
    const SourceWork *work = data;
    if (work->source &&
        (!inbound_source_save(work->store, db, work->source, work->audit.at, error) ||
         !audit_add(db, &work->audit, error)))
        return false;
    return inbound_ask(db, work->audit.at, error);
}

static bool source_put(Request *request, GError **error)
{
    Store *store = inbound_store(request_context(request));
    Shown before = {0};
    InboundSource source;
    if (!shown_load(store, &before, error)) return false;
    source_fill(&source, &before.source, request_input(request));
    if (inbound_source_check(&source, note_bad, request) > 0)
        return fail(error, KITH_ERROR_INVALID, "the mailbox cannot be read like this");
    SourceWork work = {.store = store,
                       .source = &source,
                       .audit = {.audit_id = store_id_next(store),
                                 .at = request_now_ms(request),
                                 .by = request_actor(request),
                                 .action = "inbound.change",
                                 .kind = "inbound"}};
    return writer_call(store_writer(store), WRITER_REST, source_write, &work, error) &&
           source_answer(request, 200, error);
}

static bool read_post(Request *request, GError **error)
{
    Store *store = inbound_store(request_context(request));
    SourceWork work = {.store = store, .audit = {.at = request_now_ms(request)}};
    return writer_call(store_writer(store), WRITER_REST, source_write, &work, error) &&
           source_answer(request, 202, error);
}

static const Route routes[] = {
    {"GET", "/api/inbound", SCOPE_OWNER, .reply = &source_reply, .handle = source_get,
     .summary = "Which mailbox of the business is read, and how the last look went"},
    {"PUT", "/api/inbound", SCOPE_OWNER, .request = &source_input, .reply = &source_reply,
     .handle = source_put, .summary = "Change it; a look follows at once"},
    {"POST", "/api/inbound/read", SCOPE_OWNER, .reply = &source_reply, .handle = read_post,
     .summary = "Look for mail now; GET /api/inbound says how it went"},
};

void inbound_add_routes(Inbound *inbound, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), inbound);
}
