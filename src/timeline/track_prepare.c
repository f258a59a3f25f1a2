#include "timeline/track_private.h"

#include "base/dates.h"
#include "base/limits.h"
#include "base/text.h"
#include "people/resolve.h"

enum { TRAITS_FIRST = 16 };

/* Below this a bare number is seconds since 1970, from here on milliseconds. */
#define EPOCH_MS_FROM INT64_C(100000000000)

static bool time_read(Slice text, int64_t *ret_ms)
{
    int64_t number;
    if (date_parse_iso(text, ret_ms)) return true;
    if (!json_number_int(text, &number) || number < 0 || number > ZONE_MS_MAX) return false;
    *ret_ms = number < EPOCH_MS_FROM ? number * 1000 : number;
    return true;
}

/* When it happened: the client's time, put right by how wrong its clock is (Segment: corrected
 * time = receivedAt - (sentAt - originalTimestamp)). */
static const char *time_prepare(const TrackRequest *request, const TrackCall *call,
                                const TrackBatch *batch, TrackEvent *event)
{
    Slice said = call->original_timestamp.size ? call->original_timestamp : call->timestamp;
    Slice sent = call->sent_at.size ? call->sent_at : batch->sent_at;
    int64_t said_ms, sent_ms;
    event->occurred_at = request->received_at;
    if (said.size == 0) return NULL;
    if (!time_read(said, &said_ms)) return "timestamp is not a time between 1970 and 9999";
    int64_t skew_ms = time_read(sent, &sent_ms) ? request->received_at - sent_ms : 0;
    int64_t occurred_at = said_ms + skew_ms;
    if (occurred_at < 0) return "timestamp is before 1970";
    if (occurred_at > request->received_at + EVENT_AHEAD_MS_MAX) {
        event->flags |= EVENT_FUTURE;
        return NULL;
    }
    event->occurred_at = occurred_at;
    return NULL;
}

static const char *ids_check(const TrackCall *call)
{
    if (call->user_id.size > LIMIT_IDENTITY_BYTES || call->previous_id.size > LIMIT_IDENTITY_BYTES)
        return "userId is over 255 bytes";
    if (call->anonymous_id.size > LIMIT_IDENTITY_BYTES) return "anonymousId is over 255 bytes";
    if (call->message_id.size > LIMIT_MESSAGE_ID_BYTES) return "messageId is over 255 bytes";
    if (call->type == EVENT_ALIAS) {
        if (call->previous_id.size == 0) return "alias needs a previousId";
        return call->user_id.size ? NULL : "alias needs a userId";
    }
    if (call->user_id.size == 0 && call->anonymous_id.size == 0)
        return "an event needs a userId or an anonymousId";
    if (call->type == EVENT_GROUP && call->group_id.size == 0) return "group needs a groupId";
    return NULL;
}

static const char *name_prepare(const TrackRequest *request, const TrackCall *call,
                                TrackEvent *event)
{
    event->name = event_type_event(call->type);
    if (call->type != EVENT_TRACK) return NULL;
    event->name = event_name_canonical(text_trim(call->event));
    if (event->name.size == 0) return "track needs an event";
    if (event->name.size > EVENT_NAME_BYTES_MAX) return "event is over 200 bytes";
    event->is_order = track_order_name(event->name);
    if (request->source.trust > TRUST_TRACK || event->is_order) return NULL;
    return event_name_reserved(event->name) ? "a public key may not send this event" : NULL;
}

static void parts_prepare(const TrackCall *call, const TrackBatch *batch, PayloadParts *parts)
{
    bool has_traits = call->type == EVENT_IDENTIFY || call->type == EVENT_GROUP;
    parts->checked = true;
    parts->properties = has_traits ? (Slice){0} : call->properties;
    parts->traits = has_traits ? call->traits : (Slice){0};
    parts->context = call->context.size ? call->context : batch->context;
    if (call->type == EVENT_PAGE || call->type == EVENT_SCREEN) {
        parts->extras[0].name = "name";
        parts->extras[0].text = text_cut(call->name, EVENT_NAME_BYTES_MAX);
        parts->extras[1].name = "category";
        parts->extras[1].text = text_cut(call->category, EVENT_NAME_BYTES_MAX);
    } else if (call->type == EVENT_GROUP) {
        parts->extras[0].name = "group_id";
        parts->extras[0].text = text_cut(call->group_id, LIMIT_IDENTITY_BYTES);
    }
}

/* The stored form, copied into the request's arena. */
static const char *payload_prepare(TrackRequest *request, TrackTools *tools, const TrackCall *call,
                                   const TrackBatch *batch, TrackEvent *event)
{
    PayloadParts parts = {0};
    g_autoptr(GError) problem = NULL;
    parts_prepare(call, batch, &parts);
    buffer_reset(&tools->payload);
    if (!payload_encode(tools->coder, &parts, &tools->payload, &problem)) {
        const char *copy = arena_copy(request->arena, problem->message, strlen(problem->message));
        return copy ? copy : "the event cannot be stored";
    }
    event->payload = arena_copy(request->arena, tools->payload.data, tools->payload.size);
    return event->payload ? NULL : "the batch needs too much memory";
}

