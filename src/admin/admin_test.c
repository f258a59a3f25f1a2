#include "admin/admin.h"
#include "base/clock.h"
#include "delivery/delivery.h"
#include "net/account.h"
#include "net/audit.h"
#include "net/walk_fixture.h"
#include "store/testdb.h"

static const char password[] = "correct horse battery";

typedef struct House {
    TestStore *test;
    Auth *auth;
    Admin *admin;
    Delivery *delivery;
    Server *server;
    uint16_t port;
    char *cookie, *csrf; /* of the last session_take */
} House;

static void house_open_with(House *house, TestStore *test, ServerOptions options, bool demo)
{
    g_autoptr(GError) error = NULL;
    *house = (House){.test = test};
    house->auth = auth_new(test->store, &error);
    g_assert_no_error(error);
    house->delivery = delivery_new(&(DeliveryOptions){.store = test->store});
    AdminOptions admin = {
        .store = test->store, .auth = house->auth, .delivery = house->delivery, .demo = demo};
    house->admin = admin_new(&admin, &error);
    g_assert_no_error(error);
    options.listen = "127.0.0.1:0";
    options.auth = house->auth;
    options.quiet = options.check_replies = true;
    house->server = server_new(&options, &error);
    admin_add_routes(house->admin, house->server);
    server_start(house->server, &error);
    g_assert_no_error(error);
    house->port = server_port(house->server);
}

static void house_open(House *house, TestStore *test)
{
    house_open_with(house, test, (ServerOptions){0}, false);
}

static void house_close(House *house)
{
    server_free(house->server);
    admin_free(house->admin);
    delivery_free(house->delivery);
    auth_free(house->auth);
    g_free(house->cookie);
    g_free(house->csrf);
}

/* Keeps cookie and CSRF token of a reply that began a session. */
static void session_take(House *house, const Reply *reply)
{
    g_autofree char *set = http_header(reply, "Set-Cookie");
    g_assert_nonnull(set);
    g_free(house->cookie);
    g_free(house->csrf);
    house->cookie = g_strndup(set, strcspn(set, ";"));
    house->csrf = g_strdup(json_text(reply->json, "csrf", NULL));
}

/* A JSON call with the session of the house. */
static Reply house_call(const House *house, const char *line, const char *json)
{
    g_autofree char *headers =
        g_strdup_printf("Cookie: %s\r\nX-CSRF-Token: %s\r\n", house->cookie, house->csrf);
    return http_json(house->port, line, headers, json);
}

/* The part of a link after the last '/'. */
static const char *link_token(const char *link) { return strrchr(link, '/') + 1; }

static void house_set_up(House *house)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *url = admin_setup_url(house->admin, "http://x", &error);
    g_assert_nonnull(url);
    g_autofree char *json = g_strdup_printf(
        "{\"token\":\"%s\",\"name\":\"Ada\",\"email\":\"Ada@Shop.example\",\"password\":\"%s\"}",
        link_token(url), password);
    g_auto(Reply) reply = http_json(house->port, "POST /api/setup", "", json);
    g_assert_cmpint(reply.status, ==, 200);
    session_take(house, &reply);
}

/* ---- set-up ---- */

