#include "timeline/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json_write.h"
#include "base/text.h"

#define MICRO_WHOLE_MAX INT64_C(9200000000000)
enum { SCRATCH_BYTES = 512 * 1024, MICRO_DIGITS = 6, NUMBER_EXPONENT_MAX = 30 };

struct PayloadCoder {
    JsonReader reader;      /* over the part being encoded */
    JsonReader fold_reader; /* over one of its values, read again for its fold */
    bool checked;           /* the parts were read by a reader before */
    Arena *scratch;
    Buffer fold;            /* members of "f" found so far */
    Buffer context_raw;     /* the last context: events of one visit mostly bear the same */
    Buffer context_encoded; /* and its stored form, `"c":{…}` or nothing */
};

PayloadCoder *payload_coder_new(void)
{
    PayloadCoder *coder = g_new0(PayloadCoder, 1);
    coder->scratch = arena_new(SCRATCH_BYTES);
    buffer_init(&coder->fold, PAYLOAD_BYTES_MAX);
    buffer_init(&coder->context_raw, PAYLOAD_BYTES_MAX);
    buffer_init(&coder->context_encoded, PAYLOAD_BYTES_MAX);
    return coder;
}

void payload_coder_free(PayloadCoder *coder)
{
    if (!coder) return;
    arena_free(coder->scratch);
    buffer_clear(&coder->fold);
    buffer_clear(&coder->context_raw);
    buffer_clear(&coder->context_encoded);
    g_free(coder);
}

/* ---- numbers ---- */

typedef struct Decimal {
    int64_t digits; /* without point and sign */
    int scale;      /* digits behind the point, exponent applied */
    bool negative;
} Decimal;

static bool decimal_digit(Decimal *decimal, char digit, bool behind_point)
{
    if (__builtin_mul_overflow(decimal->digits, 10, &decimal->digits) ||
        __builtin_add_overflow(decimal->digits, digit - '0', &decimal->digits))
        return false;
    decimal->scale += behind_point;
    return true;
}

static bool decimal_exponent(Decimal *decimal, const char *at, const char *end)
{
    bool minus = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    int exponent = 0;
    for (; at < end; at++) {
        exponent = exponent * 10 + (*at - '0');
        if (exponent > NUMBER_EXPONENT_MAX) return false;
    }
    decimal->scale += minus ? exponent : -exponent;
    return true;
}

/* The grammar was checked by the reader; zeros behind the last digit of the fraction are cut first
 * so that "1.50000000" counts as exact. */
static bool decimal_read(Slice number, Decimal *decimal)
{
    const char *at = number.data, *end = at + number.size, *mark = at;
    *decimal = (Decimal){.negative = at < end && *at == '-'};
    if (decimal->negative) at++;
    while (mark < end && *mark != 'e' && *mark != 'E')
        mark++;
    const char *last = mark;
    if (memchr(at, '.', (size_t)(mark - at)))
        while (last > at && last[-1] == '0')
            last--;
    bool behind_point = false;
    for (; at < last; at++) {
        if (*at == '.')
            behind_point = true;
        else if (!decimal_digit(decimal, *at, behind_point))
            return false;
    }
    return mark == end || decimal_exponent(decimal, mark + 1, end);
}

bool payload_micro(Slice number, int64_t *ret_micro)
{
    Decimal decimal;
    if (!decimal_read(number, &decimal)) return false;
    while (decimal.scale > MICRO_DIGITS && decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.scale--;
        if (decimal.digits == 0) decimal.scale = 0;
    }
    if (decimal.scale > MICRO_DIGITS) return false;
    int64_t micro = decimal.digits;
    for (int i = decimal.scale; i < MICRO_DIGITS && micro != 0; i++)
        if (__builtin_mul_overflow(micro, 10, &micro)) return false;
    if (micro > MICRO_WHOLE_MAX * PAYLOAD_MICRO) return false;
    *ret_micro = decimal.negative ? -micro : micro;
    return true;
}

