#include "net/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* One request on its way. */
typedef struct Call {
    const HttpAsk *ask;
    HttpAnswer *answer;
    bool local, refused, too_long; /* refused: an address it may not reach */
} Call;

void http_answer_clear(HttpAnswer *answer)
{
    if (answer->body) g_string_free(answer->body, TRUE);
    if (answer->headers) g_ptr_array_unref(answer->headers);
    *answer = (HttpAnswer){0};
}

const char *http_answer_header(const HttpAnswer *answer, const char *name)
{
    size_t size = strlen(name);
    for (guint i = 0; answer->headers && i < answer->headers->len; i++) {
        const char *line = answer->headers->pdata[i];
        if (g_ascii_strncasecmp(line, name, size) != 0 || line[size] != ':') continue;
        const char *value = line + size + 1;
        while (*value == ' ' || *value == '\t')
            value++;
        return value;
    }
    return NULL;
}

/* ── addresses ───────────────────────────────────────────────────────────────────────────────── */

static bool in_range(uint32_t address, uint32_t net, int bits)
{
    return (address ^ net) >> (32 - bits) == 0;
}

static bool v4_is_public(uint32_t address)
{
    static const struct {
        uint32_t net;
        int bits;
    } closed[] = {
        {0x00000000, 8},  /* this network */
        {0x0a000000, 8},  /* private */
        {0x64400000, 10}, /* carriers' shared */
        {0x7f000000, 8},  /* loopback */
        {0xa9fe0000, 16}, /* link local: cloud metadata */
        {0xac100000, 12}, /* private */
        {0xc0000000, 24}, /* protocol assignments */
        {0xc0000200, 24}, /* documentation */
        {0xc0a80000, 16}, /* private */
        {0xc6120000, 15}, /* benchmarks */
        {0xc6336400, 24}, /* documentation */
        {0xcb007100, 24}, /* documentation */
        {0xe0000000, 3},  /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(closed); i++)
        if (in_range(address, closed[i].net, closed[i].bits)) return false;
    return true;
}

static uint32_t v4_inside(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool v6_is_public(const uint8_t bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(bytes, mapped, sizeof mapped) == 0 || memcmp(bytes, nat64, sizeof nat64) == 0)
        return v4_is_public(v4_inside(bytes + 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return v4_is_public(v4_inside(bytes + 2)); /* 6to4 */
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8) return false;
    return (bytes[0] & 0xe0) == 0x20; /* 2000::/3 is all there is of global unicast */
}

bool http_address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return v4_is_public(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family != AF_INET6) return false;
    return v6_is_public(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* ── URLs ────────────────────────────────────────────────────────────────────────────────────── */

static GUri *url_parse(const char *url, GError **error)
{
    g_autoptr(GUri) uri =
        strlen(url) <= HTTP_URL_BYTES_MAX ? g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL) : NULL;
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if (!host || !*host || g_uri_get_userinfo(uri)) {
        fail(error, KITH_ERROR_INVALID, "no web address: it begins with https:// and names a host");
        return NULL;
    }
    return g_steal_pointer(&uri);
}

static bool host_is_local(const char *host)
{
    return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0 ||
           g_ascii_strcasecmp(host, "localhost") == 0;
}

bool http_url_is_local(const char *url)
{
    g_autoptr(GUri) uri = url_parse(url, NULL);
    return uri && host_is_local(g_uri_get_host(uri));
}

bool http_url_check(const char *url, GError **error)
{
    g_autoptr(GUri) uri = url_parse(url, error);
    if (!uri) return false;
    const char *scheme = g_uri_get_scheme(uri);
    if (strcmp(scheme, "https") == 0) return true;
    if (strcmp(scheme, "http") == 0 && host_is_local(g_uri_get_host(uri))) return true;
    return fail(error, KITH_ERROR_INVALID, "a web address here begins with https://");
}

/* ── what curl calls ─────────────────────────────────────────────────────────────────────────── */

static curl_socket_t socket_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    Call *call = data;
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    bool may = call->local ? is_loopback(&address->addr) : http_address_is_public(&address->addr);
    if (!may) call->refused = true;
    return may ? socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol)
               : CURL_SOCKET_BAD;
}

static size_t body_take(char *text, size_t size, size_t count, void *data)
{
    Call *call = data;
    GString *body = call->answer->body;
    call->too_long = (int64_t)(body->len + size * count) > call->ask->bytes_max;
    if (call->too_long) return 0;
    g_string_append_len(body, text, (gssize)(size * count));
    return size * count;
}

static size_t header_take(char *text, size_t size, size_t count, void *data)
{
    Call *call = data;
    GPtrArray *headers = call->answer->headers;
    size_t length = size * count;
    while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n'))
        length--;
    if (length > 0 && headers->len < HTTP_HEADERS_MAX)
        g_ptr_array_add(headers, g_strndup(text, length));
    return size * count;
}

static int progress_look(void *data, curl_off_t total, curl_off_t now, curl_off_t up_total,
                         curl_off_t up)
{
    const Call *call = data;
    (void)total, (void)now, (void)up_total, (void)up;
    return call->ask->stopping && call->ask->stopping(call->ask->data) ? 1 : 0;
}

/* ── the call ────────────────────────────────────────────────────────────────────────────────── */

static void call_set(CURL *curl, Call *call, struct curl_slist *headers)
{
    const HttpAsk *ask = call->ask;
    curl_easy_setopt(curl, CURLOPT_URL, ask->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, call->local ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Kith");
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HTTP_TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress_look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, call);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (ask->user) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, ask->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, ask->password);
    }
    if (ask->body) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
}

static bool call_failed(const Call *call, CURLcode code, GError **error)
{
    if (call->too_long)
        return fail(error, KITH_ERROR_LIMIT, "the answer is longer than %" G_GINT64_FORMAT " bytes",
                    call->ask->bytes_max);
    if (call->refused)
        return fail(error, KITH_ERROR_DENIED,
                    "the address leads into a private network, which is not asked");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(error, KITH_ERROR_TIMEOUT, "no answer in time");
    return fail(error, KITH_ERROR_UNAVAILABLE, "no answer: %s", curl_easy_strerror(code));
}

bool http_ask(const HttpAsk *ask, HttpAnswer *ret_answer, GError **error)
{
    g_auto(HttpAnswer)
        answer = {.body = g_string_new(NULL), .headers = g_ptr_array_new_with_free_func(g_free)};
    Call call = {.ask = ask, .answer = &answer, .local = http_url_is_local(ask->url)};
    struct curl_slist *headers = NULL;
    if (!http_url_check(ask->url, error)) return false;
    CURL *curl = curl_easy_init(); /* sets libcurl up itself, safely since 7.84 */
    if (!curl) return fail(error, KITH_ERROR_UNAVAILABLE, "could not begin a request");
    for (size_t i = 0; ask->headers && ask->headers[i]; i++)
        headers = curl_slist_append(headers, ask->headers[i]);
    call_set(curl, &call, headers);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) return call_failed(&call, code, error);
    *ret_answer = answer;
    answer = (HttpAnswer){0};
    return true;
}
