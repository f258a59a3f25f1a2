#include "base/error.h"
#include "net/http_fixture.h"
#include "net/request.h"
#include "net/server.h"
#include "net/ui.h"

#include <arpa/inet.h>

/* What a stranger can do to the wire: framing, heads, slowness, origins. */

static bool echo_post(Request *request, GError **error)
{
    (void)error;
    size_t size;
    request_body(request, &size);
    return request_reply_json(
        request, 200,
        json_pack("{s:I, s:s}", "size", (json_int_t)size, "address", request_address(request)));
}

static bool page_get(Request *request, GError **error)
{
    (void)error;
    const Actor *actor = request_actor(request);
    return request_reply_json(
        request, 200,
        json_pack("{s:i, s:s}", "actor", (int)actor->kind, "base", request_base_url(request)));
}

static const Route routes[] = {
    {"POST", "/v1/echo", SCOPE_PUBLIC, .body = BODY_RAW, .handle = echo_post},
    {"POST", "/api/echo", SCOPE_PUBLIC, .body = BODY_TEXT, .handle = echo_post},
    {"GET", "/api/page", SCOPE_PUBLIC, .handle = page_get},
    {"GET", "/p/page", SCOPE_PUBLIC, .handle = page_get},
};

static Server *server_begin(ServerOptions options)
{
    g_autoptr(GError) error = NULL;
    options.listen = "127.0.0.1:0";
    options.quiet = true;
    Server *server = server_new(&options, &error);
    g_assert_no_error(error);
    server_add_routes(server, routes, G_N_ELEMENTS(routes), NULL);
    ui_serve(server);
    server_start(server, &error);
    g_assert_no_error(error);
    return server;
}

static Reply bytes_call(uint16_t port, const char *bytes, size_t size)
{
    int fd = http_connect(port);
    http_send(fd, bytes, size);
    shutdown(fd, SHUT_WR);
    Reply reply = http_read(fd, FALSE);
    close(fd);
    return reply;
}

