#include "timeline/orders_private.h"

#include "base/error.h"
#include "base/keyhash.h"
#include "store/changes.h"
#include "timeline/refunds_sql.h"

#include <string.h>

/* A refund as it stands, texts owned. */
typedef struct Refund {
    int64_t person_id, refund_id, shop_id, amount, source_id, trust, occurred_at, received_at;
    char *refund_key, *order_key; /* order_key only while it waits */
    DbInt order_id, import_id, event_id;
    char currency[CURRENCY_SIZE];
    Hash128 fingerprint;
    bool found, confirmed;
} Refund;

static void refund_clear(Refund *refund)
{
    g_clear_pointer(&refund->refund_key, g_free);
    g_clear_pointer(&refund->order_key, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Refund, refund_clear)

static bool refund_load(Db *db, int64_t person_id, int64_t refund_id, Refund *ret_refund,
                        GError **error)
{
    RefundFindRow row;
    bool found;
    RefundFindParams params = {.person_id = person_id, .refund_id = refund_id};
    if (!sql_refund_find(db, &params, &row, &found, error)) return false;
    *ret_refund = (Refund){.person_id = person_id, .refund_id = refund_id, .found = found};
    if (!found) return true;
    ret_refund->shop_id = row.shop_id;
    ret_refund->refund_key = g_strdup(row.refund_key);
    ret_refund->order_key = g_strdup(row.order_key);
    ret_refund->order_id = row.order_id;
    ret_refund->confirmed = row.confirmed != 0;
    g_strlcpy(ret_refund->currency, row.currency, CURRENCY_SIZE);
    ret_refund->amount = row.amount;
    ret_refund->source_id = row.source_id;
    ret_refund->trust = row.trust;
    ret_refund->import_id = row.import_id;
    ret_refund->occurred_at = row.occurred_at;
    ret_refund->received_at = row.received_at;
    ret_refund->event_id = row.event_id;
    if (row.fingerprint.size == sizeof ret_refund->fingerprint)
        memcpy(&ret_refund->fingerprint, row.fingerprint.data, sizeof ret_refund->fingerprint);
    return true;
}

static bool refund_save(Db *db, const Refund *refund, GError **error)
{
    DbInt base_amount;
    if (!orders_base(db, refund->currency, refund->amount, refund->occurred_at, &base_amount,
                     error))
        return false;
    RefundPutParams params = {
        .person_id = refund->person_id,
        .refund_id = refund->refund_id,
        .shop_id = refund->shop_id,
        .refund_key = refund->refund_key,
        .order_id = refund->order_id,
        .order_key = refund->order_key,
        .state = refund->order_key ? "waiting" : "booked",
        .confirmed = refund->confirmed,
        .currency = refund->currency,
        .amount = refund->amount,
        .base_amount = base_amount,
        .source_id = refund->source_id,
        .trust = refund->trust,
        .import_id = refund->import_id,
        .fingerprint = {&refund->fingerprint, sizeof refund->fingerprint},
        .occurred_at = refund->occurred_at,
        .received_at = refund->received_at,
        .event_id = refund->event_id,
    };
    return sql_refund_put(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_ORDER, params.person_id, error);
}

static bool key_save(Db *db, const Refund *refund, GError **error)
{
    RefundKeyPutParams params = {.shop_id = refund->shop_id,
                                 .refund_key = refund->refund_key,
                                 .person_id = refund->person_id,
                                 .refund_id = refund->refund_id};
    return sql_refund_key_put(db, &params, NULL, error);
}

/* The row, its key and its event go under another stem; not saved yet. */
static bool refund_take(Orders *orders, Db *db, Refund *refund, int64_t to, GError **error)
{
    RefundDropParams drop = {.person_id = refund->person_id, .refund_id = refund->refund_id};
    if (!sql_refund_drop(db, &drop, NULL, error)) return false;
    if (refund->event_id.set) {
        if (!orders->events->move(orders->events_context, db, refund->person_id, to,
                                  &refund->event_id.value, error))
            return false;
        refund->event_id.set = refund->event_id.value != 0;
    }
    refund->person_id = to;
    return key_save(db, refund, error);
}

bool refund_move(Orders *orders, Db *db, int64_t person_id, int64_t refund_id, int64_t to,
                 GError **error)
{
    g_auto(Refund) refund = {0};
    if (!refund_load(db, person_id, refund_id, &refund, error) || !refund.found)
        return refund.found;
    return refund_take(orders, db, &refund, to, error) && refund_save(db, &refund, error);
}

/* ── waiting for an order ────────────────────────────────────────────────────────────────────── */

static bool waiting_drop(Db *db, const Refund *refund, GError **error)
{
    RefundWaitingDropParams params = {
        .shop_id = refund->shop_id, .order_key = refund->order_key, .refund_id = refund->refund_id};
    return sql_refund_waiting_drop(db, &params, NULL, error);
}

static bool waiting_put(Db *db, const Refund *refund, GError **error)
{
    RefundWaitingPutParams params = {.shop_id = refund->shop_id,
                                     .order_key = refund->order_key,
                                     .person_id = refund->person_id,
                                     .refund_id = refund->refund_id};
    return sql_refund_waiting_put(db, &params, NULL, error);
}

/* Ties a refund that waited to its order, whose buyer becomes its own. */
static bool refund_book(Orders *orders, Db *db, Refund *refund, const OrderRow *order,
                        GError **error)
{
    if (!waiting_drop(db, refund, error)) return false;
    if (refund->person_id != order->person_id &&
        !refund_take(orders, db, refund, order->person_id, error))
        return false;
    g_clear_pointer(&refund->order_key, g_free);
    refund->order_id = db_int(order->order_id);
    if (refund->amount == 0) {
        refund->amount = order->revenue;
        g_strlcpy(refund->currency, order->currency, CURRENCY_SIZE);
    }
    return refund_save(db, refund, error);
}

bool refunds_book_waiting(Orders *orders, Db *db, const OrderRow *row, GError **error)
{
    RefundWaitingNextParams params = {.shop_id = row->shop_id, .order_key = row->order_key};
    for (;;) {
        RefundWaitingNextRow next;
        bool found;
        if (!sql_refund_waiting_next(db, &params, &next, &found, error)) return false;
        if (!found) return true;
        g_auto(Refund) refund = {0};
        if (!refund_load(db, next.person_id, next.refund_id, &refund, error)) return false;
        if (!refund.found || !refund.order_key)
            return fail(error, KITH_ERROR_INTERNAL, "waiting refund %" G_GINT64_FORMAT " is gone",
                        next.refund_id);
        if (!refund_book(orders, db, &refund, row, error)) return false;
    }
}

/* ── one report ──────────────────────────────────────────────────────────────────────────────── */

static Hash128 refund_fingerprint(const RefundReport *report)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = "kith refund 1";
    g_autofree char *text = g_strdup_printf(
        "%.*s|%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT,
        (int)report->order_key.size, report->order_key.data ? report->order_key.data : "",
        report->currency, report->amount, report->occurred_at, report->stem);
    return keyhash128(key, text, strlen(text));
}

