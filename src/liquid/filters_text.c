#include "liquid/filters.h"

#include "base/text.h"

#include <string.h>

/* White space and NUL, as Ruby strips. */
static bool is_space(char c) { return g_ascii_isspace(c) || c == '\v' || c == '\0'; }

static bool input_text(Render *render, const FilterInput *in, Slice *ret_text)
{
    return value_text(render, &in->input, ret_text);
}

static bool both_texts(Render *render, const FilterInput *in, Slice *ret_text, Slice *ret_argument)
{
    return input_text(render, in, ret_text) && value_text(render, &in->arguments[0], ret_argument);
}

static bool joined(Render *render, Slice first, Slice second, LiquidValue *ret_value)
{
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    buffer_append(&buffer, first);
    buffer_append(&buffer, second);
    return render_take(render, &buffer, ret_value);
}

bool filter_append(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text, other;
    return both_texts(render, in, &text, &other) && joined(render, text, other, ret_value);
}

bool filter_prepend(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text, other;
    return both_texts(render, in, &text, &other) && joined(render, other, text, ret_value);
}

/* ── case ────────────────────────────────────────────────────────────────────────────────────── */

/* A text GLib made, as a value; frees it. */
static bool text_take(Render *render, char *text, LiquidValue *ret_value)
{
    g_autofree char *owned = text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    buffer_append_text(&buffer, owned);
    return render_take(render, &buffer, ret_value);
}

bool filter_upcase(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    return input_text(render, in, &text) &&
           text_take(render, g_utf8_strup(text.size ? text.data : "", (gssize)text.size),
                     ret_value);
}

bool filter_downcase(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    return input_text(render, in, &text) &&
           text_take(render, g_utf8_strdown(text.size ? text.data : "", (gssize)text.size),
                     ret_value);
}

bool filter_capitalize(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    if (!input_text(render, in, &text)) return false;
    size_t first = text.size > 0 ? (size_t)(g_utf8_next_char(text.data) - text.data) : 0;
    g_autofree char *head = g_utf8_strup(text.size ? text.data : "", (gssize)first);
    g_autofree char *tail =
        g_utf8_strdown(text.size ? text.data + first : "", (gssize)(text.size - first));
    return joined(render, slice_of(head), slice_of(tail), ret_value);
}

/* ── white space ─────────────────────────────────────────────────────────────────────────────── */

static bool stripped(Render *render, const FilterInput *in, bool left, bool right,
                     LiquidValue *ret_value)
{
    Slice text;
    if (!input_text(render, in, &text)) return false;
    while (left && text.size > 0 && is_space(text.data[0]))
        text.data++, text.size--;
    while (right && text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    *ret_value = liquid_text(text);
    return true;
}

bool filter_strip(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return stripped(render, in, true, true, ret_value);
}

bool filter_lstrip(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return stripped(render, in, true, false, ret_value);
}

bool filter_rstrip(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return stripped(render, in, false, true, ret_value);
}

bool filter_strip_newlines(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!input_text(render, in, &text)) return false;
    for (size_t i = 0; i < text.size; i++) {
        bool crlf = text.data[i] == '\r' && i + 1 < text.size && text.data[i + 1] == '\n';
        if (text.data[i] != '\n' && !crlf) buffer_append_char(&buffer, text.data[i]);
    }
    return render_take(render, &buffer, ret_value);
}

/* ── parts ───────────────────────────────────────────────────────────────────────────────────── */

typedef enum Which { EVERY, FIRST, LAST } Which;

/* The next place of `part` in `text` at or behind `from`; an empty part is between any two
 * characters and at both ends. SIZE_MAX: none. */
static size_t part_next(Slice text, Slice part, size_t from)
{
    if (from > text.size) return SIZE_MAX;
    if (part.size == 0) return from;
    const char *found = memmem(text.data + from, text.size - from, part.data, part.size);
    return found ? (size_t)(found - text.data) : SIZE_MAX;
}

/* The last place. Each comparison is paid for: "aaa…ab" in "aaa…a" would take the square. */
static size_t part_last(Render *render, Slice text, Slice part)
{
    if (part.size == 0) return text.size;
    if (part.size > text.size) return SIZE_MAX;
    for (size_t at = text.size - part.size + 1; at-- > 0;) {
        if (text.data[at] != part.data[0]) continue;
        if (memcmp(text.data + at, part.data, part.size) == 0) return at;
        if (!render_cost_text(render, part)) break;
    }
    return SIZE_MAX;
}

