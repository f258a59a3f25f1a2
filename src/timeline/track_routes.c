#include "timeline/track_private.h"

#include "base/error.h"
#include "base/limits.h"
#include "net/request.h"
#include "store/writer.h"

/* ---- pools ---- */

static void tools_free(gpointer data)
{
    TrackTools *tools = data;
    payload_coder_free(tools->coder);
    buffer_clear(&tools->payload);
    g_free(tools);
}

static void arena_release(gpointer data) { arena_free(data); }

static gpointer pool_take(Track *track, GPtrArray *pool)
{
    g_mutex_lock(&track->lock);
    gpointer item = pool->len ? g_ptr_array_steal_index_fast(pool, pool->len - 1) : NULL;
    g_mutex_unlock(&track->lock);
    return item;
}

/* Returns an item to its pool; false when the pool is full and the caller has to free it. */
static bool pool_give(Track *track, GPtrArray *pool, gpointer item)
{
    g_mutex_lock(&track->lock);
    bool kept = pool->len < TRACK_POOL_MAX;
    if (kept) g_ptr_array_add(pool, item);
    g_mutex_unlock(&track->lock);
    return kept;
}

static TrackTools *tools_take(Track *track)
{
    TrackTools *tools = pool_take(track, track->tools);
    if (tools) return tools;
    tools = g_new0(TrackTools, 1);
    tools->coder = payload_coder_new();
    buffer_init(&tools->payload, PAYLOAD_BYTES_MAX);
    return tools;
}

Track *track_new(Timeline *timeline, Orders *orders)
{
    Track *track = g_new0(Track, 1);
    track->timeline = timeline;
    track->orders = orders;
    g_mutex_init(&track->lock);
    g_cond_init(&track->idle);
    track->arenas = g_ptr_array_new_with_free_func(arena_release);
    track->tools = g_ptr_array_new_with_free_func(tools_free);
    return track;
}

void track_free(Track *track)
{
    if (!track) return;
    g_mutex_lock(&track->lock);
    while (track->in_flight > 0)
        g_cond_wait(&track->idle, &track->lock);
    g_mutex_unlock(&track->lock);
    g_cond_clear(&track->idle);
    g_ptr_array_unref(track->arenas);
    g_ptr_array_unref(track->tools);
    g_mutex_clear(&track->lock);
    g_free(track);
}

static TrackRequest *track_request_new(Track *track, Request *http)
{
    TrackRequest *request = g_new0(TrackRequest, 1);
    request->track = track;
    request->request = http;
    request->received_at = request_now_ms(http);
    g_mutex_lock(&track->lock);
    track->in_flight++;
    g_mutex_unlock(&track->lock);
    request->arena = pool_take(track, track->arenas);
    if (!request->arena) request->arena = arena_new(TRACK_ARENA_BYTES);
    return request;
}

void track_request_free(TrackRequest *request)
{
    if (!request) return;
    arena_reset(request->arena);
    if (!pool_give(request->track, request->track->arenas, request->arena))
        arena_free(request->arena);
    g_clear_error(&request->failure);
    Track *track = request->track;
    g_free(request);
    g_mutex_lock(&track->lock);
    if (--track->in_flight == 0) g_cond_broadcast(&track->idle);
    g_mutex_unlock(&track->lock);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TrackRequest, track_request_free)

/* ---- who sends ---- */

static bool source_find(TrackRequest *request, GError **error)
{
    const Actor *actor = request_actor(request->request);
    request->source =
        (EventSource){.source_id = actor->source_id,
                      .shop_id = actor->shop_id,
                      .trust = actor->key_scope == KEY_TRACK ? TRUST_TRACK : TRUST_INGEST};
    g_strlcpy(request->source.name, actor->name, sizeof request->source.name);
    g_strlcpy(request->key_name, actor->name, sizeof request->key_name);
    if (actor->kind == ACTOR_KEY) return true;
    return fail(error, KITH_ERROR_UNAUTHENTICATED, "send a track or ingest key");
}

