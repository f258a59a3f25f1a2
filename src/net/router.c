#include "net/router.h"

#include "base/error.h"
#include "net/query.h"

#include <string.h>

enum { METHODS = 5 };
static const char *const methods[METHODS] = {"GET", "POST", "PUT", "DELETE", "PATCH"};

typedef struct Node Node;
struct Node {
    char *segment;       /* literal text; NULL for a `{name}` */
    GPtrArray *children; /* literal ones, owned */
    Node *any;           /* the `{name}` child, owned */
    RouteEntry *entries[METHODS];
};

struct Router {
    Node *root;
    GPtrArray *entries; /* RouteEntry, owned */
};

static Node *node_new(const char *segment, size_t size)
{
    Node *node = g_new0(Node, 1);
    node->segment = segment ? g_strndup(segment, size) : NULL;
    return node;
}

static void node_free(Node *node)
{
    if (!node) return;
    if (node->children) g_ptr_array_unref(node->children);
    node_free(node->any);
    g_free(node->segment);
    g_free(node);
}

Router *router_new(void)
{
    Router *router = g_new0(Router, 1);
    router->root = node_new("", 0);
    router->entries = g_ptr_array_new_with_free_func(g_free);
    return router;
}

void router_free(Router *router)
{
    if (!router) return;
    node_free(router->root);
    g_ptr_array_unref(router->entries);
    g_free(router);
}

static int method_index(const char *method)
{
    if (strcmp(method, "HEAD") == 0) method = "GET";
    for (int i = 0; i < METHODS; i++)
        if (strcmp(methods[i], method) == 0) return i;
    return -1;
}

static Node *child_literal(const Node *node, const char *segment, size_t size)
{
    for (unsigned i = 0; node->children && i < node->children->len; i++) {
        Node *child = g_ptr_array_index(node->children, i);
        if (strncmp(child->segment, segment, size) == 0 && child->segment[size] == '\0')
            return child;
    }
    return NULL;
}

static Node *child_get(Node *node, const char *segment, size_t size)
{
    if (segment[0] == '{') {
        if (!node->any) node->any = node_new(NULL, 0);
        return node->any;
    }
    Node *child = child_literal(node, segment, size);
    if (child) return child;
    if (!node->children) node->children = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
    child = node_new(segment, size);
    g_ptr_array_add(node->children, child);
    return child;
}

static void route_insert(Router *router, const Route *route, void *context)
{
    Node *node = router->root;
    g_assert(route->path[0] == '/' && route->handle);
    for (const char *at = route->path + 1; *at;) {
        size_t size = strcspn(at, "/");
        g_assert(size > 0);
        node = child_get(node, at, size);
        at += size + (at[size] == '/');
    }
    int method = method_index(route->method);
    g_assert(method >= 0);
    if (node->entries[method]) g_error("two routes for %s %s", route->method, route->path);
    RouteEntry *entry = g_new0(RouteEntry, 1);
    entry->route = route;
    entry->context = context;
    node->entries[method] = entry;
    g_ptr_array_add(router->entries, entry);
}

void router_add(Router *router, const Route *routes, size_t count, void *context)
{
    for (size_t i = 0; i < count; i++)
        route_insert(router, &routes[i], context);
}

/* No empty, dot or control segments: proxies and file systems read those differently than we. */
static bool segment_check(const char *segment)
{
    if (*segment == '\0' || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0) return false;
    for (const char *at = segment; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) return false;
    return true;
}

bool path_segments_parse(const char *raw, size_t size, PathSegments *segments, GError **error)
{
    segments->count = 0;
    if (size > PATH_BYTES_MAX)
        return fail(error, KITH_ERROR_LIMIT, "path: at most %d bytes", PATH_BYTES_MAX);
    if (size == 0 || raw[0] != '/')
        return fail(error, KITH_ERROR_INVALID, "path: must begin with /");
    if (size > 1 && raw[size - 1] == '/') size--;
    memcpy(segments->text, raw, size);
    segments->text[size] = '\0';
    for (size_t at = 1; at < size;) {
        char *segment = segments->text + at;
        size_t length = strcspn(segment, "/");
        at += length + 1;
        if (segments->count == PATH_SEGMENTS_MAX)
            return fail(error, KITH_ERROR_INVALID, "path: at most %d segments", PATH_SEGMENTS_MAX);
        if (percent_decode(segment, length, false) < 0 || !segment_check(segment))
            return fail(error, KITH_ERROR_INVALID, "path: segment %u is empty or not plain UTF-8",
                        segments->count + 1);
        segments->items[segments->count++] = segment;
    }
    return true;
}

static bool node_has_entries(const Node *node)
{
    for (int i = 0; i < METHODS; i++)
        if (node->entries[i]) return true;
    return false;
}

static const Node *node_find(const Node *node, const PathSegments *segments, unsigned at)
{
    if (at == segments->count) return node_has_entries(node) ? node : NULL;
    const char *segment = segments->items[at];
    const Node *literal = child_literal(node, segment, strlen(segment));
    const Node *found = literal ? node_find(literal, segments, at + 1) : NULL;
    if (!found && node->any) found = node_find(node->any, segments, at + 1);
    return found;
}

static char *node_methods(const Node *node)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < METHODS; i++)
        if (node->entries[i])
            g_string_append_printf(text, "%s%s", text->len ? ", " : "",
                                   i == 0 ? "GET, HEAD" : methods[i]);
    return g_string_free(text, FALSE);
}

RouteEntry *router_find(const Router *router, const char *method, const PathSegments *segments,
                        char **ret_methods)
{
    *ret_methods = NULL;
    const Node *node = node_find(router->root, segments, 0);
    if (!node) return NULL;
    int index = method_index(method);
    RouteEntry *entry = index < 0 ? NULL : node->entries[index];
    if (!entry) *ret_methods = node_methods(node);
    return entry;
}

int route_path_index(const Route *route, const char *name)
{
    size_t name_size = strlen(name);
    int index = 0;
    for (const char *at = route->path + 1; *at; index++) {
        size_t size = strcspn(at, "/");
        if (size == name_size + 2 && at[0] == '{' && memcmp(at + 1, name, name_size) == 0)
            return index;
        at += size + (at[size] == '/');
    }
    return -1;
}

GPtrArray *router_entries(const Router *router) { return router->entries; }