/* Where to look on behind a found part: an empty one is not found twice at one place. */
static size_t part_behind(Slice text, Slice part, size_t at)
{
    if (part.size > 0) return at + part.size;
    return at < text.size ? at + (size_t)(g_utf8_next_char(text.data + at) - (text.data + at))
                          : at + 1;
}

static bool replaced(Render *render, const FilterInput *in, Which which, Slice by,
                     LiquidValue *ret_value)
{
    Slice text, part;
    size_t done = 0;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    if (!both_texts(render, in, &text, &part)) return false;
    size_t at = which == LAST ? part_last(render, text, part) : part_next(text, part, 0);
    while (at != SIZE_MAX && !buffer.failed) {
        buffer_append(&buffer, (Slice){text.data + done, at - done});
        buffer_append(&buffer, by);
        done = at + part.size;
        at = which == EVERY ? part_next(text, part, part_behind(text, part, at)) : SIZE_MAX;
    }
    buffer_append(&buffer, (Slice){text.data + done, text.size - done});
    return !render->error && render_take(render, &buffer, ret_value);
}

static bool replaced_by(Render *render, const FilterInput *in, Which which, LiquidValue *ret_value)
{
    Slice by;
    return value_text(render, &in->arguments[1], &by) && replaced(render, in, which, by, ret_value);
}

bool filter_replace(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced_by(render, in, EVERY, ret_value);
}

bool filter_replace_first(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced_by(render, in, FIRST, ret_value);
}

bool filter_replace_last(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced_by(render, in, LAST, ret_value);
}

bool filter_remove(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced(render, in, EVERY, (Slice){NULL, 0}, ret_value);
}

bool filter_remove_first(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced(render, in, FIRST, (Slice){NULL, 0}, ret_value);
}

bool filter_remove_last(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return replaced(render, in, LAST, (Slice){NULL, 0}, ret_value);
}

/* ── split ───────────────────────────────────────────────────────────────────────────────────── */

/* Collects parts, at most LIMIT_LIQUID_ITEMS. */
typedef struct Parts {
    Render *render;
    GArray *items; /* of LiquidValue */
} Parts;

static bool parts_add(Parts *parts, const char *start, const char *end)
{
    LiquidValue value = liquid_text((Slice){start, (size_t)(end - start)});
    if (parts->items->len >= LIMIT_LIQUID_ITEMS)
        return render_fail(parts->render, KITH_ERROR_LIMIT,
                           "this makes a list of over %d items: make it shorter",
                           LIMIT_LIQUID_ITEMS);
    g_array_append_val(parts->items, value);
    return render_cost(parts->render, 1);
}

static bool split_words(Parts *parts, Slice text)
{
    const char *at = text.data, *end = text.data + text.size;
    while (at < end) {
        while (at < end && is_space(*at))
            at++;
        const char *start = at;
        while (at < end && !is_space(*at))
            at++;
        if (at > start && !parts_add(parts, start, at)) return false;
    }
    return true;
}

static bool split_characters(Parts *parts, Slice text)
{
    const char *end = text.data + text.size;
    for (const char *at = text.data; at < end; at = g_utf8_next_char(at))
        if (!parts_add(parts, at, g_utf8_next_char(at))) return false;
    return true;
}

static bool split_at(Parts *parts, Slice text, Slice mark)
{
    size_t from = 0, at;
    while ((at = part_next(text, mark, from)) != SIZE_MAX) {
        if (!parts_add(parts, text.data + from, text.data + at)) return false;
        from = at + mark.size;
    }
    return parts_add(parts, text.data + from, text.data + text.size);
}

static bool parts_value(Parts *parts, LiquidValue *ret_value)
{
    size_t count = parts->items->len;
    LiquidValue *items = render_alloc(parts->render, count, sizeof(LiquidValue));
    if (!items) return false;
    if (count > 0) memcpy(items, parts->items->data, count * sizeof(LiquidValue));
    return items_value(parts->render, (Items){items, count}, ret_value);
}

