#include "net/stream.h"

#include "base/error.h"
#include "net/exchange.h"

#include <string.h>

enum { CHUNK = 16 * 1024, BEAT_US = 15 * 1000 * 1000 };

struct Stream {
    GMutex mutex;
    unsigned ring;
    uint64_t next;     /* number of the next message */
    GBytes **messages; /* by number % ring */
    GQueue watchers;   /* of Watcher.link */
    bool closed;
    int64_t beat_us;
};

typedef struct Watcher {
    Stream *stream;
    struct MHD_Connection *connection;
    uint64_t at;   /* message to read next */
    size_t offset; /* bytes of it already read */
    GBytes *now;   /* the message being read: it may fall out of the ring meanwhile */
    bool asleep;
    GList link;
} Watcher;

static void stream_free(gpointer data)
{
    Stream *stream = data;
    g_assert(stream->watchers.length == 0);
    for (unsigned i = 0; i < stream->ring; i++)
        if (stream->messages[i]) g_bytes_unref(stream->messages[i]);
    g_free(stream->messages);
    g_mutex_clear(&stream->mutex);
    g_free(stream);
}

Stream *server_stream_new(Server *server, unsigned ring)
{
    g_assert(ring >= 1 && ring <= 4096 && !server->started);
    Stream *stream = g_new0(Stream, 1);
    g_mutex_init(&stream->mutex);
    stream->ring = ring;
    stream->messages = g_new0(GBytes *, ring);
    if (!server->streams) server->streams = g_ptr_array_new_with_free_func(stream_free);
    g_ptr_array_add(server->streams, stream);
    return stream;
}

/* Under the stream's mutex. */
static void watchers_wake(Stream *stream)
{
    for (GList *link = stream->watchers.head; link; link = link->next) {
        Watcher *watcher = link->data;
        if (!watcher->asleep) continue;
        watcher->asleep = false;
        MHD_resume_connection(watcher->connection);
    }
}

static void message_add(Stream *stream, GBytes *message)
{
    GBytes **place = &stream->messages[stream->next++ % stream->ring];
    if (*place) g_bytes_unref(*place);
    *place = message;
    watchers_wake(stream);
}

static GBytes *message_new(const char *event, uint64_t number, const char *json)
{
    char *text =
        g_strdup_printf("event: %s\nid: %" G_GUINT64_FORMAT "\ndata: %s\n\n", event, number, json);
    return g_bytes_new_take(text, strlen(text));
}

bool stream_publish(Stream *stream, const char *event, const char *json)
{
    if (strnlen(json, STREAM_MESSAGE_MAX + 1) > STREAM_MESSAGE_MAX) return false;
    g_assert(!strpbrk(json, "\r\n"));
    g_mutex_lock(&stream->mutex);
    if (stream->watchers.length > 0) message_add(stream, message_new(event, stream->next, json));
    g_mutex_unlock(&stream->mutex);
    return true;
}

unsigned stream_watchers(Stream *stream)
{
    g_mutex_lock(&stream->mutex);
    unsigned count = stream->watchers.length;
    g_mutex_unlock(&stream->mutex);
    return count;
}

/* The message to read on, or NULL when there is none. Under the mutex. */
static GBytes *watcher_message(Watcher *watcher)
{
    Stream *stream = watcher->stream;
    if (watcher->now) return watcher->now;
    uint64_t oldest = stream->next > stream->ring ? stream->next - stream->ring : 0;
    watcher->offset = 0;
    if (watcher->at < oldest) {
        char json[48];
        g_snprintf(json, sizeof json, "{\"count\":%" G_GUINT64_FORMAT "}", oldest - watcher->at);
        watcher->now = message_new("lost", oldest, json);
        watcher->at = oldest;
    } else if (watcher->at < stream->next) {
        watcher->now = g_bytes_ref(stream->messages[watcher->at++ % stream->ring]);
    }
    return watcher->now;
}

/* libmicrohttpd wants the next bytes; with none the connection sleeps until a message comes. */
static ssize_t on_read(void *data, uint64_t position, char *out, size_t room)
{
    (void)position;
    Watcher *watcher = data;
    Stream *stream = watcher->stream;
    ssize_t taken = 0;
    g_mutex_lock(&stream->mutex);
    GBytes *message = watcher_message(watcher);
    if (message) {
        gsize size;
        const char *text = g_bytes_get_data(message, &size);
        taken = (ssize_t)MIN(room, size - watcher->offset);
        memcpy(out, text + watcher->offset, (size_t)taken);
        watcher->offset += (size_t)taken;
        if (watcher->offset == size) g_clear_pointer(&watcher->now, g_bytes_unref);
    } else if (stream->closed) {
        taken = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        watcher->asleep = true;
        MHD_suspend_connection(watcher->connection);
    }
    g_mutex_unlock(&stream->mutex);
    return taken;
}

static void watcher_free(void *data)
{
    Watcher *watcher = data;
    g_mutex_lock(&watcher->stream->mutex);
    g_queue_unlink(&watcher->stream->watchers, &watcher->link);
    g_mutex_unlock(&watcher->stream->mutex);
    if (watcher->now) g_bytes_unref(watcher->now);
    g_free(watcher);
}

static GBytes *comment_new(void)
{
    static const char comment[] = ": here\n\n";
    return g_bytes_new_static(comment, sizeof comment - 1);
}

bool request_reply_stream(Request *request, Stream *stream, GError **error)
{
    Watcher *watcher = g_new0(Watcher, 1);
    watcher->stream = stream;
    watcher->connection = request->connection;
    watcher->link.data = watcher;
    watcher->now = comment_new(); /* so that the head goes out at once */
    g_mutex_lock(&stream->mutex);
    bool room = stream->watchers.length < STREAM_WATCHERS_MAX && !stream->closed;
    watcher->at = stream->next;
    if (room) g_queue_push_tail_link(&stream->watchers, &watcher->link);
    g_mutex_unlock(&stream->mutex);
    if (!room) {
        g_bytes_unref(watcher->now);
        g_free(watcher);
        return fail(error, KITH_ERROR_UNAVAILABLE, "too many pages watch: close one");
    }
    request->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, CHUNK, on_read, watcher, watcher_free);
    request->status = 200;
    request->reply_size = -1;
    MHD_add_response_header(request->response, "Content-Type", "text/event-stream");
    MHD_add_response_header(request->response, "X-Accel-Buffering", "no");
    return true;
}

/* Called twice a second by the sweeper. */
void streams_beat(Server *server, int64_t now_us)
{
    for (unsigned i = 0; server->streams && i < server->streams->len; i++) {
        Stream *stream = g_ptr_array_index(server->streams, i);
        g_mutex_lock(&stream->mutex);
        if (now_us - stream->beat_us >= BEAT_US) {
            stream->beat_us = now_us;
            if (stream->watchers.length > 0) message_add(stream, comment_new());
        }
        g_mutex_unlock(&stream->mutex);
    }
}

void streams_stop(Server *server)
{
    for (unsigned i = 0; server->streams && i < server->streams->len; i++) {
        Stream *stream = g_ptr_array_index(server->streams, i);
        g_mutex_lock(&stream->mutex);
        stream->closed = true;
        watchers_wake(stream);
        g_mutex_unlock(&stream->mutex);
    }
}
