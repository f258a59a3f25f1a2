/* timeline/orders.h: the one door through which a purchase becomes an order, whoever reports it.
 *
 * An order is one row per (shop, order key), however many sources report it, in whatever order and
 * however often. Every report is kept as evidence; the row is their fold: per field, the time and
 * the buyer included, the most trusted source wins (hand > shop API > file > ingest > track),
 * within one source the latest report. So the row never depends on the order of arrival.
 *
 * Invariants
 *   - the same content from the same source again changes nothing;
 *   - at most one `Order Completed` on the timeline per order; the fold decides what it shows;
 *   - `revenue` is as ordered, `net_revenue` after cancellation and after refunds that name it;
 *   - money that only the public key reported is unconfirmed and counts nowhere;
 *   - a refund that names an order not seen yet waits for it; one that names none belongs to its
 *     person (or the till) on its own date;
 *   - an order whose buyer becomes known moves to that person; nobody known is person 0;
 *   - files of one shop share one source, so that the next export replaces what the last one said.
 *
 * All calls run on the writer's thread inside a unit; they change only the database, so a rollback
 * needs no putting back. Everything borrowed lives as long as the call.
 *
 *     OrderReport report = {.shop_id = shop, .order_key = SLICE("10482"), .source_id = source,
 *                           .trust = TRUST_FILE, .stem = who.stem, .currency = "EUR",
 *                           .occurred_at = at, .received_at = now, .lines = lines, .line_count =
 * 2}; OrderOutcome outcome; if (!orders_report(orders, db, &report, &outcome, error)) return false;
 */
#pragma once
#include "base/money.h"
#include "base/slice.h"
#include "people/people.h"
#include "people/trust.h"
#include "store/store.h"

enum {
    ORDER_KEY_BYTES_MAX = 200, /* longer keys are refused: no shop prints them */
    ORDER_LINES_MAX = 5000,    /* lines of one order; beyond, the report is refused */
    ORDER_REPORTS_MAX = 64,    /* sources of one order; beyond, the least trusted is dropped */
    ORDER_TEXT_BYTES_MAX = 500 /* product names and keys, coupons; longer ones are cut */
};

typedef struct Orders Orders;

/* An event that an order wants on the timeline. */
typedef struct OrderEvent {
    int64_t person_id; /* stem */
    const char *name;  /* "Order Completed", "Order Refunded", "Order Cancelled" */
    int64_t source_id;
    Trust trust;
    bool imported; /* from a file: triggers nothing */
    int64_t occurred_at, received_at;
    Slice order_key;
    const char *currency;
    int64_t revenue; /* minor units */
} OrderEvent;

/* How events get onto the timeline (timeline/order_events.h implements it). Writer thread. */
typedef struct OrderEvents {
    bool (*append)(void *context, Db *db, const OrderEvent *event, int64_t *ret_event_id,
                   GError **error);
    /* Takes an event from one stem to another under a new id; 0 when it is gone. */
    bool (*move)(void *context, Db *db, int64_t from, int64_t to, int64_t *in_out_event_id,
                 GError **error);
} OrderEvents;

typedef struct OrderLine {
    int64_t line_no;   /* line of the file or position in the report; unique within it */
    Slice product_key; /* SKU or product id; may be empty */
    Slice name;        /* as sold */
    Slice category;    /* empty = not said */
    int64_t quantity;  /* x 10^6 */
    int64_t price;     /* of one, major units x 10^6 */
    int64_t value;     /* minor units, of the whole line */
} OrderLine;

