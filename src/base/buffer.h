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
bool buffer_append(Buffer *buffer, Slice text);
bool buffer_append_text(Buffer *buffer, const char *text); /* NUL-terminated; NULL = nothing */
bool buffer_append_char(Buffer *buffer, char byte);
bool buffer_append_int(Buffer *buffer, int64_t number); /* decimal */
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
