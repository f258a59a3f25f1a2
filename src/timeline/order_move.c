#include "timeline/orders_private.h"

#include "base/error.h"
#include "store/changes.h"
#include "timeline/refunds_sql.h"

static bool refund_ids(Db *db, const OrderRow *row, GArray *ids, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    OrderRefundsParams params = {.person_id = row->person_id, .order_id = row->order_id};
    if (!sql_order_refunds_open(db, &params, &cursor, error)) return false;
    OrderRefundsRow refund;
    while (sql_order_refunds_next(&cursor, &refund))
        g_array_append_val(ids, refund.refund_id);
    return db_cursor_finish(&cursor, error);
}

static bool refunds_move(Orders *orders, Db *db, const OrderRow *row, int64_t to, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!refund_ids(db, row, ids, error)) return false;
    for (guint i = 0; i < ids->len; i++)
        if (!refund_move(orders, db, row->person_id, g_array_index(ids, int64_t, i), to, error))
            return false;
    return true;
}

static bool evidence_move(Db *db, const OrderRow *row, int64_t to, GError **error)
{
    OrderLineCopyParams lines = {row->person_id, row->order_id, to};
    OrderReportCopyParams reports = {row->person_id, row->order_id, to};
    return sql_order_line_copy(db, &lines, NULL, error) &&
           sql_order_report_copy(db, &reports, NULL, error) &&
           sql_order_line_clear(db, &(OrderLineClearParams){row->person_id, row->order_id}, NULL,
                                error) &&
           sql_order_report_clear(db, &(OrderReportClearParams){row->person_id, row->order_id},
                                  NULL, error) &&
           sql_order_clear(db, &(OrderClearParams){row->person_id, row->order_id}, NULL, error);
}

static bool event_move(Orders *orders, Db *db, OrderRow *row, int64_t to, GError **error)
{
    if (!row->event_id.set) return true;
    if (!orders->events->move(orders->events_context, db, row->person_id, to, &row->event_id.value,
                              error))
        return false;
    row->event_id.set = row->event_id.value != 0;
    return true;
}

bool order_move(Orders *orders, Db *db, OrderRow *row, int64_t to, GError **error)
{
    if (!refunds_move(orders, db, row, to, error)) return false;
    if (!evidence_move(db, row, to, error)) return false;
    if (!event_move(orders, db, row, to, error)) return false;
    OrderKeyMoveParams params = {
        .shop_id = row->shop_id, .order_key = row->order_key, .person_id = to};
    if (!sql_order_key_move(db, &params, NULL, error)) return false;
    if (!store_changed_now(db, CHANGE_ORDER, row->person_id, error)) return false;
    row->person_id = to;
    return true;
}
