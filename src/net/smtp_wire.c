#include "net/smtp_wire.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 16 * 1024, IN_MAX = 64 * 1024 };

void smtp_wire_init(SmtpWire *wire, const SmtpOptions *options)
{
    *wire = (SmtpWire){.fd = -1,
                       .stopping = options->stopping,
                       .stopping_data = options->stopping_data,
                       .line_max = SMTP_WIRE_LINE_MAX,
                       .in = g_byte_array_new()};
}

void smtp_wire_clear(SmtpWire *wire)
{
    g_clear_pointer(&wire->tls, SSL_free);
    g_clear_pointer(&wire->context, SSL_CTX_free);
    g_clear_pointer(&wire->in, g_byte_array_unref);
    if (wire->fd >= 0) close(wire->fd);
    wire->fd = -1;
}

void smtp_wire_phase(SmtpWire *wire, int64_t ms)
{
    wire->deadline_us = clock_monotonic_us() + ms * 1000;
}

static bool wire_fail(SmtpWire *wire, const char *reason)
{
    wire->lost = true;
    g_strlcpy(wire->reason, reason, sizeof wire->reason);
    return false;
}

/* Waits until the socket can do `events`; false at the deadline or when asked to stop. */
static bool wire_wait(SmtpWire *wire, short events)
{
    for (;;) {
        int64_t left_ms = (wire->deadline_us - clock_monotonic_us() + 999) / 1000;
        if (left_ms <= 0) return wire_fail(wire, "the server did not answer in time");
        if (wire->stopping && wire->stopping(wire->stopping_data))
            return wire_fail(wire, "Kith was asked to stop");
        struct pollfd ready = {.fd = wire->fd, .events = events};
        int count = poll(&ready, 1, (int)MIN(left_ms, SMTP_STOP_MS));
        if (count > 0) return true;
        if (count < 0 && errno != EINTR) return wire_fail(wire, g_strerror(errno));
    }
}

/* ---- connecting ---- */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24) == 127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static bool connect_one(SmtpWire *wire, const struct addrinfo *at)
{
    int why = 0, yes = 1;
    socklen_t size = sizeof why;
    wire->fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (wire->fd < 0) return wire_fail(wire, g_strerror(errno));
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(wire->fd, at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS)
        return wire_fail(wire, g_strerror(errno));
    if (!wire_wait(wire, POLLOUT)) return false;
    if (getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0 || why != 0)
        return wire_fail(wire, g_strerror(why ? why : errno));
    wire->loopback = is_loopback(at->ai_addr);
    wire->lost = false;
    return true;
}

bool smtp_wire_connect(SmtpWire *wire, const char *host, uint16_t port)
{
    char service[8];
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    g_snprintf(service, sizeof service, "%u", port);
    int why = getaddrinfo(host, service, &hints, &found);
    if (why != 0) {
        g_snprintf(wire->reason, sizeof wire->reason, "the server's name was not found: %s",
                   gai_strerror(why));
        wire->lost = true;
        return false;
    }
    int64_t end_us = wire->deadline_us;
    bool done = false;
    for (const struct addrinfo *at = found; at && !done; at = at->ai_next) {
        int64_t now_us = clock_monotonic_us(); /* half of what is left, so that the next has some */
        wire->deadline_us = at->ai_next ? now_us + (end_us - now_us) / 2 : end_us;
        done = connect_one(wire, at);
        if (!done && wire->fd >= 0) close(wire->fd);
        if (!done) wire->fd = -1;
    }
    freeaddrinfo(found);
    return done;
}

void smtp_wire_literal(const SmtpWire *wire, char *text, size_t size)
{
    struct sockaddr_storage own = {0};
    socklen_t own_size = sizeof own;
    char address[INET6_ADDRSTRLEN] = "127.0.0.1";
    bool six = false;
    if (getsockname(wire->fd, (struct sockaddr *)&own, &own_size) == 0) {
        six = own.ss_family == AF_INET6;
        const void *at = six ? (const void *)&((struct sockaddr_in6 *)&own)->sin6_addr
                             : (const void *)&((struct sockaddr_in *)&own)->sin_addr;
        inet_ntop(own.ss_family, at, address, sizeof address);
    }
    g_snprintf(text, size, "[%s%s]", six ? "IPv6:" : "", address);
}

/* ---- raw bytes ---- */

static bool raw_write(SmtpWire *wire, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(wire->fd, data, size, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!wire_wait(wire, POLLOUT)) return false;
        } else if (sent < 0 && errno != EINTR) {
            return wire_fail(wire, "the server closed the connection");
        }
    }
    return true;
}

/* Some bytes, at least one. */
static bool raw_read(SmtpWire *wire, char *data, size_t size, size_t *ret_size)
{
    for (;;) {
        if (!wire_wait(wire, POLLIN)) return false;
        ssize_t got = recv(wire->fd, data, size, 0);
        if (got > 0) {
            *ret_size = (size_t)got;
            return true;
        }
        if (got == 0) return wire_fail(wire, "the server closed the connection");
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return wire_fail(wire, "the connection broke");
    }
}

/* ---- TLS over memory ---- */

static bool tls_flush(SmtpWire *wire)
{
    char chunk[CHUNK];
    BIO *out = SSL_get_wbio(wire->tls);
    for (int size; (size = BIO_read(out, chunk, sizeof chunk)) > 0;)
        if (!raw_write(wire, chunk, (size_t)size)) return false;
    return true;
}

static bool tls_fill(SmtpWire *wire)
{
    char chunk[CHUNK];
    size_t size = 0;
    if (!raw_read(wire, chunk, sizeof chunk, &size)) return false;
    if (BIO_write(SSL_get_rbio(wire->tls), chunk, (int)size) != (int)size)
        return wire_fail(wire, "out of memory");
    return true;
}