static void the_set_up_link_works_once(TestStore *test)
{
    House house;
    g_autoptr(GError) error = NULL;
    house_open(&house, test);
    g_auto(Reply) before = http_get(house.port, "/api/session");
    g_assert_true(json_is_true(json_object_get(before.json, "needs_setup")));
    g_assert_true(json_is_null(json_object_get(before.json, "user")));
    g_autofree char *old = admin_setup_url(house.admin, "http://x", &error);
    g_autofree char *url = admin_setup_url(house.admin, "http://x", &error);
    static const struct {
        const char *why;
        int which; /* 0 the older link, 1 the newest, 2 none of ours */
        const char *email, *password;
        int status;
        const char *field;
    } cases[] = {
        {"a link that is none", 2, "a@b.example", "long enough", 404, NULL},
        {"an older link", 0, "a@b.example", "long enough", 404, NULL},
        {"a short password", 1, "a@b.example", "short", 400, "password"},
        {"a password on every list", 1, "a@b.example", "Password123", 400, "password"},
        {"an address that is none", 1, "a@b", "long enough", 400, "email"},
        {"all is well", 1, "a@b.example", "long enough", 200, NULL},
        {"a second time", 1, "c@d.example", "long enough", 404, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *tokens[] = {link_token(old), link_token(url), "AAAAAAAAAAAA"};
        g_test_message("%s", cases[i].why);
        g_autofree char *json = g_strdup_printf(
            "{\"token\":\"%s\",\"name\":\"A\",\"email\":\"%s\",\"password\":\"%s\"}",
            tokens[cases[i].which], cases[i].email, cases[i].password);
        g_auto(Reply) reply = http_json(house.port, "POST /api/setup", "", json);
        g_assert_cmpint(reply.status, ==, cases[i].status);
        json_t *fields = json_object_get(json_object_get(reply.json, "error"), "fields");
        g_assert_cmpstr(json_text(json_array_get(fields, 0), "field", NULL), ==, cases[i].field);
    }
    g_autofree char *none = admin_setup_url(house.admin, "http://x", &error);
    g_assert_null(none);
    g_assert_no_error(error);
    house_close(&house);
}

/* ---- sessions ---- */

static int session_status(const House *house, const char *cookie)
{
    g_autofree char *headers = g_strdup_printf("Cookie: %s\r\n", cookie);
    g_auto(Reply) reply = http_json(house->port, "GET /api/users", headers, NULL);
    return reply.status;
}

static void sessions_begin_and_end(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_autofree char *first = g_strdup(house.cookie);
    g_assert_cmpint(session_status(&house, first), ==, 200);
    g_auto(Reply) wrong = http_json(house.port, "POST /api/session", "",
                                    "{\"email\":\"ada@shop.example\",\"password\":\"wrong one\"}");
    g_assert_cmpint(wrong.status, ==, 401);
    g_auto(Reply) nobody = http_json(house.port, "POST /api/session", "",
                                     "{\"email\":\"bob@shop.example\",\"password\":\"wrong one\"}");
    g_assert_cmpstr(json_text(wrong.json, "error", "message"), ==,
                    json_text(nobody.json, "error", "message"));
    g_autofree char *json =
        g_strdup_printf("{\"email\":\" ADA@shop.example \",\"password\":\"%s\"}", password);
    g_auto(Reply) right = http_json(house.port, "POST /api/session", "", json);
    g_assert_cmpint(right.status, ==, 200);
    g_autofree char *set = http_header(&right, "Set-Cookie");
    g_assert_nonnull(strstr(set, "; HttpOnly"));
    g_assert_nonnull(strstr(set, "; SameSite=Lax"));
    g_assert_null(strstr(set, "Secure")); /* plain loopback */
    session_take(&house, &right);
    g_assert_cmpstr(house.cookie, !=, first);
    g_auto(Reply) out = house_call(&house, "DELETE /api/session", NULL);
    g_assert_cmpint(out.status, ==, 200);
    g_assert_cmpint(session_status(&house, house.cookie), ==, 401);
    g_assert_cmpint(session_status(&house, first), ==, 200); /* the other browser stays */
    g_assert_cmpint(session_status(&house, "kith=x"), ==, 401);
    int64_t tokens = test_store_number(test, "SELECT COUNT(*) FROM session");
    g_assert_cmpint(tokens, ==, 1);
    house_close(&house);
}

static void sessions_time_out(TestStore *test)
{
    House house;
    clock_simulate(1790000000000);
    house_open(&house, test);
    house_set_up(&house);
    for (int i = 0; i < 30; i++) { /* eleven hours apart: used, so not idle */
        clock_advance(11 * (int64_t)CLOCK_HOUR_MS);
        g_assert_cmpint(session_status(&house, house.cookie), ==, 200);
    }
    clock_advance(11 * (int64_t)CLOCK_HOUR_MS); /* over fourteen days in all */
    g_assert_cmpint(session_status(&house, house.cookie), ==, 401);
    g_autofree char *json =
        g_strdup_printf("{\"email\":\"ada@shop.example\",\"password\":\"%s\"}", password);
    g_auto(Reply) again = http_json(house.port, "POST /api/session", "", json);
    session_take(&house, &again);
    clock_advance(13 * (int64_t)CLOCK_HOUR_MS);
    g_assert_cmpint(session_status(&house, house.cookie), ==, 401); /* idle */
    clock_restore();
    house_close(&house);
}

static void changes_need_the_token_of_the_page(TestStore *test)
{
    static const struct {
        const char *why, *headers; /* besides the cookie; %s is the token */
        int status;
    } cases[] = {
        {"no token", "", 403},
        {"another token", "X-CSRF-Token: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n", 403},
        {"the token", "X-CSRF-Token: %s\r\n", 200},
        {"from our own page", "X-CSRF-Token: %s\r\nSec-Fetch-Site: same-origin\r\n", 200},
        {"from another site", "X-CSRF-Token: %s\r\nSec-Fetch-Site: cross-site\r\n", 403},
        {"from a sister site", "X-CSRF-Token: %s\r\nSec-Fetch-Site: same-site\r\n", 403},
        {"another origin", "X-CSRF-Token: %s\r\nOrigin: https://evil.example\r\n", 403},
        {"a null origin", "X-CSRF-Token: %s\r\nOrigin: null\r\n", 403},
        {"two tokens", "X-CSRF-Token: %s\r\nX-CSRF-Token: x\r\n", 400},
    };
    House house;
    house_open(&house, test);
    house_set_up(&house);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(GStrv) parts = g_strsplit(cases[i].headers, "%s", 2);
        g_autofree char *extra = g_strjoinv(house.csrf, parts);
        g_autofree char *headers = g_strdup_printf("Cookie: %s\r\n%s", house.cookie, extra);
        g_auto(Reply) reply =
            http_json(house.port, "PUT /api/business", headers, "{\"name\":\"Shop\"}");
        g_assert_cmpint(reply.status, ==, cases[i].status);
    }
    g_auto(Reply) planted =
        http_json(house.port, "POST /api/session", "Sec-Fetch-Site: cross-site\r\n",
                  "{\"email\":\"a@b.example\",\"password\":\"x\"}");
    g_assert_cmpint(planted.status, ==, 403); /* no signing in of a stranger from outside */
    house_close(&house);
}

