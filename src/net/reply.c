#include "base/clock.h"
#include "base/error.h"
#include "net/exchange.h"
#include "net/reason.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

/* What every reply says unless the handler said otherwise (OWASP secure headers, ASVS 3.4). */
static const ExtraHeader defaults[] = {
    {(char *)"Cache-Control", (char *)"no-store"},
    {(char *)"Content-Security-Policy",
     (char *)"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {(char *)"X-Content-Type-Options", (char *)"nosniff"},
    {(char *)"X-Frame-Options", (char *)"DENY"},
    {(char *)"Referrer-Policy", (char *)"same-origin"},
    {(char *)"Cross-Origin-Opener-Policy", (char *)"same-origin"},
    {(char *)"Cross-Origin-Resource-Policy", (char *)"same-origin"},
    {(char *)"Permissions-Policy", (char *)"camera=(), geolocation=(), microphone=(), payment=()"},
};

/* Tracking is called by pages of any origin, never with credentials. */
static const ExtraHeader cors[] = {
    {(char *)"Access-Control-Allow-Origin", (char *)"*"},
    {(char *)"Access-Control-Allow-Methods", (char *)"GET, POST, OPTIONS"},
    {(char *)"Access-Control-Allow-Headers",
     (char *)"Authorization, Content-Type, AnonymousId, SentAt, X-Write-Key, X-Retry-Count, "
             "Rsa-Retry-Attempt, Rsa-Retry-Reason, Idempotency-Key"},
    {(char *)"Access-Control-Expose-Headers", (char *)"Retry-After"},
    {(char *)"Access-Control-Max-Age", (char *)"86400"},
    {(char *)"Cross-Origin-Resource-Policy", (char *)"cross-origin"},
    {(char *)"Timing-Allow-Origin", (char *)"*"},
};

static bool value_plain(const char *value) { return strpbrk(value, "\r\n") == NULL; }

void request_set_header(Request *request, const char *name, const char *value)
{
    g_assert(value_plain(name) && value_plain(value));
    g_assert(request->extra_count < EXTRA_HEADERS_MAX);
    request->extra[request->extra_count++] = (ExtraHeader){g_strdup(name), g_strdup(value)};
}

static bool header_said(const Request *request, const char *name)
{
    for (unsigned i = 0; i < request->extra_count; i++)
        if (strcasecmp(request->extra[i].name, name) == 0) return true;
    return false;
}

static void headers_add(Request *request, const ExtraHeader *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!header_said(request, headers[i].name))
            MHD_add_response_header(request->response, headers[i].name, headers[i].value);
}

static bool route_has_cors(const Request *request)
{
    const RouteEntry *entry = request->entry ? request->entry : request->asked;
    return entry && (entry->route->flags & ROUTE_CORS);
}

static void headers_complete(Request *request)
{
    bool open = route_has_cors(request);
    for (unsigned i = 0; i < request->extra_count; i++)
        MHD_add_response_header(request->response, request->extra[i].name, request->extra[i].value);
    if (open) headers_add(request, cors, G_N_ELEMENTS(cors));
    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
        if (!open || strcmp(defaults[i].name, "Cross-Origin-Resource-Policy") != 0)
            headers_add(request, &defaults[i], 1);
    MHD_add_response_header(request->response, "X-Request-Id", request->id);
    if (request->secure)
        MHD_add_response_header(request->response, "Strict-Transport-Security", "max-age=31536000");
    if (request->close) MHD_add_response_header(request->response, "Connection", "close");
}

enum MHD_Result reply_queue(Request *request)
{
    request->stage = STAGE_REPLY;
    g_assert(request->response);
    if (!request->shared) headers_complete(request);
    if (request->peer) {
        int64_t grace_ms = PEER_REPLY_MS + MAX(request->reply_size, 0) * 1000 / PEER_REPLY_RATE;
        atomic_store(&request->peer->deadline_us,
                     request->reply_size < 0 ? PEER_NEVER : clock_monotonic_us() + grace_ms * 1000);
    }
    return MHD_queue_response(request->connection, (unsigned)request->status, request->response);
}

/* ---- replies of handlers ---- */

static bool response_set(Request *request, int status, struct MHD_Response *response, int64_t size)
{
    g_assert(response);
    if (request->response && !request->shared) MHD_destroy_response(request->response);
    request->shared = false;
    request->response = response;
    request->status = status;
    request->reply_size = size;
    return true;
}

bool request_reply_bytes(Request *request, int status, const char *type, const void *data,
                         size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)data, MHD_RESPMEM_MUST_COPY);
    response_set(request, status, response, (int64_t)size);
    if (type && !header_said(request, "Content-Type"))
        MHD_add_response_header(response, "Content-Type", type);
    return true;
}

bool request_reply_static(Request *request, const char *type, const void *data, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)data, MHD_RESPMEM_PERSISTENT);
    response_set(request, 200, response, (int64_t)size);
    MHD_add_response_header(response, "Content-Type", type);
    return true;
}

static void fields_message(const SchemaErrors *errors, GString *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(errors->fields, i, item)
    {
        g_string_append_printf(text, " %s %s;", json_string_value(json_object_get(item, "field")),
                               json_string_value(json_object_get(item, "message")));
    }
}

