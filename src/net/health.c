#include "base/error.h"
#include "net/auth.h"
#include "net/exchange.h"

#include <string.h>

static bool health_get(Request *request, GError **error)
{
    (void)error;
    return request_reply_json(request, 200,
                              json_pack("{s:s, s:s}", "status", "ok", "version", KITH_VERSION));
}

static bool ready_get(Request *request, GError **error)
{
    Server *server = request_context(request);
    g_mutex_lock(&server->mutex);
    g_autofree char *reason = g_strdup(server->not_ready);
    g_mutex_unlock(&server->mutex);
    if (reason) return fail(error, KITH_ERROR_UNAVAILABLE, "not ready: %s", reason);
    return request_reply_json(request, 200, json_pack("{s:s}", "status", "ready"));
}

static bool is_near(const char *address)
{
    return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0 ||
           strcmp(address, "local") == 0;
}

/* The route is public, so that a scraper on this machine needs no key. */
static bool metrics_allowed(Request *request, GError **error)
{
    const char *header = request_header(request, "Authorization");
    Auth *auth = request->server->options.auth;
    if (is_near(request_address(request)) && request->origin != ORIGIN_PUBLIC) return true;
    if (!header || !auth || !g_str_has_prefix(header, "Bearer "))
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "send an api key");
    Actor actor;
    if (!auth_key_find(auth, header + 7, strlen(header + 7), &actor, error)) return false;
    return actor.key_scope == KEY_API || fail(error, KITH_ERROR_DENIED, "an api key is needed");
}

static bool metrics_get(Request *request, GError **error)
{
    Server *server = request_context(request);
    if (!metrics_allowed(request, error)) return false;
    g_autofree char *text = metrics_text(server->options.metrics);
    return request_reply_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8", text,
                               strlen(text));
}

static const Field health_fields[] = {
    {"status", FIELD_TEXT, .required = true},
    {"version", FIELD_TEXT},
};
static const Schema health_reply = SCHEMA_REPLY("Health", health_fields);

static const Route routes[] = {
    {"GET", "/healthz", SCOPE_PUBLIC, .reply = &health_reply, .handle = health_get,
     .flags = ROUTE_QUIET, .summary = "The process answers"},
    {"GET", "/readyz", SCOPE_PUBLIC, .reply = &health_reply, .handle = ready_get,
     .flags = ROUTE_QUIET, .summary = "The store is open and the memory is built"},
    {"GET", "/metrics", SCOPE_PUBLIC, .handle = metrics_get, .flags = ROUTE_QUIET,
     .summary = "Figures for Prometheus; from this machine, or with an api key"},
};

/* ---- figures of the server itself ---- */

static void route_write(GString *out, const RouteEntry *entry)
{
    static const char *const hundreds[] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
    for (int i = 2; i < 6; i++) {
        uint64_t count = atomic_load(&entry->stats.statuses[i]);
        if (count == 0) continue;
        g_autofree char *labels =
            g_strdup_printf("method=\"%s\",route=\"%s\",status=\"%s\"", entry->route->method,
                            entry->route->path, hundreds[i]);
        metric_sample(out, "kith_http_requests_total", labels, (double)count);
    }
}

static void times_write(GString *out, GPtrArray *entries)
{
    double cumulative = 0, sum_s = 0;
    for (int bucket = 0; bucket < ROUTE_TIME_BUCKETS; bucket++) {
        for (unsigned i = 0; i < entries->len; i++) {
            const RouteEntry *entry = g_ptr_array_index(entries, i);
            cumulative += (double)atomic_load(&entry->stats.buckets[bucket]);
            if (bucket == 0) sum_s += (double)atomic_load(&entry->stats.time_us) / 1e6;
        }
        char labels[48] = "le=\"+Inf\"";
        if (bucket < ROUTE_TIME_BUCKETS - 1)
            g_snprintf(labels, sizeof labels, "le=\"%g\"", metrics_bounds_s[bucket]);
        metric_sample(out, "kith_http_request_seconds_bucket", labels, cumulative);
    }
    metric_sample(out, "kith_http_request_seconds_sum", "", sum_s);
    metric_sample(out, "kith_http_request_seconds_count", "", cumulative);
}

static void server_write(GString *out, void *data)
{
    Server *server = data;
    GPtrArray *entries = router_entries(server->router);
    metric_head(out, "kith_http_requests_total", "counter", "requests answered, by route");
    for (unsigned i = 0; i < entries->len; i++)
        route_write(out, g_ptr_array_index(entries, i));
    metric_head(out, "kith_http_request_seconds", "histogram", "time from request line to reply");
    times_write(out, entries);
    metric_write(out, "kith_http_connections", "gauge", "open connections",
                 server->peers ? peers_count(server->peers) : 0);
    metric_write(out, "kith_http_cut_total", "counter", "connections cut for slowness",
                 server->peers ? (double)peers_cut(server->peers) : 0);
    metric_write(out, "kith_http_body_bytes", "gauge", "bodies in flight",
                 (double)atomic_load(&server->budget.bytes_used));
    g_mutex_lock(&server->mutex);
    unsigned asleep = server->asleep.length;
    g_mutex_unlock(&server->mutex);
    metric_write(out, "kith_http_waiting", "gauge", "requests that wait for a worker or the writer",
                 asleep);
}

void health_add(Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), server);
    metrics_add(server->options.metrics, server_write, server);
    if (server->options.auth)
        metrics_add(server->options.metrics, store_metrics_write, auth_store(server->options.auth));
}
