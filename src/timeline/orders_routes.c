#include "timeline/orders_routes.h"

#include "base/clock.h"
#include "base/error.h"
#include "net/request.h"
#include "people/json.h"
#include "people/person.h"
#include "timeline/business.h"
#include "timeline/orders_sql.h"

#include <inttypes.h>
#include <string.h>

enum {
    HAND_ITEMS_MAX = 200,
    HAND_QUANTITY_MAX = 100000,
    HAND_PRICE_MAX = 1000000000, /* minor units: no till sells one thing for more */
    ORDERS_FOUND_MAX = 20
};

/* ── a purchase typed in ─────────────────────────────────────────────────────────────────────── */

typedef struct HandItem {
    const char *name;
    int64_t quantity, price_minor;
} HandItem;

typedef struct HandOrder {
    int64_t at, total_minor;
    const char *currency, *number;
    FieldList items; /* of HandItem */
} HandOrder;

static const Field hand_item_fields[] = {
    {"name", FIELD_TEXT, .required = true, .offset = offsetof(HandItem, name), .min = 1,
     .max = ORDER_TEXT_BYTES_MAX, .doc = "What was sold"},
    {"quantity", FIELD_INT, .offset = offsetof(HandItem, quantity), .min = 1,
     .max = HAND_QUANTITY_MAX, .otherwise = 1},
    {"price_minor", FIELD_INT, .required = true, .offset = offsetof(HandItem, price_minor),
     .min = 0, .max = HAND_PRICE_MAX, .doc = "Of one, in minor units (cents)"},
};
static const Schema hand_item = SCHEMA("HandItem", HandItem, hand_item_fields);

static const Field hand_order_fields[] = {
    {"at", FIELD_TIME, .offset = offsetof(HandOrder, at), .min = 0, .max = INT64_C(253402300799999),
     .doc = "When it was bought; now when absent"},
    {"currency", FIELD_TEXT, .offset = offsetof(HandOrder, currency), .min = 3, .max = 3,
     .doc = "The business's when absent"},
    {"number", FIELD_TEXT, .offset = offsetof(HandOrder, number), .min = 1,
     .max = ORDER_KEY_BYTES_MAX, .doc = "The shop's order number, when it has one"},
    {"items", FIELD_LIST, .offset = offsetof(HandOrder, items), .max = HAND_ITEMS_MAX,
     .of = &hand_item},
    {"total_minor", FIELD_INT, .offset = offsetof(HandOrder, total_minor), .min = 0,
     .max = INT64_C(1000000000000), .doc = "What was paid; the sum of the items when absent"},
};
static const Schema hand_order = SCHEMA("HandOrder", HandOrder, hand_order_fields);

static const Field made_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"created", FIELD_BOOL, .required = true},
};
static const Schema made_reply = SCHEMA_REPLY("OrderMade", made_fields);

typedef struct HandCall {
    OrdersRoutes *routes;
    const HandOrder *input;
    int64_t person_id, now;
    char number[64];
    OrderOutcome outcome;
} HandCall;

static OrderLine *lines_of(const HandOrder *input)
{
    const HandItem *items = input->items.items;
    OrderLine *lines = g_new0(OrderLine, input->items.count + 1);
    for (size_t i = 0; i < input->items.count; i++)
        lines[i] = (OrderLine){.line_no = (int64_t)i + 1,
                               .product_key = slice_of(items[i].name),
                               .name = slice_of(items[i].name),
                               .quantity = items[i].quantity * DECIMAL_SCALE,
                               .value = items[i].quantity * items[i].price_minor};
    return lines;
}

/* Prices of one, major units x 10^6, once the digits of the currency are known. */
static void lines_price(OrderLine *lines, const HandOrder *input, int digits)
{
    const HandItem *items = input->items.items;
    for (size_t i = 0; i < input->items.count; i++) {
        lines[i].price = items[i].price_minor;
        for (int digit = digits; digit < 6; digit++)
            lines[i].price *= 10;
    }
}

