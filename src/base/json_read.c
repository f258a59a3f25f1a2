#include "base/json_read.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* What may come next. */
enum {
    STATE_VALUE,        /* a value */
    STATE_FIRST_ITEM,   /* a value or "]" */
    STATE_FIRST_NAME,   /* a name or "}" */
    STATE_MEMBER_VALUE, /* ":" and a value */
    STATE_AFTER,        /* "," or the end of the container */
    STATE_END,          /* nothing more */
    STATE_FAILED,
};

#define HIGH_BITS 0x8080808080808080ull
#define LOW_BITS  0x0101010101010101ull

static void reader_begin(JsonReader *reader, const char *data, size_t size, unsigned depth_max)
{
    g_assert(depth_max >= 1 && depth_max <= JSON_READ_DEPTH_MAX);
    /* Not the name tables: they are written before they are read. */
    memset(reader, 0, offsetof(JsonReader, levels));
    reader->data = data;
    reader->size = size;
    reader->depth_max = depth_max;
    reader->state = STATE_VALUE;
}

void json_read_init(JsonReader *reader, const char *data, size_t size, unsigned depth_max)
{
    reader_begin(reader, data, size, depth_max);
    size_t valid = text_utf8_valid(data, size);
    if (valid == size) return;
    reader->position = valid;
    reader->problem = data[valid] ? "invalid UTF-8" : "a NUL byte";
    reader->state = STATE_FAILED;
}

void json_read_init_again(JsonReader *reader, Slice raw, unsigned depth_max)
{
    reader_begin(reader, raw.data, raw.size, depth_max);
    reader->checked = true;
}

static JsonReadToken problem(JsonReader *reader, const char *what)
{
    if (!reader->problem) reader->problem = what;
    reader->state = STATE_FAILED;
    return reader->last = JSON_READ_ERROR;
}

static JsonReadToken limit(JsonReader *reader, const char *what)
{
    reader->over_limit = true;
    return problem(reader, what);
}