/* ---- encoding ---- */

typedef struct Encode {
    JsonReader *reader;
    Arena *scratch;
    Buffer *out;
    bool folding; /* write the fold instead of the text */
    bool differs; /* some text seen differs from its fold */
} Encode;

/* Whether all bytes are ASCII and none is a capital. */
static bool is_folded_ascii(Slice text, bool *ret_ascii)
{
    unsigned char high = 0, capital = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        high |= byte;
        capital |= byte >= 'A' && byte <= 'Z';
    }
    *ret_ascii = high < 0x80;
    return *ret_ascii && !capital;
}

static bool text_differs(Slice text)
{
    bool is_ascii, is_folded = is_folded_ascii(text, &is_ascii);
    if (is_ascii) return !is_folded;
    g_autofree char *folded = text_fold(text);
    return !slice_is(text, folded);
}

static void append_lower(Buffer *out, Slice text)
{
    if (!buffer_append_char(out, '"') || !buffer_reserve(out, text.size)) return;
    for (size_t i = 0; i < text.size; i++)
        out->data[out->size + i] = g_ascii_tolower(text.data[i]);
    out->size += text.size;
    buffer_append_char(out, '"');
}

static void append_folded(Encode *encode, Slice text)
{
    bool is_ascii;
    is_folded_ascii(text, &is_ascii);
    if (is_ascii && !encode->reader->escaped) {
        append_lower(encode->out, text);
        return;
    }
    g_autofree char *folded = text_fold(text);
    json_append_quoted(encode->out, slice_of(folded));
}

static void append_raw(Buffer *out, Slice text)
{
    buffer_append_char(out, '"');
    buffer_append(out, text);
    buffer_append_char(out, '"');
}

/* A text: raw when nothing is escaped (it was checked and needs no change), else decoded first,
 * so that lone surrogates do not reach the database. */
static bool encode_text(Encode *encode)
{
    Slice text;
    if (!json_read_text(encode->reader, encode->scratch, &text)) return false;
    if (encode->folding) {
        append_folded(encode, text);
        return true;
    }
    encode->differs = encode->differs || text_differs(text);
    if (encode->reader->escaped)
        json_append_quoted(encode->out, text);
    else
        append_raw(encode->out, text);
    return true;
}

static bool encode_name(Encode *encode)
{
    Slice name;
    if (!json_read_text(encode->reader, encode->scratch, &name)) return false;
    bool sharp = name.size > 0 && name.data[0] == '#';
    if (!encode->reader->escaped) {
        buffer_append(encode->out, sharp ? SLICE("\"#") : SLICE("\""));
        buffer_append(encode->out, name);
        return buffer_append(encode->out, SLICE("\":"));
    }
    g_autofree char *doubled = sharp ? g_strdup_printf("#%.*s", (int)name.size, name.data) : NULL;
    json_append_quoted(encode->out, doubled ? slice_of(doubled) : name);
    return buffer_append_char(encode->out, ':');
}

static bool encode_number(Encode *encode)
{
    int64_t micro;
    if (payload_micro(encode->reader->text, &micro)) return buffer_append_int(encode->out, micro);
    buffer_append(encode->out, SLICE("{\"#\":\""));
    buffer_append(encode->out, encode->reader->text);
    return buffer_append(encode->out, SLICE("\"}"));
}

static bool encode_scalar(Encode *encode, JsonReadToken token)
{
    switch (token) {
    case JSON_READ_NULL:
        return buffer_append(encode->out, SLICE("null"));
    case JSON_READ_FALSE:
        return buffer_append(encode->out, SLICE("false"));
    case JSON_READ_TRUE:
        return buffer_append(encode->out, SLICE("true"));
    case JSON_READ_NUMBER:
        return encode_number(encode);
    case JSON_READ_STRING:
        return encode_text(encode);
    case JSON_READ_ERROR:
    case JSON_READ_DONE:
    case JSON_READ_NAME:
    case JSON_READ_OBJECT:
    case JSON_READ_OBJECT_END:
    case JSON_READ_ARRAY:
    case JSON_READ_ARRAY_END:
        break;
    }
    return false;
}

