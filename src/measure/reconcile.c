#include "measure/reconcile.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/money.h"
#include "measure/facts_load.h"
#include "measure/measure_sql.h"

#include <string.h>

/* One import being compared. */
typedef struct Compare {
    Measure *measure;
    int64_t import_id, shop_id;
    int64_t first_at,
        last_at;    /* of the orders in the file; later ones of the shop are not "missing" */
    int64_t key[3]; /* of the last row of the scan under way */
    uint32_t rows;
    GHashTable *seen; /* order ids of the file */
    ReconcileTotals totals;
    const ReconcileAsked *asked; /* NULL: only count */
    json_t *differs;             /* the page asked for, or NULL */
} Compare;

typedef bool (*CompareChunk)(Compare *compare, Db *db, GError **error);

static bool compare_scan(Compare *compare, CompareChunk chunk, GError **error)
{
    Store *store = measure_store(compare->measure);
    compare->key[0] = compare->key[1] = compare->key[2] = INT64_MIN;
    do {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        bool done = chunk(compare, db, error);
        store_reader_end(store, db);
        if (!done) return false;
    } while (compare->rows == FACTS_CHUNK_ROWS);
    return true;
}

/* One line that differs. `shop` and `kith` are texts or NULL: nothing on that side. */
typedef struct Difference {
    const char *order_key, *what, *shop, *kith, *why;
} Difference;

static void compare_differs(Compare *compare, const Difference *difference)
{
    int64_t index = compare->totals.differs++;
    if (!compare->asked || index < compare->asked->from) return;
    if (index >= compare->asked->from + compare->asked->count) return;
    json_array_append_new(compare->differs,
                          json_pack("{s:s, s:s, s:s?, s:s?, s:s}", "order_key",
                                    difference->order_key, "what", difference->what, "shop",
                                    difference->shop, "kith", difference->kith, "why",
                                    difference->why));
}

static ReconcileTotal *total_of(ReconcileTotals *totals, const char *currency)
{
    for (uint32_t i = 0; i < totals->currency_count; i++)
        if (strcmp(totals->currencies[i].currency, currency) == 0) return &totals->currencies[i];
    if (totals->currency_count == RECONCILE_CURRENCIES_MAX)
        return &totals->currencies[RECONCILE_CURRENCIES_MAX - 1];
    ReconcileTotal *total = &totals->currencies[totals->currency_count++];
    g_strlcpy(total->currency, currency, sizeof total->currency);
    return total;
}

static void money_text(char *text, size_t size, int64_t minor, const char *currency)
{
    char amount[MONEY_TEXT_SIZE];
    money_format(minor, MAX(currency_digits(currency), 0), amount);
    g_snprintf(text, size, "%s %s", amount, currency);
}

/* Why an order of the file does not count in Kith, or NULL: it does. */
static const char *why_uncounted(const char *state, int64_t confirmed)
{
    if (strcmp(state, "cancelled") == 0) return "cancelled";
    if (strcmp(state, "test") == 0) return "test";
    return confirmed ? NULL : "unconfirmed";
}

static void compare_report(Compare *compare, const ReconcileReportsRow *row)
{
    char shop[48], kith[48];
    const char *why = why_uncounted(row->state, row->confirmed);
    ReconcileTotal *total = total_of(&compare->totals, row->currency);
    compare->totals.shop_orders++;
    total->shop += row->said;
    money_text(shop, sizeof shop, row->said, row->currency);
    money_text(kith, sizeof kith, row->revenue, row->currency);
    if (why) {
        compare_differs(compare, &(Difference){row->order_key, "order", shop, NULL, why});
        return;
    }
    compare->totals.kith_orders++;
    total->kith += row->revenue;
    if (row->said != row->revenue)
        compare_differs(compare,
                        &(Difference){row->order_key, "total", shop, kith, "other_source"});
}