/* By header already, else by "writeKey" in the body or in the query. */
static bool key_use(TrackRequest *request, const TrackBatch *batch, GError **error)
{
    Request *http = request->request;
    if (request_actor(http)->kind != ACTOR_KEY) {
        const char *query = request_query_text(http, "writeKey");
        Slice key = batch->write_key.size ? batch->write_key : slice_of(query);
        if (key.size == 0)
            return fail(error, KITH_ERROR_UNAUTHENTICATED, "send a track or ingest key");
        if (!request_use_key(http, key.data, key.size, error)) return false;
    }
    return source_find(request, error);
}

/* RudderStack's browser client names the visitor and the time of sending in headers. */
static void headers_apply(TrackRequest *request, TrackBatch *batch)
{
    const char *sent_at = request_header(request->request, "SentAt");
    if (batch->sent_at.size == 0 && sent_at) batch->sent_at = slice_of(sent_at);
    const char *encoded = request_header(request->request, "AnonymousId");
    if (!encoded || strlen(encoded) > LIMIT_IDENTITY_BYTES * 2) return;
    gsize size = 0;
    g_autofree guchar *decoded = g_base64_decode(encoded, &size);
    if (size == 0 || !g_utf8_validate_len((const char *)decoded, size, NULL)) return;
    char *visitor = arena_copy(request->arena, decoded, size);
    for (size_t i = 0; visitor && i < batch->count; i++)
        if (batch->calls[i].anonymous_id.size == 0 && batch->calls[i].user_id.size == 0)
            batch->calls[i].anonymous_id = (Slice){visitor, size};
}

bool track_is_busy(const Track *track, unsigned *ret_wait_s)
{
    int64_t age_ms = writer_age_ms(store_writer(timeline_store(track->timeline)));
    *ret_wait_s = (unsigned)CLAMP(age_ms / 1000, 1, 30);
    return age_ms > TRACK_WAIT_MS_MAX;
}

static bool busy_check(Track *track, Request *http, GError **error)
{
    unsigned wait_s;
    if (!track_is_busy(track, &wait_s)) return true;
    char text[16];
    g_snprintf(text, sizeof text, "%u", wait_s);
    request_set_header(http, "Retry-After", text);
    return fail(error, KITH_ERROR_RATE, "too many events at once, send them again in %u s", wait_s);
}

static bool calls_read(TrackRequest *request, TrackTools *tools, const EventType *single,
                       GError **error)
{
    TrackBatch batch;
    size_t size;
    char *body = request_body(request->request, &size);
    tools->scan.arena = request->arena;
    if (!track_parse(&tools->scan, body, size, single, &batch, error)) return false;
    if (!key_use(request, &batch, error)) return false;
    headers_apply(request, &batch);
    return track_prepare(request, tools, &batch, error);
}

static bool calls_handle(Request *http, const EventType *single, GError **error)
{
    Track *track = request_context(http);
    if (!busy_check(track, http, error)) return false;
    g_autoptr(TrackRequest) request = track_request_new(track, http);
    TrackTools *tools = tools_take(track);
    bool ok = calls_read(request, tools, single, error);
    if (!pool_give(track, track->tools, tools)) tools_free(tools);
    if (!ok) return false;
    request_hold(http);
    track_submit(g_steal_pointer(&request));
    return true;
}

/* ---- handlers ---- */

static bool batch_handle(Request *http, GError **error) { return calls_handle(http, NULL, error); }

#define SINGLE_HANDLE(name, event_type)                                                            \
    static bool name(Request *http, GError **error)                                                \
    {                                                                                              \
        static const EventType type = event_type;                                                  \
        return calls_handle(http, &type, error);                                                   \
    }
SINGLE_HANDLE(identify_handle, EVENT_IDENTIFY)
SINGLE_HANDLE(track_handle, EVENT_TRACK)
SINGLE_HANDLE(page_handle, EVENT_PAGE)
SINGLE_HANDLE(screen_handle, EVENT_SCREEN)
SINGLE_HANDLE(group_handle, EVENT_GROUP)
SINGLE_HANDLE(alias_handle, EVENT_ALIAS)