/* One value, whatever is in it, without recursion: the reader checks the nesting; here only
 * commas are to be placed. */
static bool encode_value(Encode *encode, JsonReadToken token)
{
    unsigned depth = 0;
    bool first = true, named = false;
    for (;; token = json_read_next(encode->reader)) {
        bool ends = token == JSON_READ_OBJECT_END || token == JSON_READ_ARRAY_END;
        bool begins = token == JSON_READ_OBJECT || token == JSON_READ_ARRAY;
        if (depth > 0 && !ends && !first && !named) buffer_append_char(encode->out, ',');
        named = token == JSON_READ_NAME;
        first = begins;
        if (begins) {
            buffer_append_char(encode->out, token == JSON_READ_OBJECT ? '{' : '[');
            depth++;
        } else if (ends) {
            buffer_append_char(encode->out, token == JSON_READ_OBJECT_END ? '}' : ']');
            depth--;
        } else if (named ? !encode_name(encode) : !encode_scalar(encode, token)) {
            return false;
        }
        if (depth == 0) return true;
    }
}

/* Adds `name_json` (with its colon) and the fold of a raw value to the members of "f". */
static bool fold_member(PayloadCoder *coder, Slice name_json, Slice value)
{
    json_read_init_again(&coder->fold_reader, value, PAYLOAD_DEPTH_MAX);
    Encode encode = {&coder->fold_reader, coder->scratch, &coder->fold, .folding = true};
    if (coder->fold.size > 0) buffer_append_char(&coder->fold, ',');
    buffer_append(&coder->fold, name_json);
    return encode_value(&encode, json_read_next(&coder->fold_reader));
}

/* One member of the properties: the name was just read. */
static bool encode_member(PayloadCoder *coder, Encode *encode, bool with_fold)
{
    Buffer *out = encode->out;
    size_t name_at = out->size;
    if (!encode_name(encode)) return false;
    size_t name_size = out->size - name_at;
    encode->differs = false;
    JsonReadToken token = json_read_next(encode->reader);
    size_t from = encode->reader->start;
    if (!encode_value(encode, token) || out->failed) return false;
    if (!with_fold || !encode->differs) return true;
    Slice value = {encode->reader->data + from, encode->reader->position - from};
    return fold_member(coder, (Slice){out->data + name_at, name_size}, value);
}

static bool part_fail(const JsonReader *reader, const Buffer *out, const char *part, GError **error)
{
    if (reader->problem)
        return fail(error, reader->over_limit ? KITH_ERROR_LIMIT : KITH_ERROR_INVALID,
                    "%s: %s at byte %zu", part, reader->problem, reader->position);
    if (out->failed) return fail(error, KITH_ERROR_LIMIT, "%s: too long", part);
    return fail(error, KITH_ERROR_INVALID, "%s: must be an object", part);
}

static void part_begin(PayloadCoder *coder, Slice json)
{
    if (coder->checked)
        json_read_init_again(&coder->reader, json, PAYLOAD_DEPTH_MAX);
    else
        json_read_init(&coder->reader, json.data, json.size, PAYLOAD_DEPTH_MAX);
}

/* Which extras the properties have themselves; a set of bits. */
static unsigned extra_given(const JsonReader *reader, const PayloadParts *parts)
{
    for (unsigned i = 0; i < PAYLOAD_EXTRAS; i++)
        if (parts->extras[i].text.size && json_read_is(reader, slice_of(parts->extras[i].name)))
            return 1u << i;
    return 0;
}

