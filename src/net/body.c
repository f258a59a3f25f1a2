#include "net/body.h"

#include "base/error.h"

#include <string.h>
#include <zlib.h>

bool budget_take(Budget *budget, size_t bytes)
{
    int64_t used = atomic_fetch_add(&budget->bytes_used, (int64_t)bytes) + (int64_t)bytes;
    if (used <= budget->bytes_max) return true;
    atomic_fetch_sub(&budget->bytes_used, (int64_t)bytes);
    return false;
}

void budget_give(Budget *budget, size_t bytes)
{
    atomic_fetch_sub(&budget->bytes_used, (int64_t)bytes);
}

/* Grows to `room` bytes and one for the NUL. */
static bool body_grow(Body *body, size_t room, GError **error)
{
    if (room <= body->room) return true;
    if (!budget_take(body->budget, room - body->room))
        return fail(error, KITH_ERROR_RATE, "could not take more data at once: try again soon");
    char *data = g_try_realloc(body->data, room + 1);
    if (!data) {
        budget_give(body->budget, room - body->room);
        return fail(error, KITH_ERROR_RATE, "could not get memory: try again soon");
    }
    body->data = data;
    body->room = room;
    body->data[body->size] = '\0';
    return true;
}

bool body_begin(Body *body, Budget *budget, size_t expected, GError **error)
{
    body->budget = budget;
    return body_grow(body, CLAMP(expected, 1024, BODY_FIRST_MAX), error);
}

bool body_append(Body *body, const char *data, size_t size, size_t bytes_max, GError **error)
{
    if (size > bytes_max || body->size > bytes_max - size)
        return fail(error, KITH_ERROR_LIMIT, "body: at most %zu bytes", bytes_max);
    size_t need = body->size + size;
    if (need > body->room && !body_grow(body, MAX(need, MIN(body->room * 2, bytes_max)), error))
        return false;
    memcpy(body->data + body->size, data, size);
    body->size = need;
    body->data[need] = '\0';
    return true;
}

bool body_is_gzip(const Body *body)
{
    return body->size >= 2 && (unsigned char)body->data[0] == 0x1f &&
           (unsigned char)body->data[1] == 0x8b;
}

/* Makes room for the next stretch of output: doubles up to the limit. */
static bool inflate_room(Body *out, size_t bytes_max, GError **error)
{
    if (out->size < out->room) return true;
    if (out->room >= bytes_max)
        return fail(error, KITH_ERROR_LIMIT, "body: at most %zu bytes once inflated", bytes_max);
    return body_grow(out, MIN(out->room * 2, bytes_max), error);
}

static bool stream_inflate(z_stream *stream, Body *out, size_t bytes_max, GError **error)
{
    for (;;) {
        if (!inflate_room(out, bytes_max, error)) return false;
        stream->next_out = (Bytef *)out->data + out->size;
        stream->avail_out = (uInt)(out->room - out->size);
        int result = inflate(stream, Z_NO_FLUSH);
        out->size = out->room - stream->avail_out;
        if (result == Z_STREAM_END && stream->avail_in == 0) return true;
        if (result == Z_STREAM_END)
            result = inflateReset(stream);
        else if (result == Z_OK && stream->avail_in == 0 && stream->avail_out > 0)
            result = Z_BUF_ERROR;
        if (result != Z_OK) return fail(error, KITH_ERROR_INVALID, "body: not whole gzip data");
    }
}

bool body_inflate(Body *body, size_t bytes_max, GError **error)
{
    g_auto(Body) out = {0};
    if (!body_begin(&out, body->budget, MIN(body->size * 6, BODY_FIRST_MAX), error)) return false;
    z_stream stream = {.next_in = (Bytef *)body->data, .avail_in = (uInt)body->size};
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not start to inflate: no memory");
    bool ok = stream_inflate(&stream, &out, bytes_max, error);
    inflateEnd(&stream);
    if (!ok) return false;
    out.data[out.size] = '\0';
    Body packed = *body;
    *body = out;
    out = packed; /* freed on return */
    return true;
}

void body_clear(Body *body)
{
    if (body->budget) budget_give(body->budget, body->room);
    g_clear_pointer(&body->data, g_free);
    *body = (Body){0};
}
