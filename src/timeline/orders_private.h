/* timeline/orders_private.h: what orders.c, order_move.c and refunds.c share. */
#pragma once
#include "timeline/order_fold.h"
#include "timeline/orders.h"
#include "timeline/orders_sql.h"

struct Orders {
    Store *store;
    const OrderEvents *events;
    void *events_context;
    People *people;
    gint64 version; /* atomic */
};

/* An order as it stands, texts owned. */
typedef struct OrderRow {
    int64_t person_id, order_id;
    bool found; /* false: no row yet */
    char *state, *number, *coupon, *order_key;
    char currency[CURRENCY_SIZE];
    int64_t shop_id, confirmed, revenue, net_revenue, item_count, occurred_at;
    DbInt cancelled_at, event_id;
} OrderRow;

void order_row_clear(OrderRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OrderRow, order_row_clear)

/* Loads by key; `found` false when there is none. */
bool order_row_load(Db *db, int64_t person_id, int64_t order_id, OrderRow *ret_row, GError **error);

/* The person as of now, or the stem itself when it is a visitor nobody identified, or 0. */
int64_t orders_buyer(const Orders *orders, int64_t stem);

/* Net of an order after cancellation and the confirmed refunds that name it. */
bool order_net(Db *db, const OrderRow *row, int64_t *ret_net, GError **error);

/* Writes net_revenue and base amounts of an existing order afresh. */
bool order_renew_net(Db *db, int64_t person_id, int64_t order_id, GError **error);

/* Books every refund that waited for this order. */
bool refunds_book_waiting(Orders *orders, Db *db, const OrderRow *row, GError **error);

/* Takes an order, its evidence, lines, refunds and events to another person. */
bool order_move(Orders *orders, Db *db, OrderRow *row, int64_t to, GError **error);

/* Takes one refund to another person. */
bool refund_move(Orders *orders, Db *db, int64_t person_id, int64_t refund_id, int64_t to,
                 GError **error);

/* `minor` in the business's currency on that day; not set when unknown. */
bool orders_base(Db *db, const char *currency, int64_t minor, int64_t at, DbInt *ret_base,
                 GError **error);

enum { ORDER_REBASE_ROWS = 500 };
bool refunds_rebase(Db *db, OrderRebase *in_out, GError **error);

/* Checks a key or refuses it: INVALID, LIMIT. `what` is "order" or "refund". */
bool orders_check_key(const char *what, Slice key, GError **error);
