/* base/buffer.h: text that grows, born with a maximum.
 *
 * Appending over the maximum (or without memory) sets `failed` and changes nothing more: the
 * caller checks once, at the end. The text is NUL-terminated at every moment.
 *
 *     g_auto(Buffer) out = BUFFER_INIT(REPLY_BYTES_MAX);
 *     buffer_append(&out, SLICE("{\"id\":"));
 *     buffer_append_int(&out, id);
 *     if (out.failed) return fail(error, KITH_ERROR_LIMIT, "the reply is over %d bytes", …);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

typedef struct Buffer {
    char *data;       /* NUL-terminated, or NULL while nothing was appended; owned */
    size_t size;      /* bytes without the NUL */
    size_t capacity;  /* bytes of memory */
    size_t bytes_max; /* ceiling of size */
    bool failed;      /* something did not fit; sticky until reset */
} Buffer;

#define BUFFER_INIT(maximum)                                                                       \
    {                                                                                              \
        .bytes_max = (maximum)                                                                     \
    }

void buffer_init(Buffer *buffer, size_t bytes_max);
void buffer_clear(Buffer *buffer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Buffer, buffer_clear)

/* Makes room for `size` more bytes. False (and `failed`) over the maximum. */
bool buffer_reserve(Buffer *buffer, size_t size);

/* Each appends and returns whether everything so far did fit. */
static inline bool buffer_append(Buffer *buffer, Slice text);
static inline bool buffer_append_char(Buffer *buffer, char byte);
bool buffer_append_text(Buffer *buffer, const char *text); /* NUL-terminated; NULL = nothing */
bool buffer_append_int(Buffer *buffer, int64_t number);    /* decimal */
bool buffer_append_printf(Buffer *buffer, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The text so far, "" when empty; owned by the buffer, valid until the next append. */
const char *buffer_text(const Buffer *buffer);
static inline Slice buffer_slice(const Buffer *buffer)
{
    return (Slice){buffer->data, buffer->size};
}

/* Empties it and keeps the memory. */
void buffer_reset(Buffer *buffer);

/* Hands the text over (free() it, or g_free(): the same on GLib >= 2.46); the buffer is empty. */
char *buffer_steal(Buffer *buffer);

/* ---- inside: appending is most of what the tracking path does ---- */

static inline bool buffer_has_room(const Buffer *buffer, size_t size)
{
    return !buffer->failed && buffer->size < buffer->capacity &&
           size < buffer->capacity - buffer->size && size <= buffer->bytes_max - buffer->size;
}

/* Few bytes are copied by two loads that overlap: a call costs more than the copy. */
static inline void buffer_copy(char *out, const char *data, size_t size)
{
    if (size > 16) {
        memcpy(out, data, size);
    } else if (size >= 8) {
        uint64_t head, tail;
        memcpy(&head, data, 8), memcpy(&tail, data + size - 8, 8);
        memcpy(out, &head, 8), memcpy(out + size - 8, &tail, 8);
    } else if (size >= 4) {
        uint32_t head, tail;
        memcpy(&head, data, 4), memcpy(&tail, data + size - 4, 4);
        memcpy(out, &head, 4), memcpy(out + size - 4, &tail, 4);
    } else if (size > 0) {
        out[0] = data[0], out[size / 2] = data[size / 2], out[size - 1] = data[size - 1];
    }
}

static inline bool buffer_append(Buffer *buffer, Slice text)
{
    if (!buffer_has_room(buffer, text.size) && !buffer_reserve(buffer, text.size)) return false;
    buffer_copy(buffer->data + buffer->size, text.data, text.size);
    buffer->size += text.size;
    buffer->data[buffer->size] = '\0';
    return true;
}

static inline bool buffer_append_char(Buffer *buffer, char byte)
{
    if (!buffer_has_room(buffer, 1) && !buffer_reserve(buffer, 1)) return false;
    buffer->data[buffer->size++] = byte;
    buffer->data[buffer->size] = '\0';
    return true;
}