static void extra_append(PayloadCoder *coder, Buffer *out, const char *name, Slice text, bool comma)
{
    if (comma) buffer_append_char(out, ',');
    append_raw(out, slice_of(name));
    buffer_append_char(out, ':');
    json_append_quoted(out, text);
    if (!text_differs(text)) return;
    g_autofree char *folded = text_fold(text);
    if (coder->fold.size > 0) buffer_append_char(&coder->fold, ',');
    append_raw(&coder->fold, slice_of(name));
    buffer_append_char(&coder->fold, ':');
    json_append_quoted(&coder->fold, slice_of(folded));
}

static size_t extras_append(PayloadCoder *coder, Buffer *out, const PayloadParts *parts,
                            unsigned given, size_t members)
{
    for (unsigned i = 0; i < PAYLOAD_EXTRAS; i++) {
        if (parts->extras[i].text.size == 0 || (given & 1u << i)) continue;
        extra_append(coder, out, parts->extras[i].name, parts->extras[i].text, members > 0);
        members++;
    }
    return members;
}

/* The members of an object that was just opened; counts them. */
static bool encode_members(PayloadCoder *coder, Encode *encode, const PayloadParts *parts,
                           size_t *ret_members, unsigned *ret_given)
{
    while (json_read_next(encode->reader) == JSON_READ_NAME) {
        if ((*ret_members)++ > 0) buffer_append_char(encode->out, ',');
        if (parts) *ret_given |= extra_given(encode->reader, parts);
        if (!encode_member(coder, encode, parts != NULL)) return false;
    }
    return !encode->reader->problem && !encode->out->failed;
}

/* Appends `"p":{…}` or `"t":{…}` for an object that has members. `parts`: only for properties. */
static bool encode_part(PayloadCoder *coder, Buffer *out, const PayloadParts *parts, Slice json,
                        GError **error)
{
    const char *part = parts ? "properties" : "traits";
    JsonReader *reader = &coder->reader;
    Encode encode = {reader, coder->scratch, out};
    size_t start = out->size, members = 0;
    unsigned given = 0;
    if (start > 1) buffer_append_char(out, ',');
    buffer_append(out, parts ? SLICE("\"p\":{") : SLICE("\"t\":{"));
    if (json.size) {
        part_begin(coder, json);
        if (json_read_next(reader) != JSON_READ_OBJECT) return part_fail(reader, out, part, error);
        if (!encode_members(coder, &encode, parts, &members, &given))
            return part_fail(reader, out, part, error);
    }
    if (parts) members = extras_append(coder, out, parts, given, members);
    if (members > 0) return buffer_append_char(out, '}');
    out->size = start;
    return true;
}

static void fold_append(PayloadCoder *coder, Buffer *out)
{
    if (coder->fold.size == 0) return;
    buffer_append(out, SLICE(",\"f\":{"));
    buffer_append(out, buffer_slice(&coder->fold));
    buffer_append_char(out, '}');
}

/* ---- the context ---- */

typedef struct ContextWord {
    const char *name, *key;
    bool is_object; /* campaign, library: objects; the others are texts */
} ContextWord;

static const ContextWord context_words[] = {
    {"campaign", "campaign", true}, {"library", "library", true}, {"locale", "locale"},
    {"timezone", "timezone"},       {"userAgent", "agent"},
};
static const ContextWord page_words[] = {
    {"url", "url"}, {"path", "path"}, {"referrer", "referrer"}, {"title", "title"}};

static const ContextWord *context_find(const JsonReader *reader, const ContextWord *words,
                                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_read_is(reader, slice_of(words[i].name))) return &words[i];
    return NULL;
}

/* The value after a name: kept under the word's key when it has the right type, else skipped. */
static bool context_value(Encode *encode, const ContextWord *word)
{
    JsonReadToken token = json_read_next(encode->reader);
    JsonReadToken want = word && word->is_object ? JSON_READ_OBJECT : JSON_READ_STRING;
    if (!word || token != want) return json_read_skip(encode->reader);
    if (token == JSON_READ_STRING && encode->reader->text.size == 0) return true;
    Buffer *out = encode->out;
    if (out->data[out->size - 1] != '{') buffer_append_char(out, ',');
    append_raw(out, slice_of(word->key));
    buffer_append_char(out, ':');
    return encode_value(encode, token);
}

