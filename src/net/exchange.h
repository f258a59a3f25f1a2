/* net/exchange.h: the inside of a request and of the server; only for the files of net/.
 *
 * Life of a request, all in its connection's HTTP thread unless said otherwise:
 *
 *   uri       exchange_open            the raw target is kept
 *   HEAD      exchange_begin           headers, framing, route, limits, keys of tracking routes
 *   BODY      exchange_take            bytes into memory or a file; DRAIN throws them away
 *   RUN       exchange_run             BODY_RAW: handler here. Else: suspended, dispatch_run on a
 *                                      worker, then resumed
 *   REPLY     reply_queue              one response; shared headers
 *   done      exchange_close           log line, counters, last reference
 *
 * Held and working requests sleep (suspended). `wake_once` decides who answers one: its owner or
 * the stopping server. Lock order: Server.mutex alone; never held while calling libmicrohttpd
 * except MHD_resume_connection.
 */
#pragma once
#include "net/body.h"
#include "net/metrics.h"
#include "net/peer.h"
#include "net/query.h"
#include "net/request.h"
#include "net/router.h"
#include "net/server.h"

#include <microhttpd.h>

enum { REQUEST_ID_SIZE = 17, ADDRESS_SIZE = 64, EXTRA_HEADERS_MAX = 12 };

typedef enum Stage { STAGE_HEAD, STAGE_BODY, STAGE_DRAIN, STAGE_ASLEEP, STAGE_REPLY } Stage;

typedef enum Origin { ORIGIN_ADMIN, ORIGIN_PUBLIC, ORIGINS } Origin;

typedef struct Listener {
    Server *server;
    Origin origin;
    struct MHD_Daemon *daemon;
    uint16_t port;
} Listener;

/* The headers we act on; they point into libmicrohttpd's memory and live as long as the request. */
typedef struct Headers {
    const char *host, *authorization, *cookie, *content_type, *content_length, *transfer_encoding;
    const char *content_encoding, *origin, *sec_fetch_site, *csrf, *forwarded_for, *forwarded_proto;
    const char *expect, *write_key;
    bool conflict; /* one of them came twice */
} Headers;

typedef struct ExtraHeader {
    char *name, *value; /* owned */
} ExtraHeader;

struct Request {
    Server *server;
    Listener *listener;
    struct MHD_Connection *connection;
    Peer *peer;
    _Atomic int references; /* libmicrohttpd's and the holder's */
    _Atomic bool woken;
    Stage stage;
    Origin origin; /* which set of routes it may reach: also decided by the host header */
    bool held, secure, keyed, close;
    char id[REQUEST_ID_SIZE];
    char address[ADDRESS_SIZE]; /* "" until asked for */
    int64_t now_ms, start_us;
    char *uri, *query_text; /* the raw target, owned; query_text points into it */
    const char *method;
    char *base_url; /* owned, made when asked for */
    Headers headers;
    PathSegments path;
    char *path_text; /* owned, made when asked for */
    Query query;
    RouteEntry *entry; /* NULL: none matched */
    RouteEntry *asked; /* of OPTIONS: the route it asks about, or NULL */
    size_t body_max;
    Actor actor;
    char csrf[64]; /* of the session; "" without one */
    Body body;
    int file; /* BODY_FILE: descriptor while it is written, or -1 */
    char *file_path;
    int64_t file_size;
    json_t *json, *query_json; /* parsed body and query, owned; the structs point into them */
    SchemaMemory memory;
    void *input, *query_input;
    SchemaErrors bad;
    int status;
    struct MHD_Response *response; /* owned unless shared */
    bool shared;
    int64_t reply_size; /* -1: unknown (a stream) */
    unsigned extra_count;
    ExtraHeader extra[EXTRA_HEADERS_MAX];
    void *data;
    GDestroyNotify data_destroy;
    GList link;     /* in Server.asleep while suspended */
    bool answering; /* woken, and the reply has not left yet; under Server.mutex */
};

struct Server {
    ServerOptions options; /* texts owned */
    Router *router;
    Listener listeners[ORIGINS];
    Peers *peers;
    Budget budget;
    GThreadPool *workers, *long_workers; /* the latter for ROUTE_LONG */
    RouteEntry fallback;                 /* handle NULL: none */
    Route fallback_route;
    Metrics *metrics_own;
    GPtrArray *streams; /* of Stream, owned; NULL: none */
    GMutex mutex;
    GCond quiet;
    GQueue asleep;      /* of Request.link; under mutex */
    unsigned answering; /* requests so marked; under mutex */
    bool started;
    _Atomic bool stopping;
    char *not_ready;                    /* under mutex */
    struct MHD_Response *track_ok;      /* {"success":true}, shared by all */
    _Atomic uint64_t requests, refused; /* refused: budget or queue full */
};

/* exchange.c */
Request *exchange_open(Listener *listener, struct MHD_Connection *connection, const char *uri);
enum MHD_Result exchange_access(Request *request, const char *method, const char *data,
                                size_t *size);
void exchange_close(Request *request);
void request_unref(Request *request);
/* Any thread: the reply is ready; wakes the connection unless somebody else did. */
void request_wake(Request *request);

/* head.c: what the headers say. False after an error reply was made. */
void headers_read(Request *request);
bool headers_check(Request *request, GError **error);
void address_resolve(Request *request);
void base_url_resolve(Request *request);

/* dispatch.c: worker thread. */
void dispatch_run(Request *request);
/* HTTP thread: who may use a tracking route or upload a file. */
bool dispatch_identify(Request *request, GError **error);

/* The key in an Authorization header, copied; false when it does not fit or is not base64. */
bool authorization_key(const char *header, char *key, size_t room);

/* reply.c */
bool reply_error(Request *request, const GError *error);
enum MHD_Result reply_queue(Request *request);
void reply_track(Request *request, int status, const char *body, size_t size);
void reply_shared_new(Server *server);

/* health.c, stream.c */
void health_add(Server *server);
void store_metrics_write(GString *out, void *data); /* data: Store */
void streams_stop(Server *server);
void streams_beat(Server *server, int64_t now_us);

/* log.c */
void log_request(const Request *request, int64_t time_us);
