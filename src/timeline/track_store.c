#include "timeline/track_private.h"

#include <stdlib.h>

#include "base/json_write.h"
#include "net/request.h"
#include "people/permission.h"
#include "people/resolve.h"
#include "store/writer.h"

enum { REPLY_BYTES_MAX = 1024 * 1024, REPLY_ERRORS_MAX = 1000, TWIN_SLOTS = 512 };

/* ---- in a unit of the writer ---- */

/* A later call of the same unit with the same message is a duplicate; dedupe_check wants all
 * different. (Calls of earlier units are found by dedupe_check: their rows are there.) */
static void twins_mark(TrackEvent *events, size_t count)
{
    uint16_t slots[TWIN_SLOTS] = {0};
    for (size_t i = 0; i < count; i++) {
        TrackEvent *event = &events[i];
        if (event->status != LIVE_ACCEPTED || !event->message_id) continue;
        size_t slot = event->fingerprint.low % TWIN_SLOTS;
        while (slots[slot] != 0 &&
               !g_str_equal(events[slots[slot] - 1].message_id, event->message_id))
            slot = (slot + 1) % TWIN_SLOTS;
        if (slots[slot] != 0)
            event->status = LIVE_DUPLICATE;
        else
            slots[slot] = (uint16_t)(i + 1);
    }
}
G_STATIC_ASSERT((int)TRACK_UNIT_CALLS < (int)TWIN_SLOTS / 2 &&
                (int)TRACK_UNIT_CALLS <= (int)DEDUPE_BATCH_MAX);

static bool duplicates_mark(TrackRequest *request, Db *db, TrackEvent *events, size_t count,
                            GError **error)
{
    DedupeItem items[TRACK_UNIT_CALLS];
    uint16_t whose[TRACK_UNIT_CALLS];
    size_t asked = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].status != LIVE_ACCEPTED || !events[i].message_id) continue;
        whose[asked] = (uint16_t)i;
        items[asked++] = (DedupeItem){.source_id = request->source.source_id,
                                      .message_id = events[i].message_id,
                                      .fingerprint = events[i].fingerprint};
    }
    Dedupe *dedupe = timeline_dedupe(request->track->timeline);
    if (!dedupe_check(dedupe, db, items, asked, request->received_at, error)) return false;
    for (size_t i = 0; i < asked; i++)
        if (items[i].seen) events[whose[i]].status = LIVE_DUPLICATE;
    return true;
}

static const char *nobody_reason(unsigned refused)
{
    for (unsigned bit = 1; bit <= refused; bit <<= 1)
        if (refused & bit) return resolve_refusal_name((ResolveRefusal)bit);
    return "it names nobody";
}

static bool event_resolve(TrackRequest *request, Db *db, TrackEvent *event, GError **error)
{
    ResolveInput input = {.source_id = request->source.source_id,
                          .shop_id = request->source.shop_id,
                          .trust = request->source.trust,
                          .user_id = event->user_id,
                          .anonymous_id = event->anonymous_id,
                          .email = event->email,
                          .phone = event->phone,
                          .previous_id = event->previous_id,
                          .at = request->received_at,
                          .user_hash = event->has_user_hash ? &event->user_hash : NULL};
    ResolveResult who = {0};
    if (!people_resolve(timeline_people(request->track->timeline), db, &input, &who, error))
        return false;
    event->stem = who.stem;
    if (who.stem == 0) event->status = LIVE_REFUSED;
    if (who.stem == 0 || who.refused) event->reason = nobody_reason(who.refused);
    return true;
}

static bool traits_store(TrackRequest *request, Db *db, const TrackEvent *event, GError **error)
{
    if (event->trait_count == 0 || event->stem <= 0) return true;
    TraitReport report = {.stem = event->stem,
                          .source_id = request->source.source_id,
                          .trust = request->source.trust,
                          .occurred_at = event->occurred_at,
                          .received_at = request->received_at,
                          .traits = event->traits,
                          .count = event->trait_count};
    return people_traits_put(timeline_people(request->track->timeline), db, &report, NULL, error);
}

/* A server's word that an address came with a purchase (people/permission.h). */
static bool addresses_note(TrackRequest *request, Db *db, const TrackEvent *event, GError **error)
{
    People *people = timeline_people(request->track->timeline);
    bool bought = event->is_order && slice_is(event->name, "Order Completed");
    if (!bought || !trust_is_server(request->source.trust)) return true;
    return people_address_ordered(people, db, IDENTITY_EMAIL, event->email, error) &&
           people_address_ordered(people, db, IDENTITY_PHONE, event->phone, error);
}

static bool event_store(TrackRequest *request, Db *db, TrackEvent *event, GError **error)
{
    Timeline *timeline = request->track->timeline;
    EventInput input = {.person_id = event->stem,
                        .name = event->name,
                        .type = event->type,
                        .flags = event->flags,
                        .source_id = request->source.source_id,
                        .occurred_at = event->occurred_at,
                        .received_at = request->received_at,
                        .message_id = event->message_id,
                        .fingerprint = event->message_id ? &event->fingerprint : NULL,
                        .payload = event->payload};
    bool append = true;
    if (event->is_order && request->track->orders) {
        input.event_id = store_id_next(timeline_store(timeline));
        if (!track_order_store(request, db, event, input.event_id, &append, error)) return false;
        if (!addresses_note(request, db, event, error)) return false;
    }
    if (!append) { /* its row keeps the message from counting again */
        input.name = SLICE(EVENT_NAME_EVIDENCE);
        input.flags |= EVENT_EVIDENCE;
    }
    if (!event_append(timeline, db, &input, NULL, error)) return false;
    return traits_store(request, db, event, error);
}

