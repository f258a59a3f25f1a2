#include <string.h>

#include "timeline/payload.h"

/* The stored depth is bounded by PAYLOAD_DEPTH_MAX when it is written. */
static json_t *value_decode(const json_t *stored);

static json_t *micro_decode(json_int_t micro)
{
    if (micro % PAYLOAD_MICRO == 0) return json_integer(micro / PAYLOAD_MICRO);
    if (micro > -(INT64_C(1) << 53) && micro < (INT64_C(1) << 53))
        return json_real((double)micro / (double)PAYLOAD_MICRO);
    /* More digits than a double holds. */
    char text[40];
    uint64_t size = micro < 0 ? -(uint64_t)micro : (uint64_t)micro;
    g_snprintf(text, sizeof text, "%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT,
               micro < 0 ? "-" : "", size / PAYLOAD_MICRO, size % PAYLOAD_MICRO);
    return json_string(text);
}

static json_t *object_decode(const json_t *stored)
{
    const json_t *number = json_object_get(stored, "#");
    if (json_is_string(number)) return json_string(json_string_value(number));
    json_t *object = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)stored, name, value)
        json_object_set_new(object, name[0] == '#' ? name + 1 : name, value_decode(value));
    return object;
}

static json_t *list_decode(const json_t *stored)
{
    json_t *list = json_array();
    size_t index;
    json_t *value;
    json_array_foreach((json_t *)stored, index, value)
        json_array_append_new(list, value_decode(value));
    return list;
}

static json_t *value_decode(const json_t *stored)
{
    if (json_is_integer(stored)) return micro_decode(json_integer_value(stored));
    if (json_is_object(stored)) return object_decode(stored);
    if (json_is_array(stored)) return list_decode(stored);
    return json_incref((json_t *)stored);
}

static void member_decode(const json_t *stored, const char *key, json_t *plain, const char *name)
{
    const json_t *part = json_object_get(stored, key);
    if (part) json_object_set_new(plain, name, value_decode(part));
}

json_t *payload_decode(const char *payload)
{
    json_t *stored = json_loads(payload, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(stored)) {
        json_decref(stored);
        return NULL;
    }
    json_t *plain = json_object();
    member_decode(stored, "p", plain, "properties");
    member_decode(stored, "t", plain, "traits");
    member_decode(stored, "c", plain, "context");
    member_decode(stored, "n", plain, "name");
    json_decref(stored);
    return plain;
}
