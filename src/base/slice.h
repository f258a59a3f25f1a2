/* base/slice.h: a piece of text that somebody else owns: pointer and length, not NUL-terminated.
 *
 *     Slice name = SLICE("Order Completed");
 *     if (slice_equal(name, reader.text)) …
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct Slice {
    const char *data; /* may be NULL only when size is 0 */
    size_t size;      /* bytes */
} Slice;

/* The slice of a string literal, without its NUL. */
#define SLICE(literal) ((Slice){"" literal, sizeof(literal) - 1})

/* The slice of a NUL-terminated text; NULL gives the empty slice. */
static inline Slice slice_of(const char *text) { return (Slice){text, text ? strlen(text) : 0}; }

/* Same bytes. */
static inline bool slice_equal(Slice a, Slice b)
{
    return a.size == b.size &&
           (a.size == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.size) == 0));
}

/* Whether the slice is exactly this NUL-terminated text. */
static inline bool slice_is(Slice slice, const char *text)
{
    return slice_equal(slice, slice_of(text));
}
