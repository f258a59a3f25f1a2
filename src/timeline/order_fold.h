/* timeline/order_fold.h: what an order is, given everything that was said about it.
 *
 * Pure. A fold of reports sorted by trust, then time of receipt: each field is taken from the last
 * report that says it. Used on every report, and by `kith verify` to compute orders afresh.
 */
#pragma once
#include "timeline/orders.h"

/* One source's last word, as in table order_report. Texts are borrowed. */
typedef struct OrderSaid {
    int64_t source_id, trust, received_at, stem;
    const char *number, *coupon; /* NULL: did not say */
    const char *currency;        /* "" did not say */
    DbInt revenue, tax, shipping, discount, occurred_at, cancelled_at;
    int64_t lines_value, line_count;
    bool test;
} OrderSaid;

/* The order that follows. Texts point into the reports. */
typedef struct OrderFold {
    int64_t stem; /* who bought: the most trusted that named anybody; 0: nobody */
    const char *number, *coupon, *currency;
    int64_t revenue; /* minor units, as ordered */
    DbInt tax, shipping, discount, cancelled_at;
    int64_t occurred_at;
    int64_t received_at;  /* first report */
    int64_t lines_source; /* whose lines are shown; 0: no lines */
    int64_t line_count;
    bool confirmed; /* somebody other than a public key reported it */
    bool test;
} OrderFold;

/* `said`: 1 or more, sorted by trust, received_at, source_id, all ascending. */
OrderFold order_fold(const OrderSaid *said, size_t count);

/* "placed", "cancelled" or "test". */
const char *order_fold_state(const OrderFold *fold);
