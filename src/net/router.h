/* net/router.h: from method and path to a route.
 *
 * A tree of path segments, built before the server starts and read-only afterwards. A literal
 * segment wins over a `{name}`; when the literal branch has no end the `{name}` branch is tried.
 * Paths are cut at '/' before they are decoded, so that %2F stays inside its segment.
 */
#pragma once
#include "net/route.h"

#include <stdatomic.h>

enum { PATH_SEGMENTS_MAX = 12, PATH_BYTES_MAX = 4096, ROUTE_TIME_BUCKETS = 12 };

/* What is counted per route; every field may be written by any thread. */
typedef struct RouteStats {
    _Atomic uint64_t statuses[6];                 /* by hundred: [2] = 2xx */
    _Atomic uint64_t buckets[ROUTE_TIME_BUCKETS]; /* requests by time, see metrics.c */
    _Atomic uint64_t time_us;                     /* sum */
} RouteStats;

typedef struct RouteEntry {
    const Route *route;
    void *context;
    RouteStats stats;
} RouteEntry;

typedef struct PathSegments {
    char text[PATH_BYTES_MAX + 1]; /* decoded segments, each ended by NUL */
    unsigned count;
    const char *items[PATH_SEGMENTS_MAX];
} PathSegments;

typedef struct Router Router;

Router *router_new(void);
void router_free(Router *router);

/* Adds a table; asserts on a duplicate, a bad path or a method that is unknown. */
void router_add(Router *router, const Route *routes, size_t count, void *context);

/* Cuts and decodes a raw path ("/api/people/12"). Errors: INVALID, LIMIT. */
bool path_segments_parse(const char *raw, size_t size, PathSegments *segments, GError **error);

/* The entry, or NULL. `ret_methods`: comma-separated methods that the path does have (new text),
 * or NULL when the path is unknown. HEAD finds GET. */
RouteEntry *router_find(const Router *router, const char *method, const PathSegments *segments,
                        char **ret_methods);

/* Index of `{name}` among the segments of a route's path, or -1. */
int route_path_index(const Route *route, const char *name);

/* All entries in the order they were added; valid as long as the router. */
GPtrArray *router_entries(const Router *router);