/* Puts back what an earlier run of the same unit (rolled back) has found. */
static void statuses_reset(TrackEvent *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!events[i].ready) continue;
        events[i].status = LIVE_ACCEPTED;
        events[i].reason = NULL;
    }
}

/* A million people do not fit the processor's cache: the unit waits for memory once, not for each
 * of its events. */
static void people_fetch(const TrackRequest *request, const TrackEvent *events, size_t count)
{
    const People *people = timeline_people(request->track->timeline);
    for (size_t i = 0; i < count; i++)
        if (events[i].has_user_hash) people_user_prefetch(people, events[i].user_hash);
}

static bool unit_run(Db *db, void *data, GError **error)
{
    const TrackUnit *unit = data;
    TrackRequest *request = unit->request;
    TrackEvent *events = request->events + unit->first;
    statuses_reset(events, unit->count);
    people_fetch(request, events, unit->count);
    twins_mark(events, unit->count);
    if (!duplicates_mark(request, db, events, unit->count, error)) return false;
    for (size_t i = 0; i < unit->count; i++) {
        if (events[i].status != LIVE_ACCEPTED) continue;
        if (!event_resolve(request, db, &events[i], error)) return false;
        if (events[i].status == LIVE_ACCEPTED && !event_store(request, db, &events[i], error))
            return false;
    }
    return true;
}

/* ---- the answer ---- */

static void error_write(JsonWriter *json, const TrackEvent *event, size_t index)
{
    json_write_object(json);
    json_write_name(json, "index");
    json_write_int(json, (int64_t)index);
    json_write_name(json, "messageId");
    json_write_string(json, event->message_id);
    json_write_name(json, "error");
    json_write_string(json, event->reason);
    json_write_end(json, '}');
}

static void reply_success(TrackRequest *request)
{
    g_auto(Buffer) out = BUFFER_INIT(REPLY_BYTES_MAX);
    JsonWriter json = {&out};
    unsigned listed = 0;
    buffer_append(&out, SLICE("{\"success\":true,\"errors\":["));
    for (size_t i = 0; i < request->count && listed < REPLY_ERRORS_MAX; i++) {
        if (request->events[i].status != LIVE_REFUSED) continue;
        error_write(&json, &request->events[i], i);
        listed++;
    }
    buffer_append(&out, SLICE("]}"));
    bool told = listed > 0 && !out.failed;
    request_finish(request->request, 200, told ? out.data : NULL, told ? out.size : 0);
}

static void live_item(const TrackRequest *request, const TrackEvent *event, LiveItem *item)
{
    *item = (LiveItem){.at = request->received_at,
                       .status = event->status,
                       .type = slice_of(event_type_name(event->type)),
                       .name = event->name,
                       .stem = event->stem,
                       .who = event->user_id.size ? event->user_id : event->anonymous_id,
                       .source = request->source.name,
                       .key = request->key_name,
                       .reason = event->reason,
                       .payload = event->payload};
}

/* Counts all, shows the last few, the refused first of all. */
static void live_tell(const TrackRequest *request)
{
    Live *live = timeline_live(request->track->timeline);
    LiveItem items[LIVE_PER_REQUEST];
    int64_t counts[LIVE_STATUSES] = {0};
    size_t shown = 0, skip = 0;
    for (size_t i = 0; i < request->count; i++)
        counts[request->events[i].status]++;
    size_t plain_room = LIVE_PER_REQUEST - MIN(counts[LIVE_REFUSED], LIVE_PER_REQUEST / 2);
    size_t plain = request->count - (size_t)counts[LIVE_REFUSED];
    skip = plain > plain_room ? plain - plain_room : 0;
    for (size_t i = 0; i < request->count && shown < LIVE_PER_REQUEST; i++) {
        const TrackEvent *event = &request->events[i];
        if (event->status != LIVE_REFUSED && skip > 0)
            skip--;
        else
            live_item(request, event, &items[shown++]);
    }
    for (int status = 0; status < LIVE_STATUSES; status++)
        live_count(live, (LiveStatus)status, counts[status]);
    live_add(live, items, shown);
}

/* Figures are loaded again after an order came or changed. */
static void orders_tell(const TrackRequest *request)
{
    for (size_t i = 0; i < request->count; i++) {
        const TrackEvent *event = &request->events[i];
        if (!event->is_order || event->status != LIVE_ACCEPTED) continue;
        if (request->track->orders) orders_changed(request->track->orders);
        return;
    }
}

static void request_end(TrackRequest *request)
{
    static const char unavailable[] =
        "{\"code\":\"unavailable\",\"message\":\"could not store the events, send them again\"}";
    if (request->failure) {
        request_finish(request->request, 503, unavailable, sizeof unavailable - 1);
    } else {
        orders_tell(request);
        live_tell(request);
        reply_success(request);
    }
    track_request_free(request);
}

static void unit_done(void *data, const GError *error)
{
    const TrackUnit *unit = data;
    TrackRequest *request = unit->request;
    if (error && !request->failure) request->failure = g_error_copy(error);
    if (--request->units_open == 0) request_end(request);
}

void track_submit(TrackRequest *request)
{
    Writer *writer = store_writer(timeline_store(request->track->timeline));
    TrackUnit *units = request->units;
    size_t count = request->unit_count;
    request->units_open = count;
    for (size_t i = 0; i < count; i++) {
        size_t first = i * TRACK_UNIT_CALLS;
        units[i] = (TrackUnit){request, first, MIN(request->count - first, TRACK_UNIT_CALLS)};
    }
    /* From the last submission on the request may be gone. */
    for (size_t i = 0; i < count; i++) {
        WriterUnit unit = {.lane = WRITER_ACK,
                           .run = unit_run,
                           .done = unit_done,
                           .data = &units[i],
                           .again = true,
                           .place = G_STRLOC};
        writer_submit_unit(writer, &unit);
    }
}
