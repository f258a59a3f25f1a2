#include "timeline/orders_private.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/keyhash.h"
#include "base/text.h"
#include "store/changes.h"
#include "timeline/business_sql.h"
#include "timeline/rates.h"

#include <string.h>

/* All reports of one order, sorted as order_fold wants them; texts live in `chunk`. */
typedef struct Evidence {
    GArray *said; /* of OrderSaid */
    GStringChunk *chunk;
    Hash128 print; /* of the reporting source's last word */
    bool same;     /* … which has the same content as now */
} Evidence;

/* One call of orders_report on its way. */
typedef struct Work {
    Orders *orders;
    Db *db;
    const OrderReport *report;
    OrderOutcome *outcome;
    Hash128 fingerprint;
    int64_t lines_value; /* minor units, of the report's lines */
    bool late;           /* the lines are added to what the source said before */
} Work;

static void evidence_clear(Evidence *evidence)
{
    g_clear_pointer(&evidence->said, g_array_unref);
    g_clear_pointer(&evidence->chunk, g_string_chunk_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Evidence, evidence_clear)

Orders *orders_new(Store *store, People *people, const OrderEvents *events, void *context)
{
    Orders *orders = g_new0(Orders, 1);
    *orders =
        (Orders){.store = store, .events = events, .events_context = context, .people = people};
    return orders;
}

void orders_free(Orders *orders) { g_free(orders); }

int64_t orders_version(const Orders *orders)
{
    return __atomic_load_n(&orders->version, __ATOMIC_ACQUIRE);
}

void orders_changed(Orders *orders) { __atomic_add_fetch(&orders->version, 1, __ATOMIC_RELEASE); }

int64_t orders_buyer(const Orders *orders, int64_t stem)
{
    if (stem == 0) return 0;
    int64_t person_id = people_person(orders->people, stem);
    return person_id ? person_id : stem;
}

bool orders_base(Db *db, const char *currency, int64_t minor, int64_t at, DbInt *ret_base,
                 GError **error)
{
    BusinessSettingRow row;
    bool found;
    BusinessSettingParams params = {.name = "business.currency"};
    if (!sql_business_setting(db, &params, &row, &found, error)) return false;
    char base[CURRENCY_SIZE];
    g_strlcpy(base, found ? row.value : "", sizeof base);
    RateAmount amount = {.currency = currency, .minor = minor, .at = at};
    return rate_convert(db, base, &amount, ret_base, error);
}

/* ── checking what came in ───────────────────────────────────────────────────────────────────── */

bool orders_check_key(const char *what, Slice key, GError **error)
{
    if (key.size == 0) return fail(error, KITH_ERROR_INVALID, "%s without a number", what);
    if (key.size > ORDER_KEY_BYTES_MAX)
        return fail(error, KITH_ERROR_LIMIT, "%s number of %zu bytes: at most %d", what, key.size,
                    ORDER_KEY_BYTES_MAX);
    return true;
}

static bool says_amounts(const OrderReport *report)
{
    return report->revenue.set || report->line_count > 0;
}

static bool lines_sum(const OrderReport *report, int64_t *ret_value, GError **error)
{
    int64_t value = 0;
    for (size_t i = 0; i < report->line_count; i++)
        if (__builtin_add_overflow(value, report->lines[i].value, &value))
            return fail(error, KITH_ERROR_LIMIT,
                        "order \"%.*s\": the sum of its lines is too large",
                        (int)report->order_key.size, report->order_key.data);
    *ret_value = value;
    return true;
}

/* Lines that are worth something: a free sample or a note of the till is kept, not counted. */
static int64_t lines_worth(const OrderReport *report)
{
    int64_t count = 0;
    for (size_t i = 0; i < report->line_count; i++)
        count += report->lines[i].value > 0;
    return count;
}

static bool report_check(const OrderReport *report, GError **error)
{
    if (!orders_check_key("order", report->order_key, error)) return false;
    if (report->line_count > ORDER_LINES_MAX)
        return fail(error, KITH_ERROR_LIMIT, "order \"%.*s\" of %zu lines: at most %d",
                    (int)report->order_key.size, report->order_key.data, report->line_count,
                    ORDER_LINES_MAX);
    if (says_amounts(report) && currency_digits(report->currency) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "order \"%.*s\": currency \"%s\" is not an ISO 4217 code such as EUR",
                    (int)report->order_key.size, report->order_key.data, report->currency);
    return true;
}

static void put_i64(GByteArray *bytes, int64_t value)
{
    g_byte_array_append(bytes, (const guint8 *)&value, sizeof value);
}

static void put_int(GByteArray *bytes, DbInt value)
{
    put_i64(bytes, value.set);
    put_i64(bytes, value.set ? value.value : 0);
}

static void put_slice(GByteArray *bytes, Slice text)
{
    put_i64(bytes, (int64_t)text.size);
    g_byte_array_append(bytes, (const guint8 *)text.data, (guint)text.size);
}

static void put_lines(GByteArray *bytes, const OrderReport *report)
{
    for (size_t i = 0; i < report->line_count; i++) {
        const OrderLine *line = &report->lines[i];
        put_slice(bytes, line->product_key);
        put_slice(bytes, line->name);
        put_slice(bytes, line->category);
        put_i64(bytes, line->quantity);
        put_i64(bytes, line->price);
        put_i64(bytes, line->value);
    }
}

/* Content only: not who said it, when, or at which line of a file. Not secret, so its key is not
 * either; the hash only tells "the same again". */
static Hash128 report_fingerprint(const OrderReport *report)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = "kith order 1";
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    put_slice(bytes, report->number);
    put_slice(bytes, report->coupon);
    put_slice(bytes, slice_of(report->currency));
    put_int(bytes, report->revenue);
    put_int(bytes, report->tax);
    put_int(bytes, report->shipping);
    put_int(bytes, report->discount);
    put_int(bytes, report->occurred_at);
    put_int(bytes, report->cancelled_at);
    put_i64(bytes, report->test);
    put_i64(bytes, report->stem);
    put_lines(bytes, report);
    return keyhash128(key, bytes->data, bytes->len);
}