static bool context_page(Encode *encode)
{
    if (json_read_next(encode->reader) != JSON_READ_OBJECT) return json_read_skip(encode->reader);
    while (json_read_next(encode->reader) == JSON_READ_NAME)
        if (!context_value(encode,
                           context_find(encode->reader, page_words, G_N_ELEMENTS(page_words))))
            return false;
    return !encode->reader->problem;
}

/* Writes the stored form of a context into an empty buffer; nothing when nothing is kept. */
static bool context_encode(PayloadCoder *coder, Buffer *out, Slice json, GError **error)
{
    JsonReader *reader = &coder->reader;
    part_begin(coder, json);
    if (json_read_next(reader) != JSON_READ_OBJECT) return part_fail(reader, out, "context", error);
    Encode encode = {reader, coder->scratch, out};
    buffer_append(out, SLICE("\"c\":{"));
    size_t empty = out->size;
    while (json_read_next(reader) == JSON_READ_NAME) {
        bool is_page = json_read_is(reader, SLICE("page"));
        const ContextWord *word =
            is_page ? NULL : context_find(reader, context_words, G_N_ELEMENTS(context_words));
        if (is_page ? !context_page(&encode) : !context_value(&encode, word))
            return part_fail(reader, out, "context", error);
    }
    if (reader->problem || out->failed) return part_fail(reader, out, "context", error);
    if (out->size > empty) return buffer_append_char(out, '}');
    buffer_reset(out);
    return true;
}

static bool encode_context(PayloadCoder *coder, Buffer *out, Slice json, GError **error)
{
    bool same = coder->context_raw.size > 0 && slice_equal(buffer_slice(&coder->context_raw), json);
    if (!same) {
        buffer_reset(&coder->context_raw);
        buffer_reset(&coder->context_encoded);
        if (!context_encode(coder, &coder->context_encoded, json, error)) return false;
        buffer_append(&coder->context_raw, json);
        if (coder->context_raw.failed) buffer_reset(&coder->context_raw);
    }
    if (coder->context_encoded.size == 0) return true;
    if (out->size > 1) buffer_append_char(out, ',');
    return buffer_append(out, buffer_slice(&coder->context_encoded));
}

bool payload_encode(PayloadCoder *coder, const PayloadParts *parts, Buffer *out, GError **error)
{
    arena_reset(coder->scratch);
    buffer_reset(&coder->fold);
    coder->checked = parts->checked;
    g_assert(out->size == 0);
    buffer_append_char(out, '{');
    if (!encode_part(coder, out, parts, parts->properties, error)) return false;
    fold_append(coder, out);
    if (parts->traits.size && !encode_part(coder, out, NULL, parts->traits, error)) return false;
    if (parts->context.size && !encode_context(coder, out, parts->context, error)) return false;
    if (parts->other_name.size) {
        buffer_append(out, out->size > 1 ? SLICE(",\"n\":") : SLICE("\"n\":"));
        json_append_quoted(out, parts->other_name);
    }
    buffer_append_char(out, '}');
    if (out->failed || coder->fold.failed)
        return fail(error, KITH_ERROR_LIMIT, "the event is too long in stored form");
    return true;
}

char *payload_from_json(const json_t *properties, GError **error)
{
    g_autoptr(PayloadCoder) coder = payload_coder_new();
    g_auto(Buffer) out = BUFFER_INIT(PAYLOAD_BYTES_MAX);
    char *text = properties ? json_dumps(properties, JSON_COMPACT) : NULL;
    PayloadParts parts = {.properties = slice_of(text)};
    bool ok = payload_encode(coder, &parts, &out, error);
    free(text);
    return ok ? buffer_steal(&out) : NULL;
}
