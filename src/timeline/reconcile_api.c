#include "timeline/reconcile_private.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/zones.h"
#include "net/audit.h"
#include "store/secret.h"
#include "timeline/business.h"
#include "timeline/hooks_sql.h"
#include "timeline/reconcile_sql.h"

#define SECRET_PURPOSE "shop api"

const char *const reconcile_stage_names[] = {"orders", "customers", "products", NULL};

char *reconcile_job_key(int64_t shop_id, HookVendor vendor)
{
    return g_strdup_printf("%" PRId64 "-%s", shop_id, hook_vendor_name(vendor));
}

static void secret_free_text(char *text)
{
    if (text) sodium_memzero(text, strlen(text));
    g_free(text);
}

void shop_api_clear(ShopApi *api)
{
    g_free(api->url);
    secret_free_text(api->user);
    secret_free_text(api->token);
    secret_free_text(api->access);
    *api = (ShopApi){0};
}

/* Name and token are sealed as one text; neither holds a line break. */
static bool secret_open_text(ShopApi *api, const char *sealed, GError **error)
{
    char *text = store_unseal(api->hooks->parts.store, SECRET_PURPOSE, sealed, error);
    char *line = text ? strchr(text, '\n') : NULL;
    if (!text) return false;
    api->user = g_strndup(text, line ? (gsize)(line - text) : 0);
    api->token = g_strdup(line ? line + 1 : text);
    secret_free_text(text);
    return true;
}

bool shop_api_load(ShopApi *api, Db *db, bool *ret_found, GError **error)
{
    ShopApiFindRow row;
    ShopApiFindParams find = {.shop_id = api->shop_id, .vendor = hook_vendor_name(api->vendor)};
    if (!sql_shop_api_find(db, &find, &row, ret_found, error)) return false;
    if (!*ret_found) return true;
    api->source_id = row.source_id;
    api->read_from = row.read_from;
    api->changed_at = row.changed_at;
    api->access_until = row.access_until.value;
    api->url = g_strdup(row.url);
    if (row.access)
        api->access = store_unseal(api->hooks->parts.store, SECRET_PURPOSE, row.access, NULL);
    return secret_open_text(api, row.secret, error);
}

typedef struct AccessSet {
    const ShopApi *api;
    const char *sealed;
    int64_t until;
} AccessSet;

static bool access_run(Db *db, void *data, GError **error)
{
    const AccessSet *set = data;
    ShopApiAccessPutParams put = {.shop_id = set->api->shop_id,
                                  .vendor = hook_vendor_name(set->api->vendor),
                                  .access = set->sealed,
                                  .until = {set->sealed != NULL, set->until}};
    return sql_shop_api_access_put(db, &put, NULL, error);
}

bool shop_api_access_set(ShopApi *api, const char *access, int64_t until, GError **error)
{
    Store *store = api->hooks->parts.store;
    g_autofree char *sealed = access ? store_seal(store, SECRET_PURPOSE, access) : NULL;
    AccessSet set = {api, sealed, until};
    if (!writer_call(store_writer(store), WRITER_REST, access_run, &set, error)) return false;
    secret_free_text(api->access);
    api->access = g_strdup(access);
    api->access_until = until;
    return true;
}

/* Shops are spread over two hours by their number. */
bool shop_api_night(Db *db, int64_t shop_id, int64_t now, int64_t *ret_at, GError **error)
{
    Business business;
    if (!business_load(db, &business, error)) return false;
    const Zone *zone = *business.zone ? zone_find(slice_of(business.zone), NULL) : zone_utc();
    if (!zone) zone = zone_utc();
    int64_t into = RECONCILE_HOUR * CLOCK_HOUR_MS + shop_id % 120 * CLOCK_MINUTE_MS;
    int64_t today = zone_floor(zone, now, ZONE_DAY);
    *ret_at = today + into;
    if (*ret_at < now + CLOCK_HOUR_MS) *ret_at = zone_add(zone, today, ZONE_DAY, 1) + into;
    return true;
}

/* ── changes ─────────────────────────────────────────────────────────────────────────────────── */

typedef struct ApiChange {
    Hooks *hooks;
    const ShopApiInput *input;
    const char *url, *sealed;
    int64_t now;
} ApiChange;

static bool change_audit(const ApiChange *change, Db *db, const char *action, GError **error)
{
    g_autofree char *detail =
        g_strdup_printf("{\"vendor\":\"%s\"}", hook_vendor_name(change->input->vendor));
    AuditEntry entry = {.audit_id = store_id_next(change->hooks->parts.store),
                        .at = change->now,
                        .by = change->input->by,
                        .action = action,
                        .kind = "shop",
                        .id = change->input->shop_id,
                        .detail = detail};
    return audit_add(db, &entry, error);
}

static bool job_ask(const ApiChange *change, Db *db, GError **error)
{
    g_autofree char *key = reconcile_job_key(change->input->shop_id, change->input->vendor);
    JobAdd add = {.kind = RECONCILE_JOB, .key = key, .due_at = change->now};
    return jobs_add(db, &add, error);
}

