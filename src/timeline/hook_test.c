/* Webhooks of shops: signatures, replays, order of arrival, and what each topic does. Vectors are
 * our own, in the shapes of https://shopify.dev/docs/api/webhooks?reference=toml and
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks; the vendors' examples are read
 * from the shared data where they are present. */
#include <sodium.h>

#include "base/clock.h"
#include "net/auth.h"
#include "net/http_fixture.h"
#include "timeline/business.h"
#include "timeline/hooks.h"
#include "timeline/import_fixture.h"
#include "timeline/orders_verify.h"

#define SECRET "shpss_hush_hush"

typedef struct Site {
    ImportBench bench;
    Hooks *hooks;
    Auth *auth;
    Server *server;
    uint16_t port;
    char key[AUTH_KEY_SIZE];
    char token[HOOK_VENDORS][HOOK_TOKEN_SIZE];
    int deliveries;
} Site;

static const Actor owner = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};

static bool business_set(Db *db, void *data, GError **error)
{
    (void)data;
    Business business = {.currency = "USD", .zone = "UTC", .language = "en"};
    return business_save(db, &business, clock_now_ms(), error);
}

static void site_open(Site *site, TestStore *test)
{
    GError *error = NULL;
    *site = (Site){0};
    import_bench_init(&site->bench, test);
    site->auth = auth_new(test->store, &error);
    g_assert_no_error(error);
    KeyInput input = {.name = "api", .scope = KEY_API, .shop_id = 1};
    KeyMade made;
    auth_key_create(site->auth, &input, &(Actor){.kind = ACTOR_LOCAL, .role = ROLE_OWNER}, &made,
                    &error);
    g_assert_no_error(error);
    g_strlcpy(site->key, made.secret, sizeof site->key);
    writer_call(store_writer(test->store), WRITER_REST, business_set, NULL, &error);
    g_assert_no_error(error);
    HookParts parts = {test->store, site->bench.people, site->bench.timeline, site->bench.orders};
    site->hooks = hooks_open(&parts, &error);
    g_assert_no_error(error);
    for (int vendor = 0; vendor < HOOK_VENDORS; vendor++) {
        hooks_secret_set(site->hooks, 1, (HookVendor)vendor, SECRET, &owner, &error);
        g_assert_no_error(error);
        g_assert_true(hooks_token(site->hooks, 1, (HookVendor)vendor, site->token[vendor]));
    }
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = test->dir,
                             .check_replies = true,
                             .auth = site->auth};
    site->server = server_new(&options, &error);
    hooks_add_routes(site->hooks, site->server);
    server_start(site->server, &error);
    g_assert_no_error(error);
    site->port = server_port(site->server);
}

static void site_close(Site *site)
{
    server_stop(site->server);
    server_free(site->server);
    hooks_free(site->hooks);
    auth_free(site->auth);
    import_bench_clear(&site->bench);
}

/* base64 of HMAC-SHA256, as both vendors sign. */
static char *sign(const char *secret, const char *body, size_t size)
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_ORIGINAL)];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, size);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2base64(text, sizeof text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    return g_strdup(text);
}

typedef struct Sent {
    HookVendor vendor;
    const char *topic, *id, *body;
    const char *signature; /* NULL: the right one; "": none */
} Sent;

static int send_one(Site *site, const Sent *sent)
{
    static const char *const names[HOOK_VENDORS][3] = {
        {"X-Shopify-Hmac-Sha256", "X-Shopify-Topic", "X-Shopify-Event-Id"},
        {"X-WC-Webhook-Signature", "X-WC-Webhook-Topic", "X-WC-Webhook-Delivery-ID"}};
    const char *const *name = names[sent->vendor];
    g_autofree char *right = sign(SECRET, sent->body, strlen(sent->body));
    const char *signature = sent->signature ? sent->signature : right;
    g_autofree char *signed_by =
        *signature ? g_strdup_printf("%s: %s\r\n", name[0], signature) : g_strdup("");
    g_autofree char *head = g_strdup_printf(
        "POST /hooks/%s/%s HTTP/1.1\r\nContent-Type: application/json\r\n%s%s: %s\r\n%s: %s\r\n",
        hook_vendor_name(sent->vendor), site->token[sent->vendor], signed_by, name[1], sent->topic,
        name[2], sent->id);
    g_auto(Reply) reply = http_call(site->port, head, sent->body, (gssize)strlen(sent->body));
    return reply.status;
}

