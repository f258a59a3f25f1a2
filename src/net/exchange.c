#include "net/exchange.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include "net/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum {
    BODY_RATE = 8 * 1024,
    DRAIN_MAX = 64 * 1024 * 1024,
    LONG_WAITING_MAX = 48 /* of ROUTE_LONG: beyond, whoever asks is told to ask again */
};

/* ---- birth and death ---- */

static void id_new(char id[REQUEST_ID_SIZE])
{
    g_snprintf(id, REQUEST_ID_SIZE, "%08x%08x", g_random_int(), g_random_int());
}

Request *exchange_open(Listener *listener, struct MHD_Connection *connection, const char *uri)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    Request *request = g_new0(Request, 1);
    request->server = listener->server;
    request->listener = listener;
    request->origin = listener->origin;
    request->connection = connection;
    request->peer = info ? info->socket_context : NULL;
    request->file = -1;
    request->link.data = request;
    request->uri = g_strdup(uri);
    request->now_ms = clock_now_ms();
    request->start_us = clock_monotonic_us();
    atomic_store(&request->references, 1);
    id_new(request->id);
    return request;
}

static void request_free(Request *request)
{
    if (request->data_destroy) request->data_destroy(request->data);
    if (request->file >= 0) close(request->file);
    if (request->file_path) g_unlink(request->file_path);
    if (request->response && !request->shared) MHD_destroy_response(request->response);
    for (unsigned i = 0; i < request->extra_count; i++) {
        g_free(request->extra[i].name);
        g_free(request->extra[i].value);
    }
    body_clear(&request->body);
    query_clear(&request->query);
    schema_memory_clear(&request->memory);
    schema_errors_clear(&request->bad);
    json_decref(request->json);
    json_decref(request->query_json);
    g_free(request->input);
    g_free(request->query_input);
    g_free(request->file_path);
    g_free(request->path_text);
    g_free(request->base_url);
    g_free(request->uri);
    g_free(request);
}

void request_unref(Request *request)
{
    if (atomic_fetch_sub(&request->references, 1) == 1) request_free(request);
}

static void deadline_set(const Request *request, int64_t after_ms)
{
    if (!request->peer) return;
    atomic_store(&request->peer->deadline_us, clock_monotonic_us() + after_ms * 1000);
}

/* The reply has left, or the connection is gone. */
static void answering_end(Request *request)
{
    Server *server = request->server;
    g_mutex_lock(&server->mutex);
    if (request->answering && --server->answering == 0) g_cond_broadcast(&server->quiet);
    request->answering = false;
    g_mutex_unlock(&server->mutex);
}

void exchange_close(Request *request)
{
    int64_t time_us = clock_monotonic_us() - request->start_us;
    if (request->stage != STAGE_HEAD) log_request(request, time_us);
    deadline_set(request, PEER_IDLE_MS);
    answering_end(request);
    request_unref(request);
}

/* ---- head ---- */

static bool public_path(const PathSegments *path)
{
    static const char *const first[] = {"p", "t", "v1", "hooks", "healthz", NULL};
    return path->count > 0 && g_strv_contains(first, path->items[0]);
}

typedef struct Authority {
    Slice name, port;
} Authority;

/* Of `https://NAME:PORT/path`, or of a Host header; without one both are "". */
static Authority authority_of(const char *address)
{
    const char *scheme = address ? strstr(address, "://") : NULL;
    const char *start = scheme ? scheme + 3 : address ? address : "";
    size_t size = *start == '[' ? strcspn(start, "]/") : 0;
    size += strcspn(start + size, ":/");
    const char *port = start[size] == ':' ? start + size + 1 : "";
    Authority found = {{start, size}, {port, strcspn(port, "/")}};
    while (found.name.size > 0 && start[found.name.size - 1] == '.')
        found.name.size--;
    return found;
}

static bool names_same(Slice a, Slice b)
{
    return a.size == b.size && g_ascii_strncasecmp(a.data, b.data, a.size) == 0;
}

/* The second origin shows public pages only; it may also be told apart by the host that was asked
 * for: by its name alone where the first origin is known to have another, since a proxy may be
 * reached at any port, else by name and port. */
static void origin_find(Request *request)
{
    const ServerOptions *options = &request->server->options;
    if (request->origin != ORIGIN_ADMIN || !options->public_url || !request->headers.host) return;
    Authority public = authority_of(options->public_url), own = authority_of(options->url);
    Authority host = authority_of(request->headers.host);
    if (!names_same(public.name, host.name)) return;
    bool named_apart = options->url && !names_same(public.name, own.name);
    if (named_apart || names_same(public.port, host.port)) request->origin = ORIGIN_PUBLIC;
}

