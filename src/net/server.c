#include "net/server.h"

#include "base/clock.h"
#include "base/error.h"
#include "net/exchange.h"
#include "net/listen.h"
#include "net/openapi.h"
#include "net/proxy.h"

#include <sodium.h>
#include <string.h>

enum {
    HTTP_THREADS = 2,
    WORKERS = 4,
    WORKERS_QUEUE_MAX = 2000,
    LONG_WORKERS = 2,
    CONNECTIONS_MAX = 2000,
    CONNECTION_MEMORY = 64 * 1024, /* head and read buffer of one connection */
    HEAD_MS = 10000,
    BODY_MS = 20000,
    STOP_MS = 5000 /* for the owners of held requests to finish them, and for replies to leave */
};
#define BODY_BUDGET ((int64_t)256 * 1024 * 1024)

/* ---- libmicrohttpd's callbacks ---- */

static void *on_uri(void *data, const char *uri, struct MHD_Connection *connection)
{
    return exchange_open(data, connection, uri);
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *size, void **context)
{
    (void)data, (void)connection, (void)url, (void)version;
    return *context ? exchange_access(*context, method, upload, size) : MHD_NO;
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    (void)data, (void)connection, (void)how;
    if (*context) exchange_close(*context);
    *context = NULL;
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode how)
{
    Server *server = ((Listener *)data)->server;
    if (how == MHD_CONNECTION_NOTIFY_CLOSED) {
        peer_free(server->peers, *context);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int64_t deadline_us = clock_monotonic_us() + (int64_t)server->options.head_ms * 1000;
    *context = peer_new(server->peers, info ? info->connect_fd : -1, deadline_us);
}

/* We decode ourselves, strictly: libmicrohttpd is told to leave everything as it came. */
static size_t on_unescape(void *data, struct MHD_Connection *connection, char *text)
{
    (void)data, (void)connection;
    return strlen(text);
}

static void on_message(void *data, const char *format, va_list arguments)
{
    (void)data, (void)format, (void)arguments; /* clients' mistakes; counted, not logged */
}

static void on_work(gpointer data, gpointer user_data)
{
    (void)user_data;
    dispatch_run(data);
}

static void on_tick(void *data, int64_t now_us) { streams_beat(data, now_us); }

/* While it stops nobody new comes in. Not by MHD_quiesce_daemon: that and a thread at its epoll can
 * both take the listening socket out of the set, and libmicrohttpd aborts where it is gone. */
static enum MHD_Result on_caller(void *data, const struct sockaddr *address, socklen_t size)
{
    const Listener *listener = data;
    (void)address, (void)size;
    return atomic_load(&listener->server->stopping) ? MHD_NO : MHD_YES;
}

/* ---- life ---- */

static void options_copy(Server *server, const ServerOptions *options)
{
    ServerOptions *own = &server->options;
    *own = *options;
    own->listen = g_strdup(options->listen);
    own->public_listen = g_strdup(options->public_listen);
    own->public_url = g_strdup(options->public_url);
    own->url = g_strdup(options->url);
    own->trusted_proxy = g_strdup(options->trusted_proxy);
    own->upload_dir = g_strdup(options->upload_dir);
    if (!own->http_threads) own->http_threads = HTTP_THREADS;
    if (!own->workers) own->workers = WORKERS;
    if (!own->body_budget_bytes) own->body_budget_bytes = BODY_BUDGET;
    if (!own->connections_max) own->connections_max = CONNECTIONS_MAX;
    if (!own->head_ms) own->head_ms = HEAD_MS;
    if (!own->body_ms) own->body_ms = BODY_MS;
}

Server *server_new(const ServerOptions *options, GError **error)
{
    g_assert(sodium_init() >= 0);
    if (options->trusted_proxy && !proxy_list_check(options->trusted_proxy, error)) return NULL;
    Server *server = g_new0(Server, 1);
    options_copy(server, options);
    g_mutex_init(&server->mutex);
    g_cond_init(&server->quiet);
    server->router = router_new();
    server->budget.bytes_max = server->options.body_budget_bytes;
    if (!server->options.metrics) server->options.metrics = server->metrics_own = metrics_new();
    for (int i = 0; i < ORIGINS; i++)
        server->listeners[i] = (Listener){.server = server, .origin = (Origin)i};
    reply_shared_new(server);
    health_add(server);
    openapi_serve(server);
    return server;
}

void server_add_routes(Server *server, const Route *routes, size_t count, void *context)
{
    g_assert(!server->started);
    router_add(server->router, routes, count, context);
}

void server_set_fallback(Server *server, RouteHandle handle, void *context)
{
    server->fallback_route =
        (Route){.method = "GET", .path = "/*", .handle = handle, .flags = ROUTE_QUIET};
    server->fallback.route = &server->fallback_route;
    server->fallback.context = context;
}

const Route **server_routes(const Server *server, size_t *ret_count)
{
    GPtrArray *entries = router_entries(server->router);
    const Route **routes = g_new(const Route *, entries->len + 1);
    for (unsigned i = 0; i < entries->len; i++)
        routes[i] = ((RouteEntry *)g_ptr_array_index(entries, i))->route;
    *ret_count = entries->len;
    return routes;
}

Metrics *server_metrics(Server *server) { return server->options.metrics; }

static struct MHD_Daemon *daemon_start(Listener *listener, int socket)
{
    const ServerOptions *options = &listener->server->options;
    unsigned threads = options->http_threads;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_LISTEN_SOCKET, socket, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->connections_max, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    return MHD_start_daemon(
        flags, 0, on_caller, listener, on_request, listener, MHD_OPTION_EXTERNAL_LOGGER, on_message,
        NULL, MHD_OPTION_URI_LOG_CALLBACK, on_uri, listener, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
        MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static bool listener_start(Listener *listener, const char *address, GError **error)
{
    int socket = -1;
    if (!address) return true;
    if (!listen_tcp(address, &socket, &listener->port, error)) return false;
    listener->daemon = daemon_start(listener, socket);
    if (listener->daemon) return true;
    listen_close(socket);
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not start the server on %s", address);
}

bool server_start(Server *server, GError **error)
{
    const ServerOptions *options = &server->options;
    g_assert(!server->started);
    server->peers = peers_new(on_tick, server);
    server->workers = g_thread_pool_new(on_work, NULL, (gint)options->workers, TRUE, NULL);
    server->long_workers = g_thread_pool_new(on_work, NULL, LONG_WORKERS, FALSE, NULL);
    server->started = true;
    json_decref(openapi_document(server, "")); /* two schemas of one name stop it here, not later */
    return listener_start(&server->listeners[ORIGIN_ADMIN], options->listen, error) &&
           listener_start(&server->listeners[ORIGIN_PUBLIC], options->public_listen, error);
}

uint16_t server_port(const Server *server) { return server->listeners[ORIGIN_ADMIN].port; }
uint16_t server_public_port(const Server *server) { return server->listeners[ORIGIN_PUBLIC].port; }

void server_set_ready(Server *server, const char *reason)
{
    g_mutex_lock(&server->mutex);
    g_free(server->not_ready);
    server->not_ready = g_strdup(reason);
    g_mutex_unlock(&server->mutex);
}

/* Takes the answer of a held request away from its owner, who then only lets go of it. */
static Request *held_steal(Server *server)
{
    Request *found = NULL;
    g_mutex_lock(&server->mutex);
    for (GList *link = server->asleep.head; link && !found; link = link->next) {
        Request *request = link->data;
        if (request->held && !atomic_exchange(&request->woken, true)) found = request;
    }
    g_mutex_unlock(&server->mutex);
    return found;
}

/* Until a count under the mutex is 0, or time is over. */
static void quiet_wait(Server *server, const unsigned *count)
{
    int64_t until_us = g_get_monotonic_time() + (int64_t)STOP_MS * 1000;
    g_mutex_lock(&server->mutex);
    while (*count > 0)
        if (!g_cond_wait_until(&server->quiet, &server->mutex, until_us)) break;
    g_mutex_unlock(&server->mutex);
}

void server_stop(Server *server)
{
    if (!server->started || atomic_exchange(&server->stopping, true)) return;
    quiet_wait(server, &server->asleep.length);
    for (Request *request; (request = held_steal(server));) {
        reply_track(request, 503, NULL, 0);
        request_wake(request);
    }
    streams_stop(server);
    g_thread_pool_free(server->workers, FALSE, TRUE);
    g_thread_pool_free(server->long_workers, FALSE, TRUE);
    quiet_wait(server, &server->answering); /* stopping a daemon drops what it has not sent */
    for (int i = 0; i < ORIGINS; i++)
        if (server->listeners[i].daemon) MHD_stop_daemon(server->listeners[i].daemon);
    peers_free(server->peers);
}

void server_free(Server *server)
{
    if (!server) return;
    server_stop(server);
    MHD_destroy_response(server->track_ok);
    if (server->streams) g_ptr_array_unref(server->streams);
    router_free(server->router);
    metrics_free(server->metrics_own);
    g_mutex_clear(&server->mutex);
    g_cond_clear(&server->quiet);
    g_free(server->not_ready);
    const char *texts[] = {server->options.listen,        server->options.public_listen,
                           server->options.public_url,    server->options.url,
                           server->options.trusted_proxy, server->options.upload_dir};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free((char *)texts[i]);
    g_free(server);
}
