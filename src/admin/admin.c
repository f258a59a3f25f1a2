#include "admin/admin.h"

#include "admin/admin_private.h"
#include "admin/admin_sql.h"
#include "base/clock.h"
#include "base/error.h"
#include "net/account.h"

#include <string.h>

enum { SHOP_NAME_MAX = 80 };

static const char demo_email[] = "owner@demo.example";

/* ---- small helpers of all routes ---- */

json_t *admin_id(int64_t id)
{
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, id);
    return json_string(text);
}

json_t *admin_time(DbInt at) { return at.set ? json_integer(at.value) : json_null(); }

char *admin_link(const char *base_url, const char *page, const char *token)
{
    return g_strdup_printf("%s/%s/%s", base_url, page, token);
}

static const Field done_fields[] = {{"done", FIELD_BOOL, .required = true}};
const Schema admin_done_reply = SCHEMA_REPLY("Done", done_fields);

bool admin_done(Request *request)
{
    return request_reply_json(request, 200, json_pack("{s:b}", "done", true));
}

bool admin_business(Admin *admin, Business *ret_business, GError **error)
{
    Db *db = store_reader_begin(admin->options.store, error);
    if (!db) return false;
    bool ok = business_load(db, ret_business, error);
    store_reader_end(admin->options.store, db);
    return ok;
}

/* ---- shops ---- */

typedef struct ShopWork {
    const char *name;
    int64_t shop_id, fresh_id;
} ShopWork;

/* The first shop is number 1, as keys and imports that name none expect. */
static bool shop_run(Db *db, void *data, GError **error)
{
    ShopWork *work = data;
    AdminShopFindRow row = {0};
    AdminShopCountRow count = {0};
    bool found = false;
    AdminShopFindParams find = {.name = work->name};
    if (!sql_admin_shop_find(db, &find, &row, &found, error)) return false;
    work->shop_id = row.shop_id;
    if (found) return true;
    if (!sql_admin_shop_count(db, &count, &found, error)) return false;
    work->shop_id = count.count == 0 ? 1 : work->fresh_id;
    AdminShopInsertParams params = {
        .shop_id = work->shop_id, .name = work->name, .created_at = clock_now_ms()};
    return sql_admin_shop_insert(db, &params, NULL, error);
}

bool admin_shop_get(Store *store, const char *name, int64_t *ret_shop_id, GError **error)
{
    ShopWork work = {.name = name, .fresh_id = store_id_next(store)};
    if (*name == '\0' || strlen(name) > SHOP_NAME_MAX)
        return fail(error, KITH_ERROR_INVALID, "shop name: must be 1 to %d bytes long",
                    SHOP_NAME_MAX);
    if (!writer_call(store_writer(store), WRITER_REST, shop_run, &work, error)) return false;
    *ret_shop_id = work.shop_id;
    return true;
}

static bool shop_default_run(Db *db, void *data, GError **error)
{
    (void)data;
    AdminShopCountRow count = {0};
    bool found = false;
    if (!sql_admin_shop_count(db, &count, &found, error)) return false;
    if (count.count > 0) return true;
    AdminShopInsertParams params = {.shop_id = 1, .name = "Shop", .created_at = clock_now_ms()};
    return sql_admin_shop_insert(db, &params, NULL, error);
}

/* ---- life ---- */

static bool demo_owner_get(Admin *admin, GError **error)
{
    char token[AUTH_TOKEN_SIZE];
    AccountInput input = {
        .name = "Demo", .email = demo_email, .language = "en", .role = ROLE_OWNER};
    if (!admin->options.demo) return true;
    if (!account_find(admin->options.auth, demo_email, &admin->demo_account_id, error))
        return false;
    if (admin->demo_account_id) return true;
    return account_create(admin->options.auth, &input, NULL, &admin->demo_account_id, token, error);
}

Admin *admin_new(const AdminOptions *options, GError **error)
{
    g_autoptr(Admin) admin = g_new0(Admin, 1);
    admin->options = *options;
    Writer *writer = store_writer(options->store);
    if (!writer_call(writer, WRITER_REST, shop_default_run, NULL, error)) return NULL;
    return demo_owner_get(admin, error) ? g_steal_pointer(&admin) : NULL;
}

void admin_free(Admin *admin) { g_free(admin); }

void admin_add_routes(Admin *admin, Server *server)
{
    session_routes_add(admin, server);
    business_routes_add(admin, server);
    user_routes_add(admin, server);
    house_routes_add(admin, server);
}

char *admin_setup_url(Admin *admin, const char *base_url, GError **error)
{
    char token[AUTH_TOKEN_SIZE];
    if (admin->options.demo || !account_setup_link(admin->options.auth, token, error)) return NULL;
    return *token ? admin_link(base_url, "setup", token) : NULL;
}