/* ── the order as it stands ──────────────────────────────────────────────────────────────────── */

void order_row_clear(OrderRow *row)
{
    g_clear_pointer(&row->state, g_free);
    g_clear_pointer(&row->number, g_free);
    g_clear_pointer(&row->coupon, g_free);
    g_clear_pointer(&row->order_key, g_free);
}

bool order_row_load(Db *db, int64_t person_id, int64_t order_id, OrderRow *ret_row, GError **error)
{
    OrderFindRow row;
    bool found;
    OrderFindParams params = {.person_id = person_id, .order_id = order_id};
    if (!sql_order_find(db, &params, &row, &found, error)) return false;
    *ret_row = (OrderRow){.person_id = person_id, .order_id = order_id, .found = found};
    if (!found) return true;
    ret_row->state = g_strdup(row.state);
    ret_row->number = g_strdup(row.number);
    ret_row->coupon = g_strdup(row.coupon);
    ret_row->order_key = g_strdup(row.order_key);
    g_strlcpy(ret_row->currency, row.currency, CURRENCY_SIZE);
    ret_row->shop_id = row.shop_id;
    ret_row->confirmed = row.confirmed;
    ret_row->revenue = row.revenue;
    ret_row->net_revenue = row.net_revenue;
    ret_row->item_count = row.item_count;
    ret_row->occurred_at = row.occurred_at;
    ret_row->cancelled_at = row.cancelled_at;
    ret_row->event_id = row.event_id;
    return true;
}

static bool order_row_find(const Work *work, OrderRow *ret_row, GError **error)
{
    const OrderReport *report = work->report;
    g_autofree char *key = g_strndup(report->order_key.data, report->order_key.size);
    OrderKeyFindRow found_row;
    bool found;
    OrderKeyFindParams params = {.shop_id = report->shop_id, .order_key = key};
    if (!sql_order_key_find(work->db, &params, &found_row, &found, error)) return false;
    if (found)
        return order_row_load(work->db, found_row.person_id, found_row.order_id, ret_row, error);
    *ret_row = (OrderRow){.shop_id = report->shop_id, .order_key = g_steal_pointer(&key)};
    return true;
}

static const char *keep(Evidence *evidence, const char *text)
{
    return text ? g_string_chunk_insert(evidence->chunk, text) : NULL;
}