/* A run by other settings is over. */
static bool run_end(const ApiChange *change, Db *db, const char *reason, GError **error)
{
    ReconcileEndParams end = {.shop_id = change->input->shop_id,
                              .vendor = hook_vendor_name(change->input->vendor),
                              .state = "failed",
                              .reason = reason,
                              .ended_at = change->now};
    return sql_reconcile_end(db, &end, NULL, error);
}

static bool set_run(Db *db, void *data, GError **error)
{
    const ApiChange *change = data;
    const ShopApiInput *input = change->input;
    HookShopFindRow shop;
    bool found;
    HookShopFindParams find = {.shop_id = input->shop_id};
    if (!sql_hook_shop_find(db, &find, &shop, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such shop");
    ShopApiPutParams put = {.shop_id = input->shop_id,
                            .vendor = hook_vendor_name(input->vendor),
                            .url = change->url,
                            .secret = change->sealed,
                            .read_from = input->read_from,
                            .at = change->now};
    return hook_source_get(change->hooks, db, input->shop_id, input->vendor, &put.source_id,
                           error) &&
           sql_shop_api_put(db, &put, NULL, error) &&
           run_end(change, db, "the settings were changed", error) && job_ask(change, db, error) &&
           change_audit(change, db, "shop.api.set", error);
}

/* Shopify's tokens go to Shopify, and to a stand-in on this machine. */
static char *url_clean(const ShopApiInput *input, GError **error)
{
    if (!http_url_check(input->url, error)) return NULL;
    g_autoptr(GUri) uri = g_uri_parse(input->url, G_URI_FLAGS_ENCODED, NULL);
    const char *path = g_uri_get_path(uri), *host = g_uri_get_host(uri);
    bool shopify = input->vendor == HOOK_SHOPIFY;
    bool known = g_str_has_suffix(host, ".myshopify.com") || http_url_is_local(input->url);
    if (g_uri_get_query(uri) || g_uri_get_fragment(uri) || (shopify && strlen(path) > 1)) {
        fail(error, KITH_ERROR_INVALID, "url: only the address of the shop, nothing behind it");
        return NULL;
    }
    if (shopify && !known) {
        fail(error, KITH_ERROR_INVALID, "url: the shop's own name, https://….myshopify.com");
        return NULL;
    }
    char *url = g_strdup(input->url);
    for (size_t size = strlen(url); size > 0 && url[size - 1] == '/';)
        url[--size] = '\0';
    return url;
}

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127) return false;
    return true;
}

bool shop_api_set(Hooks *hooks, const ShopApiInput *input, GError **error)
{
    Store *store = hooks->parts.store;
    const char *user = input->user ? input->user : "";
    g_autofree char *url = url_clean(input, error);
    if (!url) return false;
    if (!is_one_line(input->token) || !is_one_line(user))
        return fail(error, KITH_ERROR_INVALID, "token: letters, digits and signs without spaces");
    if (input->vendor == HOOK_WOOCOMMERCE && !*user)
        return fail(error, KITH_ERROR_INVALID, "user: WooCommerce needs its consumer key");
    char *text = g_strconcat(user, "\n", input->token, NULL);
    g_autofree char *sealed = store_seal(store, SECRET_PURPOSE, text);
    secret_free_text(text);
    ShopApiInput known = *input;
    ApiChange change = {
        .hooks = hooks, .input = &known, .url = url, .sealed = sealed, .now = clock_now_ms()};
    if (known.read_from <= 0 || known.read_from > change.now)
        known.read_from = change.now - RECONCILE_FIRST_MS;
    return writer_call(store_writer(store), WRITER_REST, set_run, &change, error);
}

static bool remove_run(Db *db, void *data, GError **error)
{
    const ApiChange *change = data;
    int64_t dropped;
    ShopApiDropParams drop = {.shop_id = change->input->shop_id,
                              .vendor = hook_vendor_name(change->input->vendor)};
    if (!sql_shop_api_drop(db, &drop, &dropped, error)) return false;
    if (dropped == 0) return fail(error, KITH_ERROR_NOT_FOUND, "this shop's API is not asked");
    return run_end(change, db, "the token was taken away", error) &&
           change_audit(change, db, "shop.api.remove", error);
}

bool shop_api_remove(Hooks *hooks, const ShopApiInput *input, GError **error)
{
    ApiChange change = {.hooks = hooks, .input = input, .now = clock_now_ms()};
    return writer_call(store_writer(hooks->parts.store), WRITER_REST, remove_run, &change, error);
}

static bool now_run(Db *db, void *data, GError **error)
{
    const ApiChange *change = data;
    ShopApiFindRow row;
    bool found;
    const char *vendor = hook_vendor_name(change->input->vendor);
    ShopApiFindParams find = {.shop_id = change->input->shop_id, .vendor = vendor};
    if (!sql_shop_api_find(db, &find, &row, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "this shop's API is not asked");
    ShopApiNextPutParams next = {
        .shop_id = change->input->shop_id, .vendor = vendor, .next_at = change->now};
    return sql_shop_api_next_put(db, &next, NULL, error) && job_ask(change, db, error);
}

bool shop_api_now(Hooks *hooks, const ShopApiInput *input, GError **error)
{
    ApiChange change = {.hooks = hooks, .input = input, .now = clock_now_ms()};
    return writer_call(store_writer(hooks->parts.store), WRITER_REST, now_run, &change, error);
}
