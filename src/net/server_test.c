#include "base/error.h"
#include "net/http_fixture.h"
#include "net/request.h"
#include "net/server.h"
#include "net/stream.h"

#include <glib/gstdio.h>
#include <zlib.h>

/* ---- a small application ---- */

typedef struct NoteInput {
    const char *body, *kind;
    int64_t count;
    bool loud;
    FieldMoney price;
    FieldList tags, lines;
} NoteInput;

typedef struct LineInput {
    const char *name;
    int64_t quantity;
} LineInput;

static const char *const kinds[] = {"call", "visit", NULL};
static const Field line_fields[] = {
    {"name", FIELD_TEXT, .required = true, .offset = offsetof(LineInput, name)},
    {"quantity", FIELD_INT, .min = 1, .max = 99, .offset = offsetof(LineInput, quantity)},
};
static const Schema line_schema = SCHEMA("Line", LineInput, line_fields);
static const Field note_fields[] = {
    {"body", FIELD_TEXT, .required = true, .max = 20, .offset = offsetof(NoteInput, body)},
    {"kind", FIELD_TEXT, .choices = kinds, .offset = offsetof(NoteInput, kind)},
    {"count", FIELD_INT, .min = 1, .max = 9, .otherwise = 5, .offset = offsetof(NoteInput, count)},
    {"loud", FIELD_BOOL, .offset = offsetof(NoteInput, loud)},
    {"price", FIELD_MONEY, .offset = offsetof(NoteInput, price)},
    {"tags", FIELD_TEXTS, .max = 3, .offset = offsetof(NoteInput, tags)},
    {"lines", FIELD_LIST, .of = &line_schema, .offset = offsetof(NoteInput, lines)},
};
static const Schema note_schema = SCHEMA("Note", NoteInput, note_fields);

typedef struct PageQuery {
    const char *q;
    int64_t limit;
} PageQuery;
static const Field page_fields[] = {
    {"q", FIELD_TEXT, .max = 10, .offset = offsetof(PageQuery, q)},
    {"limit", FIELD_INT, .min = 1, .max = 100, .otherwise = 20,
     .offset = offsetof(PageQuery, limit)},
};
static const Schema page_schema = SCHEMA("Page", PageQuery, page_fields);

static bool note_add(Request *request, GError **error)
{
    (void)error;
    const NoteInput *note = request_input(request);
    const LineInput *lines = note->lines.items;
    return request_reply_json(
        request, 201,
        json_pack("{s:s, s:s*, s:I, s:i, s:s, s:i, s:b}", "body", note->body, "kind", note->kind,
                  "count", (json_int_t)note->count, "tags", (int)note->tags.count, "line",
                  note->lines.count ? lines[0].name : "none", "price", (int)note->price.minor,
                  "given", request_given(request, "count")));
}

static bool page_get(Request *request, GError **error)
{
    (void)error;
    const PageQuery *page = request_query(request);
    return request_reply_json(
        request, 200, json_pack("{s:s*, s:I}", "q", page->q, "limit", (json_int_t)page->limit));
}

static bool thing_get(Request *request, GError **error)
{
    int64_t id = request_path_id(request, "id");
    if (id != 12) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such thing");
    return request_reply_json(request, 200, json_pack("{s:s}", "id", "12"));
}

static bool lie_get(Request *request, GError **error)
{
    (void)error;
    return request_reply_json(request, 200, json_pack("{s:i, s:i}", "body", 1, "surplus", 2));
}

/* Computes until it is let go. */
static struct Gate {
    GMutex mutex;
    GCond opened;
    bool open;
} gate;

static bool long_get(Request *request, GError **error)
{
    (void)error;
    g_mutex_lock(&gate.mutex);
    while (!gate.open)
        g_cond_wait(&gate.opened, &gate.mutex);
    g_mutex_unlock(&gate.mutex);
    return request_reply_json(request, 200, json_pack("{s:s}", "id", "12"));
}

/* A writer: answers held requests from another thread. */
static GAsyncQueue *held;

