#include "timeline/hook_private.h"

#include <string.h>

#include "base/error.h"
#include "net/request.h"
#include "timeline/hooks_sql.h"

/* ── deliveries ──────────────────────────────────────────────────────────────────────────────── */

static bool delivery_reply(Request *request, const HookDelivery *delivery, GError **error)
{
    HookState state;
    return hooks_take(request_context(request), delivery, &state, error) &&
           request_reply_json(request, 200, json_object());
}

static bool shopify_post(Request *request, GError **error)
{
    HookDelivery delivery = {.vendor = HOOK_SHOPIFY,
                             .token = request_path_text(request, "token"),
                             .signature = request_header(request, "X-Shopify-Hmac-Sha256"),
                             .topic = request_header(request, "X-Shopify-Topic"),
                             .key = request_header(request, "X-Shopify-Event-Id")};
    if (!delivery.key) delivery.key = request_header(request, "X-Shopify-Webhook-Id");
    delivery.body = request_body(request, &delivery.size);
    return delivery_reply(request, &delivery, error);
}

/* When a webhook is saved, WooCommerce first sends "webhook_id=7" as a form, without signature, and
 * keeps the webhook only if that is answered 200. It says nothing, so there is nothing to believe.
 */
static bool is_ping(const HookDelivery *delivery)
{
    static const char start[] = "webhook_id=";
    size_t at = sizeof start - 1;
    if (delivery->signature || delivery->size <= at || delivery->size > at + 20) return false;
    if (memcmp(delivery->body, start, at) != 0) return false;
    while (at < delivery->size && g_ascii_isdigit(delivery->body[at]))
        at++;
    return at == delivery->size;
}

static bool woocommerce_post(Request *request, GError **error)
{
    HookDelivery delivery = {.vendor = HOOK_WOOCOMMERCE,
                             .token = request_path_text(request, "token"),
                             .signature = request_header(request, "X-WC-Webhook-Signature"),
                             .topic = request_header(request, "X-WC-Webhook-Topic"),
                             .key = request_header(request, "X-WC-Webhook-Delivery-ID")};
    delivery.body = request_body(request, &delivery.size);
    if (is_ping(&delivery)) return request_reply_json(request, 200, json_object());
    return delivery_reply(request, &delivery, error);
}

/* ── settings ────────────────────────────────────────────────────────────────────────────────── */

static const char *const vendor_choices[] = {"shopify", "woocommerce", NULL};
static const char *const state_choices[] = {"taken", "old", "ignored", "refused", "asks", NULL};

static const Field delivery_fields[] = {
    {"topic", FIELD_TEXT, .required = true},
    {"state", FIELD_TEXT, .required = true, .choices = state_choices},
    {"reason", FIELD_TEXT, .doc = "Why it was refused or ignored, or what is asked of the owner"},
    {"at", FIELD_TIME, .required = true},
};
static const Schema delivery_schema = SCHEMA_REPLY("HookDelivery", delivery_fields);

static const Field refusal_fields[] = {
    {"reason", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
};
static const Schema refusal_schema = SCHEMA_REPLY("HookRefusal", refusal_fields);

static const Field hook_fields[] = {
    {"vendor", FIELD_TEXT, .required = true, .choices = vendor_choices},
    {"url", FIELD_TEXT, .required = true, .doc = "The address to enter in the shop"},
    {"changed_at", FIELD_TIME, .required = true, .doc = "When the secret was set"},
    {"deliveries", FIELD_LIST, .required = true, .of = &delivery_schema, .doc = "The newest first"},
    {"refusals", FIELD_LIST, .required = true, .of = &refusal_schema,
     .doc = "Wrong signatures since the server started, the newest first"},
};
static const Schema hook_schema = SCHEMA_REPLY("ShopHook", hook_fields);
static const Field hooks_fields[] = {{"hooks", FIELD_LIST, .required = true, .of = &hook_schema}};
static const Schema hooks_schema = SCHEMA_REPLY("ShopHooks", hooks_fields);

typedef struct SecretInput {
    const char *secret;
} SecretInput;
static const Field secret_fields[] = {
    {"secret", FIELD_TEXT, .required = true, .offset = offsetof(SecretInput, secret),
     .min = HOOK_SECRET_BYTES_MIN, .max = HOOK_SECRET_BYTES_MAX,
     .doc = "Shopify: the signing secret; WooCommerce: the webhook's secret. Never shown again"},
};
static const Schema secret_input = SCHEMA("HookSecret", SecretInput, secret_fields);

static bool deliveries_read(Db *db, int64_t source_id, json_t *list, GError **error)
{
    HookDeliveriesParams params = {.source_id = source_id, .rows = HOOK_DELIVERIES_SHOWN};
    g_auto(DbCursor) cursor = {0};
    HookDeliveriesRow row;
    if (!sql_hook_deliveries_open(db, &params, &cursor, error)) return false;
    while (sql_hook_deliveries_next(&cursor, &row))
        json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:I}", "topic", row.topic, "state",
                                              row.state, "reason", row.reason, "at",
                                              (json_int_t)row.received_at));
    return db_cursor_finish(&cursor, error);
}