static void behind_a_proxy_the_cookie_is_a_host_cookie(TestStore *test)
{
    House house;
    house_open_with(&house, test,
                    (ServerOptions){.trusted_proxy = "127.0.0.1", .url = "https://kith.example"},
                    false);
    house_set_up(&house);
    g_autofree char *json =
        g_strdup_printf("{\"email\":\"ada@shop.example\",\"password\":\"%s\"}", password);
    g_auto(Reply) reply = http_json(house.port, "POST /api/session",
                                    "X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\n"
                                    "Origin: https://kith.example\r\n",
                                    json);
    g_autofree char *set = http_header(&reply, "Set-Cookie");
    g_assert_true(g_str_has_prefix(set, "__Host-kith="));
    g_assert_nonnull(strstr(set, "; Secure"));
    g_autofree char *hsts = http_header(&reply, "Strict-Transport-Security");
    g_assert_nonnull(hsts);
    house_close(&house);
}

static void guessing_is_slowed(TestStore *test)
{
    House house;
    house_open(&house, test);
    int limited = 0;
    for (int i = 0; i < 25; i++) {
        g_auto(Reply) reply = http_json(house.port, "POST /api/session", "",
                                        "{\"email\":\"no shape\",\"password\":\"x\"}");
        g_autofree char *after = http_header(&reply, "Retry-After");
        limited += reply.status == 429 && after != NULL;
        g_assert_true(reply.status == 401 || reply.status == 429);
    }
    g_assert_cmpint(limited, >, 0);
    house_close(&house);
}

