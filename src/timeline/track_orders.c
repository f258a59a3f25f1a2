#include "timeline/track_private.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "timeline/business.h"

enum { LINES_FIRST = 8, REFUND_KEY_BYTES_MAX = 200 };

typedef enum OrderWord {
    ORDER_NONE,
    ORDER_COMPLETED,
    ORDER_UPDATED,
    ORDER_CANCELLED,
    ORDER_REFUNDED
} OrderWord;

/* The properties of Segment's e-commerce v2 that orders/ understands. */
typedef struct OrderFields {
    Slice order_id, refund_id, number, currency, coupon;
    DbInt revenue, total, subtotal, tax, shipping, discount, amount; /* x 10^6 */
    Slice unreadable; /* an amount that is no number, or one too large */
    bool test;
    OrderLine *lines;
    size_t line_count, line_capacity;
} OrderFields;

static OrderWord order_word(Slice name)
{
    if (slice_is(name, "Order Completed")) return ORDER_COMPLETED;
    if (slice_is(name, "Order Updated")) return ORDER_UPDATED;
    if (slice_is(name, "Order Cancelled")) return ORDER_CANCELLED;
    if (slice_is(name, "Order Refunded")) return ORDER_REFUNDED;
    return ORDER_NONE;
}

bool track_order_name(Slice name)
{
    return name.size > 6 && memcmp(name.data, "Order ", 6) == 0 && order_word(name) != ORDER_NONE;
}

/* ---- reading ---- */

typedef struct OrderRead {
    JsonReader *reader;
    Arena *arena;
    OrderFields *fields;
} OrderRead;

static bool read_text(OrderRead *read, Slice *slot)
{
    JsonReadToken token = json_read_next(read->reader);
    if (token == JSON_READ_NUMBER) *slot = read->reader->text;
    if (token == JSON_READ_STRING) return json_read_text(read->reader, read->arena, slot);
    return json_read_skip(read->reader);
}

/* An amount: a number, or a text that is one ("12.50"), exact. What is neither is remembered:
 * an order whose sums cannot be read must not count with others. */
static bool read_amount(OrderRead *read, DbInt *slot)
{
    JsonReadToken token = json_read_next(read->reader);
    Slice text = read->reader->text;
    int64_t micros = 0;
    bool ok = token == JSON_READ_NUMBER && payload_micro(text, &micros);
    if (token != JSON_READ_NUMBER && token != JSON_READ_STRING) return json_read_skip(read->reader);
    if (token == JSON_READ_STRING) {
        if (!json_read_text(read->reader, read->arena, &text)) return false;
        ok = decimal_parse(text, DECIMAL_POINT, &micros, NULL);
    }
    if (ok) *slot = db_int(micros);
    if (!ok && text.size) read->fields->unreadable = text;
    return true;
}

static const struct {
    const char *name;
    size_t offset;
} text_fields[] =
    {
        {"order_id", offsetof(OrderFields, order_id)},
        {"orderId", offsetof(OrderFields, order_id)},
        {"refund_id", offsetof(OrderFields, refund_id)},
        {"refundId", offsetof(OrderFields, refund_id)},
        {"order_number", offsetof(OrderFields, number)},
        {"currency", offsetof(OrderFields, currency)},
        {"coupon", offsetof(OrderFields, coupon)},
},
  amount_fields[] = {
      {"revenue", offsetof(OrderFields, revenue)},
      {"total", offsetof(OrderFields, total)},
      {"subtotal", offsetof(OrderFields, subtotal)},
      {"tax", offsetof(OrderFields, tax)},
      {"shipping", offsetof(OrderFields, shipping)},
      {"discount", offsetof(OrderFields, discount)},
      {"amount", offsetof(OrderFields, amount)},
      {"refund_amount", offsetof(OrderFields, amount)},
};

static OrderLine *line_add(OrderRead *read)
{
    OrderFields *fields = read->fields;
    if (fields->line_count == fields->line_capacity) {
        size_t larger = fields->line_capacity ? fields->line_capacity * 2 : LINES_FIRST;
        OrderLine *lines = arena_alloc(read->arena, larger * sizeof *lines);
        if (!lines) return NULL;
        if (fields->line_count) memcpy(lines, fields->lines, fields->line_count * sizeof *lines);
        fields->lines = lines;
        fields->line_capacity = larger;
    }
    OrderLine *line = &fields->lines[fields->line_count++];
    *line = (OrderLine){.line_no = (int64_t)fields->line_count, .quantity = DECIMAL_SCALE};
    return line;
}

