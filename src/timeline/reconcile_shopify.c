/* Reading a Shopify shop through its Admin API.
 *
 * Orders (with their refunds) and customers by REST, products by GraphQL. REST is "legacy" since
 * October 2024 and open to apps of one's own shop; its orders and customers are, to the letter,
 * what the webhooks deliver, so both are read by the same code and cannot differ. Products of REST
 * are deprecated themselves (more than 100 variants do not fit), so these are asked for by GraphQL.
 *   https://shopify.dev/docs/api/admin-rest/usage/pagination (Link, page_info, limit),
 *   https://shopify.dev/docs/api/admin-rest/usage/rate-limits (429, Retry-After, the bucket),
 *   https://shopify.dev/docs/api/admin-rest/latest/resources/order,
 *   https://shopify.dev/docs/api/admin-graphql/latest/queries/products,
 *   https://shopify.dev/docs/apps/build/authentication-authorization/client-credentials-grant
 * (an app of the Dev Dashboard has id and secret, good for tokens of a day; older apps a token).
 *
 * Of a product with more than VARIANTS variants the rest is heard of by webhook.
 */
#include "timeline/reconcile_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define VERSION                                                                                    \
    "/admin/api/2026-01" /* an older one than is served is answered as the oldest is               \
                          */

enum { PAGE_ROWS = 250, PRODUCTS = 10, VARIANTS = 50, THROTTLED_MS = 2000, PLACE_BYTES_MAX = 2000 };

static const char query_products[] =
    "query($after:String,$query:String!){products(first:10,after:$after,query:$query,"
    "sortKey:UPDATED_AT){pageInfo{hasNextPage endCursor} nodes{legacyResourceId title productType "
    "updatedAt featuredMedia{preview{image{url}}} "
    "variants(first:50){nodes{sku title price inventoryQuantity}}}}}";
G_STATIC_ASSERT(PRODUCTS == 10 && VARIANTS == 50);

/* ── the token ───────────────────────────────────────────────────────────────────────────────── */

static bool access_get(ShopApi *api, Job *job, ShopWord *ret_word, GError **error)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json", NULL};
    g_auto(HttpAnswer) answer = {0};
    g_autofree char *user = g_uri_escape_string(api->user, NULL, FALSE);
    g_autofree char *secret = g_uri_escape_string(api->token, NULL, FALSE);
    g_autofree char *body = g_strdup_printf(
        "grant_type=client_credentials&client_id=%s&client_secret=%s", user, secret);
    ShopAsk ask = {
        .path = "/admin/oauth/access_token", .headers = headers, .body = body, .job = job};
    json_auto_t *json = shop_ask(api, &ask, &answer, ret_word);
    const char *access = json_string_value(json_object_get(json, "access_token"));
    json_int_t seconds = json_integer_value(json_object_get(json, "expires_in"));
    if (answer.status == 400)
        shop_word_set(ret_word, SHOP_NEVER, 0, "the shop does not accept the app's id and secret");
    if (!json) return true;
    if (!access) {
        shop_word_set(ret_word, SHOP_NEVER, 0, "the shop gave no token for the app's id");
        return true;
    }
    int64_t lasts = CLAMP(seconds, 60, 24 * 3600) * CLOCK_SECOND_MS;
    return shop_api_access_set(api, access, clock_now_ms() + lasts, error);
}

/* The header that lets in; NULL with a word when there is none. */
static bool access_header(ShopApi *api, Job *job, char **ret_header, ShopWord *ret_word,
                          GError **error)
{
    bool lasts = api->access && api->access_until > clock_now_ms() + CLOCK_MINUTE_MS;
    *ret_header = NULL;
    if (*api->user && !lasts) {
        if (!access_get(api, job, ret_word, error)) return false;
        if (ret_word->answer != SHOP_GAVE) return true;
    }
    *ret_header =
        g_strconcat("X-Shopify-Access-Token: ", *api->user ? api->access : api->token, NULL);
    return true;
}

