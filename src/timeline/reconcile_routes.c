#include "timeline/reconcile_private.h"

#include "base/error.h"
#include "net/request.h"
#include "timeline/hooks_sql.h"
#include "timeline/reconcile_sql.h"

static const char *const vendor_choices[] = {"shopify", "woocommerce", NULL};
static const char *const state_choices[] = {"running", "done", "failed", NULL};

static const Field run_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = state_choices},
    {"stage", FIELD_TEXT, .required = true, .choices = reconcile_stage_names,
     .doc = "What is read now, or was read last"},
    {"read_from", FIELD_TIME, .required = true, .doc = "What changed since then was asked for"},
    {"started_at", FIELD_TIME, .required = true},
    {"ended_at", FIELD_TIME},
    {"tries", FIELD_INT, .required = true, .doc = "In a row without an answer of the shop"},
    {"pages", FIELD_INT, .required = true},
    {"orders", FIELD_INT, .required = true, .doc = "Read; a row may be read twice"},
    {"orders_new", FIELD_INT, .required = true, .doc = "Had not come by webhook or file"},
    {"orders_changed", FIELD_INT, .required = true, .doc = "A change had not come"},
    {"customers", FIELD_INT, .required = true},
    {"products", FIELD_INT, .required = true},
    {"refused", FIELD_INT, .required = true, .doc = "Rows that could not be used"},
    {"reason", FIELD_TEXT, .doc = "Why it failed, or what was left out"},
};
static const Schema run_schema = SCHEMA_REPLY("ShopReading", run_fields);

static const Field api_fields[] = {
    {"vendor", FIELD_TEXT, .required = true, .choices = vendor_choices},
    {"url", FIELD_TEXT, .required = true},
    {"changed_at", FIELD_TIME, .required = true, .doc = "When the token was set"},
    {"next_at", FIELD_TIME, .required = true, .doc = "When the shop is asked next"},
    {"runs", FIELD_LIST, .required = true, .of = &run_schema, .doc = "The newest first"},
};
static const Schema api_schema = SCHEMA_REPLY("ShopApi", api_fields);
static const Field apis_fields[] = {{"apis", FIELD_LIST, .required = true, .of = &api_schema}};
static const Schema apis_schema = SCHEMA_REPLY("ShopApis", apis_fields);

typedef struct ApiInput {
    const char *url, *user, *token;
    int64_t read_from;
} ApiInput;
static const Field input_fields[] = {
    {"url", FIELD_TEXT, .required = true, .offset = offsetof(ApiInput, url), .min = 8, .max = 500,
     .doc = "https://name.myshopify.com, or where WooCommerce's WordPress is"},
    {"user", FIELD_TEXT, .offset = offsetof(ApiInput, user), .max = 200,
     .doc =
         "WooCommerce: the consumer key; Shopify: the app's client id, or nothing when the token "
         "is an Admin API access token"},
    {"token", FIELD_TEXT, .required = true, .offset = offsetof(ApiInput, token), .min = 8,
     .max = 400, .doc = "Consumer secret, client secret or access token. Never shown again"},
    {"read_from", FIELD_TIME, .offset = offsetof(ApiInput, read_from), .otherwise = 0,
     .doc = "The first reading asks for what changed since then; otherwise the last 60 days"},
};
static const Schema api_input = SCHEMA("ShopApiSettings", ApiInput, input_fields);

static json_t *run_json(const ReconcileRunsRow *row)
{
    json_t *run =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?}", "state",
                  row->state, "stage", row->stage, "read_from", (json_int_t)row->read_from,
                  "started_at", (json_int_t)row->started_at, "tries", (json_int_t)row->tries,
                  "pages", (json_int_t)row->pages, "orders", (json_int_t)row->orders, "orders_new",
                  (json_int_t)row->orders_new, "orders_changed", (json_int_t)row->orders_changed,
                  "customers", (json_int_t)row->customers, "products", (json_int_t)row->products,
                  "refused", (json_int_t)row->refused, "reason", row->reason);
    if (row->ended_at.set)
        json_object_set_new(run, "ended_at", json_integer((json_int_t)row->ended_at.value));
    return run;
}

