/* net/smtp_fixture.h: a mail server for tests that says exactly what a script tells it. Test only.
 *
 * One connection, one script, one thread. A script is lines, each an act:
 *     < text      says a line            + text   says bytes as they are (\r, \n written so)
 *     > prefix    reads a line that begins with it; what is read stands in `heard`
 *     body        reads until the final dot, into `body`
 *     tls         goes on encrypted      close    hangs up           reset   hangs up with RST
 *     stall       says nothing more, until the other side is gone
 *     drip text   a byte every 50 ms     half     reads 20,000 bytes of a body
 *
 *     g_autoptr(Script) script = script_start("< 220 hi\n> EHLO\n< 250 hi\n", NULL);
 *     … script->port …
 *     script_end(script);       waits; script->heard, script->broken
 */
#pragma once
#include <arpa/inet.h>
#include <glib.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct Script {
    const char *text;
    const char *pem; /* certificate and key, for `tls`; NULL: none */
    int listener, fd;
    uint16_t port;
    GThread *thread;
    SSL_CTX *context;
    SSL *tls;
    GString *heard, *body;
    char *broken; /* the act that did not go as written, or NULL */
} Script;

/* ---- bytes ---- */

static inline ssize_t script_recv(Script *script, char *data, size_t size)
{
    if (script->tls) return SSL_read(script->tls, data, (int)size);
    return recv(script->fd, data, size, 0);
}

static inline void script_send(Script *script, const char *data, size_t size)
{
    if (script->tls)
        SSL_write(script->tls, data, (int)size);
    else
        send(script->fd, data, size, MSG_NOSIGNAL);
}

static inline bool script_line(Script *script, GString *line)
{
    char c = 0;
    g_string_truncate(line, 0);
    while (script_recv(script, &c, 1) == 1) {
        if (c == '\n') return true;
        if (c != '\r') g_string_append_c(line, c);
    }
    return false;
}

static inline void script_body(Script *script)
{
    char c = 0;
    while (script_recv(script, &c, 1) == 1) {
        g_string_append_c(script->body, c);
        if (g_str_has_suffix(script->body->str, "\r\n.\r\n") ||
            strcmp(script->body->str, ".\r\n") == 0)
            return;
    }
}

static inline void script_drain(Script *script, size_t size_max)
{
    char chunk[4096];
    ssize_t got;
    for (size_t all = 0; all < size_max && (got = script_recv(script, chunk, sizeof chunk)) > 0;)
        all += (size_t)got;
}

static inline void script_drip(Script *script, const char *text)
{
    for (const char *c = text; *c; c++) {
        char gone;
        script_send(script, c, 1);
        struct timeval wait = {.tv_usec = 50000};
        setsockopt(script->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        if (recv(script->fd, &gone, 1, MSG_PEEK) == 0) return;
    }
}

/* ---- acts ---- */

static inline bool script_tls(Script *script)
{
    script->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate_file(script->context, script->pem, SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(script->context, script->pem, SSL_FILETYPE_PEM);
    script->tls = SSL_new(script->context);
    SSL_set_fd(script->tls, script->fd);
    return SSL_accept(script->tls) == 1;
}

static inline bool script_expect(Script *script, const char *prefix)
{
    g_autoptr(GString) line = g_string_new(NULL);
    if (!script_line(script, line)) return false;
    g_string_append_printf(script->heard, "%s\n", line->str);
    return g_str_has_prefix(line->str, prefix);
}

static inline void script_hang_up(Script *script, bool reset)
{
    struct linger now = {.l_onoff = 1};
    if (reset) setsockopt(script->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(script->fd);
    script->fd = -1;
}

static inline bool script_act(Script *script, const char *act)
{
    const char *text = strlen(act) > 2 ? act + 2 : "";
    if (act[0] == '<') {
        g_autofree char *line = g_strconcat(text, "\r\n", NULL);
        script_send(script, line, strlen(line));
    } else if (act[0] == '+') {
        g_autofree char *raw = g_strcompress(text);
        script_send(script, raw, strlen(raw));
    } else if (act[0] == '>') {
        return script_expect(script, text);
    } else if (strcmp(act, "body") == 0) {
        script_body(script);
    } else if (strcmp(act, "half") == 0) {
        script_drain(script, 20000);
    } else if (strcmp(act, "stall") == 0) {
        script_drain(script, G_MAXSIZE);
    } else if (g_str_has_prefix(act, "drip ")) {
        script_drip(script, act + 5);
    } else if (strcmp(act, "tls") == 0) {
        return script_tls(script);
    } else if (strcmp(act, "close") == 0 || strcmp(act, "reset") == 0) {
        script_hang_up(script, act[0] == 'r');
    }
    return true;
}

static inline void *script_thread(void *data)
{
    Script *script = data;
    struct timeval patience = {.tv_sec = 20};
    g_auto(GStrv) acts = g_strsplit(script->text, "\n", -1);
    script->fd = accept(script->listener, NULL, NULL);
    setsockopt(script->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (char **act = acts; *act && script->fd >= 0; act++)
        if (**act && !script_act(script, *act)) {
            script->broken = g_strdup(*act);
            break;
        }
    if (script->tls) SSL_free(script->tls);
    if (script->context) SSL_CTX_free(script->context);
    if (script->fd >= 0) close(script->fd);
    return NULL;
}

static inline Script *script_start(const char *text, const char *pem)
{
    Script *script = g_new0(Script, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    script->text = text;
    script->pem = pem;
    script->heard = g_string_new(NULL);
    script->body = g_string_new(NULL);
    script->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(script->listener, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(listen(script->listener, 4), ==, 0);
    getsockname(script->listener, (struct sockaddr *)&address, &size);
    script->port = ntohs(address.sin_port);
    script->thread = g_thread_new("script", script_thread, script);
    return script;
}

static inline void script_end(Script *script)
{
    if (script->thread) g_thread_join(script->thread);
    script->thread = NULL;
}

static inline void script_free(Script *script)
{
    script_end(script);
    close(script->listener);
    g_string_free(script->heard, TRUE);
    g_string_free(script->body, TRUE);
    g_free(script->broken);
    g_free(script);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Script, script_free)
