#include "net/proxy.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <string.h>

/* An address as sixteen bytes, IPv4 mapped into ::ffff:0:0/96. */
typedef struct Address {
    uint8_t bytes[16];
} Address;

static void address_from_v4(const void *v4, Address *out)
{
    memset(out, 0, sizeof *out);
    out->bytes[10] = out->bytes[11] = 0xff;
    memcpy(out->bytes + 12, v4, 4);
}

static bool address_parse(const char *text, Address *out, unsigned *ret_bits)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        address_from_v4(&v4, out);
        *ret_bits = 32;
        return true;
    }
    *ret_bits = 128;
    return inet_pton(AF_INET6, text, out->bytes) == 1;
}

static bool address_from_peer(const struct sockaddr *peer, Address *out)
{
    if (peer && peer->sa_family == AF_INET) {
        address_from_v4(&((const struct sockaddr_in *)(const void *)peer)->sin_addr, out);
        return true;
    }
    if (!peer || peer->sa_family != AF_INET6) return false;
    memcpy(out->bytes, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
    return true;
}

static bool address_in(const Address *address, const Address *net, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(address->bytes, net->bytes, whole) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return ((address->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

static bool entry_parse(const char *entry, Address *net, unsigned *ret_bits)
{
    char text[64];
    unsigned bits = 0;
    if (g_strlcpy(text, entry, sizeof text) >= sizeof text) return false;
    char *slash = strchr(text, '/');
    if (slash) *slash++ = '\0';
    if (!address_parse(text, net, &bits)) return false;
    guint64 prefix = bits;
    if (slash && !g_ascii_string_to_unsigned(slash, 10, 0, bits, &prefix, NULL)) return false;
    *ret_bits = 128 - bits + (unsigned)prefix;
    return true;
}

bool proxy_list_check(const char *list, GError **error)
{
    g_auto(GStrv) entries = g_strsplit(list, ",", 64);
    for (char **entry = entries; *entry; entry++) {
        Address net;
        unsigned bits;
        if (!entry_parse(g_strstrip(*entry), &net, &bits))
            return fail(error, KITH_ERROR_INVALID,
                        "trusted proxy \"%s\" is no address or range, as 127.0.0.1 or 10.0.0.0/8",
                        *entry);
    }
    return true;
}

static bool list_has(const char *list, const Address *address)
{
    if (!list) return false;
    g_auto(GStrv) entries = g_strsplit(list, ",", 64);
    for (char **entry = entries; *entry; entry++) {
        Address net;
        unsigned bits;
        if (entry_parse(g_strstrip(*entry), &net, &bits) && address_in(address, &net, bits))
            return true;
    }
    return false;
}

bool proxy_trusted(const char *list, const struct sockaddr *peer)
{
    Address address;
    return list && address_from_peer(peer, &address) && list_has(list, &address);
}

void proxy_client(const char *list, const char *forwarded, char *out, size_t size)
{
    out[0] = '\0';
    const char *end = forwarded + strnlen(forwarded, 2048);
    while (end > forwarded) {
        const char *start = end;
        while (start > forwarded && start[-1] != ',')
            start--;
        g_autofree char *entry = g_strstrip(g_strndup(start, (gsize)(end - start)));
        Address address;
        unsigned bits;
        if (!address_parse(entry, &address, &bits)) return;
        g_strlcpy(out, entry, size);
        if (!list_has(list, &address)) return;
        end = start > forwarded ? start - 1 : forwarded;
    }
}

void proxy_text(const struct sockaddr *peer, char *out, size_t size)
{
    const void *place = NULL;
    if (peer && peer->sa_family == AF_INET)
        place = &((const struct sockaddr_in *)(const void *)peer)->sin_addr;
    else if (peer && peer->sa_family == AF_INET6)
        place = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    if (!place || !inet_ntop(peer->sa_family, place, out, (socklen_t)size))
        g_strlcpy(out, "local", size);
}