/* The route that a preflight asks about: it decides whether other origins may call it. */
static RouteEntry *route_asked(const Request *request)
{
    static const char *const methods[] = {"POST", "GET", "PUT", "DELETE"};
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *others = NULL;
        RouteEntry *entry =
            router_find(request->server->router, methods[i], &request->path, &others);
        if (entry) return entry;
    }
    return NULL;
}

static bool route_find(Request *request, GError **error)
{
    char *methods = NULL;
    size_t size = strcspn(request->uri, "?");
    if (request->uri[size] == '?') request->query_text = request->uri + size + 1;
    if (!path_segments_parse(request->uri, size, &request->path, error)) return false;
    if (request->origin == ORIGIN_PUBLIC && !public_path(&request->path))
        return fail(error, KITH_ERROR_NOT_FOUND, "there is no such page");
    request->entry =
        router_find(request->server->router, request->method, &request->path, &methods);
    if (request->entry) return true;
    if (methods) {
        request_set_header(request, "Allow", methods);
        g_free(methods);
        bool options = strcmp(request->method, "OPTIONS") == 0;
        if (options) request->asked = route_asked(request);
        request->status = options ? 204 : 405;
        return fail(error, KITH_ERROR_INVALID, "this path does not answer %s", request->method);
    }
    bool get = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (get && request->origin == ORIGIN_ADMIN && request->server->fallback.route) {
        request->entry = &request->server->fallback;
        return true;
    }
    return fail(error, KITH_ERROR_NOT_FOUND, "there is nothing at this path");
}

static bool file_begin(Request *request, GError **error)
{
    const char *folder = request->server->options.upload_dir;
    if (!folder) return fail(error, KITH_ERROR_UNAVAILABLE, "cannot take files: no upload folder");
    request->file_path = g_build_filename(folder, "upload-XXXXXX", NULL);
    request->file = g_mkstemp_full(request->file_path, O_RDWR | O_CLOEXEC, 0600);
    if (request->file >= 0) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not make a file for the upload: %s",
                g_strerror(errno));
}

/* The declared length, or -1 when it is chunked or absent. */
static int64_t declared_size(const Request *request)
{
    const char *length = request->headers.content_length;
    return length ? g_ascii_strtoll(length, NULL, 10) : -1;
}

static bool body_prepare(Request *request, GError **error)
{
    const Route *route = request->entry->route;
    int64_t size = declared_size(request);
    request->body_max = route->body_max ? route->body_max : ROUTE_BODY_MAX;
    if (size > (int64_t)request->body_max)
        return fail(error, KITH_ERROR_LIMIT, "body: at most %zu bytes", request->body_max);
    if (route->body == BODY_RAW || route->body == BODY_FILE)
        if (!dispatch_identify(request, error)) return false;
    if (size == 0 || (size < 0 && !request->headers.transfer_encoding)) return true;
    if (route->body == BODY_FILE) return file_begin(request, error);
    return body_begin(&request->body, &request->server->budget, (size_t)MAX(size, 0), error);
}

static bool head_check(Request *request, GError **error)
{
    headers_read(request);
    if (!headers_check(request, error)) return false;
    if (atomic_load(&request->server->stopping))
        return fail(error, KITH_ERROR_UNAVAILABLE, "Kith is stopping: try again soon");
    origin_find(request);
    if (!route_find(request, error)) return false;
    return body_prepare(request, error);
}

static enum MHD_Result exchange_begin(Request *request, const char *method)
{
    g_autoptr(GError) error = NULL;
    request->method = method;
    request->stage = STAGE_BODY;
    deadline_set(request, request->server->options.body_ms);
    if (head_check(request, &error)) return MHD_YES;
    reply_error(request, error);
    request->stage = STAGE_DRAIN;
    bool body = declared_size(request) > 0 || request->headers.transfer_encoding;
    if (request->close || (body && request->headers.expect) || declared_size(request) > DRAIN_MAX)
        return reply_queue(request);
    return MHD_YES;
}

/* ---- body ---- */

