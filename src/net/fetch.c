#include "net/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>

/* ---- places ---- */

static FetchPlace place_four(uint32_t address)
{
    static const struct {
        uint32_t net, mask;
    } private[] = {{0x0a000000, 0xff000000}, {0xac100000, 0xfff00000}, {0xc0a80000, 0xffff0000},
                   {0xa9fe0000, 0xffff0000}, {0x64400000, 0xffc00000}, {0x00000000, 0xff000000}};
    if (address >> 24 == 127) return PLACE_LOOPBACK;
    for (size_t i = 0; i < G_N_ELEMENTS(private); i++)
        if ((address & private[i].mask) == private[i].net) return PLACE_PRIVATE;
    return PLACE_PUBLIC;
}

static FetchPlace place_six(const struct in6_addr *six)
{
    if (IN6_IS_ADDR_LOOPBACK(six)) return PLACE_LOOPBACK;
    if (IN6_IS_ADDR_V4MAPPED(six)) {
        uint32_t four;
        memcpy(&four, six->s6_addr + 12, sizeof four);
        return place_four(ntohl(four));
    }
    bool unique = (six->s6_addr[0] & 0xfe) == 0xfc;
    bool own = unique || IN6_IS_ADDR_LINKLOCAL(six) || IN6_IS_ADDR_UNSPECIFIED(six);
    return own ? PLACE_PRIVATE : PLACE_PUBLIC;
}

FetchPlace fetch_place(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) return place_four(ntohl(four.s_addr));
    if (inet_pton(AF_INET6, address, &six) == 1) return place_six(&six);
    return PLACE_UNKNOWN;
}

/* ---- one transfer ---- */

static size_t body_take(char *data, size_t one, size_t count, void *user)
{
    FetchAnswer *answer = user;
    size_t size = one * count, room = FETCH_BODY_MAX - answer->size;
    memcpy(answer->body + answer->size, data, MIN(size, room));
    answer->size += MIN(size, room);
    return size <= room ? size : 0; /* a longer page is not ours: enough was seen */
}

static int progress(void *user, curl_off_t all, curl_off_t now, curl_off_t up, curl_off_t sent)
{
    const FetchAsk *ask = user;
    (void)all, (void)now, (void)up, (void)sent;
    return ask->stopping && ask->stopping(ask->data) ? 1 : 0;
}

static FetchOutcome outcome_of(CURLcode code, const FetchAnswer *answer)
{
    switch (code) {
    case CURLE_OK:
        return FETCH_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return FETCH_NO_NAME;
    case CURLE_COULDNT_CONNECT:
        return FETCH_NO_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT:
        return FETCH_TIMEOUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
        return FETCH_CERTIFICATE;
    case CURLE_WRITE_ERROR:
        return answer->size == FETCH_BODY_MAX ? FETCH_ANSWERED : FETCH_FAILED;
    default:
        return FETCH_FAILED;
    }
}

/* "+name:port:address", as our own name server has it; NULL when it is not asked or knows none. */
static struct curl_slist *address_list(const FetchAsk *ask, bool *ret_known)
{
    *ret_known = true;
    if (!ask->dns || !dns_is_set(ask->dns)) return NULL;
    g_autoptr(GUri) uri = g_uri_parse(ask->url, G_URI_FLAGS_NONE, NULL);
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if (!host || fetch_place(host) != PLACE_UNKNOWN || !dns_name_check(host)) return NULL;
    g_auto(DnsAnswer) four = {0}, six = {0};
    dns_ask(ask->dns, host, DNS_A, &four);
    dns_ask(ask->dns, host, DNS_AAAA, &six);
    *ret_known = four.records->len + six.records->len > 0;
    if (!*ret_known) return NULL;
    int port = g_uri_get_port(uri);
    if (port < 0) port = g_str_has_prefix(ask->url, "http:") ? 80 : 443;
    const char *address = four.records->len ? four.records->pdata[0] : six.records->pdata[0];
    g_autofree char *line = g_strdup_printf("%s:%d:%s", host, port, address);
    return curl_slist_append(NULL, line);
}

static void options_set(CURL *curl, const FetchAsk *ask, FetchAnswer *answer)
{
    const char *trust = g_getenv("SSL_CERT_FILE");
    curl_easy_setopt(curl, CURLOPT_URL, ask->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)FETCH_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Kith");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, ask);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (trust) curl_easy_setopt(curl, CURLOPT_CAINFO, trust);
}

static void result_take(CURL *curl, CURLcode code, FetchAnswer *answer)
{
    long status = 0;
    char *address = NULL;
    answer->outcome = outcome_of(code, answer);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &address);
    answer->status = (int)status;
    if (address) answer->place = fetch_place(address);
    answer->body[answer->size] = '\0';
    if (answer->outcome != FETCH_ANSWERED)
        g_strlcpy(answer->text, curl_easy_strerror(code), sizeof answer->text);
}

void fetch(const FetchAsk *ask, FetchAnswer *ret_answer)
{
    bool known;
    *ret_answer = (FetchAnswer){.outcome = FETCH_FAILED};
    struct curl_slist *addresses = address_list(ask, &known);
    CURL *curl = curl_easy_init();
    if (!known) {
        ret_answer->outcome = FETCH_NO_NAME;
    } else if (curl) {
        options_set(curl, ask, ret_answer);
        if (addresses) curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses);
        result_take(curl, curl_easy_perform(curl), ret_answer);
    }
    curl_easy_cleanup(curl);
    curl_slist_free_all(addresses);
}
