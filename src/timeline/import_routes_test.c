/* The Import page's calls: upload, look, change, start, watch, take the rejected rows, remove. */
#include "timeline/import_routes.h"

#include "base/clock.h"
#include "net/auth.h"
#include "net/http_fixture.h"
#include "timeline/import_fixture.h"

typedef struct Site {
    ImportBench bench;
    Auth *auth;
    Server *server;
    uint16_t port;
    char key[AUTH_KEY_SIZE];
} Site;

static void site_open(Site *site, TestStore *test)
{
    GError *error = NULL;
    import_bench_init(&site->bench, test);
    site->auth = auth_new(test->store, &error);
    g_assert_no_error(error);
    KeyInput input = {.name = "api", .scope = KEY_API, .shop_id = 1};
    Actor by = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};
    KeyMade made;
    auth_key_create(site->auth, &input, &by, &made, &error);
    g_assert_no_error(error);
    g_strlcpy(site->key, made.secret, sizeof(site->key));
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = test->dir,
                             .check_replies = true,
                             .auth = site->auth};
    site->server = server_new(&options, &error);
    g_assert_no_error(error);
    import_add_routes(site->server, site->bench.imports);
    server_start(site->server, &error);
    g_assert_no_error(error);
    site->port = server_port(site->server);
}

static void site_close(Site *site)
{
    server_stop(site->server);
    server_free(site->server);
    auth_free(site->auth);
    import_bench_clear(&site->bench);
}

static Reply site_call(const Site *site, const char *line, const char *type, const char *body)
{
    g_autofree char *head = g_strdup_printf(
        "%s HTTP/1.1\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n", line, site->key, type);
    return http_call(site->port, head, body, body ? (gssize)strlen(body) : -1);
}

static Reply site_json(const Site *site, const char *line, const char *body)
{
    return site_call(site, line, "application/json", body);
}

static char *upload(const Site *site, const char *name, const char *body)
{
    g_autofree char *line = g_strdup_printf("POST /api/imports?name=%s", name);
    g_auto(Reply) reply = site_call(site, line, "text/csv", body);
    g_assert_cmpint(reply.status, ==, 201);
    return g_strdup(json_text(reply.json, "id", NULL));
}

/* Asks until the import has come to an end; its last answer. */
static Reply wait_for_end(const Site *site, const char *id)
{
    g_autofree char *line = g_strdup_printf("GET /api/imports/%s", id);
    for (int64_t until = clock_monotonic_us() + 120000000; clock_monotonic_us() < until;) {
        Reply reply = site_json(site, line, NULL);
        g_assert_cmpint(reply.status, ==, 200);
        const char *state = json_text(reply.json, "state", NULL);
        if (strcmp(state, "running") != 0 && strcmp(state, "ready") != 0) return reply;
        reply_clear(&reply);
    }
    g_assert_not_reached();
}

static const char file[] = "Bestellung;Wann;Kunde;Ware;Anzahl;Preis\r\n"
                           "1;02.01.2024;7;Tee;2;4,50\r\n"
                           "2;13.01.2024;8;Tee;x;4,50\r\n";