/* What analytics.js reads before it sends anything: where to send, and that nothing else runs. */
static bool settings_handle(Request *http, GError **error)
{
    (void)error;
    const char *base = request_base_url(http);
    const char *host = strstr(base, "://");
    g_autofree char *protocol = host ? g_strndup(base, (gsize)(host - base)) : g_strdup("https");
    g_autofree char *api_host = g_strdup_printf("%s/v1", host ? host + 3 : base);
    json_t *everything = json_pack("{s:{s:b, s:{}}}", "__default", "enabled", 1, "integrations");
    json_t *settings = json_pack(
        "{s:{s:{s:s, s:s, s:s, s:[], s:b, s:{}, s:{s:s, s:[s]}}}, s:{s:O, s:O, s:o}, s:{}, s:b,"
        " s:{}, s:{}, s:{s:i}, s:b, s:[]}",
        "integrations", "Segment.io", "apiKey", request_path_text(http, "key"), "apiHost", api_host,
        "protocol", protocol, "unbundledIntegrations", "addBundledMetadata", 1,
        "maybeBundledConfigIds", "versionSettings", "version", "4.4.7", "componentTypes", "browser",
        "plan", "track", everything, "identify", everything, "group", everything, "edgeFunction",
        "analyticsNextEnabled", 1, "middlewareSettings", "enabledMiddleware", "metrics",
        "sampleRate", 0, "legacyVideoPluginsEnabled", 0, "remotePlugins");
    return request_reply_json(http, 200, settings);
}

/* The same for RudderStack's browser client. */
static bool source_config_handle(Request *http, GError **error)
{
    (void)error;
    const char *key = request_query_text(http, "writeKey");
    json_t *config =
        json_pack("{s:{s:s, s:s, s:s, s:b, s:s, s:[], s:s, s:{s:{s:{s:b}, s:{s:b}}}}, s:s, s:{}}",
                  "source", "id", "kith", "name", "Kith", "writeKey", key ? key : "", "enabled", 1,
                  "workspaceId", "kith", "destinations", "updatedAt", "2024-01-01T00:00:00.000Z",
                  "config", "statsCollection", "errors", "enabled", 0, "metrics", "enabled", 0,
                  "updatedAt", "2024-01-01T00:00:00.000Z", "consentManagementMetadata");
    return request_reply_json(http, 200, config);
}

#define CALL(path_, handle_, summary_, more)                                                       \
    {                                                                                              \
        .method = "POST", .path = path_, .scope = SCOPE_TRACK, .handle = handle_,                  \
        .summary = summary_, .body = BODY_RAW, .body_max = LIMIT_BATCH_BYTES,                      \
        .flags = ROUTE_CORS | ROUTE_QUIET | (more)                                                 \
    }
#define PLAIN(path_, handle_, summary_, more)                                                      \
    {                                                                                              \
        .method = "GET", .path = path_, .scope = SCOPE_PUBLIC, .handle = handle_,                  \
        .summary = summary_, .flags = ROUTE_CORS | ROUTE_QUIET | (more)                            \
    }

static const Route routes[] = {
    CALL("/v1/batch", batch_handle, "Send many events at once", 0),
    CALL("/v1/identify", identify_handle, "Say who a user is", 0),
    CALL("/v1/track", track_handle, "Say what a user did", 0),
    CALL("/v1/page", page_handle, "Say which page was seen", 0),
    CALL("/v1/screen", screen_handle, "Say which screen was seen", 0),
    CALL("/v1/group", group_handle, "Say which group a user belongs to", 0),
    CALL("/v1/alias", alias_handle, "Say that two ids are one user", 0),
    CALL("/v1/b", batch_handle, "batch, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/i", identify_handle, "identify, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/t", track_handle, "track, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/p", page_handle, "page, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/s", screen_handle, "screen, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/g", group_handle, "group, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/a", alias_handle, "alias, as browsers send it", ROUTE_UNLISTED),
    CALL("/v1/import", batch_handle, "batch, as RudderStack calls it", ROUTE_UNLISTED),
    CALL("/v1/merge", alias_handle, "alias, as RudderStack calls it", ROUTE_UNLISTED),
    CALL("/beacon/v1/batch", batch_handle, "batch from a closing page", ROUTE_UNLISTED),
    PLAIN("/v1/projects/{key}/settings", settings_handle, "What analytics.js asks at its start", 0),
    PLAIN("/sourceConfig", source_config_handle, "What RudderStack's client asks at its start",
          ROUTE_UNLISTED),
};

void track_add_routes(Track *track, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), track);
}
