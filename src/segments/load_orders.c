#include "segments/evaluate.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "segments/segments_sql.h"
#include "timeline/payload.h"

#include <string.h>

/* Where lines or events of orders are read too, each row costs two statements more. */
enum { ORDER_ROWS_LOOKED_INTO = 1000 };

typedef struct OrderLoad {
    Evaluation *evaluation;
    GHashTable *left_out; /* order ids that do not count: their refunds do not either */
    LoadAt at;
    int64_t scale; /* of a minor unit of the business's currency to millionths */
    bool lines, payload, told;
} OrderLoad;

static int64_t scale_of(const char *currency)
{
    int64_t scale = 1;
    for (int digits = MAX(currency_digits(currency), 0); digits < 6; digits++)
        scale *= 10;
    return scale;
}

/* ---- an order as an event's stored payload ---- */

static void put_number(json_t *properties, const char *name, DbInt minor, int64_t scale)
{
    int64_t micros;
    if (!minor.set || __builtin_mul_overflow(minor.value, scale, &micros)) return;
    json_object_set_new(properties, name, json_integer(micros));
}

/* A text, and its fold beside it where it differs. */
static void put_text(json_t *payload, const char *name, const char *text)
{
    if (!text) return;
    g_autofree char *fold = text_fold(slice_of(text));
    json_object_set_new(json_object_get(payload, "p"), name, json_string(text));
    if (g_str_equal(fold, text))
        json_object_del(json_object_get(payload, "f"), name);
    else
        json_object_set_new(json_object_get(payload, "f"), name, json_string(fold));
}

static json_t *payload_new(void) { return json_pack("{s:{}, s:{}}", "p", "f"); }

static void order_put(const OrderLoad *load, const LoadOrdersRow *row, json_t *payload)
{
    json_t *properties = json_object_get(payload, "p");
    bool own = strcmp(row->currency, load->evaluation->currency) == 0;
    put_text(payload, "order_id", row->order_key);
    put_text(payload, "number", row->number ? row->number : row->order_key);
    put_text(payload, "currency", row->currency);
    put_text(payload, "coupon", row->coupon);
    put_number(properties, "item_count", db_int(row->item_count), DECIMAL_SCALE);
    json_object_del(properties, "revenue");
    json_object_del(properties, "net_revenue");
    put_number(properties, "revenue", row->base_revenue, load->scale);
    DbInt net = row->base_net.set ? row->base_net : row->base_revenue;
    put_number(properties, "net_revenue", net, load->scale);
    if (!own) return;
    put_number(properties, "tax", row->tax, load->scale);
    put_number(properties, "shipping", row->shipping, load->scale);
    put_number(properties, "discount", row->discount, load->scale);
}

/* Everything else that its event said. */
static bool event_read(Db *db, const LoadOrdersRow *row, json_t **payload, GError **error)
{
    LoadEventPayloadParams params = {row->person_id, row->event_id.value};
    LoadEventPayloadRow event;
    bool found = false;
    if (!row->event_id.set) return true;
    if (!sql_load_event_payload(db, &params, &event, &found, error)) return false;
    json_t *stored = found ? json_loads(event.payload, JSON_ALLOW_NUL, NULL) : NULL;
    if (!json_is_object(stored)) {
        json_decref(stored);
        return true;
    }
    json_decref(*payload);
    *payload = stored;
    if (!json_object_get(stored, "p")) json_object_set_new(stored, "p", json_object());
    if (!json_object_get(stored, "f")) json_object_set_new(stored, "f", json_object());
    return true;
}

static json_t *line_json(const LoadOrderLinesRow *row)
{
    json_t *line = json_pack("{s:I, s:I}", "quantity", (json_int_t)row->quantity, "price",
                             (json_int_t)row->price);
    const struct {
        const char *name, *text;
    } texts[] = {
        {"product_id", row->product_key}, {"name", row->name}, {"category", row->category}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!texts[i].text) continue;
        g_autofree char *fold = text_fold(slice_of(texts[i].text));
        json_object_set_new(line, texts[i].name, json_string(fold));
    }
    return line;
}

