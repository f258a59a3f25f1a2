/* net/proxy.h: which reverse proxies are believed, and what the client's address then is.
 *
 * A list is text: addresses and CIDR ranges, comma-separated ("127.0.0.1, 10.0.0.0/8, ::1").
 * X-Forwarded-For is read from its end: the last entry that is not itself a trusted proxy is the
 * client. What a client wrote before it is never believed.
 */
#pragma once
#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* Is every entry an address or a range? Errors: INVALID, naming the entry. */
bool proxy_list_check(const char *list, GError **error);

/* Is this peer in the list? A Unix socket (peer NULL) is not. `list` NULL: nobody is. */
bool proxy_trusted(const char *list, const struct sockaddr *peer);

/* The client's address from an X-Forwarded-For header; "" when there is none that parses. */
void proxy_client(const char *list, const char *forwarded, char *out, size_t size);

/* The text of a socket address without port; "local" for a Unix socket. */
void proxy_text(const struct sockaddr *peer, char *out, size_t size);