static bool read_line_member(OrderRead *read, OrderLine *line, Slice *product_id)
{
    DbInt amount = {0};
    if (json_read_is(read->reader, SLICE("sku"))) return read_text(read, &line->product_key);
    if (json_read_is(read->reader, SLICE("product_id")) || json_read_is(read->reader, SLICE("id")))
        return read_text(read, product_id);
    if (json_read_is(read->reader, SLICE("name"))) return read_text(read, &line->name);
    if (json_read_is(read->reader, SLICE("category"))) return read_text(read, &line->category);
    bool is_price = json_read_is(read->reader, SLICE("price"));
    if (!is_price && !json_read_is(read->reader, SLICE("quantity")))
        return json_read_next(read->reader) != JSON_READ_ERROR && json_read_skip(read->reader);
    if (!read_amount(read, &amount)) return false;
    if (amount.set && is_price) line->price = amount.value;
    if (amount.set && !is_price) line->quantity = amount.value;
    return true;
}

static bool read_lines(OrderRead *read)
{
    if (json_read_next(read->reader) != JSON_READ_ARRAY) return json_read_skip(read->reader);
    for (;;) {
        JsonReadToken token = json_read_next(read->reader);
        if (token == JSON_READ_ARRAY_END) return true;
        if (token == JSON_READ_ERROR) return false;
        if (token != JSON_READ_OBJECT) {
            if (!json_read_skip(read->reader)) return false;
            continue;
        }
        OrderLine *line = line_add(read);
        Slice product_id = {0};
        if (!line) return false;
        while (json_read_next(read->reader) == JSON_READ_NAME)
            if (!read_line_member(read, line, &product_id)) return false;
        if (line->product_key.size == 0) line->product_key = product_id;
        if (line->name.size == 0) line->name = line->product_key;
    }
}

static bool read_member(OrderRead *read)
{
    char *fields = (char *)read->fields;
    for (size_t i = 0; i < G_N_ELEMENTS(text_fields); i++)
        if (json_read_is(read->reader, slice_of(text_fields[i].name)))
            return read_text(read, (Slice *)(void *)(fields + text_fields[i].offset));
    for (size_t i = 0; i < G_N_ELEMENTS(amount_fields); i++)
        if (json_read_is(read->reader, slice_of(amount_fields[i].name)))
            return read_amount(read, (DbInt *)(void *)(fields + amount_fields[i].offset));
    if (json_read_is(read->reader, SLICE("products"))) return read_lines(read);
    if (json_read_is(read->reader, SLICE("test"))) {
        read->fields->test = json_read_next(read->reader) == JSON_READ_TRUE;
        return json_read_skip(read->reader);
    }
    return json_read_next(read->reader) != JSON_READ_ERROR && json_read_skip(read->reader);
}

/* The JSON was checked when the stored form was made. */
static bool order_read(TrackRequest *request, const TrackEvent *event, OrderFields *fields)
{
    if (event->properties.size == 0) return true;
    g_autofree JsonReader *reader = g_new(JsonReader, 1);
    OrderRead read = {reader, request->arena, fields};
    json_read_init(reader, event->properties.data, event->properties.size, LIMIT_JSON_DEPTH);
    json_read_next(reader);
    while (json_read_next(reader) == JSON_READ_NAME)
        if (!read_member(&read)) return false;
    return !reader->problem;
}

/* ---- reporting ---- */

/* The currency the report names, else that of the business. */
static bool currency_find(Db *db, const OrderFields *fields, char currency[CURRENCY_SIZE],
                          GError **error)
{
    if (fields->currency.size) return currency_parse(fields->currency, currency, error);
    Business business;
    if (!business_load(db, &business, error)) return false;
    if (!*business.currency)
        return fail(error, KITH_ERROR_INVALID,
                    "the order names no currency and the business has "
                    "none yet: set it under Settings");
    g_strlcpy(currency, business.currency, CURRENCY_SIZE);
    return true;
}

static bool amount_minor(DbInt micros, int digits, DbInt *ret_minor, GError **error)
{
    *ret_minor = (DbInt){0};
    if (!micros.set) return true;
    int64_t minor;
    if (!money_from_micros(micros.value, digits, &minor))
        return fail(error, KITH_ERROR_INVALID, "an amount of the order is out of range");
    *ret_minor = db_int(minor);
    return true;
}

static bool lines_value(OrderFields *fields, int digits, GError **error)
{
    for (size_t i = 0; i < fields->line_count; i++) {
        OrderLine *line = &fields->lines[i];
        if (!money_multiply(line->price, line->quantity, digits, &line->value))
            return fail(error, KITH_ERROR_INVALID, "line %zu of the order is out of range", i + 1);
    }
    return true;
}

static DbInt first_set(DbInt a, DbInt b, DbInt c) { return a.set ? a : b.set ? b : c; }