static bool reports_chunk(Compare *compare, Db *db, GError **error)
{
    ReconcileReportsParams params = {compare->key[0], compare->key[1], compare->key[2],
                                     FACTS_CHUNK_ROWS};
    ReconcileReportsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_reconcile_reports_open(db, &params, &cursor, error)) return false;
    for (compare->rows = 0; sql_reconcile_reports_next(&cursor, &row); compare->rows++) {
        compare->key[0] = row.person_id;
        compare->key[1] = row.order_id;
        compare->key[2] = row.source_id;
        if (!row.import_id.set || row.import_id.value != compare->import_id) continue;
        if (row.cancelled_at.set || row.test) continue; /* the file does not count it either */
        compare->first_at = MIN(compare->first_at, row.order_at);
        compare->last_at = MAX(compare->last_at, row.order_at);
        int64_t *id = g_new(int64_t, 1);
        *id = row.order_id;
        g_hash_table_add(compare->seen, id);
        compare_report(compare, &row);
    }
    return db_cursor_finish(&cursor, error);
}

/* Orders of the shop and the time of the file that the file does not have. */
static bool orders_chunk(Compare *compare, Db *db, GError **error)
{
    ReconcileOrdersParams params = {compare->key[0], compare->key[1], FACTS_CHUNK_ROWS};
    ReconcileOrdersRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_reconcile_orders_open(db, &params, &cursor, error)) return false;
    for (compare->rows = 0; sql_reconcile_orders_next(&cursor, &row); compare->rows++) {
        char kith[48];
        compare->key[0] = row.person_id;
        compare->key[1] = row.order_id;
        if (row.shop_id != compare->shop_id || why_uncounted(row.state, row.confirmed)) continue;
        if (row.occurred_at < compare->first_at || row.occurred_at > compare->last_at) continue;
        if (g_hash_table_contains(compare->seen, &row.order_id)) continue;
        compare->totals.kith_orders++;
        total_of(&compare->totals, row.currency)->kith += row.revenue;
        money_text(kith, sizeof kith, row.revenue, row.currency);
        compare_differs(compare, &(Difference){row.order_key, "order", NULL, kith, "not_in_file"});
    }
    return db_cursor_finish(&cursor, error);
}

static bool refunds_chunk(Compare *compare, Db *db, GError **error)
{
    ReconcileRefundsParams params = {compare->key[0], compare->key[1], FACTS_CHUNK_ROWS};
    ReconcileRefundsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_reconcile_refunds_open(db, &params, &cursor, error)) return false;
    for (compare->rows = 0; sql_reconcile_refunds_next(&cursor, &row); compare->rows++) {
        char shop[48];
        compare->key[0] = row.person_id;
        compare->key[1] = row.refund_id;
        if (!row.import_id.set || row.import_id.value != compare->import_id) continue;
        if (strcmp(row.state, "waiting") != 0) continue;
        money_text(shop, sizeof shop, row.amount, row.currency);
        compare_differs(compare, &(Difference){row.order_key ? row.order_key : row.refund_key,
                                               "refund", shop, NULL, "refund_waits"});
    }
    return db_cursor_finish(&cursor, error);
}

static void compare_rejected(Compare *compare, const char *counts)
{
    json_t *json = json_loads(counts, 0, NULL);
    json_int_t rejected = json_integer_value(json_object_get(json, "rejected"));
    json_decref(json);
    if (rejected <= 0) return;
    char rows[32];
    g_snprintf(rows, sizeof rows, "%" JSON_INTEGER_FORMAT, rejected);
    compare_differs(compare, &(Difference){"", "rows", rows, NULL, "rejected"});
}

/* Reads the import's row; its shop and rejected rows. */
static bool compare_begin(Compare *compare, GError **error)
{
    ReconcileImportRow row;
    bool found = false;
    Store *store = measure_store(compare->measure);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    ReconcileImportParams params = {compare->import_id};
    bool done = sql_reconcile_import(db, &params, &row, &found, error);
    found = found && strcmp(row.kind, "orders") == 0;
    if (done && found) {
        compare->shop_id = row.shop_id;
        compare_rejected(compare, row.counts);
    }
    store_reader_end(store, db);
    if (done && !found)
        return fail(error, KITH_ERROR_NOT_FOUND, "no import of orders with this id");
    return done;
}

