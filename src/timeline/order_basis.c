#include "timeline/order_basis.h"

#include "timeline/orders_sql.h"

static bool basis_last(void *context, Db *db, int64_t stem, int64_t *ret_at, GError **error)
{
    (void)context;
    OrderLastParams params = {stem};
    OrderLastRow row = {0};
    bool found;
    if (!sql_order_last(db, &params, &row, &found, error)) return false;
    *ret_at = found && row.at.set ? row.at.value : 0;
    return true;
}

static bool basis_after(void *context, Db *db, int64_t after, int64_t rows, GArray *orders,
                        GError **error)
{
    (void)context;
    OrderLastsParams params = {after, rows};
    OrderLastsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_order_lasts_open(db, &params, &cursor, error)) return false;
    while (sql_order_lasts_next(&cursor, &row)) {
        PeopleOrder order = {row.person_id, row.at};
        g_array_append_val(orders, order);
    }
    return db_cursor_finish(&cursor, error);
}

PeopleOrders orders_basis(Orders *orders)
{
    return (PeopleOrders){orders, basis_last, basis_after, NULL}; /* it hears of their rows */
}
