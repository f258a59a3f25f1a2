#include "base/json_write.h"

#include <math.h>
#include <string.h>

#include "base/ids.h"

static void value_begin(JsonWriter *json)
{
    if (json->comma) buffer_append_char(json->out, ',');
    json->comma = true;
}

static void container_begin(JsonWriter *json, char bracket)
{
    value_begin(json);
    buffer_append_char(json->out, bracket);
    json->comma = false;
}

void json_write_object(JsonWriter *json) { container_begin(json, '{'); }

void json_write_array(JsonWriter *json) { container_begin(json, '['); }

void json_write_end(JsonWriter *json, char bracket)
{
    buffer_append_char(json->out, bracket);
    json->comma = true;
}

static bool needs_escape(char byte) { return byte == '"' || byte == '\\' || (uint8_t)byte < 0x20; }

static void escape_append(Buffer *out, char byte)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = byte ? strchr(special, byte) : NULL;
    if (at) {
        buffer_append_char(out, '\\');
        buffer_append_char(out, letters[at - special]);
    } else {
        buffer_append_printf(out, "\\u%04x", (unsigned)(uint8_t)byte);
    }
}

bool json_append_quoted(Buffer *out, Slice text)
{
    buffer_append_char(out, '"');
    size_t from = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!needs_escape(text.data[i])) continue;
        buffer_append(out, (Slice){text.data + from, i - from});
        escape_append(out, text.data[i]);
        from = i + 1;
    }
    if (text.size > from) buffer_append(out, (Slice){text.data + from, text.size - from});
    return buffer_append_char(out, '"');
}

void json_write_name_slice(JsonWriter *json, Slice name)
{
    value_begin(json);
    json_append_quoted(json->out, name);
    buffer_append_char(json->out, ':');
    json->comma = false;
}

void json_write_name(JsonWriter *json, const char *name)
{
    json_write_name_slice(json, slice_of(name));
}

void json_write_text(JsonWriter *json, Slice text)
{
    value_begin(json);
    json_append_quoted(json->out, text);
}

void json_write_string(JsonWriter *json, const char *text)
{
    if (text)
        json_write_text(json, slice_of(text));
    else
        json_write_null(json);
}

void json_write_int(JsonWriter *json, int64_t number)
{
    value_begin(json);
    buffer_append_int(json->out, number);
}

void json_write_id(JsonWriter *json, int64_t id)
{
    char text[ID_TEXT_SIZE];
    if (id)
        json_write_text(json, (Slice){text, id_format(id, text)});
    else
        json_write_null(json);
}

void json_write_double(JsonWriter *json, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (!isfinite(number)) {
        json_write_null(json);
        return;
    }
    /* 15 digits read nicely; 17 are exact. Take the first that reads back the same. */
    g_ascii_formatd(text, sizeof(text), "%.15g", number);
    if (g_ascii_strtod(text, NULL) != number) g_ascii_formatd(text, sizeof(text), "%.17g", number);
    value_begin(json);
    buffer_append_text(json->out, text);
}

void json_write_bool(JsonWriter *json, bool value)
{
    json_write_raw(json, value ? SLICE("true") : SLICE("false"));
}

void json_write_null(JsonWriter *json) { json_write_raw(json, SLICE("null")); }

void json_write_raw(JsonWriter *json, Slice raw)
{
    value_begin(json);
    buffer_append(json->out, raw);
}