/* The products as the order's lines say; where it has none, as its event did. */
static bool lines_read(Db *db, const LoadOrdersRow *row, json_t *payload, GError **error)
{
    LoadOrderLinesParams params = {row->person_id, row->order_id};
    LoadOrderLinesRow line;
    json_t *lines = json_array();
    g_auto(DbCursor) cursor = {0};
    bool done = sql_load_order_lines_open(db, &params, &cursor, error);
    while (done && sql_load_order_lines_next(&cursor, &line))
        json_array_append_new(lines, line_json(&line));
    done = done && db_cursor_finish(&cursor, error);
    if (done && json_array_size(lines) > 0) {
        json_object_del(json_object_get(payload, "f"), "products");
        json_object_set(json_object_get(payload, "p"), "products", lines);
    }
    json_decref(lines);
    return done;
}

static bool order_seen(OrderLoad *load, Db *db, const LoadOrdersRow *row, GError **error)
{
    if (!row->confirmed || strcmp(row->state, "placed") != 0) {
        int64_t *id = g_new(int64_t, 1);
        *id = row->order_id;
        g_hash_table_add(load->left_out, id);
        return true;
    }
    Evaluation *evaluation = load->evaluation;
    if (row->occurred_at < evaluation->moment.now)
        evaluation->newest_order = MAX(evaluation->newest_order, row->occurred_at);
    if (!load->told) return true;
    json_t *payload = payload_new();
    bool done = !load->payload || event_read(db, row, &payload, error);
    done = done && (!load->lines || lines_read(db, row, payload, error));
    if (done) {
        order_put(load, row, payload);
        Seen seen = {.source = TAP_ORDERS,
                     .stem = row->person_id,
                     .at = row->occurred_at,
                     .id = row->event_id.set ? row->event_id.value : row->order_id,
                     .payload = payload};
        evaluation_tell(load->evaluation, &seen);
    }
    json_decref(payload);
    return done;
}

/* The nested statements of a row would overwrite its texts: they live until the next call of their
 * own statement only, which is another. */
static bool order_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    OrderLoad *load = data;
    int64_t limit = load_rows(load->evaluation), rows = 0;
    if (load->lines || load->payload) limit = MIN(limit, ORDER_ROWS_LOOKED_INTO);
    LoadOrdersParams params = {load->at.person, load->at.id, load->at.last, limit};
    LoadOrdersRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_orders_open(db, &params, &cursor, error)) return false;
    for (; sql_load_orders_next(&cursor, &row); rows++) {
        load->at.person = row.person_id;
        load->at.id = row.order_id;
        if (!order_seen(load, db, &row, error)) return false;
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == limit;
    return db_cursor_finish(&cursor, error);
}

/* ---- refunds ---- */

static void refund_seen(OrderLoad *load, const LoadRefundsRow *row)
{
    if (!row->confirmed || strcmp(row->state, "booked") != 0) return;
    if (row->order_id.set && g_hash_table_contains(load->left_out, &row->order_id.value)) return;
    json_t *payload = payload_new();
    put_text(payload, "refund_id", row->refund_key);
    put_text(payload, "currency", row->currency);
    put_number(json_object_get(payload, "p"), "amount", row->base_amount, load->scale);
    Seen seen = {.source = TAP_REFUNDS,
                 .stem = row->person_id,
                 .at = row->occurred_at,
                 .id = row->refund_id,
                 .payload = payload};
    evaluation_tell(load->evaluation, &seen);
    json_decref(payload);
}

static bool refund_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    OrderLoad *load = data;
    LoadRefundsParams params = {load->at.person, load->at.id, load->at.last,
                                load_rows(load->evaluation)};
    LoadRefundsRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_refunds_open(db, &params, &cursor, error)) return false;
    for (; sql_load_refunds_next(&cursor, &row); rows++) {
        load->at.person = row.person_id;
        load->at.id = row.refund_id;
        refund_seen(load, &row);
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

/* ---- the whole ---- */

bool load_orders(Evaluation *evaluation, GError **error)
{
    g_autoptr(GHashTable) left_out = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    OrderLoad load = {
        .evaluation = evaluation, .left_out = left_out, .scale = scale_of(evaluation->currency)};
    for (guint i = 0; i < evaluation->taps->len; i++) {
        const Tap *tap = evaluation->taps->pdata[i];
        if (tap->source != TAP_ORDERS || !tap_is_open(tap)) continue;
        load.told = true;
        load.lines = load.lines || tap->lines;
        load.payload = load.payload || tap->payload;
    }
    if (!load_spans(evaluation, order_chunk, &load, &load.at, error)) return false;
    if (!evaluation_has(evaluation, TAP_REFUNDS)) return true;
    return load_spans(evaluation, refund_chunk, &load, &load.at, error);
}
