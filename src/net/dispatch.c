#include "base/clock.h"
#include "base/error.h"
#include "net/auth.h"
#include "net/exchange.h"

#include <sodium.h>
#include <string.h>

enum { JSON_FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };

/* ---- who ---- */

/* The key in "Basic base64(KEY:)", "Bearer KEY" or the bare text that some clients send. */
bool authorization_key(const char *header, char *key, size_t room)
{
    if (g_ascii_strncasecmp(header, "Bearer ", 7) == 0)
        header += 7;
    else if (g_ascii_strncasecmp(header, "Basic ", 6) == 0) {
        size_t size = 0;
        if (sodium_base642bin((unsigned char *)key, room - 1, header + 6, strlen(header + 6), "= ",
                              &size, NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0)
            return false;
        key[size] = '\0';
        key[strcspn(key, ":")] = '\0';
        return true;
    }
    return g_strlcpy(key, header, room) < room;
}

/* Tracking clients with OAuth send a token of somebody else's, and their key in the body. */
static bool foreign_token(const Request *request, const char *header)
{
    const Route *route = request->entry->route;
    return route->body == BODY_RAW && route->scope == SCOPE_TRACK &&
           g_ascii_strncasecmp(header, "Bearer ", 7) == 0;
}

static bool key_identify(Request *request, const char *header, GError **error)
{
    char key[512];
    if (foreign_token(request, header)) {
        Auth *auth = request->server->options.auth;
        request->keyed = auth_key_find(auth, header + 7, strlen(header + 7), &request->actor, NULL);
        return true;
    }
    request->keyed = true;
    if (!authorization_key(header, key, sizeof key))
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "authorization: this is no key");
    return auth_key_find(request->server->options.auth, key, strlen(key), &request->actor, error);
}

static bool session_identify(Request *request, GError **error)
{
    const char *name = auth_cookie_name(request->secure);
    g_autofree char *token = cookie_find(request->headers.cookie, name);
    if (!token) return true;
    Session session = {0};
    if (!auth_session_find(request->server->options.auth, token, request->now_ms, &session, error))
        return false;
    request->actor = session.actor;
    g_strlcpy(request->csrf, session.csrf, sizeof request->csrf);
    return true;
}

static bool identify(Request *request, GError **error)
{
    const Headers *headers = &request->headers;
    RouteScope scope = request->entry->route->scope;
    const char *key = headers->authorization ? headers->authorization : headers->write_key;
    if (!request->server->options.auth) return true;
    if (key && *key && scope != SCOPE_PUBLIC) return key_identify(request, key, error);
    if (!headers->cookie || request->origin != ORIGIN_ADMIN) return true;
    address_resolve(request); /* tells whether the browser speaks TLS with the proxy */
    return session_identify(request, error);
}

/* ---- may they ---- */

static bool scope_allows(RouteScope scope, const Actor *actor)
{
    bool key = actor->kind == ACTOR_KEY;
    bool local = actor->kind == ACTOR_LOCAL;
    switch (scope) {
    case SCOPE_PUBLIC:
        return true;
    case SCOPE_TRACK:
        return local || (key && actor->key_scope != KEY_API);
    case SCOPE_INGEST:
        return local || (key && actor->key_scope == KEY_INGEST);
    case SCOPE_API:
        return local || (key && actor->key_scope == KEY_API);
    case SCOPE_USER:
        return local || actor->kind == ACTOR_USER || (key && actor->key_scope == KEY_API);
    case SCOPE_OWNER:
        return local || (actor->kind == ACTOR_USER && actor->role == ROLE_OWNER);
    }
    g_assert_not_reached();
}

static bool scope_check(const Request *request, GError **error)
{
    const Route *route = request->entry->route;
    const Actor *actor = &request->actor;
    if (scope_allows(route->scope, actor)) return true;
    /* Their key may stand in the body, which only the handler reads: request_use_key. */
    if (route->body == BODY_RAW && route->scope == SCOPE_TRACK && !request->keyed) return true;
    if (actor->kind == ACTOR_NOBODY)
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "sign in, or send a key");
    return fail(error, KITH_ERROR_DENIED, "your key or role does not allow this");
}

static bool rate_check(Request *request, GError **error)
{
    unsigned wait_s = 1;
    if (auth_rate_take(request->server->options.auth, &request->actor, &wait_s)) return true;
    char text[16];
    g_snprintf(text, sizeof text, "%u", wait_s);
    request_set_header(request, "Retry-After", text);
    return fail(error, KITH_ERROR_RATE, "too many requests: try again in %u s", wait_s);
}

/* ---- is it their own page that asks ---- */

static bool is_write(const Request *request)
{
    return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0;
}

/* Fetch metadata and Origin are set by browsers and cannot be forged by a page. */
static bool same_site(Request *request)
{
    const Headers *headers = &request->headers;
    const char *site = headers->sec_fetch_site;
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) return false;
    if (!headers->origin) return true;
    return strcmp(headers->origin, request_base_url(request)) == 0;
}

static bool csrf_check(Request *request, GError **error)
{
    const Route *route = request->entry->route;
    const char *token = request->headers.csrf;
    bool own = !(route->flags & (ROUTE_FORM | ROUTE_CORS));
    if (!is_write(request) || !own || request->actor.kind == ACTOR_KEY) return true;
    if (!same_site(request))
        return fail(error, KITH_ERROR_DENIED, "this request comes from another site");
    if (request->actor.kind != ACTOR_USER) return true;
    size_t size = strlen(request->csrf);
    if (token && strlen(token) == size && sodium_memcmp(token, request->csrf, size) == 0)
        return true;
    return fail(error, KITH_ERROR_DENIED,
                "x-csrf-token does not fit the session: load the page again");
}