static gpointer writer_run(gpointer data)
{
    (void)data;
    for (Request *request; (request = g_async_queue_pop(held)) != (void *)&held;) {
        size_t size;
        request_body(request, &size);
        g_autofree char *text = g_strdup_printf("{\"bytes\":%zu}", size);
        request_finish(request, 200, size == 3 ? NULL : text, strlen(text));
    }
    return NULL;
}

static bool track_post(Request *request, GError **error)
{
    size_t size;
    const char *body = request_body(request, &size);
    if (!body || size == 0) return fail(error, KITH_ERROR_INVALID, "the batch is empty");
    if (body[0] == '!') return request_reply_json(request, 200, json_pack("{s:s}", "now", "yes"));
    request_hold(request);
    if (body[0] != '?')
        g_async_queue_push(held, request);
    else
        request_set_data(request, NULL, NULL);
    return true;
}

static Request *kept;
static bool never_post(Request *request, GError **error)
{
    (void)error;
    request_hold(request);
    g_atomic_pointer_set(&kept, request);
    return true;
}

static bool file_post(Request *request, GError **error)
{
    int64_t size;
    g_autofree char *text = NULL;
    const char *path = request_file(request, &size);
    if (!path) return fail(error, KITH_ERROR_INVALID, "a file is expected");
    if (!g_file_get_contents(path, &text, NULL, error)) return false;
    return request_reply_json(
        request, 200,
        json_pack("{s:I, s:s#}", "size", (json_int_t)size, "first", text, (int)MIN(size, 4)));
}

static Stream *stream;
static bool stream_get(Request *request, GError **error)
{
    return request_reply_stream(request, stream, error);
}

static const Route routes[] = {
    {"POST", "/api/notes", SCOPE_PUBLIC, .request = &note_schema, .handle = note_add},
    {"GET", "/api/notes", SCOPE_PUBLIC, .query = &page_schema, .handle = page_get},
    {"GET", "/api/things/{id}", SCOPE_PUBLIC, .handle = thing_get},
    {"GET", "/api/long", SCOPE_PUBLIC, .handle = long_get, .flags = ROUTE_LONG},
    {"GET", "/api/things/special", SCOPE_PUBLIC, .handle = page_get, .query = &page_schema},
    {"GET", "/api/lie", SCOPE_PUBLIC, .reply = &note_schema, .handle = lie_get},
    {"GET", "/api/secret", SCOPE_USER, .handle = page_get},
    {"POST", "/v1/batch", SCOPE_PUBLIC, .body = BODY_RAW, .body_max = 4 << 20,
     .flags = ROUTE_CORS | ROUTE_QUIET, .handle = track_post},
    {"POST", "/v1/never", SCOPE_PUBLIC, .body = BODY_RAW, .handle = never_post},
    {"POST", "/api/files", SCOPE_PUBLIC, .body = BODY_FILE, .body_max = 8 << 20,
     .handle = file_post},
    {"GET", "/api/live", SCOPE_PUBLIC, .handle = stream_get},
};

typedef struct App {
    Server *server;
    GThread *writer;
    char *folder;
    uint16_t port, public_port;
} App;

static void app_start(App *app, ServerOptions options)
{
    g_autoptr(GError) error = NULL;
    app->folder = g_dir_make_tmp("kith-net-XXXXXX", NULL);
    options.listen = "127.0.0.1:0";
    options.upload_dir = app->folder;
    options.quiet = true;
    options.check_replies = true;
    app->server = server_new(&options, &error);
    g_assert_no_error(error);
    server_add_routes(app->server, routes, G_N_ELEMENTS(routes), NULL);
    stream = server_stream_new(app->server, 8);
    held = g_async_queue_new();
    app->writer = g_thread_new("writer", writer_run, NULL);
    server_start(app->server, &error);
    g_assert_no_error(error);
    app->port = server_port(app->server);
    app->public_port = server_public_port(app->server);
}

static void app_stop(App *app)
{
    server_free(app->server);
    g_async_queue_push(held, &held);
    g_thread_join(app->writer);
    g_async_queue_unref(held);
    g_assert_cmpint(g_rmdir(app->folder), ==, 0); /* every upload was removed */
    g_free(app->folder);
}

/* ---- tests ---- */

static const char *bad_fields(const Reply *reply, GString *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json_object_get(reply->json, "error"), "fields"), i, item)
    {
        g_string_append_printf(text, "%s ", json_text(item, "field", NULL));
    }
    return text->str;
}