static bool order_report(TrackRequest *request, Db *db, const TrackEvent *event,
                         OrderFields *fields, OrderReport *report, GError **error)
{
    OrderWord word = order_word(event->name);
    if (fields->order_id.size == 0)
        return fail(error, KITH_ERROR_INVALID, "the order has no order_id");
    if (fields->unreadable.size)
        return fail(error, KITH_ERROR_INVALID, "the order's amount \"%.*s\" cannot be read",
                    (int)MIN(fields->unreadable.size, 40), fields->unreadable.data);
    if (!currency_find(db, fields, report->currency, error)) return false;
    int digits = currency_digits(report->currency);
    DbInt revenue = first_set(fields->revenue, fields->total, fields->subtotal);
    if (!amount_minor(revenue, digits, &report->revenue, error) ||
        !amount_minor(fields->tax, digits, &report->tax, error) ||
        !amount_minor(fields->shipping, digits, &report->shipping, error) ||
        !amount_minor(fields->discount, digits, &report->discount, error) ||
        !lines_value(fields, digits, error))
        return false;
    report->shop_id = request->source.shop_id;
    report->order_key = fields->order_id;
    report->number = fields->number;
    report->source_id = request->source.source_id;
    report->trust = request->source.trust;
    report->stem = event->stem;
    report->coupon = fields->coupon;
    if (word == ORDER_COMPLETED) report->occurred_at = db_int(event->occurred_at);
    if (word == ORDER_CANCELLED) report->cancelled_at = db_int(event->occurred_at);
    report->test = fields->test;
    report->received_at = request->received_at;
    report->lines = fields->lines;
    report->line_count = fields->line_count;
    return true;
}

static bool order_take(TrackRequest *request, Db *db, const TrackEvent *event, int64_t event_id,
                       bool *ret_append, GError **error)
{
    OrderFields fields = {0};
    OrderReport report = {0};
    OrderOutcome outcome = {0};
    bool completed = order_word(event->name) == ORDER_COMPLETED;
    if (!order_read(request, event, &fields))
        return fail(error, KITH_ERROR_LIMIT, "the order needs too much memory");
    if (!order_report(request, db, event, &fields, &report, error)) return false;
    report.event_id = event_id;
    report.completed = completed;
    if (!orders_report(request->track->orders, db, &report, &outcome, error)) return false;
    /* Other words stand on the timeline themselves, beside the one `Order Completed`. */
    *ret_append = !completed || outcome.append;
    return true;
}

/* A refund is known by its own id, else by the message that reports it. */
static Slice refund_key(const TrackEvent *event, const OrderFields *fields)
{
    if (fields->refund_id.size) return fields->refund_id;
    if (event->message_id) return text_cut(slice_of(event->message_id), REFUND_KEY_BYTES_MAX);
    return fields->order_id;
}

static bool refund_take(TrackRequest *request, Db *db, const TrackEvent *event, int64_t event_id,
                        bool *ret_append, GError **error)
{
    OrderFields fields = {0};
    RefundReport report = {0};
    RefundOutcome outcome = {0};
    DbInt amount;
    if (!order_read(request, event, &fields))
        return fail(error, KITH_ERROR_LIMIT, "the refund needs too much memory");
    if (!currency_find(db, &fields, report.currency, error)) return false;
    DbInt micros = first_set(fields.amount, fields.total, fields.revenue);
    if (!amount_minor(micros, currency_digits(report.currency), &amount, error)) return false;
    report.shop_id = request->source.shop_id;
    report.refund_key = refund_key(event, &fields);
    report.order_key = fields.order_id;
    report.source_id = request->source.source_id;
    report.trust = request->source.trust;
    report.event_id = event_id;
    report.stem = event->stem;
    report.amount = ABS(amount.value);
    report.occurred_at = event->occurred_at;
    report.received_at = request->received_at;
    if (report.refund_key.size == 0)
        return fail(error, KITH_ERROR_INVALID,
                    "the refund has no refund_id, messageId or order_id");
    if (!refunds_report(request->track->orders, db, &report, &outcome, error)) return false;
    *ret_append = outcome.append;
    return true;
}

/* Is this the report's own fault, so that sending it again would not help? */
static bool is_content_error(const GError *problem)
{
    KithError code = error_code(problem);
    return code == KITH_ERROR_INVALID || code == KITH_ERROR_LIMIT || code == KITH_ERROR_NOT_FOUND;
}

bool track_order_store(TrackRequest *request, Db *db, TrackEvent *event, int64_t event_id,
                       bool *ret_append, GError **error)
{
    g_autoptr(GError) problem = NULL;
    bool is_refund = order_word(event->name) == ORDER_REFUNDED;
    *ret_append = true;
    bool ok = is_refund ? refund_take(request, db, event, event_id, ret_append, &problem)
                        : order_take(request, db, event, event_id, ret_append, &problem);
    if (ok) return true;
    if (!is_content_error(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    event->reason = arena_copy(request->arena, problem->message, strlen(problem->message));
    *ret_append = true;
    return true;
}