static bool refund_check(const RefundReport *report, GError **error)
{
    if (!orders_check_key("refund", report->refund_key, error)) return false;
    if (report->order_key.size && !orders_check_key("order", report->order_key, error))
        return false;
    if (report->amount < 0 || (report->amount == 0 && report->order_key.size == 0))
        return fail(error, KITH_ERROR_INVALID, "refund \"%.*s\": the amount must be more than 0",
                    (int)report->refund_key.size, report->refund_key.data);
    if (report->amount > 0 && currency_digits(report->currency) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "refund \"%.*s\": currency \"%s\" is not an ISO 4217 code such as EUR",
                    (int)report->refund_key.size, report->refund_key.data, report->currency);
    return true;
}

static bool refund_find(Db *db, const RefundReport *report, Refund *ret_refund, GError **error)
{
    g_autofree char *key = g_strndup(report->refund_key.data, report->refund_key.size);
    RefundKeyFindRow row;
    bool found;
    RefundKeyFindParams params = {.shop_id = report->shop_id, .refund_key = key};
    if (!sql_refund_key_find(db, &params, &row, &found, error)) return false;
    if (found) return refund_load(db, row.person_id, row.refund_id, ret_refund, error);
    *ret_refund = (Refund){.shop_id = report->shop_id, .refund_key = g_steal_pointer(&key)};
    return true;
}

/* The order a report is about: the one it names, else the one the refund was booked to. */
static bool order_of(Db *db, const RefundReport *report, const Refund *refund, OrderRow *ret_order,
                     GError **error)
{
    *ret_order = (OrderRow){0};
    if (report->order_key.size == 0)
        return !refund->order_id.set ||
               order_row_load(db, refund->person_id, refund->order_id.value, ret_order, error);
    g_autofree char *key = g_strndup(report->order_key.data, report->order_key.size);
    OrderKeyFindRow row;
    bool found;
    OrderKeyFindParams params = {.shop_id = report->shop_id, .order_key = key};
    if (!sql_order_key_find(db, &params, &row, &found, error)) return false;
    return !found || order_row_load(db, row.person_id, row.order_id, ret_order, error);
}

