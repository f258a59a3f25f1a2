/* net/stream.h: server-sent events: one writer, many browsers that watch.
 *
 * A Stream keeps the last `ring` messages. Each watcher is a cursor into it: it costs nothing to
 * publish to a slow one, which skips what fell out of the ring and is told how many it missed
 * (event `lost`, {"count":n}). A watcher with nothing to read sleeps. A comment every 15 s keeps
 * proxies from closing and finds watchers that are gone. At most STREAM_WATCHERS_MAX, then 503.
 *
 *     Stream *live = server_stream_new(server, 256);          before the server starts
 *     stream_publish(live, "item", json_text);                any thread, never blocks for long
 *     return request_reply_stream(request, live);             in a GET handler
 */
#pragma once
#include "net/request.h"
#include "net/server.h"

enum { STREAM_WATCHERS_MAX = 64, STREAM_MESSAGE_MAX = 256 * 1024 };

typedef struct Stream Stream;

/* Owned by the server. `ring`: messages kept, 1..4096. */
Stream *server_stream_new(Server *server, unsigned ring);

/* `event`: a plain word; `json`: one line of text. Longer messages are dropped (false). Nothing is
 * built when nobody watches: ask first when the text is costly. */
bool stream_publish(Stream *stream, const char *event, const char *json);
unsigned stream_watchers(Stream *stream);

/* Answers with the messages from now on. */
bool request_reply_stream(Request *request, Stream *stream, GError **error);
