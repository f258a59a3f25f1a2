#include "timeline/personal.h"

#include "base/ids.h"
#include "store/writer.h"
#include "timeline/payload.h"
#include "timeline/timeline_sql.h"

/* ---- export ---- */

static json_t *id_text(int64_t id)
{
    char text[ID_TEXT_SIZE];
    return json_stringn(text, id_format(id, text));
}

static bool export_one(void *context, const TimelineEvent *event)
{
    json_t *rows = context;
    json_t *row = payload_decode(event->payload);
    if (!row) row = json_object();
    if (!json_object_get(row, "name")) json_object_set_new(row, "name", json_string(event->name));
    json_object_set_new(row, "event_id", id_text(event->event_id));
    json_object_set_new(row, "person_id", id_text(event->stem));
    json_object_set_new(row, "source_id", id_text(event->source_id));
    json_object_set_new(row, "occurred_at", json_integer(event->occurred_at));
    json_object_set_new(row, "received_at", json_integer(event->received_at));
    if (event->message_id) json_object_set_new(row, "message_id", json_string(event->message_id));
    json_array_append_new(rows, row);
    return true;
}

static bool events_export(void *context, int64_t stem, json_t *rows, GError **error)
{
    Timeline *timeline = context;
    Db *db = store_reader_begin(timeline_store(timeline), error);
    if (!db) return false;
    bool ok = timeline_each(timeline, db, stem, export_one, rows, error);
    store_reader_end(timeline_store(timeline), db);
    return ok;
}

static bool orders_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    PersonalOrdersParams params = {.person_id = stem};
    PersonalOrdersRow row;
    if (!sql_personal_orders_open(db, &params, &cursor, error)) return false;
    while (sql_personal_orders_next(&cursor, &row))
        json_array_append_new(
            rows,
            json_pack("{s:o, s:o, s:s, s:s?, s:s, s:s, s:I, s:I, s:s?, s:I}", "order_id",
                      id_text(row.order_id), "person_id", id_text(stem), "order_key", row.order_key,
                      "number", row.number, "state", row.state, "currency", row.currency, "revenue",
                      (json_int_t)row.revenue, "net_revenue", (json_int_t)row.net_revenue, "coupon",
                      row.coupon, "occurred_at", (json_int_t)row.occurred_at));
    return db_cursor_finish(&cursor, error);
}

static bool lines_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    PersonalLinesParams params = {.person_id = stem};
    PersonalLinesRow row;
    if (!sql_personal_lines_open(db, &params, &cursor, error)) return false;
    while (sql_personal_lines_next(&cursor, &row))
        json_array_append_new(
            rows, json_pack("{s:o, s:o, s:I, s:s, s:s, s:f, s:I}", "order_id",
                            id_text(row.order_id), "source_id", id_text(row.source_id), "line_no",
                            (json_int_t)row.line_no, "product_key", row.product_key, "name",
                            row.name, "quantity", (double)row.quantity / (double)PAYLOAD_MICRO,
                            "value", (json_int_t)row.value));
    return db_cursor_finish(&cursor, error);
}

static bool refunds_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    PersonalRefundsParams params = {.person_id = stem};
    PersonalRefundsRow row;
    if (!sql_personal_refunds_open(db, &params, &cursor, error)) return false;
    while (sql_personal_refunds_next(&cursor, &row))
        json_array_append_new(
            rows, json_pack("{s:o, s:o, s:s, s:s?, s:s, s:s, s:I, s:I}", "refund_id",
                            id_text(row.refund_id), "person_id", id_text(stem), "refund_key",
                            row.refund_key, "order_key", row.order_key, "state", row.state,
                            "currency", row.currency, "amount", (json_int_t)row.amount,
                            "occurred_at", (json_int_t)row.occurred_at));
    return db_cursor_finish(&cursor, error);
}

/* ---- erasure ---- */

/* Money stays, without a person; a coupon may have been made for one. */
static bool order_coupon_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                               GError **error)
{
    (void)rows_max; /* a person has few orders with a coupon */
    PersonalOrderCouponParams params = {.person_id = stem};
    return sql_personal_order_coupon(db, &params, ret_changed, error);
}

static bool report_coupon_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                                GError **error)
{
    (void)rows_max;
    PersonalReportCouponParams params = {.person_id = stem};
    return sql_personal_report_coupon(db, &params, ret_changed, error);
}

typedef struct Erase {
    Timeline *timeline;
    int64_t stem;
    GArray *ids; /* of int64_t */
    guint from;
} Erase;

static bool id_take(void *context, const TimelineEvent *event)
{
    g_array_append_val((GArray *)context, event->event_id);
    return true;
}

static bool ids_read(Erase *erase, GError **error)
{
    Store *store = timeline_store(erase->timeline);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool ok = timeline_each(erase->timeline, db, erase->stem, id_take, erase->ids, error);
    store_reader_end(store, db);
    return ok;
}

static bool chunk_delete(Db *db, void *data, GError **error)
{
    const Erase *erase = data;
    guint end = MIN(erase->from + PERSONAL_CHUNK_ROWS, erase->ids->len);
    for (guint i = erase->from; i < end; i++) {
        EventKey key = {.person_id = erase->stem,
                        .event_id = g_array_index(erase->ids, int64_t, i)};
        if (!event_delete(erase->timeline, db, &key, error)) return false;
    }
    return true;
}

/* Rows first, then the runs that lead to them: after a crash in between the rows are still found.
 */
static bool events_erase(void *context, int64_t stem, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Erase erase = {.timeline = context, .stem = stem, .ids = ids};
    Writer *writer = store_writer(timeline_store(context));
    if (!ids_read(&erase, error)) return false;
    for (; erase.from < ids->len; erase.from += PERSONAL_CHUNK_ROWS)
        if (!writer_call(writer, WRITER_REST, chunk_delete, &erase, error)) return false;
    return timeline_forget(context, stem, error);
}

static bool events_seal(void *context, GError **error) { return timeline_purge(context, error); }

PersonalFile timeline_personal_file(Timeline *timeline)
{
    return (PersonalFile){.name = "events",
                          .erase = events_erase,
                          .seal = events_seal,
                          .export = events_export,
                          .context = timeline};
}

#define COLUMNS(...) ((const PersonalColumn[]){__VA_ARGS__, {NULL}})

/* The rows of `event` are exported and erased by timeline_personal_file. */
const PersonalTable timeline_personal[] = {
    {"event", NULL, "person_id",
     COLUMNS({"payload", "what happened: properties, traits as sent, page, campaign, device"},
             {"message_id", "the sender's number of the message"}),
     NULL, NULL},
    {"orders", "orders", "person_id", COLUMNS({"coupon", "a code, perhaps made for one person"}),
     order_coupon_erase, orders_export},
    {"order_report", NULL, "person_id", COLUMNS({"coupon", "the same, as each source says"}),
     report_coupon_erase, NULL},
    {"order_line", "order_lines", "person_id", COLUMNS({"name", "what was bought"}), NULL,
     lines_export},
    {"refund", "refunds", "person_id", COLUMNS({"amount", "what was given back"}), NULL,
     refunds_export},
    {NULL},
};