/* What of an order was not given back by others. */
static int64_t order_rest(const Refund *refund, const OrderRow *order)
{
    bool counted = refund->confirmed && refund->order_id.set &&
                   refund->order_id.value == order->order_id &&
                   strcmp(refund->currency, order->currency) == 0;
    return MAX(order->net_revenue + (counted ? refund->amount : 0), 0);
}

/* Lays the report over the refund: what it is about, how much, and who says so. */
static void refund_lay(Refund *refund, const RefundReport *report, const OrderRow *order)
{
    int64_t rest = order->found ? order_rest(refund, order) : 0;
    refund->amount = report->amount;
    g_strlcpy(refund->currency, report->currency, CURRENCY_SIZE);
    refund->source_id = report->source_id;
    refund->trust = report->trust;
    refund->confirmed |= trust_is_server(report->trust);
    refund->import_id = (DbInt){report->import_id != 0, report->import_id};
    refund->occurred_at = report->occurred_at;
    refund->received_at = report->received_at;
    refund->order_id = (DbInt){order->found, order->order_id};
    if (order->found && report->amount == 0) {
        refund->amount = rest;
        g_strlcpy(refund->currency, order->currency, CURRENCY_SIZE);
    }
}

/* Beside its order, under whose stem it is looked for; else with who is said to get the money. */
static bool refund_place(Orders *orders, Db *db, Refund *refund, const OrderRow *order,
                         int64_t stem, GError **error)
{
    if (order->found) stem = order->person_id;
    if (!refund->found) {
        refund->person_id = stem;
        refund->refund_id = store_id_next(orders->store);
        return key_save(db, refund, error);
    }
    bool stays = order->found ? refund->person_id == stem
                              : stem == 0 || orders_buyer(orders, refund->person_id) ==
                                                 orders_buyer(orders, stem);
    return stays || refund_take(orders, db, refund, stem, error);
}

static bool refund_event(Orders *orders, Db *db, Refund *refund, const RefundReport *report,
                         GError **error)
{
    if (report->event_id) {
        refund->event_id = db_int(report->event_id);
        return true;
    }
    OrderEvent event = {
        .person_id = refund->person_id,
        .name = "Order Refunded",
        .source_id = report->source_id,
        .trust = report->trust,
        .imported = report->import_id != 0 || report->late,
        .occurred_at = report->occurred_at,
        .received_at = report->received_at,
        .order_key = report->order_key.size ? report->order_key : report->refund_key,
        .currency = refund->currency,
        .revenue = refund->amount,
    };
    refund->event_id.set = true;
    return orders->events->append(orders->events_context, db, &event, &refund->event_id.value,
                                  error);
}

/* Notes that a refund waits for the order it names, or that it no longer does. */
static bool refund_wait(Db *db, Refund *refund, const RefundReport *report, bool waits,
                        GError **error)
{
    if (refund->order_key && !waiting_drop(db, refund, error)) return false;
    g_clear_pointer(&refund->order_key, g_free);
    if (!waits) return true;
    refund->order_key = g_strndup(report->order_key.data, report->order_key.size);
    return waiting_put(db, refund, error);
}

static bool refund_apply(Orders *orders, Db *db, const RefundReport *report, Refund *refund,
                         GError **error)
{
    g_auto(OrderRow) order = {0};
    DbInt before = refund->order_id;
    int64_t before_person = refund->person_id;
    if (!order_of(db, report, refund, &order, error)) return false;
    if (!refund_place(orders, db, refund, &order, report->stem, error)) return false;
    refund_lay(refund, report, &order);
    if (!refund_wait(db, refund, report, report->order_key.size && !order.found, error))
        return false;
    if (!refund->event_id.set && !refund_event(orders, db, refund, report, error)) return false;
    if (!refund_save(db, refund, error)) return false;
    bool other = before.set && !(order.found && order.order_id == before.value);
    if (other && !order_renew_net(db, before_person, before.value, error)) return false;
    return !order.found || order_renew_net(db, order.person_id, order.order_id, error);
}

/* ── parts of a file ─────────────────────────────────────────────────────────────────────────── */

/* The fingerprint of a refund by lines: its head without the amount, and the last line counted.
 * Lines come in order of the file, so those up to it are in the amount already. */