static void walks_from_file_to_orders(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_autofree char *id = upload(&site, "kasse.csv", file);
    g_autofree char *put = g_strdup_printf("PUT /api/imports/%s", id);
    g_auto(Reply) ready = site_json(
        &site, put,
        "{\"kind\":\"orders\",\"zone\":\"Europe/Berlin\",\"currency\":\"EUR\",\"mapping\":"
        "{\"order\":\"Bestellung\",\"date\":\"Wann\",\"item\":\"Ware\",\"quantity\":\"Anzahl\"}}");
    g_assert_cmpint(ready.status, ==, 200);
    g_assert_cmpstr(json_text(ready.json, "state", NULL), ==, "ready");
    g_assert_cmpstr(json_text(ready.json, "mapping", "order"), ==, "Bestellung");
    g_assert_cmpstr(json_text(ready.json, "assumed", "date_order"), ==, "dmy");
    json_t *preview = json_object_get(ready.json, "preview");
    g_assert_cmpint((int)json_array_size(preview), ==, 2);
    g_autofree char *start = g_strdup_printf("POST /api/imports/%s/start", id);
    g_auto(Reply) started = site_json(&site, start, NULL);
    g_assert_cmpint(started.status, ==, 202);
    g_auto(Reply) done = wait_for_end(&site, id);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    g_assert_cmpint(json_integer_value(json_object_get(done.json, "orders")), ==, 1);
    g_assert_cmpint(json_integer_value(json_object_get(done.json, "rejected")), ==, 1);
    g_autofree char *rejected = g_strdup_printf("GET /api/imports/%s/rejected", id);
    g_auto(Reply) rows = site_json(&site, rejected, NULL);
    g_assert_cmpint(rows.status, ==, 200);
    g_assert_nonnull(strstr(rows.body, "quantity: number"));
    PersonalFile personal = imports_personal_file(site.bench.imports);
    g_assert_true(personal.erase(personal.context, 1, NULL)); /* somebody is erased */
    g_auto(Reply) forgotten = site_json(&site, rejected, NULL);
    g_assert_cmpint(forgotten.status, ==, 404);
    g_auto(Reply) again = site_json(&site, start, NULL);
    g_assert_cmpint(again.status, ==, 409);
    g_autofree char *stop = g_strdup_printf("POST /api/imports/%s/stop", id);
    g_auto(Reply) stopped = site_json(&site, stop, NULL);
    g_assert_cmpint(stopped.status, ==, 404);
    g_auto(Reply) list = site_json(&site, "GET /api/imports", NULL);
    g_assert_cmpint((int)json_array_size(json_object_get(list.json, "imports")), ==, 1);
    g_autofree char *away = g_strdup_printf("DELETE /api/imports/%s", id);
    g_auto(Reply) gone = site_json(&site, away, NULL);
    g_assert_cmpint(gone.status, ==, 204);
    g_auto(Reply) missing = site_json(&site, rejected, NULL);
    g_assert_cmpint(missing.status, ==, 404);
    site_close(&site);
    g_autofree char *folder = g_build_filename(test->dir, "imports", NULL);
    g_autoptr(GDir) left = g_dir_open(folder, 0, NULL);
    g_assert_null(g_dir_read_name(left)); /* the upload went when it was done */
}

/* Whatever is wrong with a row has a code and its values, for a reader of another language. */
static void names_the_reason_of_each_row(TestStore *test)
{
    static const struct {
        const char *row, *code, *value;
    } cases[] = {
        {"1;soon;7;Tea;1;4.50;EUR", "date-unreadable", "soon"},
        {"2;2024-02-30;7;Tea;1;4.50;EUR", "date-impossible", "2024-02-30"},
        {"3;2024-01-02;7;Tea;x;4.50;EUR", "number-point", "quantity"},
        {"4;2024-01-02;7;Tea;1;4.50;florins", "currency-unknown", "florins"},
        {";2024-01-02;7;Tea;1;4.50;EUR", "order-missing", NULL},
        {"6;2024-01-02;7;Tea;9000000000000;9000000000000;EUR", "product-large", NULL},
        {"7;2024-01-02;7;\"Tea;1;4.50;EUR", "quote-open", NULL},
    };
    Site site;
    site_open(&site, test);
    g_autoptr(GString) body = g_string_new("Order;Date;Customer;Item;Quantity;Price;Currency\n");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_string_append_printf(body, "%s\n", cases[i].row);
    g_autofree char *id = upload(&site, "till.csv", body->str);
    g_autofree char *put = g_strdup_printf("PUT /api/imports/%s", id);
    g_auto(Reply) ready =
        site_json(&site, put,
                  "{\"kind\":\"orders\",\"zone\":\"UTC\",\"currency\":\"EUR\",\"date_order\":"
                  "\"ymd\",\"decimal_comma\":false,\"mapping\":{\"order\":\"Order\",\"date\":"
                  "\"Date\",\"item\":\"Item\",\"quantity\":\"Quantity\",\"price\":\"Price\","
                  "\"customer_id\":\"Customer\",\"currency\":\"Currency\"}}");
    g_assert_cmpint(ready.status, ==, 200);
    json_t *preview = json_object_get(ready.json, "preview");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *row = json_array_get(preview, i);
        g_test_message("%s: %s", cases[i].row, json_text(row, "problem", NULL));
        g_assert_cmpstr(json_text(row, "reason", "code"), ==, cases[i].code);
        json_t *values = json_object_get(json_object_get(row, "reason"), "values");
        g_assert_cmpstr(json_string_value(json_array_get(values, 0)), ==, cases[i].value);
    }
    site_close(&site);
}