static bool file_write(Request *request, const char *data, size_t size, GError **error)
{
    if (request->file_size + (int64_t)size > (int64_t)request->body_max)
        return fail(error, KITH_ERROR_LIMIT, "body: at most %zu bytes", request->body_max);
    while (size > 0) {
        ssize_t written = write(request->file, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            return fail(error, KITH_ERROR_UNAVAILABLE, "could not keep the upload: %s",
                        g_strerror(errno));
        data += written;
        size -= (size_t)written;
        request->file_size += written;
    }
    return true;
}

/* Absolute, so that a byte a second does not move it far: the grace, then 8 KB/s. */
static void body_deadline_set(const Request *request)
{
    if (!request->peer) return;
    int64_t so_far = request->file_size + (int64_t)request->body.size;
    int64_t after_ms = request->server->options.body_ms + so_far * 1000 / BODY_RATE;
    atomic_store(&request->peer->deadline_us, request->start_us + after_ms * 1000);
}

/* Takes one stretch of the body; a failure is replied once the rest was thrown away. */
static enum MHD_Result exchange_take(Request *request, const char *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    bool ok = true;
    if (request->stage == STAGE_DRAIN) {
        request->file_size += (int64_t)size;
        return request->file_size > DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    if (request->file >= 0)
        ok = file_write(request, data, size, &error);
    else if (!request->body.budget)
        ok = fail(&error, KITH_ERROR_INVALID, "a body was not expected");
    else
        ok = body_append(&request->body, data, size, request->body_max, &error);
    body_deadline_set(request);
    if (ok) return MHD_YES;
    reply_error(request, error);
    request->stage = STAGE_DRAIN;
    body_clear(&request->body);
    return MHD_YES;
}

/* ---- answer ---- */

static void asleep_add(Request *request)
{
    Server *server = request->server;
    request->stage = STAGE_ASLEEP;
    if (request->peer) atomic_store(&request->peer->deadline_us, PEER_NEVER);
    atomic_fetch_add(&request->references, 1);
    g_mutex_lock(&server->mutex);
    g_queue_push_tail_link(&server->asleep, &request->link);
    g_mutex_unlock(&server->mutex);
    MHD_suspend_connection(request->connection);
}

void request_wake(Request *request)
{
    Server *server = request->server;
    g_mutex_lock(&server->mutex);
    g_queue_unlink(&server->asleep, &request->link);
    request->answering = true;
    server->answering++;
    MHD_resume_connection(request->connection);
    if (server->asleep.length == 0) g_cond_broadcast(&server->quiet);
    g_mutex_unlock(&server->mutex);
}

void request_hold(Request *request)
{
    g_assert(!request->held && request->entry && request->entry->route->body == BODY_RAW);
    request->held = true;
    asleep_add(request);
}

void request_finish(Request *request, int status, const char *body, size_t size)
{
    g_assert(request->held);
    if (!atomic_exchange(&request->woken, true)) {
        reply_track(request, status, body, size);
        request_wake(request);
    }
    request_unref(request);
}

static bool raw_run(Request *request, GError **error)
{
    const Route *route = request->entry->route;
    const char *encoding = request->headers.content_encoding;
    if (encoding && g_ascii_strcasecmp(encoding, "gzip") != 0 &&
        g_ascii_strcasecmp(encoding, "identity") != 0)
        return fail(error, KITH_ERROR_INVALID, "content-encoding can only be gzip");
    if (body_is_gzip(&request->body) && !body_inflate(&request->body, BODY_INFLATED_MAX, error))
        return false;
    return route->handle(request, error);
}

/* What may compute for long waits for workers of its own, so that it can starve nothing else; when
 * too many wait, it is better asked again. NULL: then. */
static GThreadPool *workers_of(const Request *request, GError **error)
{
    Server *server = request->server;
    if (!(request->entry->route->flags & ROUTE_LONG)) return server->workers;
    if (g_thread_pool_unprocessed(server->long_workers) < LONG_WAITING_MAX)
        return server->long_workers;
    fail(error, KITH_ERROR_UNAVAILABLE, "too many questions wait to be answered: try again soon");
    return NULL;
}

static enum MHD_Result exchange_run(Request *request)
{
    g_autoptr(GError) error = NULL;
    bool here =
        request->entry == &request->server->fallback || request->entry->route->body == BODY_RAW;
    GThreadPool *workers = here ? NULL : workers_of(request, &error);
    if (workers) {
        asleep_add(request);
        g_thread_pool_push(workers, request, NULL);
        return MHD_YES;
    }
    bool ok = here && raw_run(request, &error);
    g_assert(ok || !request->held);
    if (request->held) return MHD_YES; /* it may be answered already: not ours any more */
    if (!ok)
        reply_error(request, error);
    else if (!request->response)
        request_reply_empty(request, 204);
    return reply_queue(request);
}

enum MHD_Result exchange_access(Request *request, const char *method, const char *data,
                                size_t *size)
{
    switch (request->stage) {
    case STAGE_HEAD:
        return exchange_begin(request, method);
    case STAGE_BODY:
    case STAGE_DRAIN:
        if (*size > 0) {
            size_t taken = *size;
            *size = 0;
            return exchange_take(request, data, taken);
        }
        return request->stage == STAGE_DRAIN ? reply_queue(request) : exchange_run(request);
    case STAGE_ASLEEP:
        return reply_queue(request);
    case STAGE_REPLY:
        return MHD_NO;
    }
    g_assert_not_reached();
}