static bool login_check(Request *request, GError **error)
{
    unsigned wait_s = 60;
    const char *address = request_address(request);
    if (!(request->entry->route->flags & ROUTE_LOGIN)) return true;
    if (auth_login_take(request->server->options.auth, address, &wait_s)) return true;
    char text[16];
    g_snprintf(text, sizeof text, "%u", wait_s);
    request_set_header(request, "Retry-After", text);
    return fail(error, KITH_ERROR_RATE, "too many tries: wait %u s", wait_s);
}

bool dispatch_identify(Request *request, GError **error)
{
    return identify(request, error) && scope_check(request, error) && csrf_check(request, error) &&
           (request->actor.kind != ACTOR_KEY || rate_check(request, error));
}

bool request_use_key(Request *request, const char *key, size_t size, GError **error)
{
    if (!request->server->options.auth)
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "send a key");
    request->keyed = true;
    return auth_key_find(request->server->options.auth, key, size, &request->actor, error) &&
           scope_check(request, error) && rate_check(request, error);
}

/* ---- what ---- */

/* Query values are text; the schema's types say what they stand for. */
static json_t *query_value(const Field *field, const char *text)
{
    gint64 number = 0;
    char *end = NULL;
    switch (field->type) {
    case FIELD_INT:
    case FIELD_TIME:
        if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
            return json_integer(number);
        return json_string(text);
    case FIELD_NUMBER: {
        double value = g_ascii_strtod(text, &end);
        json_t *json = *text && *end == '\0' ? json_real(value) : NULL;
        return json ? json : json_string(text);
    }
    case FIELD_BOOL:
        if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) return json_true();
        if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0) return json_false();
        return json_string(text);
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_ID:
        return json_string(text);
    case FIELD_MONEY:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_JSON:
        break;
    }
    g_error("query strings cannot carry %s", field->name);
}

static const Field *query_field(const Schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0) return &schema->fields[i];
    return NULL;
}

/* An empty value is an absent one: forms and links carry "?q=". */
static json_t *query_json(const Schema *schema, const Query *query)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < query->count; i++) {
        const QueryPair *pair = &query->pairs[i];
        const Field *field = query_field(schema, pair->name);
        if (field && *pair->value == '\0') continue;
        json_object_set_new(object, pair->name,
                            field ? query_value(field, pair->value) : json_string(pair->value));
    }
    return object;
}

static bool bad_report(Request *request, const char *what, GError **error)
{
    return fail(error, KITH_ERROR_INVALID, "%s: %u field%s not right", what, request->bad.count,
                request->bad.count == 1 ? " is" : "s are");
}

static bool query_input_read(Request *request, GError **error)
{
    const Schema *schema = request->entry->route->query;
    if (!schema) return true;
    if (request->query_text && !query_parse(request->query_text, &request->query, error))
        return false;
    request->query_json = query_json(schema, &request->query);
    request->query_input = g_malloc0(MAX(schema->size, 1));
    return schema_read(schema, request->query_json, &request->memory, request->query_input,
                       &request->bad) ||
           bad_report(request, "query string", error);
}

static bool body_read(Request *request, GError **error)
{
    const Route *route = request->entry->route;
    json_error_t where;
    if (route->body != BODY_JSON) return true;
    if (!route->request && request->body.size > 0)
        return fail(error, KITH_ERROR_INVALID, "a body was not expected");
    if (!route->request) return true;
    request->input = g_malloc0(MAX(route->request->size, 1));
    if (request->body.size == 0)
        return fail(error, KITH_ERROR_INVALID, "body: a JSON object is expected");
    request->json = json_loadb(request->body.data, request->body.size, JSON_FLAGS, &where);
    if (!request->json)
        return fail(error, KITH_ERROR_INVALID, "body: not JSON at line %d, column %d: %s",
                    where.line, where.column, where.text);
    return schema_read(route->request, request->json, &request->memory, request->input,
                       &request->bad) ||
           bad_report(request, "body", error);
}

static bool type_check(const Request *request, GError **error)
{
    const Route *route = request->entry->route;
    const char *type = request->headers.content_type;
    if (route->body != BODY_JSON || !route->request || request->body.size == 0) return true;
    if (type && g_ascii_strncasecmp(type, "application/json", 16) == 0) return true;
    return fail(error, KITH_ERROR_INVALID, "content-type: must be application/json");
}

static bool run(Request *request, GError **error)
{
    const Route *route = request->entry->route;
    bool known = route->body == BODY_FILE || dispatch_identify(request, error);
    return known && login_check(request, error) && type_check(request, error) &&
           query_input_read(request, error) && body_read(request, error) &&
           route->handle(request, error);
}

void dispatch_run(Request *request)
{
    g_autoptr(GError) error = NULL;
    bool ok = run(request, &error);
    g_assert(ok || error);
    if (!ok)
        reply_error(request, error);
    else if (!request->response)
        request_reply_empty(request, 204);
    body_clear(&request->body); /* the budget need not wait for a slow reader */
    request_wake(request);
    request_unref(request);
}