/* ---- users ---- */

static void invites_and_resets_work_once(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) made =
        house_call(&house, "POST /api/users", "{\"email\":\"bea@shop.example\",\"name\":\"Bea\"}");
    g_assert_cmpint(made.status, ==, 201);
    g_assert_cmpstr(json_text(made.json, "mail", NULL), ==, "mailbox"); /* no sender is set up */
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM job WHERE kind = 'mail.user'"),
                    ==, 1);
    g_auto(Reply) twice =
        house_call(&house, "POST /api/users", "{\"email\":\"Bea@shop.example\",\"name\":\"Bea\"}");
    g_assert_cmpint(twice.status, ==, 409);
    const char *token = link_token(json_text(made.json, "link", NULL));
    g_autofree char *path = g_strconcat("/api/links/", token, NULL);
    g_autofree char *line = g_strconcat("POST ", path, NULL);
    g_auto(Reply) shown = http_get(house.port, path);
    g_assert_cmpstr(json_text(shown.json, "purpose", NULL), ==, "invite");
    g_assert_cmpstr(json_text(shown.json, "email", NULL), ==, "bea@shop.example");
    g_auto(Reply) taken = http_json(house.port, line, "", "{\"password\":\"bea's own words\"}");
    g_assert_cmpint(taken.status, ==, 200);
    g_auto(Reply) again = http_json(house.port, line, "", "{\"password\":\"bea's own words\"}");
    g_assert_cmpint(again.status, ==, 404);

    House bea = house;
    bea.cookie = bea.csrf = NULL;
    session_take(&bea, &taken);
    g_auto(Reply) denied =
        house_call(&bea, "POST /api/users", "{\"email\":\"c@shop.example\",\"name\":\"C\"}");
    g_assert_cmpint(denied.status, ==, 403); /* staff invite nobody */
    const char *id = json_text(made.json, "user", "id");
    g_autofree char *reset = g_strdup_printf("POST /api/users/%s/reset", id);
    g_autofree char *remove = g_strdup_printf("DELETE /api/users/%s", id);
    g_auto(Reply) link = house_call(&house, reset, NULL);
    g_autofree char *reset_line =
        g_strconcat("POST /api/links/", link_token(json_text(link.json, "link", NULL)), NULL);
    g_auto(Reply) changed = http_json(house.port, reset_line, "", "{\"password\":\"new words\"}");
    g_assert_cmpint(changed.status, ==, 200);
    g_assert_cmpint(session_status(&house, bea.cookie), ==, 401); /* all her sessions ended */
    session_take(&bea, &changed);
    g_auto(Reply) gone = house_call(&house, remove, NULL);
    g_assert_cmpint(gone.status, ==, 200);
    g_assert_cmpint(session_status(&house, bea.cookie), ==, 401);
    g_auto(Reply) none = house_call(&house, remove, NULL);
    g_assert_cmpint(none.status, ==, 404);
    g_free(bea.cookie);
    g_free(bea.csrf);
    house_close(&house);
}

static void the_last_owner_stays(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) users = house_call(&house, "GET /api/users", NULL);
    json_t *ada = json_array_get(json_object_get(users.json, "users"), 0);
    g_autofree char *line = g_strdup_printf("DELETE /api/users/%s", json_text(ada, "id", NULL));
    g_auto(Reply) reply = house_call(&house, line, NULL);
    g_assert_cmpint(reply.status, ==, 409);
    house_close(&house);
}

/* ---- keys ---- */

static int key_status(const House *house, const char *scheme, const char *key)
{
    g_autofree char *headers = g_strdup_printf("Authorization: %s%s\r\n", scheme, key);
    g_auto(Reply) reply = http_json(house->port, "GET /api/business", headers, NULL);
    return reply.status;
}