static bool compare_run(Compare *compare, GError **error)
{
    compare->first_at = INT64_MAX;
    compare->last_at = INT64_MIN;
    compare->seen = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    bool done = compare_begin(compare, error) && compare_scan(compare, reports_chunk, error) &&
                compare_scan(compare, orders_chunk, error) &&
                compare_scan(compare, refunds_chunk, error);
    g_hash_table_unref(compare->seen);
    return done;
}

bool reconcile_totals(Measure *measure, int64_t import_id, ReconcileTotals *ret_totals,
                      GError **error)
{
    Compare compare = {.measure = measure, .import_id = import_id};
    if (!compare_run(&compare, error)) return false;
    *ret_totals = compare.totals;
    return true;
}

/* The newest finished import of orders; 0: none. */
static bool newest_import(Measure *measure, int64_t *ret_import_id, GError **error)
{
    ReconcileImportNewestRow row;
    bool found;
    Store *store = measure_store(measure);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = sql_reconcile_import_newest(db, &row, &found, error);
    store_reader_end(store, db);
    if (done) *ret_import_id = found ? row.import_id : 0;
    return done;
}

static json_t *money_json(int64_t minor, const char *currency)
{
    return json_pack("{s:I, s:s}", "minor", (json_int_t)minor, "currency", currency);
}

/* Totals are in the currency most of the file is in (the first one of several); `totals` has all.
 */
static void totals_set(json_t *reply, const ReconcileTotals *totals)
{
    const ReconcileTotal none = {{0}, 0, 0};
    const ReconcileTotal *first = totals->currency_count ? &totals->currencies[0] : &none;
    json_t *list = json_array();
    for (uint32_t i = 0; i < totals->currency_count; i++) {
        const ReconcileTotal *total = &totals->currencies[i];
        if (total->shop > first->shop) first = total;
        json_array_append_new(list, json_pack("{s:o, s:o}", "shop",
                                              money_json(total->shop, total->currency), "kith",
                                              money_json(total->kith, total->currency)));
    }
    json_object_set_new(reply, "shop_orders", json_integer(totals->shop_orders));
    json_object_set_new(reply, "kith_orders", json_integer(totals->kith_orders));
    json_object_set_new(reply, "shop_total", money_json(first->shop, first->currency));
    json_object_set_new(reply, "kith_total", money_json(first->kith, first->currency));
    json_object_set_new(reply, "totals", list);
    json_object_set_new(reply, "differs_count", json_integer(totals->differs));
}

static json_t *next_json(const ReconcileAsked *asked, int64_t differs)
{
    char text[24];
    if (asked->from + asked->count >= differs) return json_null();
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, asked->from + asked->count);
    return json_string(text);
}

static json_t *import_json(int64_t import_id)
{
    char text[24];
    if (import_id == 0) return json_null();
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, import_id);
    return json_string(text);
}

json_t *reconcile_report(Measure *measure, const ReconcileAsked *asked, GError **error)
{
    int64_t import_id = asked->import_id;
    if (import_id == 0 && !newest_import(measure, &import_id, error)) return NULL;
    Compare compare = {
        .measure = measure, .import_id = import_id, .asked = asked, .differs = json_array()};
    if (import_id != 0 && !compare_run(&compare, error)) {
        json_decref(compare.differs);
        return NULL;
    }
    json_t *reply = json_object();
    totals_set(reply, &compare.totals);
    json_object_set_new(reply, "import", import_json(import_id));
    json_object_set_new(reply, "differs", compare.differs);
    json_object_set_new(reply, "next", next_json(asked, compare.totals.differs));
    return reply;
}