static void bodies_are_checked(void)
{
    static const struct {
        const char *why, *json;
        int status;
        const char *fields; /* those named in the reply, in order */
    } cases[] = {
        {"all is well", "{\"body\":\"hi\",\"kind\":\"call\",\"tags\":[\"a\"]}", 201, ""},
        {"null is absent", "{\"body\":\"hi\",\"kind\":null}", 201, ""},
        {"missing", "{}", 400, "body "},
        {"empty is missing", "{\"body\":\"\"}", 400, "body "},
        {"every bad field at once",
         "{\"body\":7,\"kind\":\"fax\",\"count\":10,\"loud\":\"yes\",\"x\":1}", 400,
         "x body kind count loud "},
        {"too long", "{\"body\":\"123456789012345678901\"}", 400, "body "},
        {"fraction for a whole number", "{\"body\":\"a\",\"count\":1.5}", 400, "count "},
        {"number beyond 2^63", "{\"body\":\"a\",\"count\":9223372036854775808}", 400, ""},
        {"too many items", "{\"body\":\"a\",\"tags\":[\"a\",\"b\",\"c\",\"d\"]}", 400, "tags "},
        {"an item of the wrong type", "{\"body\":\"a\",\"tags\":[\"a\",2]}", 400, "tags[1] "},
        {"inside a list", "{\"body\":\"a\",\"lines\":[{\"name\":\"x\"},{\"quantity\":0,\"z\":1}]}",
         400, "lines[1].z lines[1].name lines[1].quantity "},
        {"money without currency", "{\"body\":\"a\",\"price\":{\"minor\":1}}", 400, "price "},
        {"money with a small currency",
         "{\"body\":\"a\",\"price\":{\"minor\":1,\"currency\":\"gbp\"}}", 400, "price "},
        {"not JSON", "{\"body\":", 400, ""},
        {"a key twice", "{\"body\":\"a\",\"body\":\"b\"}", 400, ""},
        {"a NUL", "{\"body\":\"a\\u0000b\"}", 400, ""},
        {"a list at the top", "[]", 400, " "},
        {"invalid UTF-8", "{\"body\":\"\xff\"}", 400, ""},
        {"a lone surrogate", "{\"body\":\"\\ud800\"}", 400, ""},
        {"nothing", "", 400, ""},
    };
    App app = {0};
    app_start(&app, (ServerOptions){0});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) fields = g_string_new(NULL);
        g_test_message("%s", cases[i].why);
        g_auto(Reply) reply = http_json(app.port, "POST /api/notes", "", cases[i].json);
        g_assert_cmpint(reply.status, ==, cases[i].status);
        g_assert_cmpstr(bad_fields(&reply, fields), ==, cases[i].fields);
    }
    g_autofree char *deep = g_strnfill(20000, '[');
    g_auto(Reply) nested = http_json(app.port, "POST /api/notes", "", deep);
    g_assert_cmpint(nested.status, ==, 400);
    g_auto(Reply) given =
        http_json(app.port, "POST /api/notes", "",
                  "{\"body\":\"a\",\"price\":{\"minor\":5,\"currency\":\"GBP\"}}");
    g_assert_cmpint(json_integer_value(json_object_get(given.json, "count")), ==, 5);
    g_assert_cmpint(json_integer_value(json_object_get(given.json, "price")), ==, 5);
    g_assert_true(json_is_false(json_object_get(given.json, "given")));
    app_stop(&app);
}

