#include "timeline/personal.h"

#include "base/ids.h"
#include "store/writer.h"
#include "timeline/payload.h"

static const PersonalColumn event_columns[] = {
    {"payload", "what happened: properties, traits as sent, page, campaign, device"},
    {"message_id", "the sender's number of the message"},
    {NULL},
};

const PersonalTable timeline_personal[] = {
    {.table = "event", .name = "events", .key = "person_id", .columns = event_columns},
    {NULL},
};

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

/* ---- erasure ---- */

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
    for (guint i = erase->from; i < end; i++)
        if (!event_delete(erase->timeline, db, erase->stem, g_array_index(erase->ids, int64_t, i),
                          error))
            return false;
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
