/* net/http_fixture.h: a plain HTTP client for tests: bytes out, bytes in, nothing clever.
 *
 * Sends what it is told, also what no client should, and reads one reply (until the connection
 * ends, or until Content-Length is satisfied). Test only; every call asserts that it worked.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct Reply {
    int status; /* 0: the connection ended without a reply */
    char *head, *body;
    size_t body_size;
    json_t *json; /* of the body, or NULL */
} Reply;

static inline void reply_clear(Reply *reply)
{
    g_free(reply->head);
    g_free(reply->body);
    json_decref(reply->json);
    *reply = (Reply){0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reply, reply_clear)

static inline int http_connect(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/* False when the other side has closed. */
static inline gboolean http_send(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0) return FALSE;
        at += sent;
        size -= (size_t)sent;
    }
    return TRUE;
}

static inline char *http_header(const Reply *reply, const char *name)
{
    g_autofree char *needle = g_strdup_printf("\r\n%s: ", name);
    const char *found = reply->head ? strcasestr(reply->head, needle) : NULL;
    if (!found) return NULL;
    found += strlen(needle);
    return g_strndup(found, strcspn(found, "\r\n"));
}

/* Reads one reply; `no_body`: it answers HEAD. */
static inline Reply http_read(int fd, gboolean no_body)
{
    Reply reply = {0};
    GString *text = g_string_new(NULL);
    char *end = NULL;
    gint64 want = -1;
    char chunk[16384];
    for (;;) {
        if (!end && (end = strstr(text->str, "\r\n\r\n"))) {
            reply.head = g_strndup(text->str, (gsize)(end - text->str) + 2);
            sscanf(reply.head, "HTTP/1.1 %d", &reply.status);
            g_autofree char *length = http_header(&reply, "Content-Length");
            want = length ? g_ascii_strtoll(length, NULL, 10) : -1;
            if (no_body || reply.status == 204) want = 0;
            g_string_erase(text, 0, end - text->str + 4);
        }
        if (end && want >= 0 && (gint64)text->len >= want) break;
        ssize_t got = recv(fd, chunk, sizeof chunk, 0);
        if (got <= 0) break;
        g_string_append_len(text, chunk, got);
    }
    reply.body_size = text->len;
    reply.body = g_string_free(text, FALSE);
    reply.json = json_loadb(reply.body, reply.body_size, JSON_DECODE_ANY, NULL);
    return reply;
}

/* One request on its own connection. `head`: request line and headers, each ended by \r\n but
 * without Host and Content-Length; `size` -1: no body. */
static inline Reply http_call(uint16_t port, const char *head, const void *body, gssize size)
{
    int fd = http_connect(port);
    GString *text = g_string_new(head);
    g_string_append_printf(text, "Host: 127.0.0.1:%u\r\n", port);
    if (size >= 0) g_string_append_printf(text, "Content-Length: %zd\r\n", size);
    g_string_append(text, "\r\n");
    if (http_send(fd, text->str, text->len) && size > 0) http_send(fd, body, (size_t)size);
    g_string_free(text, TRUE);
    Reply reply = http_read(fd, g_str_has_prefix(head, "HEAD "));
    close(fd);
    return reply;
}

static inline Reply http_get(uint16_t port, const char *path)
{
    g_autofree char *head = g_strdup_printf("GET %s HTTP/1.1\r\n", path);
    return http_call(port, head, NULL, -1);
}

/* A JSON request; `headers`: further ones, each ended by \r\n, or "". */
static inline Reply http_json(uint16_t port, const char *line, const char *headers,
                              const char *json)
{
    g_autofree char *head =
        g_strdup_printf("%s HTTP/1.1\r\nContent-Type: application/json\r\n%s", line, headers);
    return http_call(port, head, json, json ? (gssize)strlen(json) : -1);
}

/* The text at a path of names in a JSON object, or NULL. */
static inline const char *json_text(const json_t *json, const char *first, const char *second)
{
    json_t *value = json_object_get(json, first);
    if (second) value = json_object_get(value, second);
    return json_string_value(value);
}
