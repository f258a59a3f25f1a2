#include "liquid/render.h"

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/text.h"

#include <math.h>

/* Data nests no deeper than this when it is compared or written; deeper parts count as nothing. */
enum { VALUE_DEPTH_MAX = 64 };

bool value_truthy(const LiquidValue *value)
{
    return value->kind != LIQUID_NIL && (value->kind != LIQUID_BOOL || value->truth);
}

static int64_t range_size(const LiquidValue *value)
{
    int64_t size;
    if (value->range.last < value->range.first) return 0;
    if (__builtin_sub_overflow(value->range.last, value->range.first, &size) || size == INT64_MAX)
        return INT64_MAX;
    return size + 1;
}

/* ── equality ────────────────────────────────────────────────────────────────────────────────── */

static bool equal_at(Render *render, const LiquidValue *a, const LiquidValue *b, unsigned depth);

static bool arrays_equal(Render *render, const LiquidValue *a, const LiquidValue *b, unsigned depth)
{
    size_t size = a->array.type->size(a->array.source);
    if (size != b->array.type->size(b->array.source)) return false;
    for (size_t i = 0; i < size; i++) {
        LiquidValue left = a->array.type->at(a->array.source, i, render->arena);
        LiquidValue right = b->array.type->at(b->array.source, i, render->arena);
        if (!equal_at(render, &left, &right, depth + 1)) return false;
    }
    return true;
}

static bool entries_load(Render *render, const LiquidValue *value, LiquidEntry **ret_entries,
                         size_t *ret_count)
{
    bool good =
        value->object.type->entries(value->object.source, render->arena, ret_entries, ret_count);
    if (!good) render_fail(render, KITH_ERROR_LIMIT, "an object is too large to be read whole");
    return good && render_cost(render, 1 + *ret_count);
}

static bool objects_equal(Render *render, const LiquidValue *a, const LiquidValue *b,
                          unsigned depth)
{
    LiquidEntry *entries, *others;
    size_t count, other_count;
    if (!entries_load(render, a, &entries, &count)) return false;
    if (!entries_load(render, b, &others, &other_count) || count != other_count) return false;
    for (size_t i = 0; i < count; i++) {
        LiquidValue other;
        if (!b->object.type->get(b->object.source, entries[i].name, render->arena, &other))
            return false;
        if (!equal_at(render, &entries[i].value, &other, depth + 1)) return false;
    }
    return true;
}

static double number_of(const LiquidValue *value)
{
    return value->kind == LIQUID_INT ? (double)value->integer : value->number;
}

static bool is_number(const LiquidValue *value)
{
    return value->kind == LIQUID_INT || value->kind == LIQUID_FLOAT;
}

static bool same_kind_equal(Render *render, const LiquidValue *a, const LiquidValue *b,
                            unsigned depth)
{
    switch (a->kind) {
    case LIQUID_NIL:
        return true;
    case LIQUID_BOOL:
        return a->truth == b->truth;
    case LIQUID_INT:
        return a->integer == b->integer;
    case LIQUID_FLOAT:
        return number_of(a) == number_of(b);
    case LIQUID_TEXT:
        return render_cost_text(render, a->text) && slice_equal(a->text, b->text);
    case LIQUID_RANGE:
        return a->range.first == b->range.first && a->range.last == b->range.last;
    case LIQUID_ARRAY:
        return arrays_equal(render, a, b, depth);
    case LIQUID_OBJECT:
        return objects_equal(render, a, b, depth);
    case LIQUID_EMPTY:
    case LIQUID_BLANK:
        break;
    }
    return false;
}

static bool equal_at(Render *render, const LiquidValue *a, const LiquidValue *b, unsigned depth)
{
    if (depth > VALUE_DEPTH_MAX || !render_cost(render, 1)) return false;
    if (a->kind == LIQUID_EMPTY || a->kind == LIQUID_BLANK)
        return value_empty(render, b, a->kind == LIQUID_BLANK);
    if (b->kind == LIQUID_EMPTY || b->kind == LIQUID_BLANK)
        return value_empty(render, a, b->kind == LIQUID_BLANK);
    if (a->kind != b->kind) return is_number(a) && is_number(b) && number_of(a) == number_of(b);
    return same_kind_equal(render, a, b, depth);
}

bool value_equal(Render *render, const LiquidValue *a, const LiquidValue *b)
{
    return equal_at(render, a, b, 0);
}