static bool runs_read(Db *db, int64_t shop_id, const char *vendor, json_t *list, GError **error)
{
    ReconcileRunsParams params = {
        .shop_id = shop_id, .vendor = vendor, .rows = RECONCILE_RUNS_SHOWN};
    g_auto(DbCursor) cursor = {0};
    ReconcileRunsRow row;
    if (!sql_reconcile_runs_open(db, &params, &cursor, error)) return false;
    while (sql_reconcile_runs_next(&cursor, &row))
        json_array_append_new(list, run_json(&row));
    return db_cursor_finish(&cursor, error);
}

static bool apis_list(Db *db, int64_t shop_id, json_t *list, GError **error)
{
    ShopApisParams params = {.shop_id = shop_id};
    g_auto(DbCursor) cursor = {0};
    ShopApisRow row;
    if (!sql_shop_apis_open(db, &params, &cursor, error)) return false;
    while (sql_shop_apis_next(&cursor, &row))
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:I, s:I, s:[]}", "vendor", row.vendor, "url",
                                        row.url, "changed_at", (json_int_t)row.changed_at,
                                        "next_at", (json_int_t)row.next_at, "runs"));
    return db_cursor_finish(&cursor, error);
}

static bool apis_read(Db *db, int64_t shop_id, json_t *list, GError **error)
{
    HookShopFindRow shop;
    bool found;
    size_t index;
    json_t *api;
    HookShopFindParams find = {.shop_id = shop_id};
    if (!sql_hook_shop_find(db, &find, &shop, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such shop");
    if (!apis_list(db, shop_id, list, error)) return false;
    json_array_foreach(list, index, api)
    {
        const char *vendor = json_string_value(json_object_get(api, "vendor"));
        if (!runs_read(db, shop_id, vendor, json_object_get(api, "runs"), error)) return false;
    }
    return true;
}

static bool apis_get(Request *request, GError **error)
{
    Hooks *hooks = request_context(request);
    json_auto_t *list = json_array();
    Db *db = store_reader_begin(hooks->parts.store, error);
    if (!db) return false;
    bool good = apis_read(db, request_path_id(request, "id"), list, error);
    store_reader_end(hooks->parts.store, db);
    return good && request_reply_json(request, 200, json_pack("{s:O}", "apis", list));
}

/* The shop and vendor of the path. */
static bool path_read(Request *request, ShopApiInput *ret_input, GError **error)
{
    *ret_input =
        (ShopApiInput){.shop_id = request_path_id(request, "id"), .by = request_actor(request)};
    return hook_vendor_find(request_path_text(request, "vendor"), &ret_input->vendor) ||
           fail(error, KITH_ERROR_NOT_FOUND, "no such vendor: shopify or woocommerce");
}

static bool api_put(Request *request, GError **error)
{
    const ApiInput *said = request_input(request);
    ShopApiInput input;
    if (!path_read(request, &input, error)) return false;
    input.url = said->url;
    input.user = said->user;
    input.token = said->token;
    input.read_from = said->read_from;
    return shop_api_set(request_context(request), &input, error) && apis_get(request, error);
}

static bool api_delete(Request *request, GError **error)
{
    ShopApiInput input;
    return path_read(request, &input, error) &&
           shop_api_remove(request_context(request), &input, error) &&
           request_reply_empty(request, 204);
}

static bool api_run(Request *request, GError **error)
{
    ShopApiInput input;
    return path_read(request, &input, error) &&
           shop_api_now(request_context(request), &input, error) && apis_get(request, error);
}

static const Route routes[] = {
    {"GET", "/api/shops/{id}/apis", SCOPE_USER, .reply = &apis_schema, .handle = apis_get,
     .summary = "How a shop's own API is read each night, and what the last readings brought"},
    {"PUT", "/api/shops/{id}/apis/{vendor}", SCOPE_OWNER, .request = &api_input,
     .reply = &apis_schema, .handle = api_put,
     .summary = "Set address and token of a shop's API; it is read at once and then each night"},
    {"DELETE", "/api/shops/{id}/apis/{vendor}", SCOPE_OWNER, .handle = api_delete,
     .summary = "Forget the token of a shop's API; what was read stays"},
    {"POST", "/api/shops/{id}/apis/{vendor}/reconcile", SCOPE_USER, .reply = &apis_schema,
     .handle = api_run, .summary = "Read what changed in the shop now"},
};

void reconcile_add_routes(Hooks *hooks, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), hooks);
}