/* A delivery that is right and new. */
static void deliver(Site *site, HookVendor vendor, const char *topic, const char *body)
{
    g_autofree char *id = g_strdup_printf("delivery-%04d", ++site->deliveries);
    Sent sent = {vendor, topic, id, body, NULL};
    g_assert_cmpint(send_one(site, &sent), ==, 200);
}

static int64_t number(Site *site, const char *sql)
{
    return test_store_number(site->bench.test, sql);
}

static void assert_last(Site *site, const char *state)
{
    g_autofree char *last = test_store_sql(
        site->bench.test,
        "SELECT state FROM hook_delivery ORDER BY received_at DESC, delivery_key DESC");
    g_assert_cmpstr(last, ==, state);
}

static void assert_whole(Site *site)
{
    g_auto(Findings) findings;
    findings_init(&findings);
    g_assert_true(orders_verify(site->bench.test->store, &findings, NULL));
    g_assert_cmpint(findings.wrong, ==, 0);
}

static char *shopify_order(const char *updated, const char *more)
{
    return g_strdup_printf(
        "{\"id\": 820982911946154508, \"name\": \"#1001\", \"currency\": \"USD\","
        "\"email\": \"ann@shop.example\", \"created_at\": \"2025-01-05T10:00:00-05:00\","
        "\"updated_at\": \"%s\", \"total_price\": \"50.00\", \"total_tax\": \"5.00\","
        "\"total_discounts\": \"0.00\", \"customer\": {\"id\": 115310627314723954,"
        "\"email\": \"ann@shop.example\", \"first_name\": \"Ann\"},"
        "\"line_items\": [{\"sku\": \"LAMP\", \"title\": \"Lamp\", \"quantity\": 2,"
        "\"price\": \"25.00\"}]%s}",
        updated, more);
}

/* ── who may speak ───────────────────────────────────────────────────────────────────────────── */

static void believes_only_what_is_signed(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_autofree char *body = shopify_order("2025-01-05T15:00:00Z", "");
    g_autofree char *right = sign(SECRET, body, strlen(body)),
                    *other = sign("other", body, strlen(body));
    g_autofree char *doubled = g_strdup_printf("%s, %s", right, right);
    g_autofree char *cut = g_strndup(right, strlen(right) - 4);
    const char *const wrong[] = {"", other, doubled, cut, "not base64 at all", "AAAA"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Sent sent = {HOOK_SHOPIFY, "orders/create", "1", body, wrong[i]};
        g_assert_cmpint(send_one(&site, &sent), ==, 401);
    }
    /* The same JSON written otherwise is another body. */
    g_autofree char *spaced = g_strdup_printf("%s ", body);
    Sent respaced = {HOOK_SHOPIFY, "orders/create", "1", spaced, right};
    g_assert_cmpint(send_one(&site, &respaced), ==, 401);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM hook_delivery"), ==, 0);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM orders"), ==, 0);
    char kept = site.token[HOOK_SHOPIFY][0];
    site.token[HOOK_SHOPIFY][0] = kept == '0' ? '1' : '0';
    Sent lost = {HOOK_SHOPIFY, "orders/create", "1", body, NULL};
    g_assert_cmpint(send_one(&site, &lost), ==, 404);
    site.token[HOOK_SHOPIFY][0] = kept;
    g_assert_cmpint(send_one(&site, &lost), ==, 200);
    site_close(&site);
}

