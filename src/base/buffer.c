#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"

enum { CAPACITY_MIN = 64 };

void buffer_init(Buffer *buffer, size_t bytes_max) { *buffer = (Buffer)BUFFER_INIT(bytes_max); }

void buffer_clear(Buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->bytes_max);
}

static bool buffer_grow(Buffer *buffer, size_t size)
{
    size_t wanted = MAX(buffer->size + size + 1, CAPACITY_MIN);
    size_t doubled = MIN(buffer->capacity * 2, MAX(buffer->bytes_max, buffer->bytes_max + 1));
    wanted = MAX(wanted, doubled);
    char *data = realloc(buffer->data, wanted);
    if (!data) return false;
    buffer->data = data;
    buffer->capacity = wanted;
    return true;
}

bool buffer_reserve(Buffer *buffer, size_t size)
{
    if (buffer->failed) return false;
    if (size < buffer->capacity - MIN(buffer->size, buffer->capacity) &&
        size <= buffer->bytes_max - buffer->size)
        return true;
    if (size <= buffer->bytes_max - buffer->size && buffer_grow(buffer, size)) return true;
    buffer->failed = true;
    return false;
}

bool buffer_append_text(Buffer *buffer, const char *text)
{
    return buffer_append(buffer, slice_of(text));
}

bool buffer_append_int(Buffer *buffer, int64_t number)
{
    char text[ID_TEXT_SIZE];
    return buffer_append(buffer, (Slice){text, id_format(number, text)});
}

bool buffer_append_printf(Buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    bool good = size >= 0 && buffer_reserve(buffer, (size_t)size);
    if (good) {
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
    return good;
}

const char *buffer_text(const Buffer *buffer) { return buffer->data ? buffer->data : ""; }

void buffer_reset(Buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data) buffer->data[0] = '\0';
}

char *buffer_steal(Buffer *buffer)
{
    if (!buffer->data && !buffer_grow(buffer, 0)) return NULL;
    char *data = buffer->data;
    data[buffer->size] = '\0';
    buffer->data = NULL;
    buffer_clear(buffer);
    return data;
}