/* ---- traits ---- */

static void address_take(TrackTools *tools, Arena *arena, TrackEvent *event, JsonReadToken token,
                         Slice name)
{
    Slice *slot = slice_is(name, "email")   ? &event->email
                  : slice_is(name, "phone") ? &event->phone
                                            : NULL;
    if (slot && token == JSON_READ_STRING && tools->reader.text.size <= LIMIT_IDENTITY_BYTES)
        json_read_text(&tools->reader, arena, slot);
}

static bool trait_add(Arena *arena, TrackEvent *event, size_t *capacity, TraitValue value)
{
    TraitValue *traits = (TraitValue *)event->traits;
    if (event->trait_count == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : TRAITS_FIRST;
        TraitValue *more = arena_alloc(arena, larger * sizeof *more);
        if (!more) return false;
        if (event->trait_count) memcpy(more, traits, event->trait_count * sizeof *more);
        event->traits = traits = more;
        *capacity = larger;
    }
    traits[event->trait_count++] = value;
    return true;
}

/* Lists the traits of an identify call. Their JSON was checked when the stored form was made. */
static const char *traits_prepare(TrackRequest *request, TrackTools *tools, const TrackCall *call,
                                  TrackEvent *event)
{
    JsonReader *reader = &tools->reader;
    size_t capacity = 0;
    if (call->type != EVENT_IDENTIFY || call->traits.size == 0) return NULL;
    json_read_init(reader, call->traits.data, call->traits.size, LIMIT_JSON_DEPTH);
    json_read_next(reader);
    while (json_read_next(reader) == JSON_READ_NAME) {
        TraitValue value;
        if (!json_read_text(reader, request->arena, &value.name)) break;
        JsonReadToken token = json_read_next(reader);
        address_take(tools, request->arena, event, token, value.name);
        if (!json_read_raw(reader, &value.json)) break;
        if (event->trait_count < TRAIT_REPORT_MAX &&
            !trait_add(request->arena, event, &capacity, value))
            return "the batch needs too much memory";
    }
    return NULL;
}

/* ---- one call ---- */

static const char *call_prepare(TrackRequest *request, TrackTools *tools, const TrackCall *call,
                                const TrackBatch *batch, TrackEvent *event)
{
    const char *problem = call->refused;
    if (!problem && call->bytes > LIMIT_EVENT_BYTES) problem = "the event is over 32 KB";
    if (!problem && !call->has_type)
        problem = "type must be identify, track, page, screen, group or alias";
    if (!problem) problem = ids_check(call);
    if (!problem) problem = name_prepare(request, call, event);
    if (!problem) problem = time_prepare(request, call, batch, event);
    if (!problem) problem = payload_prepare(request, tools, call, batch, event);
    if (!problem) problem = traits_prepare(request, tools, call, event);
    return problem;
}

static void event_fill(TrackRequest *request, const TrackCall *call, TrackEvent *event)
{
    Dedupe *dedupe = timeline_dedupe(request->track->timeline);
    event->type = call->type;
    event->user_id = call->user_id;
    event->has_user_hash = people_user_hash(timeline_people(request->track->timeline),
                                            call->user_id, &event->user_hash);
    event->anonymous_id = call->anonymous_id;
    event->previous_id = call->type == EVENT_ALIAS ? call->previous_id : (Slice){0};
    event->properties = call->properties;
    event->occurred_at = request->received_at;
    event->name = call->event.size ? text_cut(call->event, EVENT_NAME_BYTES_MAX) : call->name;
    event->flags = request->source.trust <= TRUST_TRACK ? EVENT_UNCONFIRMED : 0;
    if (call->message_id.size == 0 || call->message_id.size > LIMIT_MESSAGE_ID_BYTES) return;
    event->message_id = arena_copy(request->arena, call->message_id.data, call->message_id.size);
    event->fingerprint = dedupe_fingerprint(dedupe, request->source.source_id, call->message_id);
}

bool track_prepare(TrackRequest *request, TrackTools *tools, const TrackBatch *batch,
                   GError **error)
{
    request->events = arena_new_items(request->arena, TrackEvent, MAX(batch->count, 1));
    request->unit_count = MAX((batch->count + TRACK_UNIT_CALLS - 1) / TRACK_UNIT_CALLS, 1);
    request->units = arena_new_items(request->arena, TrackUnit, request->unit_count);
    if (!request->events || !request->units)
        return fail(error, KITH_ERROR_LIMIT, "the batch needs too much memory");
    request->count = batch->count;
    for (size_t i = 0; i < batch->count; i++) {
        TrackEvent *event = &request->events[i];
        event_fill(request, &batch->calls[i], event);
        event->reason = call_prepare(request, tools, &batch->calls[i], batch, event);
        event->ready = event->reason == NULL;
        event->status = event->ready ? LIVE_ACCEPTED : LIVE_REFUSED;
    }
    return true;
}
