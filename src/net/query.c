#include "net/query.h"

#include "base/error.h"

#include <string.h>

/* The byte of the escape whose two digits start at `text`, or -1. */
static int escape_byte(const char *text, size_t left)
{
    if (left < 2 || !g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1])) return -1;
    return g_ascii_xdigit_value(text[0]) * 16 + g_ascii_xdigit_value(text[1]);
}

ptrdiff_t percent_decode(char *text, size_t end, bool plus)
{
    size_t out = 0;
    for (size_t in = 0; in < end; in++) {
        char byte = text[in];
        if (byte == '+' && plus)
            byte = ' ';
        else if (byte == '%') {
            int value = escape_byte(text + in + 1, end - in - 1);
            if (value < 0) return -1;
            byte = (char)value;
            in += 2;
        }
        if (byte == '\0') return -1;
        text[out++] = byte;
    }
    text[out] = '\0';
    return g_utf8_validate(text, (gssize)out, NULL) ? (ptrdiff_t)out : -1;
}

/* One "name=value" of `size` bytes at `pair`; the byte after it may be overwritten. */
static bool pair_parse(char *pair, size_t size, Query *query, GError **error)
{
    if (size == 0) return true;
    if (query->count == QUERY_PAIRS_MAX)
        return fail(error, KITH_ERROR_LIMIT, "query string: at most %d values", QUERY_PAIRS_MAX);
    char *equals = memchr(pair, '=', size);
    size_t name_size = equals ? (size_t)(equals - pair) : size;
    char *value = equals ? equals + 1 : pair + size;
    ptrdiff_t value_size = percent_decode(value, size - (size_t)(value - pair), true);
    if (value_size < 0 || percent_decode(pair, name_size, true) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "query string: value %u is not percent-encoded UTF-8", query->count + 1);
    query->pairs[query->count++] = (QueryPair){.name = pair, .value = value};
    return true;
}

bool query_parse(const char *text, Query *query, GError **error)
{
    size_t size = strlen(text);
    if (size > QUERY_BYTES_MAX)
        return fail(error, KITH_ERROR_LIMIT, "query string: at most %d bytes", QUERY_BYTES_MAX);
    query->text = g_strdup(text);
    char *at = query->text, *end = at + size;
    while (at < end) {
        char *next = memchr(at, '&', (size_t)(end - at));
        if (!next) next = end;
        if (!pair_parse(at, (size_t)(next - at), query, error)) return false;
        at = next + 1;
    }
    return true;
}

void query_clear(Query *query)
{
    g_clear_pointer(&query->text, g_free);
    query->count = 0;
}

const char *query_get(const Query *query, const char *name)
{
    for (unsigned i = 0; i < query->count; i++)
        if (strcmp(query->pairs[i].name, name) == 0) return query->pairs[i].value;
    return NULL;
}

/* RFC 6265 section 4.1.1 cookie-octet, quotes stripped by the caller. */
static bool cookie_value_check(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)value[i];
        if (byte <= 0x20 || byte >= 0x7f || strchr("\",;\\", byte)) return false;
    }
    return size > 0;
}

char *cookie_find(const char *header, const char *name)
{
    size_t name_size = strlen(name);
    const char *found = NULL;
    size_t found_size = 0;
    if (strnlen(header, COOKIE_BYTES_MAX + 1) > COOKIE_BYTES_MAX) return NULL;
    for (const char *at = header; at;) {
        at += strspn(at, " \t");
        const char *semicolon = strchr(at, ';');
        size_t size = semicolon ? (size_t)(semicolon - at) : strlen(at);
        while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == '\t'))
            size--;
        if (size > name_size && at[name_size] == '=' && memcmp(at, name, name_size) == 0) {
            if (found) return NULL;
            found = at + name_size + 1;
            found_size = size - name_size - 1;
        }
        at = semicolon ? semicolon + 1 : NULL;
    }
    if (found && found_size >= 2 && found[0] == '"' && found[found_size - 1] == '"') {
        found++;
        found_size -= 2;
    }
    return found && cookie_value_check(found, found_size) ? g_strndup(found, found_size) : NULL;
}