bool value_empty(Render *render, const LiquidValue *value, bool blank)
{
    LiquidEntry *entries;
    size_t count;
    switch (value->kind) {
    case LIQUID_NIL:
        return blank;
    case LIQUID_BOOL:
        return blank && !value->truth;
    case LIQUID_TEXT:
        return value->text.size == 0 ||
               (blank && render_cost_text(render, value->text) && text_trim(value->text).size == 0);
    case LIQUID_ARRAY:
        return value->array.type->size(value->array.source) == 0;
    case LIQUID_OBJECT:
        return entries_load(render, value, &entries, &count) && count == 0;
    case LIQUID_INT:
    case LIQUID_FLOAT:
    case LIQUID_RANGE:
    case LIQUID_EMPTY:
    case LIQUID_BLANK:
        break;
    }
    return false;
}

/* ── writing ─────────────────────────────────────────────────────────────────────────────────── */

void float_write(double number, Buffer *out)
{
    char text[40];
    int precision = 0;
    do {
        g_snprintf(text, sizeof text, "%.*e", precision, number);
    } while (g_ascii_strtod(text, NULL) != number && ++precision < 17);
    const char *e = strchr(text, 'e');
    int64_t exponent = g_ascii_strtoll(e + 1, NULL, 10);
    if (exponent < -4 || exponent >= 16) { /* as Ruby: 1.0e+20 */
        buffer_append(out, (Slice){text, (size_t)(e - text)});
        if (precision == 0) buffer_append(out, SLICE(".0"));
        buffer_append_text(out, e);
        return;
    }
    int decimals = MAX(precision - (int)exponent, 1);
    g_snprintf(text, sizeof text, "%.*f", decimals, number);
    buffer_append_text(out, text);
}

