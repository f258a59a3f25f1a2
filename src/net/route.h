/* net/route.h: the table every module writes to be on HTTP.
 *
 * The dispatcher does everything that is the same everywhere: authentication, scope, CSRF, rate,
 * body limit, JSON to struct with every bad field reported together, the log line and the
 * metrics. A handler is five to twenty lines: read, act, reply.
 *
 *     static bool note_add(Request *request, GError **error)
 *     {
 *         PeopleRoutes *people = request_context(request);
 *         const NoteInput *input = request_input(request);
 *         ...
 *         return request_reply_json(request, 201, json_pack("{s:s}", "id", id_text));
 *     }
 *     static const Route routes[] = {
 *         {"POST", "/api/people/{id}/notes", SCOPE_USER, .request = &note_input,
 *          .reply = &id_reply, .handle = note_add, .summary = "Add a note to a person"},
 *     };
 *     server_add_routes(server, routes, G_N_ELEMENTS(routes), people);
 *
 * Paths: literal segments and `{name}` segments, the latter one whole non-empty segment each. A
 * trailing slash is ignored. A literal segment wins over a `{name}`. HEAD follows from GET and
 * OPTIONS from the table. Write every route in a table; nothing is matched in code.
 */
#pragma once
#include "net/schema.h"

typedef struct Request Request;

/* Who may call. A session is a signed-in user (cookie + CSRF token on writes). */
typedef enum RouteScope {
    SCOPE_PUBLIC, /* nobody is asked who they are */
    SCOPE_TRACK,  /* a `track` or an `ingest` key (tracking routes check keys in the body too) */
    SCOPE_INGEST, /* an `ingest` key */
    SCOPE_API,    /* an `api` key */
    SCOPE_USER,   /* a session, or an `api` key */
    SCOPE_OWNER   /* a session of an owner */
} RouteScope;

typedef enum RouteBody {
    BODY_JSON, /* parsed and validated into request_input; refused when `request` is NULL */
    BODY_RAW,  /* in memory, inflated when gzip: request_body; handler runs in the HTTP thread */
    BODY_TEXT, /* in memory as it came: request_body; handler runs on a worker */
    BODY_FILE  /* streamed to a file: request_file; handler runs on a worker */
} RouteBody;

typedef enum RouteFlags {
    ROUTE_CORS = 1 << 0,     /* any origin may call it and read the reply (tracking) */
    ROUTE_LOGIN = 1 << 1,    /* guarded by the strict login rate limit, per address */
    ROUTE_QUIET = 1 << 2,    /* successes are counted but not logged (tracking, health) */
    ROUTE_FORM = 1 << 3,     /* a public page's own form: no session, no CSRF token */
    ROUTE_UNLISTED = 1 << 4, /* not in the OpenAPI document (browser short paths, pages) */
    ROUTE_LONG = 1 << 5      /* may compute for seconds: few at once, on workers of their own */
} RouteFlags;

/* Answers one request. Worker thread (BODY_RAW: HTTP thread, so never wait there). May read the
 * store; never blocks on the network. On false the dispatcher replies from `error`. */
typedef bool (*RouteHandle)(Request *request, GError **error);

typedef struct Route {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *path;   /* "/api/people/{id}" */
    RouteScope scope;
    const Schema *query;   /* NULL: a query string is ignored */
    const Schema *request; /* JSON body; NULL: none */
    const Schema *reply;   /* JSON reply; NULL: none or not JSON */
    RouteHandle handle;
    const char *summary; /* one line for the API document */
    RouteBody body;
    size_t body_max; /* bytes; 0: ROUTE_BODY_MAX */
    unsigned flags;  /* RouteFlags */
} Route;

enum { ROUTE_BODY_MAX = 1024 * 1024 };
