#include "base/error.h"
#include "net/exchange.h"
#include "net/proxy.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    size_t offset;
    bool many; /* may come more than once: the last one is the nearest proxy's */
} known[] = {
    {"host", offsetof(Headers, host)},
    {"authorization", offsetof(Headers, authorization)},
    {"cookie", offsetof(Headers, cookie)},
    {"content-type", offsetof(Headers, content_type)},
    {"content-length", offsetof(Headers, content_length)},
    {"transfer-encoding", offsetof(Headers, transfer_encoding)},
    {"content-encoding", offsetof(Headers, content_encoding)},
    {"origin", offsetof(Headers, origin)},
    {"sec-fetch-site", offsetof(Headers, sec_fetch_site)},
    {"x-csrf-token", offsetof(Headers, csrf)},
    {"x-forwarded-for", offsetof(Headers, forwarded_for), true},
    {"x-forwarded-proto", offsetof(Headers, forwarded_proto), true},
    {"expect", offsetof(Headers, expect)},
    {"x-write-key", offsetof(Headers, write_key)},
};

static enum MHD_Result header_note(void *data, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    (void)kind;
    Headers *headers = data;
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strcasecmp(known[i].name, name) != 0) continue;
        const char **place = (const char **)((char *)headers + known[i].offset);
        if (*place && !known[i].many) headers->conflict = true;
        *place = value ? value : "";
        break;
    }
    return MHD_YES;
}

void headers_read(Request *request)
{
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, header_note, &request->headers);
}

/* RFC 9112 section 6.3: a message with two framings, or a framing that is not plain, is an attack
 * on whoever stands before or behind us. */
bool headers_check(Request *request, GError **error)
{
    const Headers *headers = &request->headers;
    const char *length = headers->content_length;
    request->close = true; /* until it is known where the body ends */
    if (headers->conflict)
        return fail(error, KITH_ERROR_INVALID, "headers: one that may come once came twice");
    if (length && headers->transfer_encoding)
        return fail(error, KITH_ERROR_INVALID,
                    "headers: content-length and transfer-encoding exclude each other");
    if (length &&
        (*length == '\0' || strlen(length) > 18 || strspn(length, "0123456789") != strlen(length)))
        return fail(error, KITH_ERROR_INVALID, "headers: content-length is not a number");
    if (headers->transfer_encoding && strcasecmp(headers->transfer_encoding, "chunked") != 0)
        return fail(error, KITH_ERROR_INVALID, "headers: transfer-encoding can only be chunked");
    request->close = false;
    return true;
}

void address_resolve(Request *request)
{
    if (*request->address) return;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *list = request->server->options.trusted_proxy;
    const struct sockaddr *peer = info ? info->client_addr : NULL;
    bool trusted = proxy_trusted(list, peer);
    const Headers *headers = &request->headers;
    request->secure =
        trusted && headers->forwarded_proto && strcasecmp(headers->forwarded_proto, "https") == 0;
    if (trusted && headers->forwarded_for)
        proxy_client(list, headers->forwarded_for, request->address, sizeof request->address);
    if (*request->address == '\0') proxy_text(peer, request->address, sizeof request->address);
}

static bool host_check(const char *host)
{
    size_t size = strlen(host);
    return size > 0 && size < 256 &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_") ==
               size;
}

void base_url_resolve(Request *request)
{
    const ServerOptions *options = &request->server->options;
    const char *fixed = request->origin == ORIGIN_PUBLIC ? options->public_url : options->url;
    const char *host = request->headers.host;
    address_resolve(request);
    if (fixed)
        request->base_url = g_strdup(fixed);
    else if (host && host_check(host))
        request->base_url = g_strdup_printf("http%s://%s", request->secure ? "s" : "", host);
    else
        request->base_url =
            g_strdup_printf("http://127.0.0.1:%u", request->server->listeners[ORIGIN_ADMIN].port);
}
