/* measure/reconcile.h: does Kith show what the shop's own export says? Line by line, with why.
 *
 * The left side is what the file of an import said (its reports are kept as evidence), the right
 * side what the orders became. They differ when another source that is trusted more said something
 * else, when an order was cancelled since, is unconfirmed or a test, when rows of the file could
 * not be read, when a refund still waits for its order, and when Kith knows orders of that shop and
 * time that the file does not have. Totals are before refunds, per currency of the orders.
 *
 * Scans run in key-ranged chunks; read-only; any thread. The count of differences is kept per
 * version of the orders (measure.h), so that Home can ask every time.
 */
#pragma once
#include "measure/measure.h"

#include <jansson.h>

enum { RECONCILE_PAGE = 200, RECONCILE_CURRENCIES_MAX = 16 };

typedef struct ReconcileTotal {
    char currency[FACTS_CURRENCY_SIZE];
    int64_t shop, kith; /* minor units, as ordered */
} ReconcileTotal;

typedef struct ReconcileTotals {
    int64_t shop_orders, kith_orders;
    int64_t differs; /* lines that differ */
    uint32_t currency_count;
    ReconcileTotal currencies[RECONCILE_CURRENCIES_MAX];
} ReconcileTotals;

/* Only the sums and the number of differences. NOT_FOUND: no such import of orders. */
bool reconcile_totals(Measure *measure, int64_t import_id, ReconcileTotals *ret_totals,
                      GError **error);

typedef struct ReconcileAsked {
    int64_t import_id; /* 0: the newest finished import of orders */
    int64_t from;      /* differences to skip */
    int64_t count;     /* at most so many are listed */
} ReconcileAsked;

/* The reply of GET /api/reconcile; new reference. Errors: NOT_FOUND as above. */
json_t *reconcile_report(Measure *measure, const ReconcileAsked *asked, GError **error);