static void keys_open_what_their_scope_says(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) made =
        house_call(&house, "POST /api/keys", "{\"name\":\"Script\",\"scope\":\"api\"}");
    g_auto(Reply) track = house_call(&house, "POST /api/keys",
                                     "{\"name\":\"Site\",\"scope\":\"track\",\"shop\":\"Second\"}");
    g_assert_cmpint(made.status, ==, 201);
    const char *secret = json_text(made.json, "secret", NULL);
    g_assert_true(g_str_has_prefix(secret, "kith_api_"));
    g_assert_true(g_str_has_prefix(secret, json_text(made.json, "key", "prefix")));
    g_assert_cmpint(key_status(&house, "Bearer ", secret), ==, 200);
    g_autofree char *basic = g_strconcat(secret, ":", NULL);
    g_autofree char *base64 = g_base64_encode((const guchar *)basic, strlen(basic));
    g_assert_cmpint(key_status(&house, "Basic ", base64), ==, 200);
    g_assert_cmpint(key_status(&house, "", secret), ==, 200);
    g_assert_cmpint(key_status(&house, "Bearer ", json_text(track.json, "secret", NULL)), ==, 403);
    g_assert_cmpint(key_status(&house, "Bearer ", "kith_api_x"), ==, 401);
    g_assert_cmpint(key_status(&house, "Basic ", "!!"), ==, 401);
    g_auto(Reply) listed = house_call(&house, "GET /api/keys", NULL);
    g_assert_null(strstr(listed.body, secret)); /* never shown again */
    g_autofree char *raw = test_store_sql(test, "SELECT MIN(prefix) FROM api_key");
    g_assert_cmpstr(raw, ==, json_text(made.json, "key", "prefix"));

    Actor actor;
    g_autoptr(GError) error = NULL;
    const char *public = json_text(track.json, "secret", NULL);
    g_assert_true(auth_key_find(house.auth, public, strlen(public), &actor, &error));
    g_assert_cmpint(actor.key_scope, ==, KEY_TRACK);
    g_assert_cmpint(actor.shop_id, >, 1);
    g_assert_cmpint(actor.source_id, >, 2);
    g_autofree char *line =
        g_strdup_printf("DELETE /api/keys/%s", json_text(made.json, "key", "id"));
    g_auto(Reply) ended = house_call(&house, line, NULL);
    g_assert_cmpint(ended.status, ==, 200);
    g_assert_cmpint(key_status(&house, "Bearer ", secret), ==, 401);
    house_close(&house);
    house_open(&house, test); /* and after a restart */
    g_assert_cmpint(key_status(&house, "Bearer ", secret), ==, 401);
    g_assert_true(auth_key_find(house.auth, public, strlen(public), &actor, &error));
    house_close(&house);
}

/* ---- business, shops and the rest ---- */

static void the_profile_keeps_what_was_not_named(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) first = house_call(&house, "PUT /api/business",
                                     "{\"name\":\"Bean & Leaf\",\"currency\":\"GBP\","
                                     "\"zone\":\"Europe/London\",\"language\":\"de\"}");
    g_assert_cmpint(first.status, ==, 200);
    g_auto(Reply) second = house_call(&house, "PUT /api/business", "{\"gap_days\":45}");
    g_assert_cmpstr(json_text(second.json, "zone", NULL), ==, "Europe/London");
    g_assert_cmpint(json_integer_value(json_object_get(second.json, "gap_days")), ==, 45);
    g_auto(Reply) bad = house_call(&house, "PUT /api/business",
                                   "{\"currency\":\"XXQ\",\"zone\":\"../../etc/passwd\"}");
    json_t *fields = json_object_get(json_object_get(bad.json, "error"), "fields");
    g_assert_cmpint(bad.status, ==, 400);
    g_assert_cmpint((int)json_array_size(fields), ==, 2);
    g_auto(Reply) read = house_call(&house, "GET /api/business", NULL);
    g_assert_cmpstr(json_text(read.json, "currency", NULL), ==, "GBP");
    g_auto(Reply) session = house_call(&house, "GET /api/session", NULL);
    g_assert_cmpstr(json_text(session.json, "business", "name"), ==, "Bean & Leaf");
    g_assert_cmpstr(json_text(session.json, "user", "email"), ==, "ada@shop.example");
    house_close(&house);
}