/* ── orders and customers ────────────────────────────────────────────────────────────────────── */

static bool place_is_good(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isalnum(text[i]) && !strchr("-_=.~%+/", text[i])) return false;
    return size > 0 && size <= PLACE_BYTES_MAX;
}

/* The page_info of `<https://…?limit=250&page_info=xyz>; rel="next"`: the address itself is not
 * followed, it is our own but for this. */
static char *link_next(const char *link)
{
    g_auto(GStrv) links = g_strsplit(link ? link : "", ",", 8);
    for (size_t i = 0; links[i]; i++) {
        const char *at = strstr(links[i], "page_info=");
        if (!at || !(strstr(links[i], "rel=\"next\"") || strstr(links[i], "rel=next"))) continue;
        at += strlen("page_info=");
        size_t size = strcspn(at, "&>");
        return place_is_good(at, size) ? g_strndup(at, size) : NULL;
    }
    return NULL;
}

static char *rest_path(const ReconcileRun *run)
{
    char since[32];
    const char *name = reconcile_stage_names[run->stage];
    if (run->place)
        return g_strdup_printf(VERSION "/%s.json?limit=%d&page_info=%s", name, PAGE_ROWS,
                               run->place);
    shop_time(run->read_from, since);
    return g_strdup_printf(VERSION "/%s.json?limit=%d&updated_at_min=%s%%2B00:00%s", name,
                           PAGE_ROWS, since, run->stage == READ_ORDERS ? "&status=any" : "");
}

/* "38/40": close to the brim it is waited for the bucket to leak, two calls a second. */
static int64_t bucket_wait(const HttpAnswer *answer)
{
    const char *text = http_answer_header(answer, "X-Shopify-Shop-Api-Call-Limit");
    const char *slash = text ? strchr(text, '/') : NULL;
    int64_t used = text ? g_ascii_strtoll(text, NULL, 10) : 0;
    int64_t size = slash ? g_ascii_strtoll(slash + 1, NULL, 10) : 0;
    return size > 0 && used * 10 >= size * 9 ? CLOCK_SECOND_MS : 0;
}

static void rest_read(const ShopApi *api, const ReconcileRun *run, const ShopAsk *ask,
                      ReconcilePage *ret_page, ShopWord *ret_word)
{
    g_auto(HttpAnswer) answer = {0};
    json_auto_t *json = shop_ask(api, ask, &answer, ret_word);
    json_t *items = json_object_get(json, reconcile_stage_names[run->stage]);
    if (answer.status == 400 && run->place) /* a page_info lives for a while only */
        shop_word_set(ret_word, SHOP_LOST, 0, "the shop has forgotten the page");
    if (!json) return;
    if (!json_is_array(items)) {
        shop_word_set(ret_word, SHOP_NEVER, 0, "the shop's answer holds no list: is it Shopify?");
        return;
    }
    ret_page->items = json_incref(items);
    ret_page->next = link_next(http_answer_header(&answer, "Link"));
    ret_page->wait_ms = bucket_wait(&answer);
}

/* ── products ────────────────────────────────────────────────────────────────────────────────── */

static json_t *variant_plain(const json_t *variant)
{
    return json_pack("{s:O?, s:O?, s:O?, s:O?}", "sku", json_object_get(variant, "sku"), "title",
                     json_object_get(variant, "title"), "price", json_object_get(variant, "price"),
                     "inventory_quantity", json_object_get(variant, "inventoryQuantity"));
}

/* A product in the shape of products/update. */
static json_t *product_plain(const json_t *node)
{
    const json_t *nodes = json_object_get(json_object_get(node, "variants"), "nodes");
    const json_t *preview = json_object_get(json_object_get(node, "featuredMedia"), "preview");
    json_t *variants = json_array(), *variant;
    size_t index;
    json_array_foreach(nodes, index, variant)
        json_array_append_new(variants, variant_plain(variant));
    return json_pack(
        "{s:O?, s:O?, s:O?, s:O?, s:{s:O?}, s:o}", "id", json_object_get(node, "legacyResourceId"),
        "title", json_object_get(node, "title"), "product_type",
        json_object_get(node, "productType"), "updated_at", json_object_get(node, "updatedAt"),
        "image", "src", json_object_get(json_object_get(preview, "image"), "url"), "variants",
        variants);
}