static void evidence_add(Evidence *evidence, const OrderReportListRow *row)
{
    OrderSaid said = {
        .source_id = row->source_id,
        .trust = row->trust,
        .received_at = row->received_at,
        .stem = row->stem,
        .number = keep(evidence, row->number),
        .coupon = keep(evidence, row->coupon),
        .currency = keep(evidence, row->currency),
        .revenue = row->revenue,
        .tax = row->tax,
        .shipping = row->shipping,
        .discount = row->discount,
        .occurred_at = row->occurred_at,
        .cancelled_at = row->cancelled_at,
        .lines_value = row->lines_value,
        .line_count = row->line_count,
        .test = row->test != 0,
    };
    g_array_append_val(evidence->said, said);
}

static bool same_print(DbBytes stored, Hash128 now)
{
    return stored.size == sizeof now && memcmp(stored.data, &now, sizeof now) == 0;
}

/* Loads what every source said; `own_at` is where the reporting source stands, or -1. */
static bool evidence_load(const Work *work, const OrderRow *order, Evidence *evidence,
                          int *ret_own_at, GError **error)
{
    evidence->said = g_array_new(FALSE, FALSE, sizeof(OrderSaid));
    evidence->chunk = g_string_chunk_new(256);
    *ret_own_at = -1;
    if (!order->found) return true;
    OrderReportListParams params = {.person_id = order->person_id, .order_id = order->order_id};
    g_auto(DbCursor) cursor = {0};
    if (!sql_order_report_list_open(work->db, &params, &cursor, error)) return false;
    OrderReportListRow row;
    while (sql_order_report_list_next(&cursor, &row)) {
        if (row.source_id == work->report->source_id) {
            *ret_own_at = (int)evidence->said->len;
            evidence->same = same_print(row.fingerprint, work->fingerprint);
            if (row.fingerprint.size == sizeof evidence->print)
                memcpy(&evidence->print, row.fingerprint.data, sizeof evidence->print);
        }
        evidence_add(evidence, &row);
    }
    return db_cursor_finish(&cursor, error);
}

/* ── folding in one more report ──────────────────────────────────────────────────────────────── */

static void lay_int(DbInt *field, DbInt now)
{
    if (now.set) *field = now;
}

static void lay_slice(Evidence *evidence, const char **field, Slice now)
{
    Slice cut = text_cut(now, ORDER_TEXT_BYTES_MAX);
    if (cut.size) *field = g_string_chunk_insert_len(evidence->chunk, cut.data, (gssize)cut.size);
}

/* Lays a report over what its source said before: what it does not say stays. */
static void said_lay(Evidence *evidence, OrderSaid *said, const Work *work)
{
    const OrderReport *report = work->report;
    said->source_id = report->source_id;
    said->trust = report->trust;
    said->received_at = report->received_at;
    if (report->stem) said->stem = report->stem;
    lay_slice(evidence, &said->number, report->number);
    lay_slice(evidence, &said->coupon, report->coupon);
    if (*report->currency) said->currency = keep(evidence, report->currency);
    lay_int(&said->revenue, report->revenue);
    lay_int(&said->tax, report->tax);
    lay_int(&said->shipping, report->shipping);
    lay_int(&said->discount, report->discount);
    lay_int(&said->occurred_at, report->occurred_at);
    lay_int(&said->cancelled_at, report->cancelled_at);
    said->test |= report->test;
    if (work->late) {
        said->lines_value += work->lines_value;
        said->line_count += lines_worth(report);
    } else if (report->line_count) {
        int64_t worth = lines_worth(report);
        said->lines_value = work->lines_value;
        said->line_count = worth ? worth : (int64_t)report->line_count;
    }
}

static int said_compare(gconstpointer a, gconstpointer b)
{
    const OrderSaid *left = a, *right = b;
    if (left->trust != right->trust) return left->trust < right->trust ? -1 : 1;
    if (left->received_at != right->received_at)
        return left->received_at < right->received_at ? -1 : 1;
    if (left->source_id == right->source_id) return 0;
    return left->source_id < right->source_id ? -1 : 1;
}

/* Puts the report among the evidence; returns a copy of its source's word. */
static OrderSaid evidence_put(Evidence *evidence, int own_at, const Work *work)
{
    OrderSaid own = {.currency = ""};
    if (own_at >= 0) {
        own = g_array_index(evidence->said, OrderSaid, own_at);
        g_array_remove_index(evidence->said, (guint)own_at);
    }
    said_lay(evidence, &own, work);
    g_array_append_val(evidence->said, own);
    g_array_sort(evidence->said, said_compare);
    return own;
}