typedef struct OrderReport {
    int64_t shop_id;
    Slice order_key; /* as the connector normalised it; not empty */
    Slice number;    /* as the shop prints it; empty = the key */
    int64_t source_id;
    Trust trust;
    int64_t import_id; /* 0 = no import */
    bool late;         /* read later from the shop: like an import, its events trigger nothing */
    int64_t event_id;  /* the event that reports it; 0: events are appended here when wanted */
    bool completed;    /* event_id is an `Order Completed`, not an update or a cancellation */
    int64_t stem;      /* the buyer; 0 = not known */
    char currency[CURRENCY_SIZE];
    DbInt revenue; /* minor units; not set: the sum of the lines */
    DbInt tax, shipping, discount;
    Slice coupon;       /* empty = not said */
    DbInt occurred_at;  /* UTC ms; not set: does not say (an update), received_at stands in */
    DbInt cancelled_at; /* set: the order was cancelled then */
    bool test;          /* a test order: kept, counts nowhere */
    int64_t received_at;
    const OrderLine *lines;
    size_t line_count; /* 0 = this report says nothing about lines */
} OrderReport;

typedef struct OrderOutcome {
    int64_t order_id;
    int64_t person_id; /* stem the order stands under now */
    bool created;      /* first report of this order */
    bool changed;      /* the row is not what it was */
    bool append;       /* the caller's event (event_id) is the one `Order Completed` */
    bool cancelled;    /* this report is the first to say that it was cancelled */
} OrderOutcome;

/* `events` appends the events of imports and hand entries. The caller frees the result. */
Orders *orders_new(Store *store, People *people, const OrderEvents *events, void *context);
void orders_free(Orders *orders);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Orders, orders_free)

/* Takes one report. Errors: INVALID (empty key, unknown currency, nothing of positive value),
 * LIMIT (key, lines). O(reports and lines of this order). */
bool orders_report(Orders *orders, Db *db, const OrderReport *report, OrderOutcome *ret_outcome,
                   GError **error);

/* For files: the same, but when this import_id has already reported the order (its lines do not
 * stand together in the file, or the import was killed and resumes), the lines are added to what
 * it said; a line whose line_no is known already is not added twice. */
bool orders_import(Orders *orders, Db *db, const OrderReport *report, OrderOutcome *ret_outcome,
                   GError **error);

typedef struct RefundReport {
    int64_t shop_id;
    Slice refund_key; /* unique in the shop; not empty */
    Slice order_key;  /* empty: names no order */
    int64_t source_id;
    Trust trust;
    int64_t import_id;
    bool late;        /* as in OrderReport */
    int64_t event_id; /* as in OrderReport */
    int64_t stem;     /* 0 = not known; the order's buyer is taken when it names one */
    char currency[CURRENCY_SIZE];
    int64_t amount; /* minor units, > 0; 0 with an order_key: all that is left of the order */
    int64_t occurred_at, received_at;
    const OrderLine *lines; /* of an import: what `amount` is the sum of, in order of the file */
    size_t line_count;      /* 0 = not said */
} RefundReport;

typedef struct RefundOutcome {
    int64_t refund_id;
    int64_t person_id;
    bool created, changed;
    bool waiting; /* its order has not been seen yet */
    bool append;  /* the caller's event is the one `Order Refunded` */
} RefundOutcome;

/* Takes one refund; the same key again takes the more trusted, then the later report. An import
 * that reports the same refund in several parts (its lines lie apart in the file, or it was killed
 * and resumes) adds them up, each line once. */
bool refunds_report(Orders *orders, Db *db, const RefundReport *report, RefundOutcome *ret_outcome,
                    GError **error);

/* Where a recomputation of the amounts in base currency stands. Begin with person_id INT64_MIN. */
typedef struct OrderRebase {
    int64_t person_id, id; /* the last key done */
    bool refunds;          /* orders come first, then refunds */
    bool over;
} OrderRebase;

/* Recomputes the next 500 rows, after a rate or the business's currency changed; call again until
 * `over`. */
bool orders_rebase(Orders *orders, Db *db, OrderRebase *in_out, GError **error);

/* Number that rises with every committed change of orders, refunds or rates, for caches. */
int64_t orders_version(const Orders *orders);
/* To be called after the commit of a unit that reported (any thread). */
void orders_changed(Orders *orders);
