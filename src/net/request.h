/* net/request.h: what a handler sees of one HTTP request, and how it answers.
 *
 * The request owns everything it hands out: texts, structs and bodies live until the handler has
 * returned (for a held request: until request_finish). Exactly one reply per request; a handler
 * that returns true without one answers 204.
 *
 * Held requests (BODY_RAW only): the handler runs in the HTTP thread and may not wait. It parses,
 * calls request_hold, gives the work to the writer and returns true; the writer's done callback
 * calls request_finish, from any thread, exactly once. Between the two the connection sleeps.
 */
#pragma once
#include "net/route.h"

typedef enum ActorKind {
    ACTOR_NOBODY,
    ACTOR_USER,
    ACTOR_KEY,
    ACTOR_LOCAL /* the command line */
} ActorKind;
typedef enum KeyScope { KEY_TRACK, KEY_INGEST, KEY_API, KEY_SCOPES } KeyScope;
typedef enum UserRole { ROLE_STAFF, ROLE_OWNER, ROLES } UserRole;

/* Who is asking. Plain values, may be copied. */
typedef struct Actor {
    ActorKind kind;
    int64_t id;         /* user id or key id; 0 for nobody and local */
    int64_t source_id;  /* what rows that came by this key bear; 0 when not a key */
    int64_t shop_id;    /* the key's shop; 0 when not a key */
    KeyScope key_scope; /* only for ACTOR_KEY */
    UserRole role;      /* only for ACTOR_USER */
    char name[64];      /* the key's name, or "" */
} Actor;

const Actor *request_actor(const Request *request);
void *request_context(const Request *request);  /* as given to server_add_routes */
int64_t request_now_ms(const Request *request); /* UTC ms when its headers were complete */
const char *request_method(const Request *request);
const char *request_path(const Request *request); /* decoded, UTF-8 */

/* A `{name}` of the path. The text is decoded UTF-8; the id is > 0, or 0 when it is no id (reply
 * 404: no such thing). Asking for a name the path does not have is a bug (assert). */
const char *request_path_text(const Request *request, const char *name);
int64_t request_path_id(const Request *request, const char *name);

/* The validated struct of route->request and route->query; never NULL when the route has one. */
const void *request_input(const Request *request);
const void *request_query(const Request *request);
/* Was this top-level field of the body named, even as null? (PUT that changes some fields.) */
bool request_given(const Request *request, const char *field);
/* One value of the query string, decoded; NULL when absent. For routes without a query schema. */
const char *request_query_text(Request *request, const char *name);
/* A header's value, or NULL. `name` in any case. */
const char *request_header(const Request *request, const char *name);

/* The body of BODY_RAW and BODY_TEXT. A NUL stands after its end; NULL when there is none. */
char *request_body(Request *request, size_t *ret_size);
/* The file of BODY_FILE: path (rename it to keep it; else it is removed) and bytes. */
const char *request_file(const Request *request, int64_t *ret_size);

/* Tracking routes: takes a key that was found in the body or the path. False (UNAUTHENTICATED or
 * DENIED or RATE) when it is unknown, revoked, of the wrong scope or too fast. */
bool request_use_key(Request *request, const char *key, size_t size, GError **error);

/* The caller's address as text; through a trusted proxy the one it reports. Personal: never log. */
const char *request_address(const Request *request);
/* "https://host[:port]" under which this request came; what links are built from. */
const char *request_base_url(const Request *request);
/* The id in the log line and in X-Request-Id. */
const char *request_id(const Request *request);

/* Replies. All return true, so that `return request_reply_…` ends a handler. */
bool request_reply_json(Request *request, int status, json_t *steal);
bool request_reply_struct(Request *request, int status, const void *reply); /* route->reply */
bool request_reply_bytes(Request *request, int status, const char *type, const void *data,
                         size_t size); /* copied */
/* The same, not copied: `data` lives as long as the program. */
bool request_reply_static(Request *request, const char *type, const void *data, size_t size);
/* Streams a file (an export). The descriptor is taken. `name`: offered for saving, or NULL. */
bool request_reply_file(Request *request, const char *type, int fd, int64_t size, const char *name);
bool request_reply_empty(Request *request, int status);
bool request_reply_redirect(Request *request, int status, const char *location);
/* An extra reply header; before or after the reply call. CR and LF are refused (assert). */
void request_set_header(Request *request, const char *name, const char *value);

/* The session's CSRF token, "" without a session. */
const char *request_csrf(const Request *request);

/* Notes one more bad field and returns false; reported together when the handler then fails. */
bool request_note_field(Request *request, const char *field, const char *message);

/* A 400 that names the bad fields, for rules no schema can say. `return request_fail_fields(...)`
 * with {"email", "this address is taken"}. */
bool request_fail_field(Request *request, const char *field, const char *message, GError **error);

/* Tracking path, see above. `body` NULL answers {"success":true}; else `size` bytes of JSON are
 * copied. Statuses: 200, 400, 413, 429 (adds Retry-After), 503. */
void request_hold(Request *request);
void request_finish(Request *request, int status, const char *body, size_t size);
/* Data that goes with a held request and is freed with it. */
void request_set_data(Request *request, void *data, GDestroyNotify destroy);
void *request_data(const Request *request);
