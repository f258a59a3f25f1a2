#include "net/exchange.h"

#include <stdio.h>
#include <unistd.h>

/* One JSON line per request: the route's template, never the path, query, address or body. */
void log_request(const Request *request, int64_t time_us)
{
    const Route *route = request->entry ? request->entry->route : NULL;
    RouteEntry *entry = request->entry;
    int status = request->status;
    if (entry) {
        atomic_fetch_add_explicit(&entry->stats.statuses[CLAMP(status / 100, 0, 5)], 1,
                                  memory_order_relaxed);
        atomic_fetch_add_explicit(&entry->stats.time_us, (uint64_t)time_us, memory_order_relaxed);
        atomic_fetch_add_explicit(&entry->stats.buckets[metrics_bucket(time_us)], 1,
                                  memory_order_relaxed);
    }
    if (route && (route->flags & ROUTE_QUIET) && status < 500) return;
    if (request->server->options.quiet) return;
    char line[512];
    int size = snprintf(line, sizeof line,
                        "{\"at\":%" G_GINT64_FORMAT ",\"level\":\"info\",\"request\":\"%s\","
                        "\"method\":\"%.8s\",\"route\":\"%s\",\"status\":%d,\"ms\":%.1f}\n",
                        request->now_ms, request->id, request->method ? request->method : "-",
                        route ? route->path : "-", status, (double)time_us / 1000);
    if (write(STDERR_FILENO, line, (size_t)MIN(size, (int)sizeof line - 1)) < 0) return;
}