/* After a call of OpenSSL that gave `done`: more to do? False with a reason when it is over. */
static bool tls_again(SmtpWire *wire, int done)
{
    int why = SSL_get_error(wire->tls, done);
    if (!tls_flush(wire)) return false;
    if (why == SSL_ERROR_WANT_READ) return tls_fill(wire);
    if (why == SSL_ERROR_WANT_WRITE) return true;
    if (why == SSL_ERROR_ZERO_RETURN) return wire_fail(wire, "the server closed the connection");
    return wire_fail(wire, "the encrypted connection broke");
}

static bool tls_write(SmtpWire *wire, const char *data, size_t size)
{
    while (size > 0) {
        int done = SSL_write(wire->tls, data, (int)MIN(size, (size_t)CHUNK));
        if (done > 0) {
            data += done;
            size -= (size_t)done;
            if (!tls_flush(wire)) return false;
        } else if (!tls_again(wire, done)) {
            return false;
        }
    }
    return true;
}

static bool tls_read(SmtpWire *wire, char *data, size_t size, size_t *ret_size)
{
    for (;;) {
        int done = SSL_read(wire->tls, data, (int)size);
        if (done > 0) {
            *ret_size = (size_t)done;
            return true;
        }
        if (!tls_again(wire, done)) return false;
    }
}

static bool tls_trust(SmtpWire *wire, const SmtpOptions *options)
{
    wire->context = SSL_CTX_new(TLS_client_method());
    if (!wire->context) return false;
    SSL_CTX_set_min_proto_version(wire->context, TLS1_2_VERSION);
    SSL_CTX_set_default_verify_paths(wire->context);
    if (options->trust_file && !SSL_CTX_load_verify_file(wire->context, options->trust_file))
        return false;
    bool check = !(options->trust_any && wire->loopback);
    SSL_CTX_set_verify(wire->context, check ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    return true;
}

/* The name that the certificate must bear: a host or an address. */
static bool tls_expect(SmtpWire *wire, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    X509_VERIFY_PARAM *param = SSL_get0_param(wire->tls);
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set_tlsext_host_name(wire->tls, host) == 1 && SSL_set1_host(wire->tls, host) == 1;
}

static bool tls_refused(SmtpWire *wire, bool *ret_permanent)
{
    long verdict = SSL_get_verify_result(wire->tls);
    if (verdict == X509_V_OK) return false;
    *ret_permanent = true;
    g_snprintf(wire->reason, sizeof wire->reason, "the server's certificate is not trusted: %s",
               X509_verify_cert_error_string(verdict));
    return false;
}

bool smtp_wire_tls(SmtpWire *wire, const SmtpOptions *options, bool *ret_permanent)
{
    *ret_permanent = false;
    g_byte_array_set_size(wire->in, 0);
    ERR_clear_error();
    if (!tls_trust(wire, options)) return wire_fail(wire, "the trusted certificates were not read");
    wire->tls = SSL_new(wire->context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    if (!wire->tls || !in || !out || !tls_expect(wire, options->host)) {
        BIO_free(in);
        BIO_free(out);
        return wire_fail(wire, "encryption could not be set up");
    }
    SSL_set_bio(wire->tls, in, out);
    for (int done; (done = SSL_connect(wire->tls)) != 1;)
        if (!tls_again(wire, done)) return tls_refused(wire, ret_permanent);
    return tls_flush(wire);
}

/* ---- lines ---- */

bool smtp_wire_write(SmtpWire *wire, const char *data, size_t size)
{
    if (wire->lost) return false;
    return wire->tls ? tls_write(wire, data, size) : raw_write(wire, data, size);
}

size_t smtp_wire_pending(const SmtpWire *wire)
{
    size_t cipher = wire->tls ? BIO_ctrl_pending(SSL_get_rbio(wire->tls)) : 0;
    return wire->in->len + cipher;
}

static bool wire_fill(SmtpWire *wire)
{
    char chunk[CHUNK];
    size_t size = 0;
    bool got = wire->tls ? tls_read(wire, chunk, sizeof chunk, &size)
                         : raw_read(wire, chunk, sizeof chunk, &size);
    if (!got) return false;
    if (wire->in->len + size > IN_MAX) return wire_fail(wire, "the server says too much");
    g_byte_array_append(wire->in, (const guint8 *)chunk, (guint)size);
    return true;
}

bool smtp_wire_line(SmtpWire *wire, GString *line)
{
    for (guint from = 0;;) {
        guint8 *end =
            wire->in->len > from ? memchr(wire->in->data + from, '\n', wire->in->len - from) : NULL;
        guint size = end ? (guint)(end - wire->in->data) : wire->in->len;
        if (size > wire->line_max) return wire_fail(wire, "the server's answer has no end");
        if (end) {
            bool cr = size > 0 && wire->in->data[size - 1] == '\r';
            g_string_truncate(line, 0);
            g_string_append_len(line, (const char *)wire->in->data, cr ? size - 1 : size);
            g_byte_array_remove_range(wire->in, 0, size + 1);
            return true;
        }
        from = wire->in->len;
        if (wire->lost || !wire_fill(wire)) return false;
    }
}

bool smtp_wire_bytes(SmtpWire *wire, GString *out, size_t size)
{
    while (size > 0) {
        if (wire->in->len == 0 && (wire->lost || !wire_fill(wire))) return false;
        guint part = (guint)MIN(size, (size_t)wire->in->len);
        g_string_append_len(out, (const char *)wire->in->data, part);
        g_byte_array_remove_range(wire->in, 0, part);
        size -= part;
    }
    return true;
}