/* Newest first; the lock is held. */
static json_t *refusals_json(const Hooks *hooks, const HookPlace *place)
{
    json_t *list = json_array();
    for (size_t i = 1; i <= MIN(hooks->refusal_count, HOOK_REFUSALS); i++) {
        const HookRefusal *refusal = &hooks->refusals[(hooks->refusal_count - i) % HOOK_REFUSALS];
        if (refusal->shop_id == place->shop_id && refusal->vendor == place->vendor)
            json_array_append_new(list, json_pack("{s:s, s:I}", "reason", refusal->reason, "at",
                                                  (json_int_t)refusal->at));
    }
    return list;
}

/* Addresses of a shop, without their deliveries; `sources` gets their source ids. */
static json_t *places_json(Request *request, int64_t shop_id, GArray *sources)
{
    Hooks *hooks = request_context(request);
    json_t *list = json_array();
    g_mutex_lock(&hooks->lock);
    for (guint i = 0; i < hooks->places->len; i++) {
        const HookPlace *place = g_ptr_array_index(hooks->places, i);
        if (place->shop_id != shop_id) continue;
        g_autofree char *url = g_strdup_printf("%s/hooks/%s/%s", request_base_url(request),
                                               hook_vendor_name(place->vendor), place->token);
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o}", "vendor",
                                              hook_vendor_name(place->vendor), "url", url,
                                              "changed_at", (json_int_t)place->changed_at,
                                              "refusals", refusals_json(hooks, place)));
        g_array_append_val(sources, place->source_id);
    }
    g_mutex_unlock(&hooks->lock);
    return list;
}

static bool hooks_read(Db *db, int64_t shop_id, json_t *list, const GArray *sources, GError **error)
{
    HookShopFindRow shop;
    bool found;
    HookShopFindParams find = {.shop_id = shop_id};
    if (!sql_hook_shop_find(db, &find, &shop, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such shop");
    for (guint i = 0; i < sources->len; i++) {
        json_t *deliveries = json_array();
        json_object_set_new(json_array_get(list, i), "deliveries", deliveries);
        if (!deliveries_read(db, g_array_index(sources, int64_t, i), deliveries, error))
            return false;
    }
    return true;
}

static bool hooks_get(Request *request, GError **error)
{
    Hooks *hooks = request_context(request);
    int64_t shop_id = request_path_id(request, "id");
    g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(int64_t));
    json_auto_t *list = places_json(request, shop_id, sources);
    Db *db = store_reader_begin(hooks->parts.store, error);
    if (!db) return false;
    bool good = hooks_read(db, shop_id, list, sources, error);
    store_reader_end(hooks->parts.store, db);
    return good && request_reply_json(request, 200, json_pack("{s:O}", "hooks", list));
}

static bool vendor_get(Request *request, HookVendor *ret_vendor, GError **error)
{
    return hook_vendor_find(request_path_text(request, "vendor"), ret_vendor) ||
           fail(error, KITH_ERROR_NOT_FOUND, "no such vendor: shopify or woocommerce");
}

static bool hook_put(Request *request, GError **error)
{
    Hooks *hooks = request_context(request);
    const SecretInput *input = request_input(request);
    HookVendor vendor;
    return vendor_get(request, &vendor, error) &&
           hooks_secret_set(hooks, request_path_id(request, "id"), vendor, input->secret,
                            request_actor(request), error) &&
           hooks_get(request, error);
}

static bool hook_delete(Request *request, GError **error)
{
    Hooks *hooks = request_context(request);
    HookVendor vendor;
    return vendor_get(request, &vendor, error) &&
           hooks_remove(hooks, request_path_id(request, "id"), vendor, request_actor(request),
                        error) &&
           request_reply_empty(request, 204);
}

static const Route routes[] = {
    {"POST", "/hooks/shopify/{token}", SCOPE_PUBLIC, .handle = shopify_post, .body = BODY_TEXT,
     .body_max = HOOK_BODY_BYTES_MAX, .flags = ROUTE_UNLISTED,
     .summary = "What Shopify says; believed by its signature"},
    {"POST", "/hooks/woocommerce/{token}", SCOPE_PUBLIC, .handle = woocommerce_post,
     .body = BODY_TEXT, .body_max = HOOK_BODY_BYTES_MAX, .flags = ROUTE_UNLISTED,
     .summary = "What WooCommerce says; believed by its signature"},
    {"GET", "/api/shops/{id}/hooks", SCOPE_USER, .reply = &hooks_schema, .handle = hooks_get,
     .summary = "Addresses for a shop's webhooks, what they delivered and what was refused"},
    {"PUT", "/api/shops/{id}/hooks/{vendor}", SCOPE_OWNER, .request = &secret_input,
     .reply = &hooks_schema, .handle = hook_put,
     .summary = "Set the secret of a shop's webhooks; the first time this makes the address"},
    {"DELETE", "/api/shops/{id}/hooks/{vendor}", SCOPE_OWNER, .handle = hook_delete,
     .summary = "Take the address of a shop's webhooks away; what they said stays"},
};

void hooks_add_routes(Hooks *hooks, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), hooks);
}