static bool evidence_bound(const Work *work, const OrderRow *order, Evidence *evidence,
                           GError **error)
{
    while (evidence->said->len > ORDER_REPORTS_MAX) {
        int64_t source_id = g_array_index(evidence->said, OrderSaid, 0).source_id;
        g_array_remove_index(evidence->said, 0);
        if (!sql_order_report_drop(work->db,
                                   &(OrderReportDropParams){.person_id = order->person_id,
                                                            .order_id = order->order_id,
                                                            .source_id = source_id},
                                   NULL, error))
            return false;
    }
    return true;
}

/* ── writing ─────────────────────────────────────────────────────────────────────────────────── */

static bool said_save(const Work *work, const OrderRow *order, const OrderSaid *said,
                      GError **error)
{
    OrderReportPutParams params = {
        .person_id = order->person_id,
        .order_id = order->order_id,
        .source_id = said->source_id,
        .trust = said->trust,
        .import_id = {work->report->import_id != 0, work->report->import_id},
        .fingerprint = {&work->fingerprint, sizeof work->fingerprint},
        .received_at = said->received_at,
        .stem = said->stem,
        .number = said->number,
        .currency = said->currency,
        .revenue = said->revenue,
        .lines_value = said->lines_value,
        .line_count = said->line_count,
        .tax = said->tax,
        .shipping = said->shipping,
        .discount = said->discount,
        .coupon = said->coupon,
        .occurred_at = said->occurred_at,
        .cancelled_at = said->cancelled_at,
        .test = said->test,
    };
    return sql_order_report_put(work->db, &params, NULL, error);
}

static char *slice_text(Slice text)
{
    Slice cut = text_cut(text, ORDER_TEXT_BYTES_MAX);
    return g_strndup(cut.data ? cut.data : "", cut.size);
}

static bool line_save(const Work *work, const OrderRow *order, const OrderLine *line,
                      int64_t *ret_added, GError **error)
{
    g_autofree char *product_key = slice_text(line->product_key);
    g_autofree char *name = slice_text(line->name);
    g_autofree char *category = line->category.size ? slice_text(line->category) : NULL;
    OrderLinePutParams params = {
        .person_id = order->person_id,
        .order_id = order->order_id,
        .source_id = work->report->source_id,
        .line_no = line->line_no,
        .product_key = product_key,
        .name = name,
        .category = category,
        .quantity = line->quantity,
        .price = line->price,
        .value = line->value,
    };
    return sql_order_line_put(work->db, &params, ret_added, error);
}

static bool lines_save(const Work *work, const OrderRow *order, GError **error)
{
    if (work->report->line_count == 0) return true;
    OrderLineDropParams params = {.person_id = order->person_id,
                                  .order_id = order->order_id,
                                  .source_id = work->report->source_id};
    if (order->found && !sql_order_line_drop(work->db, &params, NULL, error)) return false;
    for (size_t i = 0; i < work->report->line_count; i++)
        if (!line_save(work, order, &work->report->lines[i], NULL, error)) return false;
    return true;
}

bool order_net(Db *db, const OrderRow *row, int64_t *ret_net, GError **error)
{
    int64_t net = row->cancelled_at.set ? 0 : row->revenue;
    if (!row->cancelled_at.set && row->found) {
        g_auto(DbCursor) cursor = {0};
        OrderRefundsParams params = {.person_id = row->person_id, .order_id = row->order_id};
        if (!sql_order_refunds_open(db, &params, &cursor, error)) return false;
        OrderRefundsRow refund;
        while (sql_order_refunds_next(&cursor, &refund))
            if (refund.confirmed && strcmp(refund.currency, row->currency) == 0)
                net -= refund.amount;
        if (!db_cursor_finish(&cursor, error)) return false;
    }
    *ret_net = net;
    return true;
}