static void broken_messages_are_refused(void)
{
    static const struct {
        const char *why, *bytes;
        int low, high; /* status, or 0 for a closed connection */
    } cases[] = {
        {"length and chunked",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
         "\r\n0\r\n\r\n",
         400, 400},
        {"two lengths",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         400, 400},
        {"the same length twice",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
         400, 400},
        {"a negative length", "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 0,
         413},
        {"a length with a sign",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\nab", 0, 400},
        {"a length of letters", "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: ab\r\n\r\n",
         0, 400},
        {"a length over 2^64",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", 0,
         413},
        {"another transfer coding",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
         400, 400},
        {"a chunk size of letters",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
         "chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
         0, 400},
        {"a chunk size over 2^64",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
         "fffffffffffffffffff\r\nab\r\n0\r\n\r\n",
         0, 413},
        {"no host", "GET /api/page HTTP/1.1\r\n\r\n", 400, 400},
        {"two hosts", "GET /api/page HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, 400},
        {"two credentials",
         "GET /api/page HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400,
         400},
        {"a version of tomorrow", "GET /api/page HTTP/9.9\r\nHost: x\r\n\r\n", 0, 505},
        {"no version", "GET /api/page\r\n\r\n", 0, 400},
        {"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, 400},
        {"a host that is none", "GET /api/page HTTP/1.1\r\nHost: a\"><script>\r\n\r\n", 200, 200},
        {"an unknown coding",
         "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nab",
         400, 400},
    };
    g_autoptr(Server) server = server_begin((ServerOptions){0});
    uint16_t port = server_port(server);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(Reply) reply = bytes_call(port, cases[i].bytes, strlen(cases[i].bytes));
        if (cases[i].low == 0 && reply.status == 0) continue;
        g_assert_cmpint(reply.status, >=, MAX(cases[i].low, 400 * (cases[i].low != 200)));
        g_assert_cmpint(reply.status, <=, cases[i].high);
        g_assert_null(strstr(reply.body, "<script>"));
    }
    g_auto(Reply) fine = http_get(port, "/api/page");
    g_assert_cmpint(fine.status, ==, 200);
}

static void large_heads_are_refused(void)
{
    g_autoptr(Server) server = server_begin((ServerOptions){0});
    uint16_t port = server_port(server);
    g_autofree char *long_text = g_strnfill(100000, 'a');
    g_autofree char *path = g_strdup_printf("/%s", long_text);
    g_auto(Reply) uri = http_get(port, path);
    g_assert_true(uri.status == 0 || (uri.status >= 400 && uri.status < 500));
    g_autofree char *head = g_strdup_printf("GET /api/page HTTP/1.1\r\nX-Big: %s\r\n", long_text);
    g_auto(Reply) header = http_call(port, head, NULL, -1);
    g_assert_true(header.status == 0 || (header.status >= 400 && header.status < 500));
    g_autofree char *query = g_strdup_printf("/api/page?%.9000s", long_text);
    g_auto(Reply) kept = http_get(port, query); /* this route reads no query */
    g_assert_cmpint(kept.status, ==, 200);
}

enum { DRIP_S_MAX = 60 };

/* Sends `head`, then a byte every 100 ms; how long until the server hangs up, at most DRIP_S_MAX:
 * whoever drips is cut after 0.7 s, a busy machine may take its time over it. */
static double dripped_seconds(uint16_t port, const char *head, char byte)
{
    int fd = http_connect(port);
    gint64 start = g_get_monotonic_time();
    char answer[512];
    gboolean open = http_send(fd, head, strlen(head));
    while (open && g_get_monotonic_time() - start < DRIP_S_MAX * G_USEC_PER_SEC) {
        g_usleep(100000);
        open = http_send(fd, &byte, 1) && recv(fd, answer, sizeof answer, MSG_DONTWAIT) != 0;
    }
    close(fd);
    return (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

static void a_byte_at_a_time_is_cut(void)
{
    static const struct {
        const char *why, *head;
    } cases[] = {
        {"in the head", "GET /api/page HTTP/1.1\r\nHost: x\r\nX-Slow: "},
        {"in a tracking body", "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"},
        {"in another body", "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"},
        {"in a body that is refused",
         "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"},
    };
    g_autoptr(Server) server = server_begin((ServerOptions){.head_ms = 700, .body_ms = 700});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        double seconds = dripped_seconds(server_port(server), cases[i].head, 'a');
        g_assert_cmpfloat(seconds, >, 0.5);
        g_assert_cmpfloat(seconds, <, DRIP_S_MAX);
    }
}

static void one_connection_serves_many_requests(void)
{
    g_autoptr(Server) server = server_begin((ServerOptions){.head_ms = 2000});
    int fd = http_connect(server_port(server));
    static const char both[] = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                               "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                               "\r\n4\r\nabcd\r\n0\r\n\r\n";
    for (int i = 0; i < 50; i++) {
        const char *at = i % 2 ? strchr(both + 5, 'P') : both;
        const char *end = i % 2 ? both + sizeof both - 1 : strstr(both, "abcPOST") + 3;
        if (i % 2) at = strstr(both, "abcPOST") + 3;
        g_assert_true(http_send(fd, at, (size_t)(end - at)));
        g_auto(Reply) reply = http_read(fd, FALSE);
        g_assert_cmpint(json_integer_value(json_object_get(reply.json, "size")), ==, i % 2 ? 4 : 3);
    }
    close(fd);
}

static void a_refused_body_still_gets_its_answer(void)
{
    g_autoptr(Server) server = server_begin((ServerOptions){0});
    g_autofree char *text = g_strnfill(3 << 20, 'x');
    g_auto(Reply) unknown =
        http_call(server_port(server), "POST /nothing HTTP/1.1\r\n", text, 3 << 20);
    g_assert_cmpint(unknown.status, ==, 404);
    g_auto(Reply) large =
        http_call(server_port(server), "POST /v1/echo HTTP/1.1\r\n", text, 3 << 20);
    g_assert_cmpint(large.status, ==, 413);
}

static void only_a_trusted_proxy_names_the_client(void)
{
    static const struct {
        const char *why, *trusted, *header, *address;
    } cases[] = {
        {"no proxy", NULL, "X-Forwarded-For: 1.2.3.4\r\n", "127.0.0.1"},
        {"another proxy", "10.0.0.0/8", "X-Forwarded-For: 1.2.3.4\r\n", "127.0.0.1"},
        {"our proxy", "127.0.0.1", "X-Forwarded-For: 1.2.3.4\r\n", "1.2.3.4"},
        {"what the client wrote before it", "127.0.0.1", "X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n",
         "1.2.3.4"},
        {"two of ours in a row", "127.0.0.0/8,10.0.0.0/8",
         "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.9.9.9\r\n", "1.2.3.4"},
        {"IPv6", "127.0.0.1", "X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"},
        {"no address", "127.0.0.1", "X-Forwarded-For: unknown\r\n", "127.0.0.1"},
        {"nothing", "127.0.0.1", "", "127.0.0.1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autoptr(Server) server = server_begin((ServerOptions){.trusted_proxy = cases[i].trusted});
        g_autofree char *head = g_strdup_printf("POST /api/echo HTTP/1.1\r\n%s", cases[i].header);
        g_auto(Reply) reply = http_call(server_port(server), head, "a", 1);
        g_assert_cmpstr(json_text(reply.json, "address", NULL), ==, cases[i].address);
    }
    g_autoptr(GError) error = NULL;
    ServerOptions wrong = {.listen = "127.0.0.1:0", .trusted_proxy = "127.0.0.1, proxy"};
    g_assert_null(server_new(&wrong, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
}

static void the_public_origin_shows_public_pages_only(void)
{
    static const struct {
        const char *path;
        int public, admin;
    } cases[] = {
        {"/p/page", 200, 200}, {"/api/page", 404, 200},         {"/", 404, 200},
        {"/people", 404, 200}, {"/metrics", 404, 200},          {"/healthz", 200, 200},
        {"/p/none", 404, 404}, {"/api/openapi.json", 404, 200}, {"/v1/none", 404, 404},
    };
    g_autoptr(Server) server = server_begin(
        (ServerOptions){.public_listen = "127.0.0.1:0", .public_url = "https://pages.example"});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].path);
        g_auto(Reply) outside = http_get(server_public_port(server), cases[i].path);
        g_assert_cmpint(outside.status, ==, cases[i].public);
        g_auto(Reply) inside = http_get(server_port(server), cases[i].path);
        g_assert_cmpint(inside.status, ==, cases[i].admin);
    }
}

static void the_public_host_shows_public_pages(void)
{
    static const struct {
        const char *public_url, *url, *host;
        int status;
    } cases[] = {
        {"https://pages.example", NULL, "pages.example", 404},
        {"https://pages.example", NULL, "Pages.Example.", 404},
        {"http://pages.example:81/", NULL, "pages.example:81", 404},
        {"http://pages.example:81/", NULL, "pages.example:80", 200},
        {"https://pages.example", "https://kith.example", "pages.example:8443", 404},
        {"https://pages.example", "https://kith.example", "kith.example", 200},
        {"https://pages.example", "https://kith.example", "apages.example", 200},
        {"http://one.example:81", "http://one.example:80", "one.example:81", 404},
        {"http://one.example:81", "http://one.example:80", "one.example:80", 200},
        {"http://[::1]:81", "http://[::2]:81", "[::1]:81", 404},
        {"http://[::1]:81", "http://[::2]:81", "[::2]:81", 200},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s at %s", cases[i].host, cases[i].public_url);
        g_autoptr(Server) server =
            server_begin((ServerOptions){.public_url = cases[i].public_url, .url = cases[i].url});
        g_autofree char *text =
            g_strdup_printf("GET /api/page HTTP/1.1\r\nHost: %s\r\n\r\n", cases[i].host);
        int fd = http_connect(server_port(server));
        g_assert_true(http_send(fd, text, strlen(text)));
        g_auto(Reply) reply = http_read(fd, FALSE);
        g_assert_cmpint(reply.status, ==, cases[i].status);
        close(fd);
    }
}

static void pages_bear_a_fresh_nonce(void)
{
    g_autoptr(Server) server = server_begin((ServerOptions){0});
    g_auto(Reply) first = http_get(server_port(server), "/");
    g_auto(Reply) second = http_get(server_port(server), "/people/12?q=x");
    g_autofree char *one = http_header(&first, "Content-Security-Policy");
    g_autofree char *two = http_header(&second, "Content-Security-Policy");
    g_assert_cmpint(first.status, ==, 200);
    g_assert_cmpstr(one, !=, two);
    g_assert_nonnull(strstr(one, "script-src 'self';"));
    g_assert_null(strstr(one, "unsafe"));
    g_assert_null(strstr(first.body, UI_NONCE_MARK));
    g_auto(Reply) none = http_get(server_port(server), "/assets/none.js");
    g_assert_cmpint(none.status, ==, 404);
    g_auto(Reply) up = http_get(server_port(server), "/assets/..%2f..%2fetc%2fpasswd");
    g_assert_cmpint(up.status, ==, 404);
}

static void codings_are_read_as_the_rfc_says(void)
{
    static const struct {
        const char *header, *coding;
        bool allows;
    } cases[] = {
        {NULL, "br", false},
        {"", "br", false},
        {"br", "br", true},
        {"gzip, deflate, br", "br", true},
        {"BR", "br", true},
        {"br;q=0", "br", false},
        {"br; q=0.0", "br", false},
        {"br;q=0.001", "br", true},
        {"gzip;q=1.0, *;q=0", "br", false},
        {"*", "br", true},
        {"brotli", "br", false},
        {"x-br", "br", false},
        {"gzip,,br", "br", true},
        {"*;q=0, br", "br", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].header ? cases[i].header : "none");
        g_assert_cmpint(accept_encoding_allows(cases[i].header, cases[i].coding), ==,
                        cases[i].allows);
    }
}

static void a_port_in_use_says_what_to_do(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Server) server = server_begin((ServerOptions){0});
    g_autofree char *listen = g_strdup_printf("127.0.0.1:%u", server_port(server));
    ServerOptions options = {.listen = listen};
    g_autoptr(Server) second = server_new(&options, NULL);
    g_assert_false(server_start(second, &error));
    g_assert_nonnull(strstr(error->message, "in use"));
    g_assert_nonnull(strstr(error->message, "--listen"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/broken-messages", broken_messages_are_refused);
    g_test_add_func("/hostile/large-heads", large_heads_are_refused);
    g_test_add_func("/hostile/a-byte-at-a-time", a_byte_at_a_time_is_cut);
    g_test_add_func("/hostile/one-connection", one_connection_serves_many_requests);
    g_test_add_func("/hostile/a-refused-body", a_refused_body_still_gets_its_answer);
    g_test_add_func("/hostile/trusted-proxy", only_a_trusted_proxy_names_the_client);
    g_test_add_func("/hostile/public-origin", the_public_origin_shows_public_pages_only);
    g_test_add_func("/hostile/public-host", the_public_host_shows_public_pages);
    g_test_add_func("/hostile/nonce", pages_bear_a_fresh_nonce);
    g_test_add_func("/hostile/codings", codings_are_read_as_the_rfc_says);
    g_test_add_func("/hostile/port-in-use", a_port_in_use_says_what_to_do);
    return g_test_run();
}
