#include "timeline/order_events.h"

#include "base/error.h"
#include "base/json_write.h"
#include "timeline/event.h"
#include "timeline/orders_sql.h"
#include "timeline/timeline_sql.h"

enum { ORDER_PAYLOAD_BYTES_MAX = 8 * ORDER_KEY_BYTES_MAX };

/* Minor units in the stored form of numbers: major units x 10^6 (payload.h). */
static int64_t minor_to_micros(int64_t minor, const char *currency)
{
    int64_t micros = minor;
    for (int digits = currency_digits(currency); digits < 6; digits++)
        if (__builtin_mul_overflow(micros, 10, &micros)) return INT64_MAX;
    return micros;
}

static bool payload_write(const OrderEvent *event, Buffer *out, GError **error)
{
    JsonWriter json = {out};
    json_write_object(&json);
    json_write_name(&json, "p");
    json_write_object(&json);
    json_write_name(&json, "order_id");
    json_write_text(&json, event->order_key);
    if (currency_digits(event->currency) >= 0) {
        json_write_name(&json, "revenue");
        json_write_int(&json, minor_to_micros(event->revenue, event->currency));
        json_write_name(&json, "currency");
        json_write_string(&json, event->currency);
        g_autofree char *fold = g_ascii_strdown(event->currency, -1);
        json_write_end(&json, '}');
        json_write_name(&json, "f");
        json_write_object(&json);
        json_write_name(&json, "currency");
        json_write_string(&json, fold);
    }
    json_write_end(&json, '}');
    json_write_end(&json, '}');
    return !out->failed || fail(error, KITH_ERROR_LIMIT, "the order's event is over %d bytes",
                                ORDER_PAYLOAD_BYTES_MAX);
}

static bool events_append(void *context, Db *db, const OrderEvent *event, int64_t *ret_event_id,
                          GError **error)
{
    g_auto(Buffer) payload = BUFFER_INIT(ORDER_PAYLOAD_BYTES_MAX);
    if (!payload_write(event, &payload, error)) return false;
    unsigned flags = trust_is_server(event->trust) ? 0 : EVENT_UNCONFIRMED;
    EventInput input = {
        .person_id = event->person_id,
        .name = slice_of(event->name),
        .type = EVENT_TRACK,
        .flags = flags | (event->imported ? (unsigned)EVENT_IMPORTED : 0),
        .source_id = event->source_id,
        .occurred_at = event->occurred_at,
        .received_at = event->received_at,
        .payload = payload.data,
    };
    return event_append(context, db, &input, ret_event_id, error);
}

/* The row under its new stem and a new id; its message keeps it from being counted again. */
static bool events_copy(Timeline *timeline, Db *db, const EventFindRow *row, int64_t to,
                        int64_t *ret_event_id, GError **error)
{
    g_autofree char *message_id = g_strdup(row->message_id);
    g_autofree char *payload = g_strdup(row->payload);
    const char *name = names_text(timeline_names(timeline), row->name_id);
    EventInput input = {
        .person_id = to,
        .name = slice_of(name ? name : "Order Completed"),
        .type = (EventType)(row->flags & EVENT_TYPE_MASK),
        .flags = (unsigned)row->flags & ~(unsigned)EVENT_TYPE_MASK,
        .source_id = row->source_id,
        .occurred_at = row->occurred_at,
        .received_at = row->received_at,
        .message_id = message_id,
        .payload = payload,
    };
    return event_append(timeline, db, &input, ret_event_id, error);
}

static bool events_move(void *context, Db *db, int64_t from, int64_t to, int64_t *in_out_event_id,
                        GError **error)
{
    EventFindRow row;
    bool found;
    int64_t event_id = *in_out_event_id;
    EventFindParams params = {.person_id = from, .event_id = event_id};
    if (!sql_event_find(db, &params, &row, &found, error)) return false;
    *in_out_event_id = 0;
    if (!found) return true;
    EventKey key = {from, event_id, row.name_id};
    return events_copy(context, db, &row, to, in_out_event_id, error) &&
           event_delete(context, db, &key, error);
}

const OrderEvents order_events = {events_append, events_move};