static bool order_save(Db *db, const OrderRow *row, const OrderFold *fold, GError **error)
{
    DbInt base_revenue, base_net;
    if (!orders_base(db, row->currency, row->revenue, row->occurred_at, &base_revenue, error))
        return false;
    if (!orders_base(db, row->currency, row->net_revenue, row->occurred_at, &base_net, error))
        return false;
    OrderPutParams params = {
        .person_id = row->person_id,
        .order_id = row->order_id,
        .shop_id = row->shop_id,
        .order_key = row->order_key,
        .number = row->number,
        .state = row->state,
        .confirmed = row->confirmed,
        .currency = row->currency,
        .revenue = row->revenue,
        .net_revenue = row->net_revenue,
        .base_revenue = base_revenue,
        .base_net = base_net,
        .tax = fold->tax,
        .shipping = fold->shipping,
        .discount = fold->discount,
        .coupon = fold->coupon,
        .item_count = row->item_count,
        .occurred_at = row->occurred_at,
        .cancelled_at = row->cancelled_at,
        .received_at = fold->received_at,
        .event_id = row->event_id,
    };
    return sql_order_put(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_ORDER, params.person_id, error);
}

bool order_renew_net(Db *db, int64_t person_id, int64_t order_id, GError **error)
{
    g_auto(OrderRow) row = {0};
    if (!order_row_load(db, person_id, order_id, &row, error)) return false;
    if (!row.found) return true;
    DbInt base_net;
    if (!order_net(db, &row, &row.net_revenue, error)) return false;
    if (!orders_base(db, row.currency, row.net_revenue, row.occurred_at, &base_net, error))
        return false;
    OrderNetPutParams params = {.person_id = person_id,
                                .order_id = order_id,
                                .net_revenue = row.net_revenue,
                                .base_net = base_net};
    return sql_order_net_put(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_ORDER, person_id, error);
}

/* ── the events an order wants ───────────────────────────────────────────────────────────────── */

static bool event_append(const Work *work, const OrderRow *row, const char *name,
                         int64_t occurred_at, int64_t *ret_event_id, GError **error)
{
    OrderEvent event = {
        .person_id = row->person_id,
        .name = name,
        .source_id = work->report->source_id,
        .trust = work->report->trust,
        .imported = work->report->import_id != 0 || work->report->late,
        .occurred_at = occurred_at,
        .received_at = work->report->received_at,
        .order_key = slice_of(row->order_key),
        .currency = row->currency,
        .revenue = row->revenue,
    };
    Orders *orders = work->orders;
    return orders->events->append(orders->events_context, work->db, &event, ret_event_id, error);
}

/* The one `Order Completed`: the caller's event, or one of our own. */
static bool event_complete(const Work *work, OrderRow *row, GError **error)
{
    const OrderReport *report = work->report;
    bool wanted = !row->event_id.set && row->revenue > 0 && strcmp(row->state, "test") != 0;
    if (!wanted || (report->event_id && !report->completed)) return true;
    row->event_id = db_int(report->event_id);
    work->outcome->append = report->event_id != 0;
    if (report->event_id) return true;
    return event_append(work, row, "Order Completed", row->occurred_at, &row->event_id.value,
                        error);
}

static bool event_cancel(const Work *work, const OrderRow *row, bool was_cancelled, GError **error)
{
    work->outcome->cancelled = row->cancelled_at.set && !was_cancelled;
    if (!work->outcome->cancelled || work->report->event_id) return true;
    int64_t event_id;
    return event_append(work, row, "Order Cancelled", row->cancelled_at.value, &event_id, error);
}

/* ── one report ──────────────────────────────────────────────────────────────────────────────── */

static void row_take(OrderRow *row, const OrderFold *fold)
{
    g_free(row->number);
    g_free(row->state);
    row->number = g_strdup(fold->number);
    row->state = g_strdup(order_fold_state(fold));
    g_strlcpy(row->currency, fold->currency, CURRENCY_SIZE);
    row->confirmed = fold->confirmed;
    row->revenue = fold->revenue;
    row->item_count = fold->line_count;
    row->occurred_at = fold->occurred_at;
    row->cancelled_at = fold->cancelled_at;
}

/* Gives a new order its id and key, or takes a known one to a buyer who is known now. */
static bool row_place(const Work *work, OrderRow *row, const OrderFold *fold, GError **error)
{
    Orders *orders = work->orders;
    if (row->found) {
        bool known = fold->stem != 0;
        bool other = orders_buyer(orders, fold->stem) != orders_buyer(orders, row->person_id);
        return !known || !other || order_move(orders, work->db, row, fold->stem, error);
    }
    row->person_id = fold->stem;
    row->order_id = store_id_next(orders->store);
    OrderKeyInsertParams params = {.shop_id = row->shop_id,
                                   .order_key = row->order_key,
                                   .person_id = row->person_id,
                                   .order_id = row->order_id};
    return sql_order_key_insert(work->db, &params, NULL, error);
}

