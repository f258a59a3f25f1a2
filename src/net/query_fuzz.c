/* Any query string or path: read or refused; what is read is UTF-8 without NUL, and
 * percent-encoding it again and reading that gives the same. */
#include "net/query.h"
#include "net/router.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_autofree char *escaped = g_uri_escape_string(text, NULL, TRUE);
    g_assert_cmpint(percent_decode(escaped, strlen(escaped), true), ==, (gssize)strlen(text));
    g_assert_cmpstr(escaped, ==, text);
}

static void check_path(const char *text, size_t size)
{
    g_autofree PathSegments *segments = g_new0(PathSegments, 1);
    if (!path_segments_parse(text, size, segments, NULL)) return;
    g_assert_cmpuint(segments->count, <=, PATH_SEGMENTS_MAX);
    for (unsigned i = 0; i < segments->count; i++) {
        g_assert_cmpstr(segments->items[i], !=, "..");
        check_text(segments->items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(Query) query = {0};
    check_path(text, strlen(text));
    if (!query_parse(text, &query, NULL)) return 0;
    for (unsigned i = 0; i < query.count; i++) {
        check_text(query.pairs[i].name);
        check_text(query.pairs[i].value);
        g_assert_nonnull(query_get(&query, query.pairs[i].name));
    }
    return 0;
}