static void the_figures_are_readable(TestStore *test)
{
    static const char *const names[] = {
        "kith_http_requests_total{method=\"POST\",route=\"/api/setup\",status=\"2xx\"} 1",
        "kith_http_request_seconds_bucket{le=\"+Inf\"} ",
        "kith_writer_commit_seconds_count ",
        "kith_writer_group_units ",
        "kith_wal_bytes ",
        "kith_parked_items 0",
        "kith_disk_left_days ",
        "kith_writer_queue_age_seconds ",
        "kith_http_body_bytes "};
    House house;
    house_open(&house, test);
    house_set_up(&house);
    /* a request is counted when its connection is done with it, a moment after its reply */
    g_auto(Reply) reply = http_get(house.port, "/metrics");
    for (int i = 0; i < 3000 && !strstr(reply.body, names[0]); i++) {
        g_usleep(10000);
        reply_clear(&reply);
        reply = http_get(house.port, "/metrics");
    }
    g_assert_cmpint(reply.status, ==, 200);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_test_message("%s", names[i]);
        g_assert_nonnull(strstr(reply.body, names[i]));
    }
    server_set_ready(house.server, "building");
    g_auto(Reply) waiting = http_get(house.port, "/readyz");
    g_assert_cmpint(waiting.status, ==, 503);
    server_set_ready(house.server, NULL);
    g_auto(Reply) ready = http_get(house.port, "/readyz");
    g_assert_cmpint(ready.status, ==, 200);
    g_auto(Reply) alive = http_get(house.port, "/healthz");
    g_assert_cmpint(alive.status, ==, 200);
    house_close(&house);
}

static void the_house_answers(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) shop = house_call(&house, "POST /api/shops", "{\"name\":\"Market stall\"}");
    g_auto(Reply) same = house_call(&house, "POST /api/shops", "{\"name\":\"Market stall\"}");
    g_assert_cmpstr(json_text(shop.json, "id", NULL), ==, json_text(same.json, "id", NULL));
    g_auto(Reply) shops = house_call(&house, "GET /api/shops", NULL);
    g_assert_cmpint((int)json_array_size(json_object_get(shops.json, "shops")), ==, 2);
    g_auto(Reply) audit = house_call(&house, "GET /api/audit", NULL);
    json_t *entries = json_object_get(audit.json, "entries");
    g_assert_cmpstr(json_text(json_array_get(entries, 0), "action", NULL), ==, "account.setup");
    g_assert_null(strstr(audit.body, "shop.example")); /* no addresses in it */
    g_auto(Reply) disk = house_call(&house, "GET /api/disk", NULL);
    g_assert_cmpint(json_integer_value(json_object_get(disk.json, "data_bytes")), >, 0);
    g_auto(Reply) kept = house_call(&house, "GET /api/retention", NULL);
    g_assert_cmpint(kept.status, ==, 200);
    g_auto(Reply) keep =
        house_call(&house, "PUT /api/retention", "{\"name\":\"Page Viewed\",\"days\":30}");
    g_assert_cmpint(keep.status, ==, 400); /* no such event yet */
    g_auto(Reply) attention = house_call(&house, "GET /api/attention", NULL);
    g_assert_cmpint((int)json_array_size(json_object_get(attention.json, "parked")), ==, 0);
    g_auto(Reply) retry = house_call(&house, "POST /api/attention/7", "{\"action\":\"retry\"}");
    g_assert_cmpint(retry.status, ==, 404);
    house_close(&house);
}