static bool hand_currency(Db *db, const HandOrder *input, char ret_code[CURRENCY_SIZE],
                          GError **error)
{
    if (input->currency) return currency_parse(slice_of(input->currency), ret_code, error);
    Business business;
    if (!business_load(db, &business, error)) return false;
    if (!*business.currency)
        return fail(error, KITH_ERROR_INVALID,
                    "the business has no currency yet: set it in the settings, or send one");
    g_strlcpy(ret_code, business.currency, CURRENCY_SIZE);
    return true;
}

static bool hand_run(Db *db, void *data, GError **error)
{
    HandCall *call = data;
    const HandOrder *input = call->input;
    if (!people_check(call->routes->people, db, call->person_id, error)) return false;
    g_autofree OrderLine *lines = lines_of(input);
    OrderReport report = {
        .shop_id = SHOP_ID_DEFAULT,
        .order_key = slice_of(input->number ? input->number : call->number),
        .source_id = SOURCE_ID_HAND,
        .trust = TRUST_HAND,
        .stem = call->person_id,
        .revenue = {input->total_minor > 0, input->total_minor},
        .occurred_at = db_int(input->at ? input->at : call->now),
        .received_at = call->now,
        .lines = lines,
        .line_count = input->items.count,
    };
    if (!hand_currency(db, input, report.currency, error)) return false;
    lines_price(lines, input, currency_digits(report.currency));
    return orders_report(call->routes->orders, db, &report, &call->outcome, error);
}

static bool order_add(Request *request, GError **error)
{
    OrdersRoutes *routes = request_context(request);
    HandCall call = {.routes = routes,
                     .input = request_input(request),
                     .person_id = request_path_id(request, "id"),
                     .now = clock_now_ms()};
    g_snprintf(call.number, sizeof call.number, "hand-%" PRId64, store_id_next(routes->store));
    if (!writer_call(store_writer(routes->store), WRITER_REST, hand_run, &call, error))
        return false;
    orders_changed(routes->orders);
    g_autofree char *id = g_strdup_printf("%" PRId64, call.outcome.order_id);
    return request_reply_json(
        request, 201, json_pack("{s:s,s:b}", "id", id, "created", (int)call.outcome.created));
}

/* ── taking one back ─────────────────────────────────────────────────────────────────────────── */

typedef struct CancelCall {
    OrdersRoutes *routes;
    int64_t person_id, order_id, now;
} CancelCall;

static bool cancel_run(Db *db, void *data, GError **error)
{
    CancelCall *call = data;
    OrderFindRow row;
    bool found;
    OrderFindParams params = {.person_id = call->person_id, .order_id = call->order_id};
    if (!sql_order_find(db, &params, &row, &found, error)) return false;
    if (!found)
        return fail(error, KITH_ERROR_NOT_FOUND, "order %" PRId64 ": this person has none such",
                    call->order_id);
    g_autofree char *key = g_strdup(row.order_key);
    OrderReport report = {.shop_id = row.shop_id,
                          .order_key = slice_of(key),
                          .source_id = SOURCE_ID_HAND,
                          .trust = TRUST_HAND,
                          .cancelled_at = db_int(call->now),
                          .received_at = call->now};
    OrderOutcome outcome;
    return orders_report(call->routes->orders, db, &report, &outcome, error);
}

static bool order_cancel(Request *request, GError **error)
{
    OrdersRoutes *routes = request_context(request);
    CancelCall call = {.routes = routes,
                       .person_id = request_path_id(request, "id"),
                       .order_id = request_path_id(request, "order"),
                       .now = clock_now_ms()};
    if (!writer_call(store_writer(routes->store), WRITER_REST, cancel_run, &call, error))
        return false;
    orders_changed(routes->orders);
    return request_reply_empty(request, 204);
}

/* ── finding one ─────────────────────────────────────────────────────────────────────────────── */

