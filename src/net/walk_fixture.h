/* net/walk_fixture.h: a walk over the whole route table of a running server. Test only.
 *
 * For every route: without a token 401, with a key of the wrong scope 403, with an id that names
 * nothing 404, with a body over its limit 413. Bodies and query strings that the schemas demand
 * are made from the schemas. Prints one line per breach and returns their number.
 *
 *     Walk walk = {.port = port, .routes = routes, .count = count, .cookie = "kith=…",
 *                  .csrf = "…", .track_key = "kith_track_…", .api_key = "kith_api_…"};
 *     g_assert_cmpuint(walk_all(&walk), ==, 0);
 */
#pragma once
#include "net/http_fixture.h"
#include "net/route.h"

typedef struct Walk {
    uint16_t port;
    const Route **routes;
    size_t count;
    const char *cookie, *csrf; /* of an owner */
    const char *track_key, *api_key;
    unsigned breaches, calls;
} Walk;

static inline json_t *walk_sample(const Schema *schema);

static inline json_t *walk_value(const Field *field)
{
    int64_t number = field->min > 0 ? field->min : 1;
    switch (field->type) {
    case FIELD_TEXT:
        if (field->choices) return json_string(field->choices[0]);
        return json_string(strcmp(field->name, "email") == 0 ? "walk@kith.example" : "walker text");
    case FIELD_DATE:
        return json_string("2026-01-31");
    case FIELD_INT:
    case FIELD_TIME:
        return json_integer(number);
    case FIELD_NUMBER:
        return json_real((double)number);
    case FIELD_BOOL:
        return json_true();
    case FIELD_ID:
        return json_string("999999999999");
    case FIELD_MONEY:
        return json_pack("{s:i, s:s}", "minor", 100, "currency", "EUR");
    case FIELD_OBJECT:
        return walk_sample(field->of);
    case FIELD_LIST:
        return json_pack("[o]", walk_sample(field->of));
    case FIELD_TEXTS:
        return json_pack("[s]", field->choices ? field->choices[0] : "a");
    case FIELD_JSON:
        return json_object();
    }
    g_assert_not_reached();
}

/* The smallest object that a schema accepts. */
static inline json_t *walk_sample(const Schema *schema)
{
    json_t *object = json_object();
    for (size_t i = 0; schema && i < schema->field_count; i++) {
        const Field *field = &schema->fields[i];
        if (field->required) json_object_set_new(object, field->name, walk_value(field));
    }
    return object;
}

/* "/api/things/999999999999/parts/walker" from "/api/things/{id}/parts/{name}". */
static inline char *walk_path(const Route *route)
{
    GString *out = g_string_new(NULL);
    for (const char *at = route->path; *at;) {
        if (*at != '{') {
            g_string_append_c(out, *at++);
            continue;
        }
        gboolean id = g_str_has_prefix(at, "{id}") || g_str_has_suffix(at, "_id}");
        g_string_append(out, id ? "999999999999" : "999999999998");
        at += strcspn(at, "}") + 1;
    }
    for (size_t i = 0, first = 1; route->query && i < route->query->field_count; i++) {
        const Field *field = &route->query->fields[i];
        if (!field->required) continue;
        json_t *value = walk_value(field);
        g_autofree char *text = json_is_string(value) ? g_strdup(json_string_value(value))
                                                      : json_dumps(value, JSON_ENCODE_ANY);
        g_string_append_printf(out, "%c%s=%s", first ? '?' : '&', field->name, text);
        json_decref(value);
        first = 0;
    }
    return g_string_free(out, FALSE);
}

static inline int walk_call(Walk *walk, const Route *route, const char *credentials, gssize size)
{
    g_autofree char *path = walk_path(route);
    json_t *sample = route->request ? walk_sample(route->request) : NULL;
    g_autofree char *json = sample ? json_dumps(sample, JSON_COMPACT) : NULL;
    json_decref(sample);
    gboolean huge = size > 0;
    g_autofree char *head = g_strdup_printf(
        "%s %s HTTP/1.1\r\n%s%s%s", route->method, path, credentials,
        json ? "Content-Type: application/json\r\n" : "", huge ? "Expect: 100-continue\r\n" : "");
    if (!huge) size = json ? (gssize)strlen(json) : -1;
    walk->calls++;
    Reply reply = http_call(walk->port, head, huge ? NULL : json, size);
    int status = reply.status;
    reply_clear(&reply);
    return status;
}

static inline void walk_want(Walk *walk, const Route *route, const char *what, int status, int want)
{
    if (status == want) return;
    walk->breaches++;
    g_printerr("# %s %s: %s: %d, not %d\n", route->method, route->path, what, status, want);
}

static inline void walk_credentials(Walk *walk, const Route *route)
{
    g_autofree char *track = g_strdup_printf("Authorization: Bearer %s\r\n", walk->track_key);
    g_autofree char *api = g_strdup_printf("Authorization: Bearer %s\r\n", walk->api_key);
    gboolean own = route->body == BODY_RAW && route->scope == SCOPE_TRACK;
    if (route->scope == SCOPE_PUBLIC) return;
    if (!own) walk_want(walk, route, "without a token", walk_call(walk, route, "", -1), 401);
    walk_want(walk, route, "with an unknown key",
              walk_call(walk, route, "Authorization: Bearer kith_api_nothing\r\n", -1), 401);
    const char *wrong = route->scope == SCOPE_TRACK || route->scope == SCOPE_OWNER ? api : track;
    walk_want(walk, route, "with a key of the wrong scope", walk_call(walk, route, wrong, -1), 403);
}

static inline char *walk_right(const Walk *walk, const Route *route)
{
    if (route->scope == SCOPE_TRACK)
        return g_strdup_printf("Authorization: Bearer %s\r\n", walk->track_key);
    if (route->scope == SCOPE_API)
        return g_strdup_printf("Authorization: Bearer %s\r\n", walk->api_key);
    return g_strdup_printf("Cookie: %s\r\nX-CSRF-Token: %s\r\n", walk->cookie, walk->csrf);
}

static inline void walk_route(Walk *walk, const Route *route)
{
    g_autofree char *right = walk_right(walk, route);
    gboolean writes = strcmp(route->method, "GET") != 0;
    size_t limit = route->body_max ? route->body_max : ROUTE_BODY_MAX;
    walk_credentials(walk, route);
    if (route->scope == SCOPE_INGEST) return;
    if (strstr(route->path, "{id}") && route->body == BODY_JSON)
        walk_want(walk, route, "with an unknown id", walk_call(walk, route, right, -1), 404);
    if (writes)
        walk_want(walk, route, "with a body over its limit",
                  walk_call(walk, route, right, (gssize)limit + 1), 413);
}

static inline unsigned walk_all(Walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        walk_route(walk, walk->routes[i]);
    g_test_message("%u calls over %zu routes", walk->calls, walk->count);
    return walk->breaches;
}