static void a_new_secret_leaves_the_old_one_good_for_a_while(TestStore *test)
{
    Site site;
    GError *error = NULL;
    site_open(&site, test);
    char before[HOOK_TOKEN_SIZE];
    g_strlcpy(before, site.token[HOOK_SHOPIFY], sizeof before);
    hooks_secret_set(site.hooks, 1, HOOK_SHOPIFY, "the new secret", &owner, &error);
    g_assert_no_error(error);
    g_assert_true(hooks_token(site.hooks, 1, HOOK_SHOPIFY, site.token[HOOK_SHOPIFY]));
    g_assert_cmpstr(before, ==, site.token[HOOK_SHOPIFY]);
    g_autofree char *body = shopify_order("2025-01-05T15:00:00Z", "");
    g_autofree char *new_sign = sign("the new secret", body, strlen(body));
    Sent by_new = {HOOK_SHOPIFY, "orders/create", "1", body, new_sign};
    Sent by_old = {HOOK_SHOPIFY, "orders/create", "2", body, NULL};
    g_assert_cmpint(send_one(&site, &by_new), ==, 200);
    g_assert_cmpint(send_one(&site, &by_old), ==, 200);
    clock_simulate(clock_real_ms() + HOOK_PREVIOUS_MS + 1000);
    g_assert_cmpint(send_one(&site, &by_old), ==, 401);
    g_assert_cmpint(send_one(&site, &by_new), ==, 200);
    clock_restore();
    g_autofree char *stored =
        test_store_sql(test, "SELECT secret || previous FROM shop_hook WHERE vendor = 'shopify'");
    g_assert_nonnull(stored);
    g_assert_null(strstr(stored, "secret"));
    g_assert_null(strstr(stored, SECRET));
    site_close(&site);
}

/* Content is never a reason to be asked again: WooCommerce ends a webhook after five failures. */
static void refuses_content_for_good(TestStore *test)
{
    Site site;
    site_open(&site, test);
    static const char *const bad[] = {
        "not JSON",
        "[1]",
        "{\"id\": 1",
        "\xef\xbb\xbf{}",
        "{\"id\": \"\xff\"}",
        "{}",
        "{\"id\": 5, \"name\": \"#5\", \"currency\": \"ZZZ\", \"total_price\": \"1.00\"}",
        "{\"id\": 5, \"name\": \"#5\", \"currency\": \"USD\", \"total_price\": \"much\"}",
        "{\"id\": 5, \"name\": \"#5\", \"currency\": \"USD\", \"total_price\": "
        "\"99999999999999999\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i]);
        deliver(&site, HOOK_SHOPIFY, "orders/create", bad[i]);
    }
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM hook_delivery WHERE state = 'refused'"), ==,
                    G_N_ELEMENTS(bad));
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM hook_subject"), ==, 0);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM orders"), ==, 0);
    deliver(&site, HOOK_SHOPIFY, "carts/create", "{}");
    assert_last(&site, "ignored");
    g_autofree char *huge = g_strnfill(HOOK_BODY_BYTES_MAX + 1, ' ');
    Sent too_much = {HOOK_SHOPIFY, "orders/create", "huge", huge, NULL};
    g_assert_cmpint(send_one(&site, &too_much), ==, 413);
    g_autofree char *large = g_strnfill(3 * 1024 * 1024, ' ');
    memcpy(large, "{}", 2);
    deliver(&site, HOOK_SHOPIFY, "carts/create", large);
    Sent ping = {HOOK_WOOCOMMERCE, "", "", "webhook_id=7", ""};
    g_assert_cmpint(send_one(&site, &ping), ==, 200);
    ping.body = "webhook_id=7&x=y";
    g_assert_cmpint(send_one(&site, &ping), ==, 401);
    site_close(&site);
}

/* ── Shopify ─────────────────────────────────────────────────────────────────────────────────── */

