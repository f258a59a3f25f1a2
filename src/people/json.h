/* people/json.h: the small pieces that the JSON of this folder is made of. New references. */
#pragma once
#include <jansson.h>
#include <stdint.h>

#include "base/ids.h"

/* An id as decimal text; null for 0. */
static inline json_t *json_id(int64_t id)
{
    char text[ID_TEXT_SIZE];
    if (!id) return json_null();
    id_format(id, text);
    return json_string(text);
}

/* UTC ms; null for 0. */
static inline json_t *json_time(int64_t at) { return at ? json_integer(at) : json_null(); }

static inline json_t *json_text(const char *text) { return text ? json_string(text) : json_null(); }

/* Days; null below 0. */
static inline json_t *json_days(double days) { return days < 0 ? json_null() : json_real(days); }

static inline json_t *json_money(int64_t minor, const char *currency)
{
    return json_pack("{s:I, s:s}", "minor", (json_int_t)minor, "currency", currency);
}
