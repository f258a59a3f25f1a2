#include "base/money.h"

#include <string.h>

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"

/* ISO 4217 list one (active codes), grouped by digits of the minor unit; of the codes without
 * (gold, testing, …) none is money a shop takes. */
static const struct {
    int digits;
    const char *codes; /* each three letters and a space */
} currencies[] = {
    {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN "
        "BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
        "GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
        "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
        "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
        "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW "
        "ZWG HRK "},
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
};

static const int64_t powers[] = {1,      10,      100,      1000,      10000,
                                 100000, 1000000, 10000000, 100000000, 1000000000};

int currency_digits(const char *code)
{
    if (strlen(code) != 3) return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(currencies); i++)
        for (const char *at = currencies[i].codes; *at; at += 4)
            if (memcmp(at, code, 3) == 0) return currencies[i].digits;
    return -1;
}

static const struct {
    const char *sign, *code;
} signs[] = {{"€", "EUR"}, {"£", "GBP"}, {"$", "USD"}, {"¥", "JPY"}};

bool currency_parse(Slice text, char ret_code[CURRENCY_SIZE], GError **error)
{
    text = text_trim(text);
    char code[CURRENCY_SIZE] = "";
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (slice_is(text, signs[i].sign)) memcpy(code, signs[i].code, CURRENCY_SIZE);
    for (size_t i = 0; text.size == 3 && !code[2] && i < 3; i++)
        code[i] = g_ascii_toupper(text.data[i]);
    if (currency_digits(code) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "currency \"%.*s\" is not known; use an ISO 4217 code such as EUR",
                    (int)MIN(text.size, 24), text.data ? text.data : "");
    memcpy(ret_code, code, CURRENCY_SIZE);
    return true;
}

/* ---- decimals ----------------------------------------------------------------------------- */

