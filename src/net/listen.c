#include "net/listen.h"

#include "base/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static bool address_parse(const char *text, struct sockaddr_storage *out, socklen_t *ret_size,
                          GError **error)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
    guint64 port = 0;
    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
        return fail(error, KITH_ERROR_INVALID, "listen address \"%s\": write HOST:PORT", text);
    size_t size = strlen(host);
    bool bracket = size > 2 && host[0] == '[' && host[size - 1] == ']';
    if (bracket) host[size - 1] = '\0';
    const char *name = bracket ? host + 1 : strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(name, (guint)port);
    if (!address)
        return fail(error, KITH_ERROR_INVALID, "listen address \"%s\": the host must be an address",
                    text);
    *ret_size = (socklen_t)g_socket_address_get_native_size(address);
    return g_socket_address_to_native(address, out, sizeof *out, error);
}

static bool socket_listen(int fd, const struct sockaddr *address, socklen_t size, const char *text,
                          GError **error)
{
    if (bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0) return true;
    int why = errno;
    if (why == EADDRINUSE)
        return fail(error, KITH_ERROR_UNAVAILABLE,
                    "could not listen on %s: the port is in use; stop the other program or choose "
                    "another with --listen",
                    text);
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not listen on %s: %s", text, g_strerror(why));
}

bool listen_tcp(const char *address, int *ret_socket, uint16_t *ret_port, GError **error)
{
    struct sockaddr_storage native = {0};
    socklen_t size = 0;
    const int yes = 1;
    if (!address_parse(address, &native, &size, error)) return false;
    int fd = socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not open a socket: %s",
                    g_strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!socket_listen(fd, (const struct sockaddr *)&native, size, address, error)) {
        close(fd);
        return false;
    }
    size = sizeof native;
    getsockname(fd, (struct sockaddr *)&native, &size);
    bool v4 = native.ss_family == AF_INET;
    *ret_port = ntohs(v4 ? ((struct sockaddr_in *)(void *)&native)->sin_port
                         : ((struct sockaddr_in6 *)(void *)&native)->sin6_port);
    *ret_socket = fd;
    return true;
}

void listen_close(int socket)
{
    if (socket >= 0) close(socket);
}
