#include "admin/admin_private.h"
#include "admin/admin_sql.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/zones.h"
#include "measure/measure.h"
#include "net/audit.h"

#include <string.h>

static const char *const languages[] = {"en", "de", NULL};

typedef struct BusinessInput {
    const char *name, *currency, *zone, *language;
    int64_t gap_days, proposed_gap_days;
} BusinessInput;

static const Field input_fields[] = {
    {"name", FIELD_TEXT, .max = BUSINESS_NAME_BYTES_MAX, .offset = offsetof(BusinessInput, name)},
    {"currency", FIELD_TEXT, .max = 3, .offset = offsetof(BusinessInput, currency),
     .doc = "ISO 4217, as GBP"},
    {"zone", FIELD_TEXT, .max = 60, .offset = offsetof(BusinessInput, zone),
     .doc = "IANA time zone, as Europe/London"},
    {"language", FIELD_TEXT, .choices = languages, .offset = offsetof(BusinessInput, language)},
    {"gap_days", FIELD_INT, .min = 0, .max = BUSINESS_GAP_DAYS_MAX,
     .offset = offsetof(BusinessInput, gap_days),
     .doc = "usual days between purchases; null or 0: fitted to the data"},
    {"proposed_gap_days", FIELD_INT, .offset = offsetof(BusinessInput, proposed_gap_days),
     .doc = "read only: what the data says"},
};
static const Schema business_input = SCHEMA("BusinessInput", BusinessInput, input_fields);

static const Field reply_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"currency", FIELD_TEXT, .required = true},
    {"zone", FIELD_TEXT, .required = true},
    {"language", FIELD_TEXT, .required = true, .choices = languages},
    {"gap_days", FIELD_INT},
    {"proposed_gap_days", FIELD_INT},
};
static const Schema business_reply = SCHEMA_REPLY("Business", reply_fields);

/* The median gap between purchase days; null while nobody came back. */
static json_t *gap_proposed(const Admin *admin)
{
    g_autoptr(GError) ignored = NULL;
    if (!admin->options.measure) return json_null();
    g_autoptr(View) view = measure_view(admin->options.measure, NULL, &ignored);
    return view && view->gap_count > 0 ? json_integer(view->gap_median) : json_null();
}

static bool business_answer(Request *request, const Business *business)
{
    return request_reply_json(
        request, 200,
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", business->name, "currency",
                  business->currency, "zone", business->zone, "language", business->language,
                  "gap_days", business->gap_days ? json_integer(business->gap_days) : json_null(),
                  "proposed_gap_days", gap_proposed(request_context(request))));
}

static bool business_get(Request *request, GError **error)
{
    Business business = {0};
    return admin_business(request_context(request), &business, error) &&
           business_answer(request, &business);
}

/* ---- changing it ---- */

typedef struct BusinessWork {
    const Request *request;
    Business business;
    int64_t audit_id;
} BusinessWork;

static void text_take(const Request *request, const char *field, const char *value, char *place,
                      size_t size)
{
    if (request_given(request, field)) g_strlcpy(place, value ? value : "", size);
}

/* Fields that were not named stay as they are. */
static void business_merge(const Request *request, Business *business)
{
    const BusinessInput *input = request_input(request);
    text_take(request, "name", input->name, business->name, sizeof business->name);
    text_take(request, "currency", input->currency, business->currency, sizeof business->currency);
    text_take(request, "zone", input->zone, business->zone, sizeof business->zone);
    if (input->language) g_strlcpy(business->language, input->language, sizeof business->language);
    if (request_given(request, "gap_days")) business->gap_days = input->gap_days;
}

static bool business_run(Db *db, void *data, GError **error)
{
    BusinessWork *work = data;
    int64_t now_ms = request_now_ms(work->request);
    if (!business_load(db, &work->business, error)) return false;
    business_merge(work->request, &work->business);
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = now_ms,
                        .by = request_actor(work->request),
                        .action = "business.change",
                        .kind = "business"};
    return business_save(db, &work->business, now_ms, error) && audit_add(db, &entry, error);
}

/* Both at once, so that a form shows both. */
static bool business_check(Request *request, GError **error)
{
    const BusinessInput *input = request_input(request);
    bool ok = true;
    if (input->currency && *input->currency && currency_digits(input->currency) < 0)
        ok = request_note_field(request, "currency", "is not a currency code, as GBP or EUR");
    if (input->zone && *input->zone && !zone_find(slice_of(input->zone), NULL))
        ok = request_note_field(request, "zone", "is not a time zone, as Europe/London");
    return ok || fail(error, KITH_ERROR_INVALID, "body: a field is not right");
}

static bool business_put(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    BusinessWork work = {.request = request, .audit_id = store_id_next(admin->options.store)};
    if (!business_check(request, error) ||
        !writer_call(store_writer(admin->options.store), WRITER_REST, business_run, &work, error))
        return false;
    return business_answer(request, &work.business);
}

/* ---- shops ---- */

static const Field shop_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"currency", FIELD_TEXT},
    {"zone", FIELD_TEXT},
    {"created_at", FIELD_TIME, .required = true},
};
static const Schema shop_schema = SCHEMA_REPLY("Shop", shop_fields);
static const Field shops_fields[] = {
    {"shops", FIELD_LIST, .required = true, .of = &shop_schema},
};
static const Schema shops_reply = SCHEMA_REPLY("Shops", shops_fields);

static bool shops_read(Db *db, json_t *list, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    AdminShopsRow row;
    if (!sql_admin_shops_open(db, &cursor, error)) return false;
    while (sql_admin_shops_next(&cursor, &row))
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:s?, s:s?, s:I}", "id", admin_id(row.shop_id),
                                        "name", row.name, "currency", row.currency, "zone",
                                        row.zone, "created_at", (json_int_t)row.created_at));
    return db_cursor_finish(&cursor, error);
}

static bool shops_get(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    json_auto_t *list = json_array();
    Db *db = store_reader_begin(admin->options.store, error);
    if (!db) return false;
    bool ok = shops_read(db, list, error);
    store_reader_end(admin->options.store, db);
    return ok && request_reply_json(request, 200, json_pack("{s:O}", "shops", list));
}

typedef struct ShopInput {
    const char *name;
} ShopInput;
static const Field shop_input_fields[] = {
    {"name", FIELD_TEXT, .required = true, .max = 80, .offset = offsetof(ShopInput, name)},
};
static const Schema shop_input = SCHEMA("ShopInput", ShopInput, shop_input_fields);
static const Field shop_made_fields[] = {{"id", FIELD_ID, .required = true}};
static const Schema shop_made = SCHEMA_REPLY("ShopMade", shop_made_fields);

static bool shops_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const ShopInput *input = request_input(request);
    int64_t shop_id = 0;
    return admin_shop_get(admin->options.store, input->name, &shop_id, error) &&
           request_reply_json(request, 200, json_pack("{s:o}", "id", admin_id(shop_id)));
}

static const Route routes[] = {
    {"GET", "/api/business", SCOPE_USER, .reply = &business_reply, .handle = business_get,
     .summary = "The business profile"},
    {"PUT", "/api/business", SCOPE_USER, .request = &business_input, .reply = &business_reply,
     .handle = business_put, .summary = "Change the business profile; only the fields named"},
    {"GET", "/api/shops", SCOPE_USER, .reply = &shops_reply, .handle = shops_get,
     .summary = "The shops of this business"},
    {"POST", "/api/shops", SCOPE_USER, .request = &shop_input, .reply = &shop_made,
     .handle = shops_post, .summary = "Make a shop, or find the one of this name"},
};

void business_routes_add(Admin *admin, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), admin);
}