typedef struct OrderBefore {
    bool found, cancelled;
    int64_t person_id, revenue, net_revenue, occurred_at, confirmed;
    char currency[CURRENCY_SIZE];
} OrderBefore;

static OrderBefore row_before(const OrderRow *row)
{
    OrderBefore before = {.found = row->found,
                          .cancelled = row->cancelled_at.set,
                          .person_id = row->person_id,
                          .revenue = row->revenue,
                          .net_revenue = row->net_revenue,
                          .occurred_at = row->occurred_at,
                          .confirmed = row->confirmed};
    g_strlcpy(before.currency, row->currency, CURRENCY_SIZE);
    return before;
}

static bool row_differs(const OrderBefore *before, const OrderRow *row)
{
    return !before->found || before->cancelled != row->cancelled_at.set ||
           before->person_id != row->person_id || before->revenue != row->revenue ||
           before->net_revenue != row->net_revenue || before->occurred_at != row->occurred_at ||
           before->confirmed != row->confirmed || strcmp(before->currency, row->currency) != 0;
}

static bool report_apply(const Work *work, OrderRow *row, const OrderFold *fold,
                         const OrderSaid *own, GError **error)
{
    OrderBefore before = row_before(row);
    if (!row_place(work, row, fold, error)) return false;
    row_take(row, fold);
    if (!said_save(work, row, own, error)) return false;
    if (!work->late && !lines_save(work, row, error)) return false;
    if (!before.found && !refunds_book_waiting(work->orders, work->db, row, error)) return false;
    row->found = true;
    if (!order_net(work->db, row, &row->net_revenue, error)) return false;
    if (!event_complete(work, row, error)) return false;
    if (!event_cancel(work, row, before.cancelled, error)) return false;
    if (!order_save(work->db, row, fold, error)) return false;
    work->outcome->created = !before.found;
    work->outcome->changed = row_differs(&before, row);
    return true;
}

static bool report_unchanged(const Work *work, const OrderRow *row, GError **error)
{
    if (!work->report->import_id) return true;
    OrderReportSeenParams params = {.person_id = row->person_id,
                                    .order_id = row->order_id,
                                    .source_id = work->report->source_id,
                                    .import_id = db_int(work->report->import_id)};
    return sql_order_report_seen(work->db, &params, NULL, error);
}

static bool nothing_of_value(const Work *work, const OrderRow *row, const OrderFold *fold,
                             GError **error)
{
    if (row->found || fold->revenue > 0 || !says_amounts(work->report)) return true;
    return fail(error, KITH_ERROR_INVALID, "order \"%s\": nothing of positive value in it",
                row->order_key);
}

/* What was said first and what was added, in one print. */
static Hash128 print_chain(Hash128 before, Hash128 added)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = "kith order 2";
    Hash128 both[2] = {before, added};
    return keyhash128(key, both, sizeof both);
}

static bool work_run(Work *work, OrderRow *row, GError **error)
{
    g_auto(Evidence) evidence = {0};
    int own_at;
    if (!evidence_load(work, row, &evidence, &own_at, error)) return false;
    if (evidence.same && !work->late) return report_unchanged(work, row, error);
    if (work->late) work->fingerprint = print_chain(evidence.print, work->fingerprint);
    OrderSaid own = evidence_put(&evidence, own_at, work);
    if (!evidence_bound(work, row, &evidence, error)) return false;
    OrderFold fold = order_fold((const OrderSaid *)(void *)evidence.said->data, evidence.said->len);
    if (!nothing_of_value(work, row, &fold, error)) return false;
    return report_apply(work, row, &fold, &own, error);
}