static void a_replay_counts_once(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_autofree char *body = shopify_order("2025-01-05T15:00:00Z", "");
    Sent sent = {HOOK_SHOPIFY, "orders/create", "the-same", body, NULL};
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(send_one(&site, &sent), ==, 200);
    deliver(&site, HOOK_SHOPIFY, "orders/paid", body);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM hook_delivery"), ==, 2);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM orders"), ==, 1);
    g_assert_cmpint(number(&site, "SELECT revenue FROM orders"), ==, 5000);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM order_line"), ==, 1);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM person"), ==, 1);
    g_assert_cmpint(
        people_find(site.bench.people, IDENTITY_USER_ID, 1, SLICE("115310627314723954")), >, 0);
    g_autofree char *key = test_store_sql(test, "SELECT order_key FROM orders");
    g_assert_cmpstr(key, ==, "1001");
    assert_whole(&site);
    site_close(&site);
}

#define REFUND                                                                                     \
    "{\"id\": 890088186047892319, \"order_id\": 820982911946154508,"                               \
    "\"created_at\": \"2025-01-07T10:00:00Z\", \"transactions\": ["                                \
    "{\"kind\": \"refund\", \"status\": \"success\", \"amount\": \"20.00\", \"currency\": "        \
    "\"USD\"},"                                                                                    \
    "{\"kind\": \"refund\", \"status\": \"failure\", \"amount\": \"20.00\"}]}"

/* The latest word stands, whatever came first; a refund before its order waits for it, and counts
 * once although the order lists it too. */
static void order_of_arrival_does_not_matter(TestStore *test)
{
    g_autofree char *first = shopify_order("2025-01-05T15:00:00Z", "");
    g_autofree char *paid = shopify_order("2025-01-06T15:00:00Z", "");
    g_autoptr(GString) dearer = g_string_new(paid); /* what it cost then is not what it costs now */
    g_string_replace(dearer, "50.00", "70.00", 0);
    g_autofree char *refunded =
        shopify_order("2025-01-07T10:00:01Z", ", \"refunds\": [" REFUND "]");
    const struct {
        const char *topic, *body;
    } said[] = {{"refunds/create", REFUND},
                {"orders/updated", refunded},
                {"orders/create", first},
                {"orders/paid", dearer->str}};
    static const int turns[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 1, 3}, {1, 3, 0, 2}};
    Site site;
    site_open(&site, test);
    for (size_t turn = 0; turn < G_N_ELEMENTS(turns); turn++) {
        g_autofree char *id = g_strdup_printf("82098291194615450%zu", turn);
        g_autofree char *name = g_strdup_printf("#100%zu", turn);
        for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
            int at = turns[turn][i];
            GString *body = g_string_new(said[at].body);
            g_string_replace(body, "820982911946154508", id, 0);
            g_string_replace(body, "#1001", name, 0);
            deliver(&site, HOOK_SHOPIFY, said[at].topic, body->str);
            g_string_free(body, TRUE);
        }
    }
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM orders"), ==, 4);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM refund"), ==, 4);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM refund WHERE amount = 2000"), ==, 4);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM orders WHERE net_revenue = 3000"), ==, 4);
    assert_whole(&site);
    site_close(&site);
}

static void customers_say_yes_and_no(TestStore *test)
{
    static const char form[] =
        "{\"id\": 706405506930370084, \"email\": \"bob@biller.example\", \"first_name\": \"Bob\","
        "\"updated_at\": \"%s\", \"email_marketing_consent\": {\"state\": \"%s\","
        "\"consent_updated_at\": \"%s\"}}";
    static const char *const steps[][2] = {{"not_subscribed", "2025-01-01T10:00:00Z"},
                                           {"subscribed", "2025-01-02T10:00:00Z"},
                                           {"unsubscribed", "2025-01-03T10:00:00Z"}};
    static const int64_t rows[] = {0, 1, 2};
    Site site;
    site_open(&site, test);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *body = g_strdup_printf(form, steps[i][1], steps[i][0], steps[i][1]);
        deliver(&site, HOOK_SHOPIFY, "customers/update", body);
        deliver(&site, HOOK_SHOPIFY, "customers/update", body);
        g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM consent"), ==, rows[i]);
    }
    g_autofree char *old = g_strdup_printf(form, steps[1][1], steps[1][0], steps[1][1]);
    deliver(&site, HOOK_SHOPIFY, "customers/update", old);
    assert_last(&site, "old");
    g_autofree char *last =
        test_store_sql(test, "SELECT state FROM consent ORDER BY occurred_at DESC LIMIT 1");
    g_assert_cmpstr(last, ==, "denied");
    site_close(&site);
}