static char *products_body(const ReconcileRun *run)
{
    char since[32];
    shop_time(run->read_from, since);
    g_autofree char *filter = g_strdup_printf("updated_at:>='%sZ'", since);
    json_auto_t *body = json_pack("{s:s, s:{s:s, s:s?}}", "query", query_products, "variables",
                                  "query", filter, "after", run->place);
    return json_dumps(body, JSON_COMPACT);
}

/* GraphQL answers 200 to what it refuses. */
static void graph_judge(const json_t *json, ShopWord *ret_word)
{
    const json_t *first = json_array_get(json_object_get(json, "errors"), 0);
    const char *code =
        json_string_value(json_object_get(json_object_get(first, "extensions"), "code"));
    if (g_strcmp0(code, "THROTTLED") == 0)
        shop_word_set(ret_word, SHOP_LATER, THROTTLED_MS, "the shop asks to wait");
    else if (g_strcmp0(code, "ACCESS_DENIED") == 0)
        shop_word_set(ret_word, SHOP_CLOSED, 0,
                      "the token may not read this: give it the right to");
    else if (g_strcmp0(code, "INTERNAL_SERVER_ERROR") == 0)
        shop_word_set(ret_word, SHOP_LATER, 0, "the shop failed");
    else
        shop_word_set(ret_word, SHOP_NEVER, 0, "the shop does not understand the question");
}

static void graph_read(const ShopApi *api, const ShopAsk *ask, ReconcilePage *ret_page,
                       ShopWord *ret_word)
{
    g_auto(HttpAnswer) answer = {0};
    json_auto_t *json = shop_ask(api, ask, &answer, ret_word);
    const json_t *products = json_object_get(json_object_get(json, "data"), "products");
    const json_t *info = json_object_get(products, "pageInfo");
    const char *cursor = json_string_value(json_object_get(info, "endCursor"));
    json_t *nodes = json_object_get(products, "nodes"), *node;
    size_t index;
    if (!json) return;
    if (!json_is_array(nodes)) {
        graph_judge(json, ret_word);
        return;
    }
    ret_page->items = json_array();
    json_array_foreach(nodes, index, node)
        json_array_append_new(ret_page->items, product_plain(node));
    if (json_is_true(json_object_get(info, "hasNextPage")) && cursor)
        ret_page->next = g_strndup(cursor, PLACE_BYTES_MAX);
}

/* ── a page ──────────────────────────────────────────────────────────────────────────────────── */

bool reconcile_read_shopify(ShopApi *api, const ReconcileRun *run, Job *job,
                            ReconcilePage *ret_page, ShopWord *ret_word, GError **error)
{
    g_autofree char *token = NULL, *path = NULL, *body = NULL;
    if (!access_header(api, job, &token, ret_word, error)) return false;
    if (!token) return true;
    const char *headers[] = {token, "Accept: application/json", "Content-Type: application/json",
                             NULL};
    ShopAsk ask = {.headers = headers, .job = job};
    if (run->stage == READ_PRODUCTS) {
        ask.path = VERSION "/graphql.json";
        ask.body = body = products_body(run);
        graph_read(api, &ask, ret_page, ret_word);
    } else {
        headers[2] = NULL;
        ask.path = path = rest_path(run);
        rest_read(api, run, &ask, ret_page, ret_word);
    }
    bool ended = ret_word->status == 401 && *api->user;
    if (!ended || run->tries > 0) return true;
    shop_word_set(ret_word, SHOP_LATER, 0, "the token has ended: a new one is asked for");
    return shop_api_access_set(api, NULL, 0, error);
}