bool orders_report(Orders *orders, Db *db, const OrderReport *report, OrderOutcome *ret_outcome,
                   GError **error)
{
    OrderOutcome outcome = {0};
    Work work = {.orders = orders, .db = db, .report = report, .outcome = &outcome};
    if (!report_check(report, error)) return false;
    if (!lines_sum(report, &work.lines_value, error)) return false;
    work.fingerprint = report_fingerprint(report);
    g_auto(OrderRow) row = {0};
    if (!order_row_find(&work, &row, error) || !work_run(&work, &row, error)) return false;
    outcome.order_id = row.order_id;
    outcome.person_id = row.person_id;
    *ret_outcome = outcome;
    return true;
}

/* ── files ───────────────────────────────────────────────────────────────────────────────────── */

/* Has this import already reported this order? */
static bool row_imported(const Work *work, const OrderRow *row, bool *ret_imported, GError **error)
{
    *ret_imported = false;
    if (!row->found) return true;
    OrderReportImportRow said;
    bool found;
    OrderReportImportParams params = {.person_id = row->person_id,
                                      .order_id = row->order_id,
                                      .source_id = work->report->source_id};
    if (!sql_order_report_import(work->db, &params, &said, &found, error)) return false;
    *ret_imported = found && said.import_id.set && said.import_id.value == work->report->import_id;
    return true;
}

/* Stores the lines and keeps in `added` those that were not there before. */
static bool lines_add(const Work *work, const OrderRow *row, GArray *added, GError **error)
{
    for (size_t i = 0; i < work->report->line_count; i++) {
        int64_t count = 0;
        if (!line_save(work, row, &work->report->lines[i], &count, error)) return false;
        if (count) g_array_append_val(added, work->report->lines[i]);
    }
    return true;
}

static bool late_run(Work *work, OrderRow *row, GError **error)
{
    g_autoptr(GArray) added = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    if (!lines_add(work, row, added, error)) return false;
    if (added->len == 0) return true;
    OrderReport fresh = *work->report;
    fresh.lines = (const OrderLine *)(void *)added->data;
    fresh.line_count = added->len;
    work->report = &fresh;
    work->late = true;
    work->fingerprint = report_fingerprint(&fresh);
    return lines_sum(&fresh, &work->lines_value, error) && work_run(work, row, error);
}

bool orders_import(Orders *orders, Db *db, const OrderReport *report, OrderOutcome *ret_outcome,
                   GError **error)
{
    OrderOutcome outcome = {0};
    Work work = {.orders = orders, .db = db, .report = report, .outcome = &outcome};
    if (!report_check(report, error)) return false;
    g_auto(OrderRow) row = {0};
    bool imported;
    if (!order_row_find(&work, &row, error)) return false;
    if (!row_imported(&work, &row, &imported, error)) return false;
    if (!imported) return orders_report(orders, db, report, ret_outcome, error);
    if (!late_run(&work, &row, error)) return false;
    outcome.order_id = row.order_id;
    outcome.person_id = row.person_id;
    *ret_outcome = outcome;
    return true;
}

/* ── base currency ───────────────────────────────────────────────────────────────────────────── */

static bool rebase_order(Db *db, const OrderRebaseListRow *row, GError **error)
{
    DbInt revenue, net;
    if (!orders_base(db, row->currency, row->revenue, row->occurred_at, &revenue, error))
        return false;
    if (!orders_base(db, row->currency, row->net_revenue, row->occurred_at, &net, error))
        return false;
    OrderRebasePutParams params = {.person_id = row->person_id,
                                   .order_id = row->order_id,
                                   .base_revenue = revenue,
                                   .base_net = net};
    return sql_order_rebase_put(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_ORDER, params.person_id, error);
}

bool orders_rebase(Orders *orders, Db *db, OrderRebase *in_out, GError **error)
{
    if (in_out->refunds) return refunds_rebase(db, in_out, error);
    g_auto(DbCursor) cursor = {0};
    OrderRebaseListParams params = {
        .person_id = in_out->person_id, .order_id = in_out->id, .rows = ORDER_REBASE_ROWS};
    if (!sql_order_rebase_list_open(db, &params, &cursor, error)) return false;
    OrderRebaseListRow row;
    int64_t count = 0;
    for (; sql_order_rebase_list_next(&cursor, &row); count++) {
        if (!rebase_order(db, &row, error)) return false;
        in_out->person_id = row.person_id;
        in_out->id = row.order_id;
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    if (count < ORDER_REBASE_ROWS) *in_out = (OrderRebase){.person_id = INT64_MIN, .refunds = true};
    orders_changed(orders);
    return true;
}