static inline void space_skip(JsonReader *reader)
{
    const char *data = reader->data;
    size_t i = reader->position;
    while (i < reader->size &&
           (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t'))
        i++;
    reader->position = i;
}

/* Offset of the next quote, backslash or control character, eight bytes at a step. */
static inline size_t string_plain_end(const char *data, size_t i, size_t size)
{
    while (size - i >= 8) {
        uint64_t word, quote, slash;
        memcpy(&word, data + i, 8);
        quote = word ^ (LOW_BITS * '"');
        slash = word ^ (LOW_BITS * '\\');
        uint64_t hit = ((quote - LOW_BITS) & ~quote) | ((slash - LOW_BITS) & ~slash) |
                       ((word - LOW_BITS * 0x20) & ~word);
        hit &= HIGH_BITS;
        if (hit) return i + (size_t)__builtin_ctzll(hit) / 8;
        i += 8;
    }
    while (i < size && data[i] != '"' && data[i] != '\\' && (uint8_t)data[i] >= 0x20)
        i++;
    return i;
}

static int hex4(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(at[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Steps over one escape at `i` (the backslash); 0 with a problem when it is none. */
static size_t escape_skip(JsonReader *reader, size_t i)
{
    size_t left = reader->size - i;
    const char *at = reader->data + i;
    if (left >= 2 && at[1] != 'u' && at[1] && strchr("\"\\/bfnrt", at[1])) return i + 2;
    int code = left >= 6 && at[1] == 'u' ? hex4(at + 2) : -1;
    reader->position = i;
    if (code > 0) return i + 6;
    problem(reader, code == 0 ? "\\u0000 is not allowed" : "a bad escape");
    return 0;
}

/* Reads a string at the opening quote; text and escaped are set. */
static inline bool string_read(JsonReader *reader)
{
    size_t from = reader->position + 1, i = from;
    reader->escaped = false;
    for (;;) {
        i = string_plain_end(reader->data, i, reader->size);
        if (i >= reader->size) return problem(reader, "the string does not end"), false;
        if (reader->data[i] == '"') break;
        if (reader->data[i] != '\\') {
            reader->position = i;
            return problem(reader, "a control character in a string"), false;
        }
        reader->escaped = true;
        i = escape_skip(reader, i);
        if (!i) return false;
    }
    reader->text = (Slice){reader->data + from, i - from};
    reader->position = i + 1;
    return true;
}

/* ---- duplicate names ---------------------------------------------------------------------- */

static size_t utf8_write(uint32_t code, char *at) { return (size_t)g_unichar_to_utf8(code, at); }

/* Decodes one character or escape of a raw string at `*i` to 1..4 bytes. */
static size_t unit_decode(Slice raw, size_t *i, char ret_bytes[6])
{
    const char *at = raw.data + *i;
    if (*at != '\\') {
        ret_bytes[0] = *at;
        (*i)++;
        return 1;
    }
    static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    if (at[1] != 'u') {
        ret_bytes[0] = means[strchr(plain, at[1]) - plain];
        *i += 2;
        return 1;
    }
    uint32_t code = (uint32_t)hex4(at + 2);
    *i += 6;
    if (code < 0xD800 || code > 0xDFFF) return utf8_write(code, ret_bytes);
    bool pair = code < 0xDC00 && raw.size - *i >= 6 && at[6] == '\\' && at[7] == 'u';
    uint32_t low = pair ? (uint32_t)hex4(at + 8) : 0;
    if (low < 0xDC00 || low > 0xDFFF) return utf8_write(0xFFFD, ret_bytes);
    *i += 6;
    return utf8_write(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), ret_bytes);
}

/* Whether a raw string means this text. */
static bool raw_means(Slice raw, Slice text)
{
    char bytes[6];
    size_t done = 0;
    for (size_t i = 0; i < raw.size;) {
        size_t count = unit_decode(raw, &i, bytes);
        if (text.size - done < count || memcmp(text.data + done, bytes, count) != 0) return false;
        done += count;
    }
    return done == text.size;
}

static bool raw_equal(Slice a, Slice b)
{
    char *text = g_try_malloc(a.size + 1);
    if (!text) return false;
    size_t size = 0;
    for (size_t i = 0; i < a.size;)
        size += unit_decode(a, &i, text + size);
    bool equal = raw_means(b, (Slice){text, size});
    g_free(text);
    return equal;
}

/* A cheap mark of a name: equal names have equal marks, others seldom do. */
static inline uint64_t name_tag(Slice name)
{
    uint64_t head = 0, tail = 0;
    if (name.size >= 8) {
        memcpy(&head, name.data, 8);
        memcpy(&tail, name.data + name.size - 8, 8);
    } else if (name.size >= 4) {
        memcpy(&head, name.data, 4);
        memcpy(&tail, name.data + name.size - 4, 4);
    } else if (name.size > 0) {
        head = (uint8_t)name.data[0] | (uint64_t)(uint8_t)name.data[name.size / 2] << 8;
        tail = (uint8_t)name.data[name.size - 1];
    }
    return (head ^ (tail * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull + name.size;
}

/* With escapes in play every pair that could be equal is compared decoded. */
static bool name_is_twin_slow(const JsonReader *reader, const JsonReadLevel *level)
{
    for (unsigned i = level->names_from; i < reader->names_count; i++) {
        bool other_escaped = reader->tags[i] == 0;
        if (!reader->escaped && !other_escaped) continue;
        if (raw_equal(reader->names[i], reader->text)) return true;
    }
    return false;
}

/* Tag 0 marks an escaped name; a plain one never has it. */
static bool name_note(JsonReader *reader)
{
    JsonReadLevel *level = &reader->levels[reader->depth - 1];
    if (reader->checked) return true;
    if (reader->names_count == JSON_READ_NAMES_MAX)
        return limit(reader, "too many names in one object"), false;
    uint64_t tag = reader->escaped ? 0 : name_tag(reader->text) | 1, mark = 1ull << (tag >> 58);
    bool may_be_twin = tag && (level->marks & mark);
    for (unsigned i = level->names_from; may_be_twin && i < reader->names_count; i++)
        if (reader->tags[i] == tag && slice_equal(reader->names[i], reader->text))
            return problem(reader, "the same name twice in one object"), false;
    level->marks |= mark;
    if (reader->escaped && ++level->escaped_count > JSON_READ_ESCAPED_NAMES_MAX)
        return limit(reader, "too many names with escapes in one object"), false;
    if (level->escaped_count && name_is_twin_slow(reader, level))
        return problem(reader, "the same name twice in one object"), false;
    reader->tags[reader->names_count] = tag;
    reader->names[reader->names_count++] = reader->text;
    return true;
}

/* ---- values ------------------------------------------------------------------------------- */

static inline size_t digits_skip(const JsonReader *reader, size_t i)
{
    while (i < reader->size && (uint8_t)(reader->data[i] - '0') <= 9)
        i++;
    return i;
}

/* End of the number that starts at `i`, or 0 (RFC 8259 section 6). */
static size_t number_end(const JsonReader *reader, size_t i)
{
    const char *data = reader->data;
    if (data[i] == '-') i++;
    size_t whole = i;
    i = digits_skip(reader, i);
    if (i == whole || (data[whole] == '0' && i > whole + 1)) return 0;
    if (i < reader->size && data[i] == '.') {
        size_t fraction = ++i;
        i = digits_skip(reader, i);
        if (i == fraction) return 0;
    }
    if (i < reader->size && (data[i] == 'e' || data[i] == 'E')) {
        i++;
        if (i < reader->size && (data[i] == '+' || data[i] == '-')) i++;
        size_t exponent = i;
        i = digits_skip(reader, i);
        if (i == exponent) return 0;
    }
    return i;
}

static inline void value_done(JsonReader *reader)
{
    reader->state = reader->depth ? STATE_AFTER : STATE_END;
}

static JsonReadToken number_read(JsonReader *reader)
{
    size_t from = reader->position, end = number_end(reader, from);
    if (!end) return problem(reader, "a bad number or an unknown word");
    reader->text = (Slice){reader->data + from, end - from};
    reader->escaped = false;
    reader->position = end;
    value_done(reader);
    return reader->last = JSON_READ_NUMBER;
}

static JsonReadToken word_read(JsonReader *reader, Slice word, JsonReadToken token)
{
    size_t left = reader->size - reader->position;
    if (left < word.size || memcmp(reader->data + reader->position, word.data, word.size) != 0)
        return problem(reader, "an unknown word");
    reader->position += word.size;
    value_done(reader);
    return reader->last = token;
}

static JsonReadToken container_open(JsonReader *reader, bool is_object)
{
    if (reader->depth == reader->depth_max) return limit(reader, "nested too deep");
    JsonReadLevel *level = &reader->levels[reader->depth++];
    *level = (JsonReadLevel){.names_from = (uint16_t)reader->names_count, .is_object = is_object};
    reader->position++;
    reader->state = is_object ? STATE_FIRST_NAME : STATE_FIRST_ITEM;
    return reader->last = is_object ? JSON_READ_OBJECT : JSON_READ_ARRAY;
}

static JsonReadToken container_close(JsonReader *reader, char bracket)
{
    JsonReadLevel *level = &reader->levels[reader->depth - 1];
    if ((bracket == '}') != level->is_object) return problem(reader, "the wrong closing bracket");
    reader->depth--;
    reader->names_count = level->names_from;
    reader->position++;
    value_done(reader);
    return reader->last = level->is_object ? JSON_READ_OBJECT_END : JSON_READ_ARRAY_END;
}

static JsonReadToken value_read(JsonReader *reader)
{
    switch (reader->data[reader->position]) {
    case '"':
        if (!string_read(reader)) return JSON_READ_ERROR;
        value_done(reader);
        return reader->last = JSON_READ_STRING;
    case '{':
        return container_open(reader, true);
    case '[':
        return container_open(reader, false);
    case 't':
        return word_read(reader, SLICE("true"), JSON_READ_TRUE);
    case 'f':
        return word_read(reader, SLICE("false"), JSON_READ_FALSE);
    case 'n':
        return word_read(reader, SLICE("null"), JSON_READ_NULL);
    default:
        return number_read(reader);
    }
}

static JsonReadToken name_read(JsonReader *reader)
{
    if (reader->data[reader->position] != '"') return problem(reader, "a name was expected");
    if (!string_read(reader) || !name_note(reader)) return JSON_READ_ERROR;
    reader->state = STATE_MEMBER_VALUE;
    return reader->last = JSON_READ_NAME;
}

/* Steps over one character and the white space behind it; false at the end of the input. */
static inline bool step(JsonReader *reader)
{
    reader->position++;
    space_skip(reader);
    reader->start = reader->position;
    if (reader->position < reader->size) return true;
    return problem(reader, "the text ends too early"), false;
}

static JsonReadToken after_read(JsonReader *reader)
{
    char byte = reader->data[reader->position];
    if (byte == '}' || byte == ']') return container_close(reader, byte);
    if (byte != ',') return problem(reader, "\",\" or the end of the container was expected");
    if (!step(reader)) return JSON_READ_ERROR;
    return reader->levels[reader->depth - 1].is_object ? name_read(reader) : value_read(reader);
}

static JsonReadToken member_value_read(JsonReader *reader)
{
    if (reader->data[reader->position] != ':') return problem(reader, "\":\" was expected");
    return step(reader) ? value_read(reader) : JSON_READ_ERROR;
}

JsonReadToken json_read_next(JsonReader *reader)
{
    if (reader->state == STATE_FAILED) return JSON_READ_ERROR;
    space_skip(reader);
    reader->start = reader->position;
    bool at_end = reader->position >= reader->size;
    if (reader->state == STATE_END)
        return at_end ? (reader->last = JSON_READ_DONE)
                      : problem(reader, "something follows the value");
    if (at_end) return problem(reader, "the text ends too early");
    char byte = reader->data[reader->position];
    switch (reader->state) {
    case STATE_AFTER:
        return after_read(reader);
    case STATE_MEMBER_VALUE:
        return member_value_read(reader);
    case STATE_FIRST_NAME:
        return byte == '}' ? container_close(reader, byte) : name_read(reader);
    case STATE_FIRST_ITEM:
        return byte == ']' ? container_close(reader, byte) : value_read(reader);
    default:
        return value_read(reader);
    }
}

bool json_read_skip(JsonReader *reader)
{
    if (reader->last == JSON_READ_ERROR) return reader->state != STATE_FAILED;
    if (reader->last != JSON_READ_OBJECT && reader->last != JSON_READ_ARRAY) return true;
    unsigned outside = reader->depth - 1;
    while (reader->depth > outside)
        if (json_read_next(reader) == JSON_READ_ERROR) return false;
    return true;
}

bool json_read_raw(JsonReader *reader, Slice *ret_raw)
{
    size_t start = reader->start;
    if (!json_read_skip(reader)) return false;
    *ret_raw = (Slice){reader->data + start, reader->position - start};
    return true;
}

bool json_read_repeat(JsonReader *reader, Slice raw)
{
    if (reader->state != STATE_MEMBER_VALUE || raw.size == 0) return false;
    size_t at = reader->position;
    if (at >= reader->size || reader->data[at] != ':') return false;
    at++;
    while (at < reader->size && reader->data[at] == ' ')
        at++;
    /* An object ends with its own bracket: no other begins with the same bytes. */
    if (reader->size - at < raw.size || memcmp(reader->data + at, raw.data, raw.size) != 0)
        return false;
    reader->start = at;
    reader->position = at + raw.size;
    reader->last = JSON_READ_OBJECT_END;
    value_done(reader);
    return true;
}

bool json_decode(Slice raw, bool escaped, Arena *arena, Slice *ret_text)
{
    if (!escaped) return *ret_text = raw, true;
    char *text = arena_alloc(arena, raw.size + 6); /* a unit is written before its size is known */
    if (!text) return false;
    size_t size = 0;
    for (size_t i = 0; i < raw.size;)
        size += unit_decode(raw, &i, text + size);
    text[size] = '\0';
    *ret_text = (Slice){text, size};
    return true;
}

bool json_read_text(const JsonReader *reader, Arena *arena, Slice *ret_text)
{
    return json_decode(reader->text, reader->escaped, arena, ret_text);
}

bool json_read_means(const JsonReader *reader, Slice text) { return raw_means(reader->text, text); }

bool json_read_fail(const JsonReader *reader, GError **error)
{
    static const char *const names[] = {"error",  "end",           "null",  "false",
                                        "true",   "number",        "text",  "name",
                                        "object", "end of object", "array", "end of array"};
    if (!reader->problem)
        return fail(error, KITH_ERROR_INVALID, "JSON at byte %zu: unexpected %s", reader->start,
                    names[reader->last]);
    return fail(error, reader->over_limit ? KITH_ERROR_LIMIT : KITH_ERROR_INVALID,
                "JSON at byte %zu: %s", reader->position, reader->problem);
}

bool json_number_int(Slice number, int64_t *ret_value)
{
    bool negative = number.size && number.data[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == number.size) return false;
    int64_t value = 0;
    for (; i < number.size; i++) {
        int digit = number.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_add_overflow(value, negative ? -digit : digit, &value)) return false;
    }
    *ret_value = value;
    return true;
}

bool json_number_double(Slice number, double *ret_value)
{
    char copy[64];
    char *text = number.size < sizeof(copy) ? copy : g_try_malloc(number.size + 1);
    if (!text) return false;
    memcpy(text, number.data, number.size);
    text[number.size] = '\0';
    *ret_value = g_ascii_strtod(text, NULL);
    if (text != copy) g_free(text);
    return isfinite(*ret_value);
}
