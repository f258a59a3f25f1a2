/* Any bytes as the body of a tracking call: reading ends; what is taken has a stored form that is
 * JSON, and its plain form has the members that came in. */
#include <string.h>

#include "timeline/payload.h"
#include "timeline/track_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 << 20 };

typedef struct Tools {
    TrackScan scan;
    PayloadCoder *coder;
    Buffer out;
} Tools;

static void stored_check(Tools *tools, const PayloadParts *parts)
{
    buffer_reset(&tools->out);
    if (!payload_encode(tools->coder, parts, &tools->out, NULL)) return;
    json_t *plain = payload_decode(tools->out.data);
    g_assert_nonnull(plain);
    json_t *came = parts->properties.size
                       ? json_loadb(parts->properties.data, parts->properties.size, 0, NULL)
                       : NULL;
    json_t *stored = json_object_get(plain, "properties");
    if (came && json_object_size(came) > 0)
        g_assert_cmpuint(json_object_size(stored), ==, json_object_size(came));
    json_decref(came);
    json_decref(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Tools *tools;
    if (!tools) {
        tools = g_new0(Tools, 1);
        tools->scan.arena = arena_new(ARENA_BYTES);
        tools->coder = payload_coder_new();
        buffer_init(&tools->out, PAYLOAD_BYTES_MAX);
    }
    if (size == 0) return 0;
    EventType type = (EventType)(data[0] % EVENT_OWN);
    g_autofree char *body = g_malloc(size);
    memcpy(body, data + 1, size - 1);
    body[size - 1] = '\0';
    TrackBatch batch;
    arena_reset(tools->scan.arena);
    if (!track_parse(&tools->scan, body, size - 1, data[0] & 64 ? NULL : &type, &batch, NULL))
        return 0;
    for (size_t i = 0; i < batch.count; i++) {
        const TrackCall *call = &batch.calls[i];
        if (call->refused) continue;
        PayloadParts parts = {.properties = call->properties,
                              .traits = call->traits,
                              .context = call->context.size ? call->context : batch.context};
        stored_check(tools, &parts);
    }
    return 0;
}
