/* net/query.h: percent-encoding, query strings and cookie headers, read strictly.
 *
 * All three come from strangers. Limits are small, every result is UTF-8 without NUL, nothing is
 * guessed: a broken escape is an error, not a literal. Pure; no thread rule.
 *
 *     g_auto(Query) query = {0};
 *     if (!query_parse("q=caf%C3%A9&limit=20", &query, error)) return false;
 *     const char *q = query_get(&query, "q");
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    QUERY_BYTES_MAX = 8192, /* of a query string; longer ones are bodies in disguise */
    QUERY_PAIRS_MAX = 64,
    COOKIE_BYTES_MAX = 8192
};

typedef struct QueryPair {
    const char *name, *value; /* decoded; the value is "" when there was no '=' */
} QueryPair;

typedef struct Query {
    char *text; /* owned; names and values point into it */
    unsigned count;
    QueryPair pairs[QUERY_PAIRS_MAX];
} Query;

/* Decodes a query string (without the '?'); '+' is a space. `query` is zeroed before.
 * Errors: LIMIT (bytes, pairs), INVALID (escape, UTF-8, NUL). */
bool query_parse(const char *text, Query *query, GError **error);
void query_clear(Query *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Query, query_clear)

/* The first value of a name, or NULL. */
const char *query_get(const Query *query, const char *name);

/* Decodes %XX in place up to `end`; `plus` also turns '+' into a space. Writes a NUL and returns
 * the decoded length, or -1 for a broken escape, a NUL or what is not UTF-8. There must be room
 * for the NUL at text[end]. */
ptrdiff_t percent_decode(char *text, size_t end, bool plus);

/* The value of one cookie in a Cookie header, as new text; NULL when it is absent, broken, named
 * twice (someone plants one) or the header is over COOKIE_BYTES_MAX. */
char *cookie_find(const char *header, const char *name);