typedef struct OrdersQuery {
    const char *q;
} OrdersQuery;

static const Field orders_query_fields[] = {
    {"q", FIELD_TEXT, .required = true, .offset = offsetof(OrdersQuery, q), .min = 1,
     .max = ORDER_KEY_BYTES_MAX, .doc = "The beginning of an order number"},
};
static const Schema orders_query = SCHEMA("OrdersQuery", OrdersQuery, orders_query_fields);

static const Field order_found_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"order_key", FIELD_TEXT, .required = true},
    {"person", FIELD_ID, .doc = "Who bought it; null when nobody is known"},
    {"at", FIELD_TIME, .required = true},
    {"state", FIELD_TEXT, .required = true},
    {"revenue", FIELD_MONEY, .required = true},
    {"net_revenue", FIELD_MONEY, .required = true},
};
static const Schema order_found = SCHEMA_REPLY("OrderFound", order_found_fields);
static const Field orders_found_fields[] = {
    {"orders", FIELD_LIST, .required = true, .of = &order_found},
};
static const Schema orders_found = SCHEMA_REPLY("OrdersFound", orders_found_fields);

static bool found_add(const OrdersRoutes *routes, Db *db, const OrderKeyPrefixRow *key,
                      json_t *list, GError **error)
{
    OrderFindRow row;
    bool found;
    OrderFindParams params = {.person_id = key->person_id, .order_id = key->order_id};
    if (!sql_order_find(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    int64_t person_id = people_person(routes->people, key->person_id);
    json_array_append_new(list,
                          json_pack("{s:o,s:s,s:o,s:I,s:s,s:o,s:o}", "id", json_id(key->order_id),
                                    "order_key", row.order_key, "person", json_id(person_id), "at",
                                    (json_int_t)row.occurred_at, "state", row.state, "revenue",
                                    json_money(row.revenue, row.currency), "net_revenue",
                                    json_money(row.net_revenue, row.currency)));
    return true;
}

static bool orders_find(const OrdersRoutes *routes, Db *db, const char *q, json_t *list,
                        GError **error)
{
    g_autofree char *end = g_strconcat(q, "\xf4\x8f\xbf\xbf", NULL); /* the last code point */
    OrderKeyPrefixParams params = {.first = q, .last = end, .rows = ORDERS_FOUND_MAX};
    g_auto(DbCursor) cursor = {0};
    if (!sql_order_key_prefix_open(db, &params, &cursor, error)) return false;
    OrderKeyPrefixRow row;
    while (sql_order_key_prefix_next(&cursor, &row))
        if (!found_add(routes, db, &row, list, error)) return false;
    return db_cursor_finish(&cursor, error);
}

static bool orders_list(Request *request, GError **error)
{
    OrdersRoutes *routes = request_context(request);
    const OrdersQuery *query = request_query(request);
    Db *db = store_reader_begin(routes->store, error);
    if (!db) return false;
    json_t *list = json_array();
    bool done = orders_find(routes, db, query->q, list, error);
    store_reader_end(routes->store, db);
    if (done) return request_reply_json(request, 200, json_pack("{s:o}", "orders", list));
    json_decref(list);
    return false;
}

static const Route orders_routes[] = {
    {"POST", "/api/people/{id}/orders", SCOPE_USER, .request = &hand_order, .reply = &made_reply,
     .handle = order_add, .summary = "Enter a purchase by hand"},
    {"DELETE", "/api/people/{id}/orders/{order}", SCOPE_USER, .handle = order_cancel,
     .summary = "Take a purchase back: it stays on the timeline as cancelled"},
    {"GET", "/api/orders", SCOPE_USER, .query = &orders_query, .reply = &orders_found,
     .handle = orders_list, .summary = "Orders whose number begins with a text"},
};

void orders_add_routes(Server *server, OrdersRoutes *context)
{
    server_add_routes(server, orders_routes, G_N_ELEMENTS(orders_routes), context);
}
