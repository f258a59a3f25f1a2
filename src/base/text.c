#include "base/text.h"

#include <stdint.h>
#include <string.h>

#define HIGH_BITS 0x8080808080808080ull
#define LOW_BITS  0x0101010101010101ull

static inline uint64_t word_load(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof(word));
    return word;
}

/* Eight bytes, all of them 0x01..0x7F. */
static inline bool word_is_plain(uint64_t word)
{
    return !((word | ((word - LOW_BITS) & ~word)) & HIGH_BITS);
}

static inline bool is_tail(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* Bytes of the valid character that starts here, 0 when there is none (RFC 3629 section 4). */
static size_t character_size(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first < 0x80) return first ? 1 : 0;
    if (first < 0xC2 || first > 0xF4 || left < 2 || !is_tail(at[1])) return 0;
    if (first < 0xE0) return 2;
    if (left < 3 || !is_tail(at[2])) return 0;
    if (first < 0xF0) {
        bool overlong = first == 0xE0 && at[1] < 0xA0;
        bool surrogate = first == 0xED && at[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (left < 4 || !is_tail(at[3])) return 0;
    bool overlong = first == 0xF0 && at[1] < 0x90;
    bool beyond = first == 0xF4 && at[1] >= 0x90;
    return overlong || beyond ? 0 : 4;
}

size_t text_utf8_valid(const char *data, size_t size)
{
    size_t i = 0;
    while (i < size) {
        while (size - i >= 8 && word_is_plain(word_load(data + i)))
            i += 8;
        if (i == size) break;
        size_t step = character_size((const uint8_t *)data + i, size - i);
        if (!step) break;
        i += step;
    }
    return i;
}

bool text_utf8_check(const char *data, size_t size) { return text_utf8_valid(data, size) == size; }

Slice text_cut(Slice text, size_t bytes_max)
{
    if (text.size <= bytes_max) return text;
    size_t size = bytes_max;
    while (size && is_tail((uint8_t)text.data[size]))
        size--;
    return (Slice){text.data, size};
}

static bool is_blank(gunichar character)
{
    return g_unichar_isspace(character) || g_unichar_iscntrl(character) || character == 0xFEFF ||
           character == 0x200B;
}

Slice text_trim(Slice text)
{
    const char *start = text.data, *end = text.data + text.size;
    while (start < end) {
        if ((uint8_t)*start > ' ' && (uint8_t)*start < 0x7F) break;
        gunichar character = g_utf8_get_char_validated(start, end - start);
        if (character >= (gunichar)-2 || !is_blank(character)) break;
        start = g_utf8_next_char(start);
    }
    while (end > start) {
        if ((uint8_t)end[-1] > ' ' && (uint8_t)end[-1] < 0x7F) break;
        const char *last = g_utf8_find_prev_char(start, end);
        if (!last) break;
        gunichar character = g_utf8_get_char_validated(last, end - last);
        if (character >= (gunichar)-2 || !is_blank(character)) break;
        end = last;
    }
    return (Slice){start, (size_t)(end - start)};
}

bool text_fold_ascii(Slice text, char *ret_text, size_t capacity)
{
    if (text.size >= capacity) return false;
    for (size_t i = 0; i < text.size; i++) {
        if ((uint8_t)text.data[i] >= 0x80) return false;
        ret_text[i] = g_ascii_tolower(text.data[i]);
    }
    ret_text[text.size] = '\0';
    return true;
}

char *text_fold(Slice text)
{
    char *plain = g_try_malloc(text.size + 1);
    if (plain && text_fold_ascii(text, plain, text.size + 1)) return plain;
    g_free(plain);
    /* Folding can undo the normal form (U+0345, some Greek), so normalise on both sides. */
    g_autofree char *normal = g_utf8_normalize(text.data, (gssize)text.size, G_NORMALIZE_NFKC);
    if (!normal) return g_strdup("");
    g_autofree char *folded = g_utf8_casefold(normal, -1);
    return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}

bool text_equal_ascii_case(Slice a, Slice b)
{
    return a.size == b.size &&
           g_ascii_strncasecmp(a.data ? a.data : "", b.data ? b.data : "", a.size) == 0;
}

/* The domain of an address: labels of letters, digits, dashes and whatever is not ASCII. */
static bool domain_check(const char *domain)
{
    if (!*domain || *domain == '.' || *domain == '-') return false;
    bool dotted = false;
    for (const char *at = domain; *at; at++) {
        if (*at == '.' && (at[1] == '.' || !at[1])) return false;
        dotted = dotted || *at == '.';
        bool allowed = g_ascii_isalnum(*at) || *at == '-' || *at == '.' || (uint8_t)*at >= 0x80;
        if (!allowed) return false;
    }
    return dotted || strcmp(domain, "localhost") == 0;
}

static bool local_part_check(const char *text, size_t size)
{
    if (size == 0 || size > 64) return false;
    for (size_t i = 0; i < size; i++)
        if ((uint8_t)text[i] <= ' ' || text[i] == 0x7F || strchr("<>()[],;:\\\"", text[i]))
            return false;
    return text[0] != '.' && text[size - 1] != '.';
}

char *text_email(Slice text)
{
    text = text_trim(text);
    if (text.size > 7 && g_ascii_strncasecmp(text.data, "mailto:", 7) == 0)
        text = (Slice){text.data + 7, text.size - 7};
    if (text.size < 3 || text.size > TEXT_EMAIL_MAX) return NULL;
    g_autofree char *folded = text_fold(text);
    const char *at = strchr(folded, '@');
    if (!at || strchr(at + 1, '@') || strlen(folded) > TEXT_EMAIL_MAX) return NULL;
    if (!local_part_check(folded, (size_t)(at - folded)) || !domain_check(at + 1)) return NULL;
    return g_steal_pointer(&folded);
}

/* The digits of a written number; the count, or 0 when something else is in it. */
static size_t phone_digits(Slice text, char *ret_digits, size_t capacity)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (text.size - i >= 3 && memcmp(text.data + i, "(0)", 3) == 0 && count > 0) {
            i += 2;
            continue;
        }
        if (strchr(" .-/()\t", byte) && byte) continue;
        if (!g_ascii_isdigit(byte) || count == capacity) return 0;
        ret_digits[count++] = byte;
    }
    return count;
}

char *text_phone(Slice text, const char *country_code)
{
    text = text_trim(text);
    bool international = text.size && text.data[0] == '+';
    if (international) text = (Slice){text.data + 1, text.size - 1};
    char digits[32];
    size_t count = phone_digits(text, digits, sizeof(digits));
    const char *from = digits;
    if (!international && count > 2 && memcmp(digits, "00", 2) == 0) {
        international = true;
        from += 2;
        count -= 2;
    }
    const char *code = international || !country_code ? "" : country_code;
    if (*code && count && *from == '0') {
        from++;
        count--;
    }
    size_t total = count + strlen(code);
    if (count < 5 || total > 15) return NULL;
    bool prefix = international || *code;
    return g_strdup_printf("%s%s%.*s", prefix ? "+" : "", code, (int)count, from);
}