static void says_what_is_wrong(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_auto(Reply) sheet =
        site_call(&site, "POST /api/imports?name=x.xlsx", "text/csv", "PK\x03\x04 and more");
    g_assert_cmpint(sheet.status, ==, 201); /* kept, and says why it cannot be read */
    g_autofree char *line =
        g_strdup_printf("GET /api/imports/%s", json_text(sheet.json, "id", NULL));
    g_auto(Reply) shown = site_json(&site, line, NULL);
    g_assert_cmpstr(json_text(shown.json, "state", NULL), ==, "uploaded");
    g_assert_nonnull(strstr(json_text(shown.json, "error", NULL), "spreadsheet"));
    g_autofree char *id = upload(&site, "a.csv", file);
    g_autofree char *put = g_strdup_printf("PUT /api/imports/%s", id);
    g_auto(Reply) zone = site_json(&site, put, "{\"zone\":\"../../etc/passwd\"}");
    g_assert_cmpint(zone.status, ==, 400);
    g_auto(Reply) currency = site_json(&site, put, "{\"currency\":\"QQQ\"}");
    g_assert_cmpint(currency.status, ==, 400);
    g_auto(Reply) column = site_json(&site, put, "{\"mapping\":{\"order\":\"Nothing\"}}");
    g_assert_cmpint(column.status, ==, 400);
    g_auto(Reply) empty = site_call(&site, "POST /api/imports?name=x.csv", "text/csv", "");
    g_assert_cmpint(empty.status, ==, 400);
    site_close(&site);
}

/* An owner sends the list of those who left as customers: asked first, then believed. */
static void a_question_before_refusals_become_customers(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_auto(Reply) made = site_call(&site, "POST /api/imports?name=unsubscribed.csv&kind=customers",
                                   "text/csv", "Email,Name\nann@example.com,Ann\n");
    const char *id = json_text(made.json, "id", NULL);
    g_autofree char *get = g_strdup_printf("GET /api/imports/%s", id);
    g_autofree char *put = g_strdup_printf("PUT /api/imports/%s", id);
    g_autofree char *start = g_strdup_printf("POST /api/imports/%s/start", id);
    g_auto(Reply) asked = site_json(&site, get, NULL);
    g_assert_cmpstr(json_text(asked.json, "state", NULL), ==, "uploaded");
    g_assert_nonnull(strstr(json_text(asked.json, "error", NULL), "never to be written to"));
    g_assert_nonnull(json_text(json_object_get(asked.json, "assumed"), "suppression_hint", NULL));
    g_auto(Reply) refused = site_json(&site, start, NULL);
    g_assert_cmpint(refused.status, ==, 400);
    g_auto(Reply) sure = site_json(&site, put, "{\"not_suppressions\":true}");
    g_assert_cmpstr(json_text(sure.json, "state", NULL), ==, "ready");
    g_auto(Reply) list = site_json(&site, put, "{\"kind\":\"suppressions\",\"says\":\"bounced\"}");
    g_assert_cmpstr(json_text(list.json, "state", NULL), ==, "ready");
    g_auto(Reply) started = site_json(&site, start, NULL);
    g_assert_cmpint(started.status, ==, 202);
    g_auto(Reply) done = wait_for_end(&site, id);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM person"), ==, 0);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM address_consent "
                                            "WHERE reason = 'bounced'"),
                    ==, 1);
    site_close(&site);
}

/* What each row says stands beside it before anything comes in. */
static void the_preview_says_what_rows_say(TestStore *test)
{
    static const char *const want[] = {"yes", "no", NULL, "unsubscribed", "pending", NULL};
    Site site;
    site_open(&site, test);
    g_auto(Reply) made =
        site_call(&site, "POST /api/imports?name=list.csv&kind=consents", "text/csv",
                  "Email,Newsletter\na@example.com,ja\nb@example.com,nein\nc@example.com,\n"
                  "d@example.com,abgemeldet\ne@example.com,pending\nf@example.com,vielleicht\n");
    g_autofree char *get = g_strdup_printf("GET /api/imports/%s", json_text(made.json, "id", NULL));
    g_auto(Reply) seen = site_json(&site, get, NULL);
    json_t *rows = json_object_get(seen.json, "preview");
    g_assert_cmpint(json_array_size(rows), ==, G_N_ELEMENTS(want));
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
        g_assert_cmpstr(json_text(json_array_get(rows, i), "says", NULL), ==, want[i]);
    json_t *reason = json_object_get(json_array_get(rows, 5), "reason");
    g_assert_cmpstr(json_text(reason, "code", NULL), ==, "word-unknown");
    site_close(&site);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/import-routes/walk", walks_from_file_to_orders);
    test_store_add("/import-routes/reasons", names_the_reason_of_each_row);
    test_store_add("/import-routes/wrong", says_what_is_wrong);
    test_store_add("/timeline/import-routes/says", the_preview_says_what_rows_say);
    test_store_add("/timeline/import-routes/refusals", a_question_before_refusals_become_customers);
    return g_test_run();
}
