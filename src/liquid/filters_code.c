#include "liquid/filters.h"

#include "base/text.h"

#include <string.h>

static bool input_text(Render *render, const FilterInput *in, Slice *ret_text)
{
    return value_text(render, &in->input, ret_text);
}

/* ── HTML ────────────────────────────────────────────────────────────────────────────────────── */

/* The texts below are HTML when they leave: `safe` keeps them from being escaped once more. */
static bool take_safe(Render *render, Buffer *buffer, LiquidValue *ret_value)
{
    if (!render_take(render, buffer, ret_value)) return false;
    ret_value->safe = true;
    return true;
}

bool filter_raw(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    (void)render;
    *ret_value = in->input;
    ret_value->safe = true;
    return true;
}

bool filter_escape(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    html_escape(text, &buffer);
    return take_safe(render, &buffer, ret_value);
}

/* Length of an entity ("&amp;", "&#39;") at the start of a text, 0 when there is none. */
static size_t entity_size(Slice text)
{
    size_t at = 1;
    bool number = at < text.size && text.data[at] == '#';
    at += number;
    size_t start = at;
    while (at < text.size &&
           (number ? g_ascii_isdigit(text.data[at]) : g_ascii_isalpha(text.data[at])))
        at++;
    return at > start && at < text.size && text.data[at] == ';' ? at + 1 : 0;
}

bool filter_escape_once(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size;) {
        Slice rest = {text.data + i, text.size - i};
        size_t entity = rest.data[0] == '&' ? entity_size(rest) : 0;
        if (entity > 0)
            buffer_append(&buffer, (Slice){rest.data, entity});
        else
            html_escape((Slice){rest.data, 1}, &buffer);
        i += MAX(entity, 1);
    }
    return take_safe(render, &buffer, ret_value);
}

bool filter_newline_to_br(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    bool escapes = render->options->html && !in->input.safe;
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size; i++) {
        bool crlf = text.data[i] == '\r' && i + 1 < text.size && text.data[i + 1] == '\n';
        Slice one = {text.data + i, 1};
        if (crlf) continue;
        if (text.data[i] == '\n')
            buffer_append(&buffer, SLICE("<br />\n"));
        else if (escapes)
            html_escape(one, &buffer);
        else
            buffer_append(&buffer, one);
    }
    return take_safe(render, &buffer, ret_value);
}

/* What a "<" begins: a script, comment or style goes with its content, any other tag alone. NULL:
 * it never ends. One that does not end is not looked for again, or that would take the square. */
static const char *tag_end(Slice rest, bool *in_out_blocks)
{
    static const char *const blocks[][2] = {
        {"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}};
    for (size_t i = 0; *in_out_blocks && i < G_N_ELEMENTS(blocks); i++) {
        size_t size = strlen(blocks[i][0]);
        if (rest.size < size || g_ascii_strncasecmp(rest.data, blocks[i][0], size) != 0) continue;
        const char *end = memmem(rest.data, rest.size, blocks[i][1], strlen(blocks[i][1]));
        if (end) return end + strlen(blocks[i][1]);
        *in_out_blocks = false;
    }
    const char *end = memchr(rest.data, '>', rest.size);
    return end ? end + 1 : NULL;
}

bool filter_strip_html(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    bool blocks = true;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    const char *at = text.data, *end = text.data + text.size;
    while (at < end) {
        const char *open = memchr(at, '<', (size_t)(end - at));
        if (!open) open = end;
        buffer_append(&buffer, (Slice){at, (size_t)(open - at)});
        const char *behind =
            open < end ? tag_end((Slice){open, (size_t)(end - open)}, &blocks) : end;
        if (!behind) buffer_append(&buffer, (Slice){open, (size_t)(end - open)});
        at = behind ? behind : end;
    }
    return render_take(render, &buffer, ret_value);
}

bool filter_json(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    return value_json(render, &in->input, &buffer) && render_take(render, &buffer, ret_value);
}

/* ── URL ─────────────────────────────────────────────────────────────────────────────────────── */

bool filter_url_encode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (g_ascii_isalnum(c) || strchr("-._~*", c))
            buffer_append_char(&buffer, c);
        else if (c == ' ')
            buffer_append_char(&buffer, '+');
        else
            buffer_append_printf(&buffer, "%%%02X", (unsigned char)c);
    }
    return render_take(render, &buffer, ret_value);
}

/* Decoded bytes may be anything; what goes on is text. */
static bool take_text(Render *render, Buffer *buffer, LiquidValue *ret_value)
{
    if (!text_utf8_check(buffer_text(buffer), buffer->size))
        return render_fail(render, KITH_ERROR_INVALID, "this decodes to bytes that are no text");
    return render_take(render, buffer, ret_value);
}

bool filter_url_decode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool coded = c == '%' && i + 2 < text.size && g_ascii_isxdigit(text.data[i + 1]) &&
                     g_ascii_isxdigit(text.data[i + 2]);
        if (coded) {
            c = (char)(g_ascii_xdigit_value(text.data[i + 1]) * 16 +
                       g_ascii_xdigit_value(text.data[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buffer_append_char(&buffer, c);
    }
    return take_text(render, &buffer, ret_value);
}

/* ── base64 (RFC 4648) ───────────────────────────────────────────────────────────────────────── */

static const char base64_plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool encoded(Render *render, const FilterInput *in, const char *alphabet,
                    LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size; i += 3) {
        size_t count = MIN(text.size - i, 3);
        unsigned bits = 0;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < count ? (unsigned char)text.data[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            buffer_append_char(&buffer, j <= count ? alphabet[bits >> (18 - 6 * j) & 63] : '=');
    }
    return render_take(render, &buffer, ret_value);
}

/* Four signs to three bytes; false for a sign that is none or a length that cannot be. */
static bool base64_read(Slice text, const char *alphabet, Buffer *out)
{
    unsigned bits = 0, held = 0;
    while (text.size > 0 && text.data[text.size - 1] == '=')
        text.size--;
    if (text.size % 4 == 1) return false;
    for (size_t i = 0; i < text.size; i++) {
        const char *sign = memchr(alphabet, text.data[i], 64);
        if (!sign) return false;
        bits = bits << 6 | (unsigned)(sign - alphabet);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        buffer_append_char(out, (char)(bits >> held & 255));
    }
    return true;
}

static bool decoded(Render *render, const FilterInput *in, const char *alphabet,
                    LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    if (!base64_read(text, alphabet, &buffer))
        return render_fail(render, KITH_ERROR_INVALID, "\"%.*s\" is no base64",
                           (int)MIN(text.size, 40), text.data);
    return take_text(render, &buffer, ret_value);
}

bool filter_base64_encode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return encoded(render, in, base64_plain, ret_value);
}

bool filter_base64_decode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return decoded(render, in, base64_plain, ret_value);
}

bool filter_base64_url_safe_encode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return encoded(render, in, base64_url, ret_value);
}

bool filter_base64_url_safe_decode(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return decoded(render, in, base64_url, ret_value);
}
