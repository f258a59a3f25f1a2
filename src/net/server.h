/* net/server.h: the HTTP server: listeners, threads, limits, and the tables it serves.
 *
 * Threads: `http_threads` event loops (libmicrohttpd, epoll) read, parse and write; `workers` run
 * handlers; one sweeper cuts slow clients. Tracking (BODY_RAW) handlers run in the event loop and
 * answer from the writer thread. Nothing here waits for the network.
 *
 *     Server *server = server_new(&options, error);
 *     server_add_routes(server, people_routes, count, people);
 *     server_start(server, error) ... server_port(server) ...
 *     server_free(server);   stops: held requests are finished by their owners or answered 503
 *
 * Order at shutdown: server_stop (no new requests; suspended connections are resumed and told
 * 503 unless they were finished), then the writer is drained, then store_close.
 */
#pragma once
#include "net/route.h"

typedef struct Server Server;
typedef struct Auth Auth;       /* net/auth.h */
typedef struct Metrics Metrics; /* net/metrics.h */

typedef struct ServerOptions {
    const char *listen;        /* "127.0.0.1:8420", "[::1]:0"; port 0 takes a free one */
    const char *public_listen; /* second listener for public pages, or NULL */
    const char *public_url;    /* "https://mail.example.com" of the public pages, or NULL */
    const char *url;           /* outside address of the admin origin, or NULL: http://listen */
    const char *trusted_proxy; /* "127.0.0.1,10.0.0.0/8": whose X-Forwarded-* count, or NULL */
    const char *upload_dir;    /* where BODY_FILE bodies go (same file system as DATA) */
    unsigned http_threads;     /* 0: 2 */
    unsigned workers;          /* 0: 4 */
    int64_t body_budget_bytes; /* all bodies in flight; 0: 256 MB */
    unsigned connections_max;  /* 0: 2,000 */
    unsigned head_ms;          /* a head must be complete within this; 0: 10,000 */
    unsigned body_ms;          /* grace of a body beside 8 KB/s; 0: 20,000 */
    bool quiet;                /* no log line per request (benches, tests) */
    bool check_replies;        /* tests: a reply that breaks its schema becomes a 500 */
    Auth *auth;                /* borrowed; NULL: only SCOPE_PUBLIC routes can be called */
    Metrics *metrics;          /* borrowed; NULL: an own one */
} ServerOptions;

/* A stopped server. Errors: INVALID (an address that cannot be parsed). */
Server *server_new(const ServerOptions *options, GError **error);

/* Adds a table; before server_start only. Two routes with one method and path are a bug (assert).
 * `routes` must outlive the server. */
void server_add_routes(Server *server, const Route *routes, size_t count, void *context);

/* Who answers GET on the admin origin when no route matches (the user interface). Runs in the
 * HTTP thread, so it must only look up memory; before server_start. */
void server_set_fallback(Server *server, RouteHandle handle, void *context);

/* Opens the listeners. Errors: UNAVAILABLE with the address and what to do (port in use). */
bool server_start(Server *server, GError **error);

/* The port in use (also when 0 was asked for); 0 when there is no such listener. */
uint16_t server_port(const Server *server);
uint16_t server_public_port(const Server *server);

/* Stops accepting, resumes and answers every suspended request, ends the threads. Idempotent. */
void server_stop(Server *server);
void server_free(Server *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_free)

/* All routes, for the OpenAPI document and the route walk. The array is the caller's (g_free). */
const Route **server_routes(const Server *server, size_t *ret_count);

/* Where a module adds its figures; before server_start. */
Metrics *server_metrics(Server *server);

/* /readyz answers 503 with `reason` until told otherwise (NULL: ready). Any thread. */
void server_set_ready(Server *server, const char *reason);
