/* net/http_client.h: asks other servers by HTTP: the APIs of shops.
 *
 * One call, one request, one answer in memory; blocks, so workers only, never a request's thread.
 * Believes no certificate that the system does not, follows no redirect, uses no proxy of the
 * environment, and speaks plain HTTP to this machine alone.
 *
 * Whom it may reach: public addresses, judged on the address that is connected to (a name that is
 * public when it is checked and private when it is used leads nowhere). This machine itself may be
 * asked only by a URL that says so (127.0.0.1, [::1], localhost): a shop on the same machine.
 *
 *     HttpAsk ask = {.url = url, .headers = headers, .bytes_max = 8 << 20};
 *     g_auto(HttpAnswer) answer = {0};
 *     if (!http_ask(&ask, &answer, error)) return false; // nothing came back
 *     if (answer.status == 200) … answer.body …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

enum {
    HTTP_CONNECT_MS = 10 * 1000,
    HTTP_TOTAL_MS = 120 * 1000, /* shops answer a page of 250 orders within 30 s */
    HTTP_HEADERS_MAX = 100,
    HTTP_URL_BYTES_MAX = 4096,
};

typedef struct HttpAsk {
    const char *url;            /* https://…, or http:// to this machine */
    const char *const *headers; /* "Name: value" without line breaks, ends with NULL; may be NULL */
    const char *user, *password;  /* Basic; user NULL: none */
    const char *body;             /* NULL: GET, else POST; its type is one of the headers */
    int64_t bytes_max;            /* of the answer's body; longer ones are an error */
    bool (*stopping)(void *data); /* asked about once a second: end now? May be NULL */
    void *data;
} HttpAsk;

typedef struct HttpAnswer {
    long status;        /* 100..599 */
    GString *body;      /* owned */
    GPtrArray *headers; /* owned; "name: value" */
} HttpAnswer;
void http_answer_clear(HttpAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpAnswer, http_answer_clear)

/* Asks and waits. Errors: INVALID (the URL), DENIED (an address it may not reach), LIMIT (the
 * answer is too long), TIMEOUT, UNAVAILABLE (no connection, no valid certificate, no answer). */
bool http_ask(const HttpAsk *ask, HttpAnswer *ret_answer, GError **error);

/* A header of the answer, in any case; NULL when there is none. */
const char *http_answer_header(const HttpAnswer *answer, const char *name);

/* Is this a URL that http_ask would try: https with a name, or http to this machine? */
bool http_url_check(const char *url, GError **error);
/* Does it name this machine? */
bool http_url_is_local(const char *url);

/* Does the address lead out into the public net? IPv4 inside IPv6 is looked into. The ranges are
 * those of the IANA special-purpose registries (RFC 6890). */
bool http_address_is_public(const struct sockaddr *address);