/* Drops currency codes and signs at both ends; keeps digits, signs, brackets, separators. */
static Slice number_core(Slice text)
{
    text = text_trim(text);
    static const char keep[] = "0123456789+-().,'";
    while (text.size && !strchr(keep, text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size && !strchr(keep, text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Whether what surrounds the number is a currency code or sign, or nothing. */
static bool affix_check(Slice affix)
{
    char code[CURRENCY_SIZE];
    affix = text_trim(affix);
    return affix.size == 0 || currency_parse(affix, code, NULL);
}

/* Removes the sign in any of its forms; false when there are two. */
static bool sign_take(Slice *text, bool *ret_negative)
{
    bool negative = false;
    int found = 0;
    if (text->size >= 2 && text->data[0] == '(' && text->data[text->size - 1] == ')') {
        *text = (Slice){text->data + 1, text->size - 2};
        negative = true;
        found++;
    }
    if (text->size && (text->data[0] == '-' || text->data[0] == '+')) {
        negative = negative || text->data[0] == '-';
        *text = (Slice){text->data + 1, text->size - 1};
        found++;
    }
    if (text->size && text->data[text->size - 1] == '-') {
        negative = true;
        text->size--;
        found++;
    }
    *ret_negative = negative;
    return found <= 1;
}

typedef struct Digits {
    int64_t whole;    /* before the decimal mark */
    int64_t micros;   /* behind it, x 10^6 */
    int fraction;     /* digits seen behind it */
    int group;        /* digits since the last group mark, -1 before the first */
    bool any, behind; /* a digit was seen; the decimal mark was passed */
    bool round_up;    /* the seventh decimal is 5 or more */
} Digits;

static bool digit_add(Digits *digits, int digit)
{
    digits->any = true;
    if (!digits->behind) {
        if (digits->group >= 0) digits->group++;
        return !__builtin_mul_overflow(digits->whole, 10, &digits->whole) &&
               !__builtin_add_overflow(digits->whole, digit, &digits->whole);
    }
    if (digits->fraction < 6) digits->micros = digits->micros * 10 + digit;
    if (digits->fraction == 6) digits->round_up = digit >= 5;
    digits->fraction++;
    return true;
}

/* A group mark: behind at least one digit, three digits apart. Swiss "'" and spaces too. */
static bool group_add(Digits *digits)
{
    if (!digits->any || digits->behind) return false;
    if (digits->group >= 0 && digits->group != 3) return false;
    digits->group = 0;
    return true;
}

static bool mark_add(Digits *digits)
{
    if (digits->behind || (digits->group >= 0 && digits->group != 3)) return false;
    digits->behind = true;
    return true;
}

/* Bytes of a space used between groups at `at`: blank, no-break, narrow no-break, thin. */
static size_t space_size(const char *at, size_t left)
{
    if (*at == ' ' || *at == '\'') return 1;
    if (left >= 2 && memcmp(at, "\xC2\xA0", 2) == 0) return 2;
    if (left >= 3 && (memcmp(at, "\xE2\x80\xAF", 3) == 0 || memcmp(at, "\xE2\x80\x89", 3) == 0 ||
                      memcmp(at, "\xE2\x80\x99", 3) == 0))
        return 3;
    return 0;
}

static bool digits_read(Slice text, DecimalStyle style, Digits *digits)
{
    char mark = style == DECIMAL_COMMA ? ',' : '.';
    char group = style == DECIMAL_COMMA ? '.' : ',';
    for (size_t i = 0; i < text.size;) {
        char byte = text.data[i];
        size_t space = space_size(text.data + i, text.size - i);
        bool good;
        if (g_ascii_isdigit(byte))
            good = digit_add(digits, byte - '0');
        else if (byte == mark)
            good = mark_add(digits);
        else
            good = (byte == group || space) && group_add(digits);
        if (!good) return false;
        i += space ? space : 1;
    }
    return digits->any && (digits->behind || digits->group < 0 || digits->group == 3);
}

static bool digits_micros(Digits *digits, bool negative, int64_t *ret_micros)
{
    for (int i = digits->fraction; i < 6; i++)
        digits->micros *= 10;
    int64_t micros;
    if (__builtin_mul_overflow(digits->whole, DECIMAL_SCALE, &micros)) return false;
    if (__builtin_add_overflow(micros, digits->micros + digits->round_up, &micros)) return false;
    *ret_micros = negative ? -micros : micros;
    return true;
}

static bool decimal_read(Slice text, DecimalStyle style, int64_t *ret_micros)
{
    Slice core = number_core(text);
    Slice before = {text.data, (size_t)(core.data - text.data)};
    Slice after = {core.data + core.size, (size_t)(text.data + text.size - core.data) - core.size};
    if (core.size == 0 || !affix_check(before) || !affix_check(after)) return false;
    bool negative;
    if (!sign_take(&core, &negative)) return false;
    if (core.size && !g_ascii_isdigit(core.data[0])) core = number_core(core); /* "-£5" */
    Digits digits = {.group = -1};
    return digits_read(core, style, &digits) && digits_micros(&digits, negative, ret_micros);
}

bool decimal_parse(Slice text, DecimalStyle style, int64_t *ret_micros, GError **error)
{
    if (text.size <= 64 && text.size > 0 && decimal_read(text, style, ret_micros)) return true;
    return fail(error, KITH_ERROR_INVALID, "number \"%.*s\" cannot be read with a decimal %s",
                (int)MIN(text.size, 40), text.data ? text.data : "",
                style == DECIMAL_COMMA ? "comma" : "point");
}

DecimalStyle decimal_style_guess(const Slice *samples, size_t count, bool *ret_certain)
{
    size_t point = 0, comma = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t a = 0, b = 0;
        if (!samples[i].size) continue;
        bool by_point = decimal_parse(samples[i], DECIMAL_POINT, &a, NULL);
        bool by_comma = decimal_parse(samples[i], DECIMAL_COMMA, &b, NULL);
        point += by_point && !by_comma;
        comma += by_comma && !by_point;
    }
    if (ret_certain) *ret_certain = (point > 0) != (comma > 0);
    return comma > point ? DECIMAL_COMMA : DECIMAL_POINT;
}

/* ---- money -------------------------------------------------------------------------------- */

/* floor(value / divisor + 0.5) for a positive divisor. */
static __int128 round_divide(__int128 value, __int128 divisor)
{
    __int128 shifted = value * 2 + divisor;
    __int128 twice = divisor * 2;
    __int128 quotient = shifted / twice;
    return quotient - (shifted % twice < 0);
}

static bool fits(__int128 value, int64_t *ret_value)
{
    if (value > INT64_MAX || value < INT64_MIN) return false;
    *ret_value = (int64_t)value;
    return true;
}

bool money_from_micros(int64_t micros, int digits, int64_t *ret_minor)
{
    return fits(round_divide((__int128)micros * powers[digits], DECIMAL_SCALE), ret_minor);
}

bool money_multiply(int64_t a_micros, int64_t b_micros, int digits, int64_t *ret_minor)
{
    /* 10^digits is at most 10^4: taken out of the divisor, so that nothing overflows 128 bits. */
    __int128 product = (__int128)a_micros * b_micros;
    __int128 divisor = (__int128)DECIMAL_SCALE * DECIMAL_SCALE / powers[digits];
    return fits(round_divide(product, divisor), ret_minor);
}

bool money_convert(int64_t minor, int digits, int64_t rate_nanos, int base_digits,
                   int64_t *ret_base_minor)
{
    __int128 scaled = (__int128)minor * rate_nanos;
    if (base_digits >= digits) {
        /* Keep the product in range: up to 4 more digits of a 126-bit product. */
        if (scaled > ((__int128)1 << 110) || scaled < -((__int128)1 << 110)) return false;
        scaled *= powers[base_digits - digits];
        return fits(round_divide(scaled, 1000000000), ret_base_minor);
    }
    return fits(round_divide(scaled, (__int128)1000000000 * powers[digits - base_digits]),
                ret_base_minor);
}

size_t money_format(int64_t minor, int digits, char ret_text[MONEY_TEXT_SIZE])
{
    char plain[ID_TEXT_SIZE];
    size_t size = id_format(minor, plain), from = minor < 0, out = 0;
    if (from) ret_text[out++] = '-';
    size_t count = size - from, wanted = (size_t)digits + 1;
    for (size_t pad = count; pad < wanted; pad++) {
        ret_text[out++] = '0';
        if (pad + 1 - count == 1 && digits) ret_text[out++] = '.';
    }
    for (size_t i = 0; i < count; i++) {
        if (digits && count >= wanted && count - i == (size_t)digits) ret_text[out++] = '.';
        ret_text[out++] = plain[from + i];
    }
    ret_text[out] = '\0';
    return out;
}