static void the_law_is_heard(TestStore *test)
{
    static const char who[] = "{\"shop_id\": 954889, \"customer\": {\"id\": 115310627314723954,"
                              "\"email\": \"ann@shop.example\"}, \"orders_requested\": [1]}";
    Site site;
    site_open(&site, test);
    g_autofree char *order = shopify_order("2025-01-05T15:00:00Z", "");
    deliver(&site, HOOK_SHOPIFY, "orders/create", order);
    deliver(&site, HOOK_SHOPIFY, "customers/data_request", who);
    assert_last(&site, "asks");
    deliver(&site, HOOK_SHOPIFY, "customers/redact", who);
    assert_last(&site, "taken");
    g_assert_cmpint(
        people_find(site.bench.people, IDENTITY_USER_ID, 1, SLICE("115310627314723954")), ==, 0);
    deliver(&site, HOOK_SHOPIFY, "customers/redact", who);
    assert_last(&site, "ignored");
    deliver(&site, HOOK_SHOPIFY, "shop/redact", "{\"shop_id\": 954889}");
    assert_last(&site, "asks");
    site_close(&site);
}

static void checkouts_and_products(TestStore *test)
{
    static const char checkout[] =
        "{\"id\": 1, \"token\": \"tok1\", \"email\": \"ann@shop.example\", \"currency\": \"USD\","
        "\"total_price\": \"10.00\", \"updated_at\": \"2025-01-05T15:00:00Z\", \"line_items\": []}";
    static const char product[] =
        "{\"id\": 7, \"title\": \"%s\", \"updated_at\": \"%s\", \"variants\": ["
        "{\"sku\": \"L-1\", \"price\": \"12.50\", \"title\": \"Small\", \"inventory_quantity\": 3},"
        "{\"sku\": \"L-2\", \"price\": \"15.00\", \"title\": \"Large\"}]}";
    Site site;
    site_open(&site, test);
    deliver(&site, HOOK_SHOPIFY, "checkouts/create", checkout);
    deliver(&site, HOOK_SHOPIFY, "checkouts/update", checkout);
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM event e JOIN event_name n ON n.name_id = "
                                  "e.name_id WHERE n.name = 'Checkout Started'"),
                    ==, 1);
    g_autofree char *newer = g_strdup_printf(product, "Lamp", "2025-01-06T15:00:00Z");
    g_autofree char *older = g_strdup_printf(product, "Lmap", "2025-01-05T15:00:00Z");
    deliver(&site, HOOK_SHOPIFY, "products/update", newer);
    deliver(&site, HOOK_SHOPIFY, "products/create", older);
    assert_last(&site, "old");
    g_assert_cmpint(number(&site, "SELECT COUNT(*) FROM product WHERE name = 'Lamp'"), ==, 2);
    g_assert_cmpint(number(&site, "SELECT price FROM product WHERE product_key = 'L-1'"), ==, 1250);
    g_assert_cmpint(number(&site, "SELECT stock FROM product WHERE product_key = 'L-1'"), ==, 3);
    site_close(&site);
}

/* ── WooCommerce ─────────────────────────────────────────────────────────────────────────────── */

