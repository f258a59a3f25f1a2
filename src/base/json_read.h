/* base/json_read.h: a single-pass pull reader of JSON (RFC 8259) for hot paths: no copies, no
 * allocation, no recursion; over 1 M events of 370 bytes a second on one core.
 *
 * Everything is checked on the way: UTF-8 (once, at the start), grammar, depth, control
 * characters, `\u0000` (refused), duplicate names in one object (refused, escapes seen through),
 * at most JSON_READ_NAMES_MAX names open at a time. Numbers stay text, so nothing beyond 2^53 is
 * rounded. A lone surrogate escape becomes U+FFFD when the text is decoded: clients cut texts in
 * the middle of an emoji, and an event must not be lost for that.
 *
 *     JsonReader *reader = …;                         // 25 KB: keep one per thread
 *     json_read_init(reader, body, size, 16);
 *     if (json_read_next(reader) != JSON_READ_OBJECT) return json_read_fail(reader, error);
 *     while (json_read_next(reader) == JSON_READ_NAME) {
 *         Slice name = reader->text;                  // raw; see reader->escaped
 *         JsonReadToken value = json_read_next(reader);
 *         if (slice_is(name, "userId") && value == JSON_READ_STRING) user = reader->text;
 *         else if (!json_read_skip(reader)) break;    // skips the rest of a container
 *     }
 *     if (reader->problem) return json_read_fail(reader, error);
 *
 * Names and strings are given raw (between the quotes); json_read_text decodes into an arena.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum {
    JSON_READ_DEPTH_MAX = 64,
    JSON_READ_NAMES_MAX = 1024,      /* in all objects that are open: bounds the search for twins */
    JSON_READ_ESCAPED_NAMES_MAX = 64 /* of those, with a backslash: these compare slowly */
};

typedef enum JsonReadToken {
    JSON_READ_ERROR, /* see problem; every later call gives it again */
    JSON_READ_DONE,  /* the one value and the white space behind it were read */
    JSON_READ_NULL,
    JSON_READ_FALSE,
    JSON_READ_TRUE,
    JSON_READ_NUMBER, /* text = the number as written */
    JSON_READ_STRING, /* text = between the quotes, raw */
    JSON_READ_NAME,   /* text = name of a member, raw; its value comes next */
    JSON_READ_OBJECT,
    JSON_READ_OBJECT_END,
    JSON_READ_ARRAY,
    JSON_READ_ARRAY_END,
} JsonReadToken;

typedef struct JsonReadLevel {
    uint64_t marks;         /* a bit of the tag of each name: no bit, no twin */
    uint16_t names_from;    /* first of names[] that belongs to this object */
    uint16_t escaped_count; /* names with a backslash among them */
    bool is_object;
} JsonReadLevel;

typedef struct JsonReader {
    Slice text;          /* of the last NAME, STRING or NUMBER */
    bool escaped;        /* text contains backslashes */
    size_t start;        /* offset of the last token, bytes */
    const char *problem; /* what is wrong, static text; NULL = nothing */
    bool over_limit;     /* the problem is a limit (413), not bad grammar (400) */
    /* private */
    const char *data;
    size_t size, position;
    uint8_t state;
    bool checked; /* begun by json_read_init_again */
    JsonReadToken last;
    unsigned depth, depth_max, names_count;
    JsonReadLevel levels[JSON_READ_DEPTH_MAX];
    uint64_t tags[JSON_READ_NAMES_MAX];
    Slice names[JSON_READ_NAMES_MAX];
} JsonReader;

/* Starts on `size` bytes, which must stay until the end. `depth_max` 1..JSON_READ_DEPTH_MAX. */
void json_read_init(JsonReader *reader, const char *data, size_t size, unsigned depth_max);

/* The same on the raw bytes of a value that a reader has read to its end: neither UTF-8 nor twins
 * are looked for a second time. */
void json_read_init_again(JsonReader *reader, Slice raw, unsigned depth_max);

/* The next token. */
JsonReadToken json_read_next(JsonReader *reader);

/* After OBJECT or ARRAY: reads to its end. After any other token: does nothing. False on error. */
bool json_read_skip(JsonReader *reader);

/* The raw bytes of the value whose first token was just read, its container read to the end. */
bool json_read_raw(JsonReader *reader, Slice *ret_raw);

/* After NAME: whether the value that follows is, byte for byte, `raw`, an object that this reader
 * has read to its end; then it is stepped over. Events of one client bear the same context. */
bool json_read_repeat(JsonReader *reader, Slice raw);

/* The last NAME or STRING decoded: the raw slice itself when nothing was escaped, else a
 * NUL-terminated copy in the arena. False only when the arena is full. */
bool json_read_text(const JsonReader *reader, Arena *arena, Slice *ret_text);

/* Decodes a raw slice that this reader gave; `escaped` as it said. Same rules. */
bool json_decode(Slice raw, bool escaped, Arena *arena, Slice *ret_text);

/* Whether the last NAME or STRING is this text, escapes seen through. No copy. */
bool json_read_means(const JsonReader *reader, Slice text);
static inline bool json_read_is(const JsonReader *reader, Slice text)
{
    return reader->escaped ? json_read_means(reader, text) : slice_equal(reader->text, text);
}

/* Sets the error that stopped the reader ("JSON at byte 17: …"), or, without one, "unexpected …"
 * for a token the caller did not want. Returns false. INVALID, or LIMIT for a limit. */
bool json_read_fail(const JsonReader *reader, GError **error);

/* A number's text as int64: whole numbers only ("12", "-3"; not "1.0", "1e3"). False if not. */
bool json_number_int(Slice number, int64_t *ret_value);

/* A number's text as double, nearest value; false when not finite. */
bool json_number_double(Slice number, double *ret_value);
