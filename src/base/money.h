/* base/money.h: currencies, exact decimals and money in minor units.
 *
 * No floating point anywhere. A decimal is an int64 of millionths (x 10^6), money an int64 of the
 * currency's minor unit (ISO 4217: cents, pence; yen have none). Every product is rounded once,
 * by floor(x + 0.5), and everything that does not fit is an error, never a wrong number.
 *
 *     int64_t price, quantity, minor;
 *     if (!decimal_parse(SLICE("1.234,50"), DECIMAL_COMMA, &price, error)) …
 *     if (!money_multiply(price, quantity, 2, &minor)) … over the range …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    DECIMAL_SCALE = 1000000, /* millionths */
    CURRENCY_SIZE = 4,       /* "GBP" and NUL */
    MONEY_TEXT_SIZE = 28,
};

typedef enum DecimalStyle {
    DECIMAL_POINT, /* 1,234.50 */
    DECIMAL_COMMA, /* 1.234,50 */
} DecimalStyle;

/* Digits of the minor unit of an ISO 4217 code in upper case (GBP 2, JPY 0, KWD 3); -1 when the
 * code is not on the list. */
int currency_digits(const char *code);

/* Reads a code in any case, white space around it ignored, or one of the signs € £ $ ¥ (EUR, GBP,
 * USD, JPY). Errors: KITH_ERROR_INVALID naming it. */
bool currency_parse(Slice text, char ret_code[CURRENCY_SIZE], GError **error);

/* Reads a decimal to millionths. Takes a sign in front or behind, accounting brackets, currency
 * signs and codes at the ends, thousands groups of the style (also ' and spaces) and more than six
 * decimals (rounded half up in size). Errors: KITH_ERROR_INVALID naming the text. */
bool decimal_parse(Slice text, DecimalStyle style, int64_t *ret_micros, GError **error);

/* Which style a column of numbers is written in: DECIMAL_COMMA when it must be, else POINT.
 * `ret_certain` (may be NULL): some text can be read by one style only. */
DecimalStyle decimal_style_guess(const Slice *samples, size_t count, bool *ret_certain);

/* Millionths to minor units of `digits` decimals, floor(x + 0.5). */
bool money_from_micros(int64_t micros, int digits, int64_t *ret_minor);

/* floor(a x b x 10^digits + 0.5) of two decimals in millionths. False when over int64. */
bool money_multiply(int64_t a_micros, int64_t b_micros, int digits, int64_t *ret_minor);

/* Converts minor units by a rate (base currency per one of the other, x 10^9) and the digits of
 * both, floor(x + 0.5). False when over int64. */
bool money_convert(int64_t minor, int digits, int64_t rate_nanos, int base_digits,
                   int64_t *ret_base_minor);

/* Writes "-1234.50" (point, no groups) and returns its length. `digits` 0..4. */
size_t money_format(int64_t minor, int digits, char ret_text[MONEY_TEXT_SIZE]);