static void woocommerce_orders(TestStore *test)
{
    static const char form[] =
        "{\"id\": 727, \"number\": \"R-727\", \"status\": \"%s\", \"currency\": \"USD\","
        "\"date_created_gmt\": \"2025-01-05T19:28:02\", \"date_modified_gmt\": \"%s\","
        "\"total\": \"29.35\", \"total_tax\": \"1.35\", \"shipping_total\": \"10.00\","
        "\"customer_id\": 25, \"billing\": {\"email\": \"jo@shop.example\", \"first_name\": \"Jo\","
        "\"country\": \"US\"}, \"line_items\": [{\"name\": \"Woo\", \"sku\": \"W\", \"quantity\": "
        "2,"
        "\"price\": 9}], \"refunds\": [%s]}";
    Site site;
    site_open(&site, test);
    g_autofree char *failed = g_strdup_printf(form, "failed", "2025-01-05T19:29:00", "");
    deliver(&site, HOOK_WOOCOMMERCE, "order.created", failed);
    assert_last(&site, "ignored");
    g_autofree char *refunded = g_strdup_printf(form, "processing", "2025-01-07T10:00:00",
                                                "{\"id\": 9, \"total\": \"-10.00\"}");
    g_autofree char *paid = g_strdup_printf(form, "processing", "2025-01-05T19:30:00", "");
    deliver(&site, HOOK_WOOCOMMERCE, "order.updated", refunded);
    deliver(&site, HOOK_WOOCOMMERCE, "order.created", paid);
    assert_last(&site, "old");
    g_assert_cmpint(number(&site, "SELECT revenue FROM orders"), ==, 2935);
    g_assert_cmpint(number(&site, "SELECT net_revenue FROM orders"), ==, 1935);
    g_assert_cmpint(people_find(site.bench.people, IDENTITY_EMAIL, 1, SLICE("jo@shop.example")), >,
                    0);
    deliver(&site, HOOK_WOOCOMMERCE, "product.updated",
            "{\"id\": 4, \"sku\": \"W\", \"name\": \"Woo\", \"price\": \"9.00\","
            "\"stock_quantity\": 5, \"permalink\": \"https://shop.example/woo\"}");
    g_assert_cmpint(number(&site, "SELECT stock FROM product WHERE product_key = 'W'"), ==, 5);
    deliver(&site, HOOK_WOOCOMMERCE, "order.deleted", "{\"id\": 727}");
    g_assert_cmpint(number(&site, "SELECT net_revenue FROM orders"), ==, 0);
    assert_whole(&site);
    site_close(&site);
}

/* ── settings ────────────────────────────────────────────────────────────────────────────────── */

static void the_settings_show_what_came(TestStore *test)
{
    Site site;
    site_open(&site, test);
    g_autofree char *head = g_strdup_printf("Authorization: Bearer %s\r\n", site.key);
    Sent wrong = {HOOK_SHOPIFY, "orders/create", "1", "{}", "AAAA"};
    g_assert_cmpint(send_one(&site, &wrong), ==, 401);
    deliver(&site, HOOK_SHOPIFY, "orders/create", "{}");
    g_auto(Reply) reply = http_json(site.port, "GET /api/shops/1/hooks", head, NULL);
    g_assert_cmpint(reply.status, ==, 200);
    json_t *hook = json_array_get(json_object_get(reply.json, "hooks"), 0);
    g_assert_cmpstr(json_text(hook, "vendor", NULL), ==, "shopify");
    g_assert_true(g_str_has_suffix(json_text(hook, "url", NULL), site.token[HOOK_SHOPIFY]));
    json_t *delivery = json_array_get(json_object_get(hook, "deliveries"), 0);
    g_assert_cmpstr(json_text(delivery, "state", NULL), ==, "refused");
    g_assert_cmpstr(json_text(delivery, "reason", NULL), ==, "the order has no id");
    g_assert_cmpuint(json_array_size(json_object_get(hook, "refusals")), ==, 1);
    g_assert_null(strstr(reply.body, SECRET));
    g_auto(Reply) none = http_json(site.port, "GET /api/shops/99/hooks", head, NULL);
    g_assert_cmpint(none.status, ==, 404);
    g_auto(Reply) put = http_json(site.port, "PUT /api/shops/1/hooks/shopify", head,
                                  "{\"secret\": \"long enough\"}");
    g_assert_cmpint(put.status, ==, 403); /* a person decides that, no key */
    g_auto(Reply) gone = http_json(site.port, "DELETE /api/shops/1/hooks/shopify", head, NULL);
    g_assert_cmpint(gone.status, ==, 403);
    g_assert_true(hooks_remove(site.hooks, 1, HOOK_SHOPIFY, &owner, NULL));
    Sent late = {HOOK_SHOPIFY, "orders/create", "2", "{}", NULL};
    g_assert_cmpint(send_one(&site, &late), ==, 404);
    site_close(&site);
}

