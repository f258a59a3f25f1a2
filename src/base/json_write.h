/* base/json_write.h: writes JSON into a Buffer; commas and escapes are its business.
 *
 * The caller's part is the order: object, name, value, end. Text must be valid UTF-8 (checked at
 * the edge). Too long for the buffer shows in buffer.failed at the end.
 *
 *     JsonWriter json = {&out};
 *     json_write_object(&json);
 *     json_write_name(&json, "id");
 *     json_write_id(&json, person_id);
 *     json_write_end(&json, '}');
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct JsonWriter {
    Buffer *out;
    bool comma; /* a comma belongs before the next name or item */
} JsonWriter;

void json_write_object(JsonWriter *json);
void json_write_array(JsonWriter *json);
/* Closes the innermost container; `bracket` is '}' or ']'. */
void json_write_end(JsonWriter *json, char bracket);
void json_write_name(JsonWriter *json, const char *name);
void json_write_name_slice(JsonWriter *json, Slice name);
void json_write_text(JsonWriter *json, Slice text);
void json_write_string(JsonWriter *json, const char *text); /* NULL writes null */
void json_write_int(JsonWriter *json, int64_t number);
void json_write_id(JsonWriter *json, int64_t id); /* as decimal text, or null when 0 */
void json_write_double(JsonWriter *json,
                       double number); /* shortest exact form; null if not finite */
void json_write_bool(JsonWriter *json, bool value);
void json_write_null(JsonWriter *json);
/* A value that is JSON already. */
void json_write_raw(JsonWriter *json, Slice raw);

/* Appends a quoted, escaped text without any comma. */
bool json_append_quoted(Buffer *out, Slice text);
