#include "timeline/orders_verify.h"

#include "timeline/orders_private.h"

#include <inttypes.h>
#include <string.h>

enum { VERIFY_ROWS = 500 };

typedef struct Verify {
    Findings *findings;
    int64_t person_id, order_id; /* the last one looked at */
    bool over;
} Verify;

static bool said_load(Db *db, const OrderRow *row, GArray *said, GStringChunk *texts,
                      GError **error)
{
    OrderReportListParams params = {.person_id = row->person_id, .order_id = row->order_id};
    g_auto(DbCursor) cursor = {0};
    if (!sql_order_report_list_open(db, &params, &cursor, error)) return false;
    OrderReportListRow stored;
    while (sql_order_report_list_next(&cursor, &stored)) {
        OrderSaid one = {.source_id = stored.source_id,
                         .trust = stored.trust,
                         .received_at = stored.received_at,
                         .stem = stored.stem,
                         .currency = g_string_chunk_insert_const(texts, stored.currency),
                         .revenue = stored.revenue,
                         .occurred_at = stored.occurred_at,
                         .cancelled_at = stored.cancelled_at,
                         .lines_value = stored.lines_value,
                         .line_count = stored.line_count,
                         .test = stored.test != 0};
        g_array_append_val(said, one);
    }
    return db_cursor_finish(&cursor, error);
}

static bool same_as_fold(const OrderRow *row, const OrderFold *fold)
{
    return row->revenue == fold->revenue && row->occurred_at == fold->occurred_at &&
           row->confirmed == fold->confirmed && row->item_count == fold->line_count &&
           strcmp(row->currency, fold->currency) == 0 &&
           strcmp(row->state, order_fold_state(fold)) == 0;
}

static bool key_leads_here(Db *db, const OrderRow *row, bool *ret_here, GError **error)
{
    OrderKeyFindRow key;
    bool found;
    OrderKeyFindParams params = {.shop_id = row->shop_id, .order_key = row->order_key};
    if (!sql_order_key_find(db, &params, &key, &found, error)) return false;
    *ret_here = found && key.person_id == row->person_id && key.order_id == row->order_id;
    return true;
}

static bool order_verify(Db *db, const OrderRow *row, Findings *findings, GError **error)
{
    g_autoptr(GArray) said = g_array_new(FALSE, FALSE, sizeof(OrderSaid));
    GStringChunk *texts = g_string_chunk_new(64);
    bool loaded = said_load(db, row, said, texts, error);
    if (loaded && said->len == 0) {
        findings_add(findings, "order %" PRId64 ": nobody reported it", row->order_id);
    } else if (loaded) {
        OrderFold fold = order_fold((const OrderSaid *)(void *)said->data, said->len);
        if (!same_as_fold(row, &fold))
            findings_add(findings, "order %" PRId64 ": not the fold of its reports", row->order_id);
    }
    g_string_chunk_free(texts);
    int64_t net;
    bool here;
    if (!loaded || !order_net(db, row, &net, error)) return false;
    if (net != row->net_revenue)
        findings_add(findings, "order %" PRId64 ": net is not revenue less refunds", row->order_id);
    if (!key_leads_here(db, row, &here, error)) return false;
    if (!here) findings_add(findings, "order %" PRId64 ": its key leads elsewhere", row->order_id);
    findings_checked(findings, 1);
    return true;
}

static bool chunk_keys(Db *db, Verify *verify, GArray *keys, GError **error)
{
    OrderRebaseListParams params = {
        .person_id = verify->person_id, .order_id = verify->order_id, .rows = VERIFY_ROWS};
    g_auto(DbCursor) cursor = {0};
    if (!sql_order_rebase_list_open(db, &params, &cursor, error)) return false;
    OrderRebaseListRow row;
    while (sql_order_rebase_list_next(&cursor, &row)) {
        verify->person_id = row.person_id;
        verify->order_id = row.order_id;
        int64_t key[2] = {row.person_id, row.order_id};
        g_array_append_val(keys, key);
    }
    verify->over = keys->len < VERIFY_ROWS;
    return db_cursor_finish(&cursor, error);
}

static bool chunk_verify(Db *db, Verify *verify, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, 2 * sizeof(int64_t));
    if (!chunk_keys(db, verify, keys, error)) return false;
    for (guint i = 0; i < keys->len; i++) {
        const int64_t *key = (const int64_t *)(void *)keys->data + 2 * i;
        g_auto(OrderRow) row = {0};
        if (!order_row_load(db, key[0], key[1], &row, error)) return false;
        if (row.found && !order_verify(db, &row, verify->findings, error)) return false;
    }
    return true;
}

bool orders_verify(Store *store, Findings *findings, GError **error)
{
    findings_part(findings, "orders");
    Verify verify = {.findings = findings, .person_id = INT64_MIN};
    while (!verify.over) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        bool done = chunk_verify(db, &verify, error);
        store_reader_end(store, db);
        if (!done) return false;
    }
    return true;
}
