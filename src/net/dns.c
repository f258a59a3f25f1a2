#include "net/dns.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

enum { ANSWER_MAX = 65536, PORT = 53 };

struct Dns {
    struct sockaddr_in server; /* sin_port 0: those of this machine */
};

static const ns_type wire_types[] = {[DNS_TXT] = ns_t_txt,
                                     [DNS_CNAME] = ns_t_cname,
                                     [DNS_MX] = ns_t_mx,
                                     [DNS_A] = ns_t_a,
                                     [DNS_AAAA] = ns_t_aaaa};

void dns_answer_clear(DnsAnswer *answer)
{
    g_clear_pointer(&answer->records, g_ptr_array_unref);
    g_clear_pointer(&answer->alias, g_free);
}

Dns *dns_new(const char *server, GError **error)
{
    g_autoptr(Dns) dns = g_new0(Dns, 1);
    if (!server) return g_steal_pointer(&dns);
    const char *colon = strchr(server, ':');
    guint64 port = PORT;
    g_autofree char *host = colon ? g_strndup(server, (gsize)(colon - server)) : g_strdup(server);
    dns->server.sin_family = AF_INET;
    if (inet_pton(AF_INET, host, &dns->server.sin_addr) != 1 ||
        (colon && !g_ascii_string_to_unsigned(colon + 1, 10, 1, 65535, &port, NULL))) {
        fail(error, KITH_ERROR_INVALID, "resolver \"%s\": write ADDRESS or ADDRESS:PORT, IPv4",
             server);
        return NULL;
    }
    dns->server.sin_port = htons((uint16_t)port);
    return g_steal_pointer(&dns);
}

void dns_free(Dns *dns) { g_free(dns); }

bool dns_is_set(const Dns *dns) { return dns->server.sin_port != 0; }

bool dns_name_check(const char *name)
{
    size_t size = strlen(name), label = 0;
    bool dot = false;
    if (size > DNS_NAME_MAX) return false;
    for (const char *c = name; *c; c++) {
        if (*c == '.' && (label == 0 || c[1] == '\0')) return false;
        if (*c != '.' && !g_ascii_isalnum(*c) && *c != '-' && *c != '_') return false;
        dot |= *c == '.';
        label = *c == '.' ? 0 : label + 1;
        if (label > NS_MAXLABEL) return false;
    }
    return dot;
}

/* ---- reading ---- */

static void text_append(GString *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size && text->len < DNS_TEXT_MAX; i++)
        g_string_append_c(text, data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '?');
}

/* One name inside a message; NULL when it points anywhere else or loops. */
static char *name_read(ns_msg *message, const uint8_t *at)
{
    char name[NS_MAXDNAME];
    GString *text = g_string_new(NULL);
    if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), at, name, sizeof name) <
        0) {
        g_string_free(text, TRUE);
        return NULL;
    }
    text_append(text, (const uint8_t *)name, strlen(name));
    g_autofree char *mixed = g_string_free(text, FALSE);
    return g_ascii_strdown(mixed, -1);
}

/* A TXT's strings, each with its length before it. */
static char *strings_read(const uint8_t *data, size_t size)
{
    GString *text = g_string_new(NULL);
    while (size > 0) {
        size_t length = MIN((size_t)data[0], size - 1);
        text_append(text, data + 1, length);
        data += 1 + length;
        size -= 1 + length;
    }
    return g_string_free(text, FALSE);
}

static char *address_read(int family, const uint8_t *data, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    size_t want = family == AF_INET ? 4 : 16;
    if (size != want || !inet_ntop(family, data, text, sizeof text)) return NULL;
    return g_strdup(text);
}

/* The record as text; NULL when it cannot be. */
static char *record_read(ns_msg *message, ns_rr *record)
{
    const uint8_t *data = ns_rr_rdata(*record);
    size_t size = ns_rr_rdlen(*record);
    switch (ns_rr_type(*record)) {
    case ns_t_txt:
        return strings_read(data, size);
    case ns_t_cname:
        return name_read(message, data);
    case ns_t_a:
        return address_read(AF_INET, data, size);
    case ns_t_aaaa:
        return address_read(AF_INET6, data, size);
    case ns_t_mx:
        break;
    default:
        return NULL;
    }
    g_autofree char *host = size > 2 ? name_read(message, data + 2) : NULL;
    return host ? g_strdup_printf("%u %s", data[0] * 256u + data[1], host) : NULL;
}

static void record_take(ns_msg *message, ns_rr *record, DnsType type, DnsAnswer *answer)
{
    ns_type is = ns_rr_type(*record);
    bool alias = is == ns_t_cname;
    if (ns_rr_class(*record) != ns_c_in || (is != wire_types[type] && !alias)) return;
    char *text = record_read(message, record);
    if (text && alias) {
        g_free(answer->alias);
        answer->alias = g_strdup(text);
    }
    if (text && is == wire_types[type] && answer->records->len < DNS_RECORDS_MAX)
        g_ptr_array_add(answer->records, text);
    else
        g_free(text);
}

bool dns_read(const uint8_t *data, size_t size, DnsType type, DnsAnswer *ret_answer)
{
    ns_msg message;
    *ret_answer = (DnsAnswer){.records = g_ptr_array_new_with_free_func(g_free)};
    if (size > ANSWER_MAX || ns_initparse(data, (int)size, &message) != 0) return false;
    if (!ns_msg_getflag(message, ns_f_qr)) return false;
    int code = ns_msg_getflag(message, ns_f_rcode);
    if (code != ns_r_noerror && code != ns_r_nxdomain) return false;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) return false;
        record_take(&message, &record, type, ret_answer);
    }
    ret_answer->outcome = ret_answer->records->len > 0 ? DNS_FOUND : DNS_NONE;
    return true;
}

/* ---- asking ---- */

static bool state_init(const Dns *dns, res_state state)
{
    memset(state, 0, sizeof *state);
    if (res_ninit(state) != 0) return false;
    state->retrans = DNS_TRY_S;
    state->retry = DNS_TRIES;
    state->options |= RES_USE_EDNS0;
    if (!dns_is_set(dns)) return true;
    state->nscount = 1;
    state->nsaddr_list[0] = dns->server;
    return true;
}

void dns_ask(const Dns *dns, const char *name, DnsType type, DnsAnswer *ret_answer)
{
    struct __res_state state;
    *ret_answer = (DnsAnswer){.outcome = DNS_NONE};
    if (dns_name_check(name)) ret_answer->outcome = DNS_FAILED;
    if (ret_answer->outcome == DNS_FAILED && state_init(dns, &state)) {
        g_autofree uint8_t *data = g_malloc(ANSWER_MAX);
        int size = res_nquery(&state, name, ns_c_in, (int)wire_types[type], data, ANSWER_MAX);
        int why = state.res_h_errno;
        res_nclose(&state);
        if (size > 0)
            dns_read(data, MIN((size_t)size, (size_t)ANSWER_MAX), type, ret_answer);
        else if (why == HOST_NOT_FOUND || why == NO_DATA)
            ret_answer->outcome = DNS_NONE;
    }
    if (!ret_answer->records) ret_answer->records = g_ptr_array_new_with_free_func(g_free);
}
