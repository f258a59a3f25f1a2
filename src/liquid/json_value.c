#include "liquid/json_value.h"

static size_t json_size(void *array) { return json_array_size(array); }

static LiquidValue json_at(void *array, size_t index, Arena *arena)
{
    (void)arena;
    return liquid_json(json_array_get(array, index));
}

static bool json_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
{
    char text[64], *key = text;
    if (name.size < sizeof text) {
        if (name.size > 0) memcpy(text, name.data, name.size);
        text[name.size] = '\0';
    } else {
        key = arena_copy(arena, name.data, name.size);
    }
    json_t *member = key ? json_object_get(object, key) : NULL;
    if (!member) return false;
    *ret_value = liquid_json(member);
    return true;
}

static bool json_entries(void *object, Arena *arena, LiquidEntry **ret_entries, size_t *ret_count)
{
    LiquidEntry *entries = arena_alloc0(arena, json_object_size(object), sizeof(LiquidEntry));
    if (!entries) return false;
    const char *key;
    json_t *member;
    size_t count = 0;
    json_object_foreach((json_t *)object, key, member)
    {
        entries[count].name = slice_of(key);
        entries[count++].value = liquid_json(member);
    }
    *ret_entries = entries;
    *ret_count = count;
    return true;
}

static const LiquidArrayType array_type = {json_size, json_at};
static const LiquidObjectType object_type = {json_get, json_entries};

LiquidValue liquid_json(json_t *json)
{
    if (!json) return liquid_nil();
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return liquid_object(&object_type, json);
    case JSON_ARRAY:
        return liquid_array(&array_type, json);
    case JSON_STRING:
        return liquid_text((Slice){json_string_value(json), json_string_length(json)});
    case JSON_INTEGER:
        return liquid_int(json_integer_value(json));
    case JSON_REAL:
        return liquid_float(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return liquid_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return liquid_nil();
}