static void requests_find_their_route(void)
{
    static const struct {
        const char *why, *line, *headers;
        int status;
    } cases[] = {
        {"a route", "GET /api/things/12", "", 200},
        {"a trailing slash", "GET /api/things/12/", "", 200},
        {"HEAD of a GET", "HEAD /api/things/12", "", 200},
        {"an escape", "GET /api/things/%31%32", "", 200},
        {"a literal wins", "GET /api/things/special", "", 200},
        {"an unknown id", "GET /api/things/13", "", 404},
        {"an id that is none", "GET /api/things/12x", "", 404},
        {"a negative id", "GET /api/things/-12", "", 404},
        {"an id over 2^63", "GET /api/things/9999999999999999999", "", 404},
        {"an unknown path", "GET /api/nothing", "", 404},
        {"too short", "GET /api", "", 404},
        {"too long", "GET /api/things/12/more", "", 404},
        {"another method", "DELETE /api/things/12", "", 405},
        {"a made-up method", "BREW /api/things/12", "", 405},
        {"OPTIONS says what there is", "OPTIONS /api/notes", "", 204},
        {"an empty segment", "GET /api//things", "", 400},
        {"up the tree", "GET /api/../etc/passwd", "", 400},
        {"up the tree, hidden", "GET /api/%2e%2e/x", "", 400},
        {"a broken escape", "GET /api/%zz", "", 400},
        {"a NUL", "GET /api/%00", "", 400},
        {"broken UTF-8", "GET /api/%ff%fe", "", 400},
        {"a control character", "GET /api/%0a", "", 400},
        {"a query", "GET /api/notes?q=caf%C3%A9+x&limit=7", "", 200},
        {"an empty value", "GET /api/notes?q=&limit=", "", 200},
        {"an unknown name", "GET /api/notes?x=1", "", 400},
        {"a bad number", "GET /api/notes?limit=many", "", 400},
        {"out of range", "GET /api/notes?limit=101", "", 400},
        {"a broken escape in the query", "GET /api/notes?q=%9", "", 400},
        {"nobody", "GET /api/secret", "", 401},
    };
    App app = {0};
    app_start(&app, (ServerOptions){0});
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *head =
            g_strdup_printf("%s HTTP/1.1\r\n%s", cases[i].line, cases[i].headers);
        g_auto(Reply) reply = http_call(app.port, head, NULL, -1);
        g_assert_cmpint(reply.status, ==, cases[i].status);
    }
    g_auto(Reply) wrong = http_json(app.port, "DELETE /api/notes", "", NULL);
    g_autofree char *allow = http_header(&wrong, "Allow");
    g_assert_cmpstr(allow, ==, "GET, HEAD, POST");
    g_auto(Reply) lie = http_get(app.port, "/api/lie");
    g_assert_cmpint(lie.status, ==, 409); /* a reply that breaks its schema is found by tests */
    g_auto(Reply) type = http_call(app.port, "POST /api/notes HTTP/1.1\r\n", "{}", 2);
    g_assert_cmpint(type.status, ==, 400);
    app_stop(&app);
}

static void every_reply_bears_the_headers(void)
{
    static const char *const names[] = {"Content-Security-Policy",
                                        "X-Content-Type-Options",
                                        "X-Frame-Options",
                                        "Referrer-Policy",
                                        "Cache-Control",
                                        "Cross-Origin-Opener-Policy",
                                        "X-Request-Id"};
    static const char *const paths[] = {"/api/notes", "/api/nothing", "/healthz"};
    App app = {0};
    app_start(&app, (ServerOptions){0});
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_auto(Reply) reply = http_get(app.port, paths[i]);
        for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
            g_autofree char *value = http_header(&reply, names[k]);
            g_assert_nonnull(value);
        }
    }
    g_auto(Reply) other = http_call(app.port,
                                    "OPTIONS /v1/batch HTTP/1.1\r\nOrigin: https://shop.example\r\n"
                                    "Access-Control-Request-Method: POST\r\n",
                                    NULL, -1);
    g_autofree char *origin = http_header(&other, "Access-Control-Allow-Origin");
    g_assert_cmpint(other.status, ==, 204);
    g_assert_cmpstr(origin, ==, "*");
    app_stop(&app);
}