static bool audit_fill_run(Db *db, void *data, GError **error)
{
    Store *store = data;
    Actor nobody = {0};
    for (int i = 0; i < 250; i++) {
        AuditEntry entry = {.audit_id = store_id_next(store),
                            .at = i + 1,
                            .by = &nobody,
                            .action = "test.count",
                            .kind = "thing",
                            .id = i + 1,
                            .detail = "{\"n\":1}"};
        if (!audit_add(db, &entry, error)) return false;
    }
    return true;
}

static void the_audit_log_is_read_in_pages(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_assert_true(
        writer_call(store_writer(test->store), WRITER_REST, audit_fill_run, test->store, NULL));
    g_autofree char *line = g_strdup("GET /api/audit");
    int total = 0, pages = 0;
    while (line) {
        g_auto(Reply) page = house_call(&house, line, NULL);
        total += (int)json_array_size(json_object_get(page.json, "entries"));
        pages++;
        const char *next = json_text(page.json, "next", NULL);
        g_free(line);
        line = next ? g_strdup_printf("GET /api/audit?cursor=%s", next) : NULL;
    }
    g_assert_cmpint(total, ==, 251);
    g_assert_cmpint(pages, ==, 3);
    house_close(&house);
}

static void the_demo_is_open_on_this_machine_only(TestStore *test)
{
    House house;
    house_open_with(&house, test, (ServerOptions){0}, true);
    g_auto(Reply) here = http_get(house.port, "/api/session");
    g_assert_cmpstr(json_text(here.json, "user", "role"), ==, "owner");
    session_take(&house, &here);
    g_assert_cmpint(session_status(&house, house.cookie), ==, 200);
    int fd = http_connect(house.port);
    const char *text = "GET /api/session HTTP/1.1\r\nHost: rebound.example:80\r\n\r\n";
    g_assert_true(http_send(fd, text, strlen(text)));
    g_auto(Reply) there = http_read(fd, FALSE);
    close(fd);
    g_assert_true(json_is_null(json_object_get(there.json, "user")));
    house_close(&house);
}

static void every_route_guards_itself(TestStore *test)
{
    House house;
    house_open(&house, test);
    house_set_up(&house);
    g_auto(Reply) api = house_call(&house, "POST /api/keys", "{\"name\":\"a\",\"scope\":\"api\"}");
    g_auto(Reply) track =
        house_call(&house, "POST /api/keys", "{\"name\":\"t\",\"scope\":\"track\"}");
    Walk walk = {.port = house.port,
                 .cookie = house.cookie,
                 .csrf = house.csrf,
                 .api_key = json_text(api.json, "secret", NULL),
                 .track_key = json_text(track.json, "secret", NULL)};
    walk.routes = server_routes(house.server, &walk.count);
    g_assert_cmpuint(walk.count, >, 20);
    g_assert_cmpuint(walk_all(&walk), ==, 0);
    g_free(walk.routes);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/admin/the-set-up-link-works-once", the_set_up_link_works_once);
    test_store_add("/admin/sessions-begin-and-end", sessions_begin_and_end);
    test_store_add("/admin/sessions-time-out", sessions_time_out);
    test_store_add("/admin/changes-need-the-token", changes_need_the_token_of_the_page);
    test_store_add("/admin/host-cookie", behind_a_proxy_the_cookie_is_a_host_cookie);
    test_store_add("/admin/guessing-is-slowed", guessing_is_slowed);
    test_store_add("/admin/invites-and-resets-work-once", invites_and_resets_work_once);
    test_store_add("/admin/the-last-owner-stays", the_last_owner_stays);
    test_store_add("/admin/keys-open-what-their-scope-says", keys_open_what_their_scope_says);
    test_store_add("/admin/the-profile", the_profile_keeps_what_was_not_named);
    test_store_add("/admin/the-house-answers", the_house_answers);
    test_store_add("/admin/the-figures", the_figures_are_readable);
    test_store_add("/admin/the-audit-log", the_audit_log_is_read_in_pages);
    test_store_add("/admin/the-demo", the_demo_is_open_on_this_machine_only);
    test_store_add("/admin/every-route-guards-itself", every_route_guards_itself);
    return g_test_run();
}