void html_escape(Slice text, Buffer *out)
{
    size_t done = 0;
    if (text.size == 0) return;
    for (size_t i = 0; i < text.size; i++) {
        const char *entity = NULL;
        switch (text.data[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            continue;
        }
        buffer_append(out, (Slice){text.data + done, i - done});
        buffer_append_text(out, entity);
        done = i + 1;
    }
    buffer_append(out, (Slice){text.data + done, text.size - done});
}

static bool json_at(Render *render, const LiquidValue *value, JsonWriter *json, unsigned depth);

static bool json_object(Render *render, const LiquidValue *value, JsonWriter *json, unsigned depth)
{
    LiquidEntry *entries;
    size_t count;
    if (!entries_load(render, value, &entries, &count)) return false;
    json_write_object(json);
    for (size_t i = 0; i < count; i++) {
        json_write_name_slice(json, entries[i].name);
        if (!json_at(render, &entries[i].value, json, depth + 1)) return false;
    }
    json_write_end(json, '}');
    return true;
}

static bool json_sequence(Render *render, const LiquidValue *value, JsonWriter *json,
                          unsigned depth)
{
    Sequence sequence;
    if (!sequence_open(render, value, &sequence)) return false;
    json_write_array(json);
    for (int64_t i = 0; i < sequence.size && !json->out->failed; i++) {
        LiquidValue item;
        if (!sequence_at(render, &sequence, i, &item)) return false;
        if (!json_at(render, &item, json, depth + 1)) return false;
    }
    json_write_end(json, ']');
    return true;
}

static bool json_at(Render *render, const LiquidValue *value, JsonWriter *json, unsigned depth)
{
    if (!render_cost(render, 1)) return false;
    switch (depth > VALUE_DEPTH_MAX ? LIQUID_NIL : value->kind) {
    case LIQUID_NIL:
    case LIQUID_EMPTY:
    case LIQUID_BLANK:
        json_write_null(json);
        return true;
    case LIQUID_BOOL:
        json_write_bool(json, value->truth);
        return true;
    case LIQUID_INT:
        json_write_int(json, value->integer);
        return true;
    case LIQUID_FLOAT:
        json_write_double(json, value->number);
        return true;
    case LIQUID_TEXT:
        json_write_text(json, value->text);
        return true;
    case LIQUID_RANGE:
    case LIQUID_ARRAY:
        return json_sequence(render, value, json, depth);
    case LIQUID_OBJECT:
        break;
    }
    return json_object(render, value, json, depth);
}

bool value_json(Render *render, const LiquidValue *value, Buffer *out)
{
    JsonWriter json = {out, false};
    return json_at(render, value, &json, 0);
}

static bool write_at(Render *render, const LiquidValue *value, Buffer *out, unsigned depth)
{
    if (depth > VALUE_DEPTH_MAX) return true;
    switch (value->kind) {
    case LIQUID_NIL:
    case LIQUID_EMPTY:
    case LIQUID_BLANK:
        return true;
    case LIQUID_BOOL:
        return buffer_append_text(out, value->truth ? "true" : "false"), true;
    case LIQUID_INT:
        return buffer_append_int(out, value->integer), true;
    case LIQUID_FLOAT:
        return float_write(value->number, out), true;
    case LIQUID_TEXT:
        return buffer_append(out, value->text), true;
    case LIQUID_RANGE:
        buffer_append_printf(out, "%" G_GINT64_FORMAT "..%" G_GINT64_FORMAT, value->range.first,
                             value->range.last);
        return true;
    case LIQUID_OBJECT:
        return value_json(render, value, out);
    case LIQUID_ARRAY:
        break;
    }
    size_t size = value->array.type->size(value->array.source);
    for (size_t i = 0; i < size && !out->failed; i++) {
        LiquidValue item = value->array.type->at(value->array.source, i, render->arena);
        if (!render_cost(render, 1) || !write_at(render, &item, out, depth + 1)) return false;
    }
    return true;
}

bool value_write(Render *render, const LiquidValue *value, Buffer *out)
{
    return write_at(render, value, out, 0);
}

bool value_text(Render *render, const LiquidValue *value, Slice *ret_text)
{
    LiquidValue text = *value;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (value->kind != LIQUID_TEXT &&
        (!value_write(render, value, &buffer) || !render_take(render, &buffer, &text)))
        return false;
    *ret_text = text.text.size > 0 ? text.text : SLICE(""); /* never NULL: callers add to it */
    return render_cost_text(render, text.text);
}

/* ── numbers ─────────────────────────────────────────────────────────────────────────────────── */

/* Digits with a point and digits behind it, nothing else. */
static bool is_decimal(Slice text)
{
    size_t at = text.size > 0 && text.data[0] == '-', point = 0;
    size_t start = at;
    while (at < text.size && (g_ascii_isdigit(text.data[at]) || (text.data[at] == '.' && !point))) {
        if (text.data[at] == '.') point = at;
        at++;
    }
    return at == text.size && point > start && point + 1 < text.size;
}

/* Ruby's to_i: leading digits, 0 when there are none. Beyond 64 bits the nearest end. */
static int64_t leading_integer(Slice text)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    size_t at = negative || (text.size > 0 && text.data[0] == '+');
    int64_t value = 0;
    for (; at < text.size && g_ascii_isdigit(text.data[at]); at++) {
        int digit = text.data[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* negative: reaches INT64_MIN */
            return negative ? INT64_MIN : INT64_MAX;
    }
    if (negative) return value;
    return value == INT64_MIN ? INT64_MAX : -value;
}

LiquidValue value_number(const LiquidValue *value)
{
    double number;
    if (is_number(value)) return *value;
    if (value->kind != LIQUID_TEXT) return liquid_int(0);
    Slice text = text_trim(value->text);
    if (text.size < 400 && is_decimal(text)) {
        char digits[400];
        memcpy(digits, text.data, text.size);
        digits[text.size] = '\0';
        number = g_ascii_strtod(digits, NULL);
        if (isfinite(number)) return liquid_float(number);
    }
    return liquid_int(leading_integer(text));
}

bool value_integer(Render *render, const LiquidValue *value, const char *what, int64_t *ret_integer)
{
    Slice text = {NULL, 0};
    if (value->kind == LIQUID_INT) {
        *ret_integer = value->integer;
        return true;
    }
    if (value->kind == LIQUID_TEXT && json_number_int(text_trim(value->text), ret_integer))
        return true;
    if (value->kind != LIQUID_ARRAY && value->kind != LIQUID_OBJECT &&
        !value_text(render, value, &text))
        return false;
    return render_fail(render, KITH_ERROR_INVALID, "%s must be a whole number%s%.*s%s", what,
                       text.size ? ", not \"" : "", (int)MIN(text.size, 40), text.data,
                       text.size ? "\"" : "");
}

/* ── members ─────────────────────────────────────────────────────────────────────────────────── */

bool value_size(Render *render, const LiquidValue *value, int64_t *ret_size)
{
    LiquidEntry *entries;
    size_t count;
    *ret_size = 0;
    switch (value->kind) {
    case LIQUID_TEXT:
        if (!render_cost_text(render, value->text)) return false;
        *ret_size = g_utf8_strlen(value->text.data, (gssize)value->text.size);
        return true;
    case LIQUID_RANGE:
        *ret_size = range_size(value);
        return true;
    case LIQUID_ARRAY:
        *ret_size = (int64_t)value->array.type->size(value->array.source);
        return true;
    case LIQUID_OBJECT:
        if (!entries_load(render, value, &entries, &count)) return false;
        *ret_size = (int64_t)count;
        return true;
    case LIQUID_NIL:
    case LIQUID_BOOL:
    case LIQUID_INT:
    case LIQUID_FLOAT:
    case LIQUID_EMPTY:
    case LIQUID_BLANK:
        break;
    }
    return true;
}

bool value_end(Render *render, const LiquidValue *value, bool last, LiquidValue *ret_value)
{
    Sequence sequence;
    *ret_value = liquid_nil();
    if (value->kind == LIQUID_OBJECT && last) return true;
    if (value->kind == LIQUID_TEXT && value->text.size > 0) {
        const char *end = value->text.data + value->text.size;
        const char *at = last ? g_utf8_find_prev_char(value->text.data, end) : value->text.data;
        *ret_value = liquid_text((Slice){at, (size_t)(g_utf8_next_char(at) - at)});
        return true;
    }
    if (!sequence_open(render, value, &sequence)) return false;
    if (sequence.size == 0) return true;
    return sequence_at(render, &sequence, last ? sequence.size - 1 : 0, ret_value);
}

static bool object_get(Render *render, const LiquidValue *value, Slice name, LiquidValue *ret_value)
{
    return value->kind == LIQUID_OBJECT &&
           value->object.type->get(value->object.source, name, render->arena, ret_value);
}

bool value_member(Render *render, const LiquidValue *value, Slice name, LiquidValue *ret_value)
{
    int64_t size;
    *ret_value = liquid_nil();
    if (!render_cost(render, 1)) return false;
    if (object_get(render, value, name, ret_value)) return true;
    if (slice_is(name, "first")) return value_end(render, value, false, ret_value);
    if (slice_is(name, "last")) return value_end(render, value, true, ret_value);
    bool sized = value->kind == LIQUID_TEXT || value->kind == LIQUID_ARRAY ||
                 value->kind == LIQUID_OBJECT || value->kind == LIQUID_RANGE;
    if (!sized || !slice_is(name, "size")) return true;
    if (!value_size(render, value, &size)) return false;
    *ret_value = liquid_int(size);
    return true;
}

bool value_index(Render *render, const LiquidValue *value, const LiquidValue *key,
                 LiquidValue *ret_value)
{
    *ret_value = liquid_nil();
    if (!render_cost(render, 1)) return false;
    if (key->kind == LIQUID_TEXT) {
        object_get(render, value, key->text, ret_value);
        return true;
    }
    if (key->kind != LIQUID_INT || value->kind != LIQUID_ARRAY) return true;
    int64_t size = (int64_t)value->array.type->size(value->array.source);
    int64_t index = key->integer < 0 ? size + MAX(key->integer, -size - 1) : key->integer;
    if (index >= 0 && index < size)
        *ret_value = value->array.type->at(value->array.source, (size_t)index, render->arena);
    return true;
}

/* ── sequences ───────────────────────────────────────────────────────────────────────────────── */

bool sequence_open(Render *render, const LiquidValue *value, Sequence *ret_sequence)
{
    size_t count;
    *ret_sequence = (Sequence){.value = *value};
    if (value->kind == LIQUID_TEXT) ret_sequence->size = value->text.size > 0;
    if (value->kind == LIQUID_RANGE) ret_sequence->size = range_size(value);
    if (value->kind == LIQUID_ARRAY)
        ret_sequence->size = (int64_t)value->array.type->size(value->array.source);
    if (value->kind != LIQUID_OBJECT) return true;
    if (!entries_load(render, value, &ret_sequence->entries, &count)) return false;
    ret_sequence->size = (int64_t)count;
    return true;
}

bool sequence_at(Render *render, const Sequence *sequence, int64_t index, LiquidValue *ret_value)
{
    const LiquidValue *value = &sequence->value;
    if (value->kind == LIQUID_RANGE) {
        *ret_value = liquid_int(value->range.first + index);
    } else if (value->kind == LIQUID_ARRAY) {
        *ret_value = value->array.type->at(value->array.source, (size_t)index, render->arena);
    } else if (value->kind == LIQUID_OBJECT) {
        LiquidValue *pair = render_alloc(render, 2, sizeof(LiquidValue));
        if (!pair) return false;
        pair[0] = liquid_text(sequence->entries[index].name);
        pair[1] = sequence->entries[index].value;
        return items_value(render, (Items){pair, 2}, ret_value);
    } else {
        *ret_value = *value;
    }
    return true;
}