static gsize gzip(const char *text, gsize size, char *out, gsize room)
{
    z_stream z = {.next_in = (Bytef *)text,
                  .avail_in = (uInt)size,
                  .next_out = (Bytef *)out,
                  .avail_out = (uInt)room};
    g_assert_cmpint(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    g_assert_cmpint(deflate(&z, Z_FINISH), ==, Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static void tracking_is_answered_later(void)
{
    char packed[65536];
    App app = {0};
    app_start(&app, (ServerOptions){0});
    g_auto(Reply) plain = http_json(app.port, "POST /v1/batch", "", "abc");
    g_assert_cmpint(plain.status, ==, 200);
    g_assert_cmpstr(plain.body, ==, "{\"success\":true}");
    g_autofree char *origin = http_header(&plain, "Access-Control-Allow-Origin");
    g_assert_cmpstr(origin, ==, "*");
    g_auto(Reply) now = http_json(app.port, "POST /v1/batch", "", "!");
    g_assert_cmpstr(json_text(now.json, "now", NULL), ==, "yes");
    g_auto(Reply) empty = http_json(app.port, "POST /v1/batch", "", "");
    g_assert_cmpint(empty.status, ==, 400);
    g_assert_cmpstr(json_text(empty.json, "code", NULL), ==, "invalid");

    gsize size = gzip("abcdef", 6, packed, sizeof packed);
    g_auto(Reply) labelled = http_call(
        app.port, "POST /v1/batch HTTP/1.1\r\nContent-Encoding: gzip\r\n", packed, (gssize)size);
    g_assert_cmpstr(labelled.body, ==, "{\"bytes\":6}");
    g_auto(Reply) bare = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", packed, (gssize)size);
    g_assert_cmpstr(bare.body, ==, "{\"bytes\":6}");
    g_auto(Reply) cut =
        http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", packed, (gssize)size - 4);
    g_assert_cmpint(cut.status, ==, 400);
    g_autofree char *zeros = g_malloc0(20 << 20);
    size = gzip(zeros, 20 << 20, packed, sizeof packed);
    g_auto(Reply) bomb = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", packed, (gssize)size);
    g_assert_cmpint(bomb.status, ==, 413);
    g_auto(Reply) big = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", zeros, 5 << 20);
    g_assert_cmpint(big.status, ==, 413);
    memset(zeros, 'x', 4 << 20);
    g_auto(Reply) full = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", zeros, 4 << 20);
    g_assert_cmpstr(full.body, ==, "{\"bytes\":4194304}");
    app_stop(&app);
}

static void bodies_share_one_budget(void)
{
    App app = {0};
    app_start(&app, (ServerOptions){.body_budget_bytes = 300000});
    g_autofree char *text = g_strnfill(400000, 'x');
    g_auto(Reply) over = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", text, 400000);
    g_assert_cmpint(over.status, ==, 429);
    g_autofree char *after = http_header(&over, "Retry-After");
    g_assert_nonnull(after);
    g_auto(Reply) under = http_call(app.port, "POST /v1/batch HTTP/1.1\r\n", text, 200000);
    g_assert_cmpint(under.status, ==, 200); /* what the other took was given back */
    app_stop(&app);
}

enum { LONG_ASKERS = 56 };

typedef struct Asker {
    App *app;
    gint *refused;
    int status;
    bool has_after;
} Asker;

static gpointer asker_run(gpointer data)
{
    Asker *asker = data;
    g_auto(Reply) reply = http_json(asker->app->port, "GET /api/long", "", NULL);
    g_autofree char *after = http_header(&reply, "Retry-After");
    asker->status = reply.status;
    asker->has_after = after != NULL;
    if (reply.status == 503) g_atomic_int_inc(asker->refused);
    return NULL;
}

/* While long questions fill their workers and their queue, all others are answered. */
static void long_work_starves_nobody(void)
{
    App app = {0};
    gint refused = 0;
    Asker askers[LONG_ASKERS];
    GThread *threads[LONG_ASKERS];
    app_start(&app, (ServerOptions){0});
    gate.open = false;
    for (int i = 0; i < LONG_ASKERS; i++) {
        askers[i] = (Asker){.app = &app, .refused = &refused};
        threads[i] = g_thread_new("asker", asker_run, &askers[i]);
    }
    int64_t until = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (g_atomic_int_get(&refused) == 0 && g_get_monotonic_time() < until)
        g_usleep(1000);
    g_assert_cmpint(g_atomic_int_get(&refused), >, 0);
    g_auto(Reply) thing = http_json(app.port, "GET /api/things/12", "", NULL);
    g_assert_cmpint(thing.status, ==, 200);
    g_mutex_lock(&gate.mutex);
    gate.open = true;
    g_cond_broadcast(&gate.opened);
    g_mutex_unlock(&gate.mutex);
    for (int i = 0; i < LONG_ASKERS; i++) {
        g_thread_join(threads[i]);
        g_assert_true(askers[i].status == 200 || askers[i].has_after);
        g_assert_true(askers[i].status == 200 || askers[i].status == 503);
    }
    app_stop(&app);
}

static void files_are_streamed(void)
{
    App app = {0};
    app_start(&app, (ServerOptions){0});
    g_autofree char *text = g_strnfill(3 << 20, 'y');
    g_auto(Reply) reply = http_call(app.port, "POST /api/files HTTP/1.1\r\n", text, 3 << 20);
    g_assert_cmpint(json_integer_value(json_object_get(reply.json, "size")), ==, 3 << 20);
    g_auto(Reply) none = http_call(app.port, "POST /api/files HTTP/1.1\r\n", "", 0);
    g_assert_cmpint(none.status, ==, 400);
    g_autofree char *large = g_strnfill(9 << 20, 'y');
    g_auto(Reply) over = http_call(app.port, "POST /api/files HTTP/1.1\r\n", large, 9 << 20);
    g_assert_cmpint(over.status, ==, 413);
    app_stop(&app);
}

static void stopping_answers_what_is_held(void)
{
    App app = {0};
    app_start(&app, (ServerOptions){0});
    int fd = http_connect(app.port);
    const char *text = "POST /v1/never HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na";
    g_assert_true(http_send(fd, text, strlen(text)));
    while (!g_atomic_pointer_get(&kept))
        g_usleep(1000);
    server_stop(app.server);
    g_auto(Reply) reply = http_read(fd, FALSE);
    g_assert_cmpint(reply.status, ==, 503);
    request_finish(kept, 200, NULL, 0); /* its owner comes late: harmless */
    close(fd);
    app_stop(&app);
}

/* Its threads and who stops it want to let go of the socket at the same time. */
static void it_starts_and_stops_again_and_again(void)
{
    for (int i = 0; i < 200; i++) {
        App app = {0};
        app_start(&app, (ServerOptions){.http_threads = 4});
        g_auto(Reply) reply = http_call(app.port, "GET /healthz HTTP/1.1\r\n", NULL, 0);
        g_assert_cmpint(reply.status, ==, 200);
        app_stop(&app);
    }
}

static void watchers_get_what_is_published(void)
{
    App app = {0};
    char chunk[4096];
    app_start(&app, (ServerOptions){0});
    int fd = http_connect(app.port);
    const char *text = "GET /api/live HTTP/1.1\r\nHost: x\r\n\r\n";
    g_assert_true(http_send(fd, text, strlen(text)));
    while (stream_watchers(stream) == 0)
        g_usleep(1000);
    for (int i = 0; i < 20; i++)
        g_assert_true(stream_publish(stream, "item", "{\"n\":1}"));
    stream_publish(stream, "end", "{}");
    g_autoptr(GString) all = g_string_new(NULL);
    while (!strstr(all->str, "event: end")) {
        ssize_t got = recv(fd, chunk, sizeof chunk, 0);
        g_assert_cmpint(got, >, 0);
        g_string_append_len(all, chunk, got);
    }
    g_assert_nonnull(strstr(all->str, "data: {\"n\":1}"));
    server_stop(app.server);
    close(fd);
    app_stop(&app);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/bodies-are-checked", bodies_are_checked);
    g_test_add_func("/server/requests-find-their-route", requests_find_their_route);
    g_test_add_func("/server/every-reply-bears-the-headers", every_reply_bears_the_headers);
    g_test_add_func("/server/tracking-is-answered-later", tracking_is_answered_later);
    g_test_add_func("/server/long-work-starves-nobody", long_work_starves_nobody);
    g_test_add_func("/server/bodies-share-one-budget", bodies_share_one_budget);
    g_test_add_func("/server/files-are-streamed", files_are_streamed);
    g_test_add_func("/server/stopping-answers-what-is-held", stopping_answers_what_is_held);
    g_test_add_func("/server/starts-and-stops", it_starts_and_stops_again_and_again);
    g_test_add_func("/server/watchers-get-what-is-published", watchers_get_what_is_published);
    return g_test_run();
}