/* As Ruby: a space splits at white space, nothing splits characters, empty ends are dropped. */
bool filter_split(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice text, mark;
    if (!both_texts(render, in, &text, &mark)) return false;
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(LiquidValue));
    Parts parts = {render, items};
    bool good = slice_is(mark, " ") ? split_words(&parts, text)
                : mark.size == 0    ? split_characters(&parts, text)
                                    : split_at(&parts, text, mark);
    if (!good) return false;
    while (items->len > 0 && g_array_index(items, LiquidValue, items->len - 1).text.size == 0)
        g_array_set_size(items, items->len - 1);
    return parts_value(&parts, ret_value);
}

/* ── cutting ─────────────────────────────────────────────────────────────────────────────────── */

/* `count` characters from character `from` on. */
static Slice characters(Slice text, int64_t from, int64_t count)
{
    const char *at = text.data, *end = text.data + text.size;
    for (; from > 0 && at < end; from--)
        at = g_utf8_next_char(at);
    const char *start = at;
    for (; count > 0 && at < end; count--)
        at = g_utf8_next_char(at);
    return (Slice){start, (size_t)(at - start)};
}

static bool slice_list(Render *render, const LiquidValue *list, int64_t from, int64_t count,
                       LiquidValue *ret_value)
{
    Items items;
    if (!items_collect(render, list, &items)) return false;
    int64_t size = (int64_t)items.count;
    if (from < 0) from += size;
    if (from < 0 || from > size || count < 0)
        return items_value(render, (Items){NULL, 0}, ret_value);
    Items part = {items.items + from, (size_t)MIN(count, size - from)};
    return items_value(render, part, ret_value);
}

bool filter_slice(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    int64_t from, count = 1, size;
    Slice text;
    if (!value_integer(render, &in->arguments[0], "the start of slice", &from)) return false;
    if (in->arguments[1].kind != LIQUID_NIL &&
        !value_integer(render, &in->arguments[1], "the length of slice", &count))
        return false;
    if (in->input.kind == LIQUID_ARRAY)
        return slice_list(render, &in->input, from, count, ret_value);
    if (!input_text(render, in, &text)) return false;
    LiquidValue whole = liquid_text(text);
    if (!value_size(render, &whole, &size)) return false;
    if (from < 0) from = MAX(from, -size - 1) + size;
    bool inside = from >= 0 && from <= size && count >= 0;
    *ret_value = liquid_text(inside ? characters(text, from, count) : (Slice){NULL, 0});
    return true;
}

/* The second argument, or "..." when none was given. */
static bool ending_text(Render *render, const FilterInput *in, Slice *ret_ending)
{
    *ret_ending = SLICE("...");
    return in->count < 2 || value_text(render, &in->arguments[1], ret_ending);
}

bool filter_truncate(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    int64_t length = 50, size, ending_size;
    Slice text, ending;
    *ret_value = liquid_nil();
    if (in->count > 0 && !value_integer(render, &in->arguments[0], "the length", &length))
        return false;
    if (in->input.kind == LIQUID_NIL) return true;
    if (!input_text(render, in, &text) || !ending_text(render, in, &ending)) return false;
    LiquidValue whole = liquid_text(text), end = liquid_text(ending);
    if (!value_size(render, &whole, &size) || !value_size(render, &end, &ending_size)) return false;
    *ret_value = whole;
    if (size <= length) return true;
    int64_t kept = length > ending_size ? length - ending_size : 0;
    return joined(render, characters(text, 0, kept), ending, ret_value);
}

bool filter_truncatewords(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    int64_t words = 15, found = 0;
    Slice text, ending;
    g_auto(Buffer) buffer = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    *ret_value = liquid_nil();
    if (in->count > 0 && !value_integer(render, &in->arguments[0], "the number of words", &words))
        return false;
    if (in->input.kind == LIQUID_NIL) return true;
    if (!input_text(render, in, &text) || !ending_text(render, in, &ending)) return false;
    words = MAX(words, 1);
    for (size_t at = 0;;) {
        while (at < text.size && is_space(text.data[at]))
            at++;
        size_t start = at;
        while (at < text.size && !is_space(text.data[at]))
            at++;
        if (start == at) break;
        if (++found > words) {
            buffer_append(&buffer, ending);
            return render_take(render, &buffer, ret_value);
        }
        if (found > 1) buffer_append_char(&buffer, ' ');
        buffer_append(&buffer, (Slice){text.data + start, at - start});
    }
    *ret_value = liquid_text(text);
    return true;
}