/* Tests only: a reply must be what the API document promises. */
static bool reply_is_true(Request *request, int status, json_t *json)
{
    const Schema *schema = request->entry ? request->entry->route->reply : NULL;
    if (!request->server->options.check_replies || !schema || status >= 300) return true;
    g_auto(SchemaErrors) errors = {0};
    if (schema_check_reply(schema, json, &errors)) return true;
    g_autoptr(GString) text = g_string_new(NULL);
    fields_message(&errors, text);
    g_autoptr(GError) error = NULL;
    fail(&error, KITH_ERROR_CONFLICT, "the reply of %s breaks its schema %s:%s",
         request->entry->route->path, schema->name, text->str);
    g_printerr("# %s\n", error->message);
    request->entry = NULL;
    return reply_error(request, error) && false;
}

static bool json_send(Request *request, int status, json_t *json)
{
    size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    char *text = g_malloc(size + 1);
    json_dumpb(json, text, size, JSON_COMPACT | JSON_ENCODE_ANY);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(size, text, g_free);
    response_set(request, status, response, (int64_t)size);
    MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
    return true;
}

bool request_reply_json(Request *request, int status, json_t *steal)
{
    g_assert(steal);
    if (reply_is_true(request, status, steal)) json_send(request, status, steal);
    json_decref(steal);
    return true;
}

bool request_reply_struct(Request *request, int status, const void *reply)
{
    return request_reply_json(request, status, schema_write(request->entry->route->reply, reply));
}

bool request_reply_empty(Request *request, int status)
{
    return request_reply_bytes(request, status, NULL, "", 0);
}

bool request_reply_redirect(Request *request, int status, const char *location)
{
    request_set_header(request, "Location", location);
    return request_reply_empty(request, status);
}

bool request_reply_file(Request *request, const char *type, int fd, int64_t size, const char *name)
{
    struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)size, fd);
    if (!response) close(fd);
    response_set(request, 200, response, size);
    MHD_add_response_header(response, "Content-Type", type);
    if (!name) return true;
    g_autofree char *safe =
        g_strcanon(g_strdup(name), G_CSET_A_2_Z G_CSET_a_2_z "0123456789-_.", '_');
    g_autofree char *value = g_strdup_printf("attachment; filename=\"%s\"", safe);
    request_set_header(request, "Content-Disposition", value);
    return true;
}

/* ---- errors ---- */

static json_t *error_json(const Request *request, KithError code, const char *message)
{
    json_t *error = json_pack("{s:s, s:s, s:s}", "code", error_id(code), "message", message,
                              "request_id", request->id);
    json_object_set_new(error, "reason", reason_json(message));
    if (request->bad.fields) json_object_set(error, "fields", request->bad.fields);
    json_t *reply = json_pack("{s:o}", "error", error);
    /* What Segment's Python client reads of a failure. */
    if (route_has_cors(request)) {
        json_object_set_new(reply, "code", json_string(error_id(code)));
        json_object_set_new(reply, "message", json_string(message));
    }
    return reply;
}

bool reply_error(Request *request, const GError *error)
{
    KithError code = error_code(error);
    int status =
        request->status >= 200 && !request->response ? request->status : error_status(code);
    bool hide = code == KITH_ERROR_INTERNAL;
    if (status == 204) return request_reply_empty(request, 204);
    if (status >= 500)
        g_printerr("{\"level\":\"error\",\"request\":\"%s\",\"code\":\"%s\"}\n", request->id,
                   error_id(code));
    if (status == 429 || status == 503)
        if (!header_said(request, "Retry-After")) request_set_header(request, "Retry-After", "2");
    if (status == 401 && !header_said(request, "WWW-Authenticate"))
        request_set_header(request, "WWW-Authenticate", "Bearer");
    g_autofree char *message = g_utf8_make_valid(
        hide ? "something went wrong here; the log names this request" : error->message, -1);
    json_t *reply = error_json(request, code, message);
    json_send(request, status, reply);
    json_decref(reply);
    return true;
}

bool request_note_field(Request *request, const char *field, const char *message)
{
    schema_errors_add(&request->bad, field, "%s", message);
    return false;
}

bool request_fail_field(Request *request, const char *field, const char *message, GError **error)
{
    schema_errors_add(&request->bad, field, "%s", message);
    return fail(error, KITH_ERROR_INVALID, "%s: %s", field, message);
}

/* ---- tracking ---- */

static const char track_ok[] = "{\"success\":true}";

void reply_shared_new(Server *server)
{
    server->track_ok = MHD_create_response_from_buffer(sizeof track_ok - 1, (void *)track_ok,
                                                       MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(server->track_ok, "Content-Type", "application/json");
    MHD_add_response_header(server->track_ok, cors[0].name, cors[0].value);
    MHD_add_response_header(server->track_ok, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(server->track_ok, "Cache-Control", "no-store");
}

void reply_track(Request *request, int status, const char *body, size_t size)
{
    if (status == 200 && !body && request->extra_count == 0) {
        request->response = request->server->track_ok;
        request->shared = true;
        request->status = 200;
        return;
    }
    if (status == 429 || status == 503)
        if (!header_said(request, "Retry-After")) request_set_header(request, "Retry-After", "2");
    if (!body) {
        body = status == 200 ? track_ok : "{\"success\":false}";
        size = strlen(body);
    }
    request_reply_bytes(request, status, "application/json", body, size);
}