static Hash128 lines_fingerprint(const RefundReport *report)
{
    RefundReport head = *report;
    head.amount = 0;
    Hash128 fingerprint = refund_fingerprint(&head);
    fingerprint.high = (uint64_t)report->lines[report->line_count - 1].line_no;
    return fingerprint;
}

/* What the lines behind `last_line` add, as a positive amount. */
static int64_t lines_beyond(const RefundReport *report, int64_t last_line)
{
    int64_t sum = 0;
    for (size_t i = 0; i < report->line_count; i++)
        if (report->lines[i].line_no > last_line) sum += report->lines[i].value;
    return ABS(sum);
}

static bool part_add(Db *db, const RefundReport *report, Refund *refund, bool *ret_changed,
                     GError **error)
{
    int64_t last_line = (int64_t)refund->fingerprint.high;
    int64_t more = lines_beyond(report, last_line);
    *ret_changed = more > 0;
    if (more == 0) return true;
    if (__builtin_add_overflow(refund->amount, more, &refund->amount))
        return fail(error, KITH_ERROR_LIMIT, "refund \"%s\": the sum of its lines is too large",
                    refund->refund_key);
    refund->fingerprint.high = (uint64_t)report->lines[report->line_count - 1].line_no;
    if (!refund_save(db, refund, error)) return false;
    return !refund->order_id.set ||
           order_renew_net(db, refund->person_id, refund->order_id.value, error);
}

/* Whether the stored word is of this import, so that the report is a further part of it. */
static bool is_part(const RefundReport *report, const Refund *refund)
{
    return refund->found && report->line_count > 0 && refund->import_id.set &&
           refund->import_id.value == report->import_id && refund->source_id == report->source_id;
}

static bool is_same(const RefundReport *report, const Refund *refund, Hash128 fingerprint)
{
    if (report->line_count == 0)
        return memcmp(&fingerprint, &refund->fingerprint, sizeof fingerprint) == 0;
    return fingerprint.low == refund->fingerprint.low && refund->amount == report->amount;
}

bool refunds_report(Orders *orders, Db *db, const RefundReport *report, RefundOutcome *ret_outcome,
                    GError **error)
{
    if (!refund_check(report, error)) return false;
    g_auto(Refund) refund = {0};
    if (!refund_find(db, report, &refund, error)) return false;
    if (is_part(report, &refund)) {
        *ret_outcome = (RefundOutcome){.refund_id = refund.refund_id,
                                       .person_id = refund.person_id,
                                       .waiting = refund.order_key != NULL};
        return part_add(db, report, &refund, &ret_outcome->changed, error);
    }
    Hash128 fingerprint =
        report->line_count ? lines_fingerprint(report) : refund_fingerprint(report);
    bool created = !refund.found;
    bool same = is_same(report, &refund, fingerprint);
    bool weaker = refund.found && (int64_t)report->trust < refund.trust;
    bool changed = created || (!same && !weaker);
    if (changed) {
        refund.fingerprint = fingerprint;
        if (!refund_apply(orders, db, report, &refund, error)) return false;
    }
    *ret_outcome = (RefundOutcome){.refund_id = refund.refund_id,
                                   .person_id = refund.person_id,
                                   .created = created,
                                   .changed = changed,
                                   .waiting = refund.order_key != NULL,
                                   .append = created && report->event_id != 0};
    return true;
}

bool refunds_rebase(Db *db, OrderRebase *in_out, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    RefundRebaseListParams params = {
        .person_id = in_out->person_id, .refund_id = in_out->id, .rows = ORDER_REBASE_ROWS};
    if (!sql_refund_rebase_list_open(db, &params, &cursor, error)) return false;
    RefundRebaseListRow row;
    int64_t count = 0;
    for (; sql_refund_rebase_list_next(&cursor, &row); count++) {
        DbInt base;
        if (!orders_base(db, row.currency, row.amount, row.occurred_at, &base, error)) return false;
        RefundRebasePutParams put = {
            .person_id = row.person_id, .refund_id = row.refund_id, .base_amount = base};
        if (!sql_refund_rebase_put(db, &put, NULL, error)) return false;
        if (!store_changed_now(db, CHANGE_ORDER, put.person_id, error)) return false;
        in_out->person_id = row.person_id;
        in_out->id = row.refund_id;
    }
    in_out->over = count < ORDER_REBASE_ROWS;
    return db_cursor_finish(&cursor, error);
}