/* ── the vendors' own examples ───────────────────────────────────────────────────────────────── */

static void takes_the_vendors_examples(TestStore *test)
{
    static const struct {
        HookVendor vendor;
        const char *file, *topic, *state;
    } examples[] = {
        {HOOK_SHOPIFY, "shopify/customers_create.json", "customers/create", "taken"},
        {HOOK_SHOPIFY, "shopify/customers_update.json", "customers/update", "taken"},
        {HOOK_SHOPIFY, "shopify/orders_create.json", "orders/create", "taken"},
        {HOOK_SHOPIFY, "shopify/orders_paid.json", "orders/paid", "taken"},
        {HOOK_SHOPIFY, "shopify/orders_cancelled.json", "orders/cancelled", "taken"},
        {HOOK_SHOPIFY, "shopify/refunds_create.json", "refunds/create", "taken"},
        {HOOK_SHOPIFY, "shopify/checkouts_create.json", "checkouts/create", "taken"},
        {HOOK_SHOPIFY, "shopify/checkouts_update.json", "checkouts/update", "taken"},
        {HOOK_SHOPIFY, "shopify/customers_data_request.json", "customers/data_request", "asks"},
        {HOOK_SHOPIFY, "shopify/customers_redact.json", "customers/redact", "taken"},
        {HOOK_SHOPIFY, "shopify/shop_redact.json", "shop/redact", "asks"},
        {HOOK_WOOCOMMERCE, "woocommerce/wp-api-v3_customers_01.json", "customer.created", "taken"},
        {HOOK_WOOCOMMERCE, "woocommerce/wp-api-v3_orders_01.json", "order.created", "taken"},
        {HOOK_WOOCOMMERCE, "woocommerce/wp-api-v3_orders_02.json", "order.updated", "taken"},
    };
    const char *folder = g_getenv("KITH_TEST_DATA");
    g_autofree char *root = g_build_filename(folder ? folder : "", "webhooks", NULL);
    if (!folder || !g_file_test(root, G_FILE_TEST_IS_DIR)) {
        g_test_skip("shared data absent (KITH_TEST_DATA)");
        return;
    }
    Site site;
    site_open(&site, test);
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autofree char *path = g_build_filename(root, examples[i].file, NULL), *body = NULL;
        g_assert_true(g_file_get_contents(path, &body, NULL, NULL));
        g_test_message("%s", examples[i].file);
        clock_simulate(1767225600000 + (int64_t)i * 1000);
        deliver(&site, examples[i].vendor, examples[i].topic, body);
        assert_last(&site, examples[i].state);
    }
    clock_restore();
    assert_whole(&site);
    site_close(&site);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(sodium_init() >= 0);
    test_store_add("/hooks/signature", believes_only_what_is_signed);
    test_store_add("/hooks/rotation", a_new_secret_leaves_the_old_one_good_for_a_while);
    test_store_add("/hooks/content", refuses_content_for_good);
    test_store_add("/hooks/replay", a_replay_counts_once);
    test_store_add("/hooks/arrival", order_of_arrival_does_not_matter);
    test_store_add("/hooks/consent", customers_say_yes_and_no);
    test_store_add("/hooks/law", the_law_is_heard);
    test_store_add("/hooks/checkouts", checkouts_and_products);
    test_store_add("/hooks/woocommerce", woocommerce_orders);
    test_store_add("/hooks/settings", the_settings_show_what_came);
    test_store_add("/hooks/examples", takes_the_vendors_examples);
    return g_test_run();
}
