#include "liquid/filters.h"

#include <math.h>

/* Shopify computes with exact decimals, so that 10.1 + 2.2 is 12.3. A Decimal is a whole number of
 * 10^-scale; what fits none (1e30 and the like) is computed as double. */
typedef struct Decimal {
    __int128 digits;
    int scale; /* 0..DECIMAL_SCALE_MAX */
} Decimal;

enum { DECIMAL_SCALE_MAX = 18 };

static const __int128 digits_max = (__int128)1000000000000000000 * 1000000000000000000;

/* The shortest decimal that reads back as this double. False when it is too large or too small. */
static bool decimal_of(const LiquidValue *value, Decimal *ret_decimal)
{
    char text[40];
    int precision = 0;
    if (value->kind == LIQUID_INT) {
        *ret_decimal = (Decimal){value->integer, 0};
        return true;
    }
    do {
        g_snprintf(text, sizeof text, "%.*e", precision, value->number);
    } while (g_ascii_strtod(text, NULL) != value->number && ++precision < 17);
    __int128 digits = 0;
    for (const char *at = text; *at != 'e'; at++)
        if (g_ascii_isdigit(*at)) digits = digits * 10 + (*at - '0');
    int64_t exponent = g_ascii_strtoll(strchr(text, 'e') + 1, NULL, 10) - precision;
    if (exponent > 18 || exponent < -DECIMAL_SCALE_MAX) return value->number == 0;
    for (; exponent > 0; exponent--)
        digits *= 10;
    *ret_decimal = (Decimal){value->number < 0 ? -digits : digits, (int)-exponent};
    return true;
}

/* Both with the larger scale of the two; false when that does not fit. */
static bool decimals_align(Decimal *a, Decimal *b)
{
    while (a->scale != b->scale) {
        Decimal *lower = a->scale < b->scale ? a : b;
        if (lower->digits >= digits_max / 10 || lower->digits <= -(digits_max / 10)) return false;
        lower->digits *= 10;
        lower->scale++;
    }
    return true;
}

static double decimal_double(Decimal decimal)
{
    char text[64], *at = text + sizeof text;
    bool negative = decimal.digits < 0;
    unsigned __int128 rest =
        negative ? -(unsigned __int128)decimal.digits : (unsigned __int128)decimal.digits;
    *--at = '\0';
    for (; rest > 0 || at == text + sizeof text - 1; rest /= 10)
        *--at = (char)('0' + (int)(rest % 10));
    g_autofree char *number = g_strdup_printf("%s%se-%d", negative ? "-" : "", at, decimal.scale);
    return g_ascii_strtod(number, NULL);
}

typedef enum Operation { PLUS, MINUS, TIMES, DIVIDE, MODULO } Operation;

/* Rounds towards minus infinity, as Ruby does. */
static __int128 floor_divide(__int128 a, __int128 b)
{
    __int128 quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static bool whole_result(Operation operation, int64_t a, int64_t b, __int128 *ret_result)
{
    __int128 left = a, right = b;
    switch (operation) {
    case PLUS:
        *ret_result = left + right;
        break;
    case MINUS:
        *ret_result = left - right;
        break;
    case TIMES:
        *ret_result = left * right;
        break;
    case DIVIDE:
        *ret_result = floor_divide(left, right);
        break;
    case MODULO:
        *ret_result = left - floor_divide(left, right) * right;
        break;
    }
    return *ret_result >= INT64_MIN && *ret_result <= INT64_MAX;
}

static double double_result(Operation operation, double a, double b)
{
    switch (operation) {
    case PLUS:
        return a + b;
    case MINUS:
        return a - b;
    case TIMES:
        return a * b;
    case DIVIDE:
        return a / b;
    case MODULO:
        break;
    }
    return a - floor(a / b) * b;
}

/* False when the decimals do not fit: then doubles have to do. */
static bool decimal_result(Operation operation, Decimal a, Decimal b, double *ret_result)
{
    Decimal product = {0, a.scale + b.scale};
    if (operation == TIMES) {
        if (__builtin_mul_overflow(a.digits, b.digits, &product.digits)) return false;
        *ret_result = decimal_double(product);
        return true;
    }
    if (!decimals_align(&a, &b)) return false;
    if (operation == DIVIDE) {
        *ret_result = (double)((long double)a.digits / (long double)b.digits);
        return true;
    }
    Decimal result = {operation == PLUS ? a.digits + b.digits : a.digits - b.digits, a.scale};
    if (operation == MODULO) result.digits = a.digits - floor_divide(a.digits, b.digits) * b.digits;
    *ret_result = decimal_double(result);
    return true;
}

static double double_of(const LiquidValue *value)
{
    return value->kind == LIQUID_INT ? (double)value->integer : value->number;
}

static bool number_result(Render *render, double number, LiquidValue *ret_value)
{
    if (!isfinite(number))
        return render_fail(render, KITH_ERROR_INVALID, "the result is too large");
    *ret_value = liquid_float(number);
    return true;
}

static bool operate(Render *render, const FilterInput *in, Operation operation,
                    LiquidValue *ret_value)
{
    LiquidValue a = value_number(&in->input), b = value_number(&in->arguments[0]);
    Decimal left, right;
    double result;
    __int128 whole;
    bool divides = operation == DIVIDE || operation == MODULO;
    if (divides && double_of(&b) == 0)
        return render_fail(render, KITH_ERROR_INVALID, "cannot divide by zero");
    if (a.kind == LIQUID_INT && b.kind == LIQUID_INT) {
        if (!whole_result(operation, a.integer, b.integer, &whole))
            return render_fail(render, KITH_ERROR_INVALID, "the result is too large");
        *ret_value = liquid_int((int64_t)whole);
        return true;
    }
    bool exact = decimal_of(&a, &left) && decimal_of(&b, &right) &&
                 (!divides || right.digits != 0) && decimal_result(operation, left, right, &result);
    if (!exact) result = double_result(operation, double_of(&a), double_of(&b));
    return number_result(render, result, ret_value);
}

bool filter_plus(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return operate(render, in, PLUS, ret_value);
}

bool filter_minus(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return operate(render, in, MINUS, ret_value);
}

bool filter_times(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return operate(render, in, TIMES, ret_value);
}

bool filter_divided_by(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return operate(render, in, DIVIDE, ret_value);
}

bool filter_modulo(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    return operate(render, in, MODULO, ret_value);
}

bool filter_abs(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    LiquidValue number = value_number(&in->input);
    if (number.kind == LIQUID_INT && number.integer == INT64_MIN)
        return render_fail(render, KITH_ERROR_INVALID, "the result is too large");
    *ret_value = number.kind == LIQUID_INT ? liquid_int(ABS(number.integer))
                                           : liquid_float(fabs(number.number));
    return true;
}

/* The one of the two that is larger (sign 1) or smaller (sign -1). */
static bool bounded(const FilterInput *in, int sign, LiquidValue *ret_value)
{
    LiquidValue number = value_number(&in->input), bound = value_number(&in->arguments[0]);
    bool both_whole = number.kind == LIQUID_INT && bound.kind == LIQUID_INT;
    int order = both_whole ? (number.integer > bound.integer) - (number.integer < bound.integer)
                           : (double_of(&number) > double_of(&bound)) -
                                 (double_of(&number) < double_of(&bound));
    *ret_value = order * sign < 0 ? bound : number;
    return true;
}

bool filter_at_least(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    (void)render;
    return bounded(in, 1, ret_value);
}

bool filter_at_most(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    (void)render;
    return bounded(in, -1, ret_value);
}

static bool whole_value(Render *render, double number, LiquidValue *ret_value)
{
    if (fabs(number) >= 9.2e18)
        return render_fail(render, KITH_ERROR_INVALID, "the result is too large");
    *ret_value = liquid_int((int64_t)number);
    return true;
}

bool filter_ceil(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    *ret_value = value_number(&in->input);
    return ret_value->kind == LIQUID_INT || whole_value(render, ceil(ret_value->number), ret_value);
}

bool filter_floor(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    *ret_value = value_number(&in->input);
    return ret_value->kind == LIQUID_INT ||
           whole_value(render, floor(ret_value->number), ret_value);
}

/* Half away from zero at the last of `digits` decimals, on the decimal that is seen: 2.675 to two
 * is 2.68, though the double lies below. */
static double round_decimal(Decimal decimal, int digits)
{
    for (; decimal.scale > digits; decimal.scale--) {
        __int128 rest = decimal.digits % 10;
        decimal.digits /= 10;
        bool last = decimal.scale == digits + 1;
        if (last && rest >= 5) decimal.digits++;
        if (last && rest <= -5) decimal.digits--;
    }
    return decimal_double(decimal);
}

bool filter_round(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    LiquidValue number = value_number(&in->input), places = value_number(&in->arguments[0]);
    Decimal decimal;
    double wanted = CLAMP(double_of(&places), -40.0, 40.0);
    int digits = (int)wanted;
    *ret_value = number;
    if (number.kind == LIQUID_INT && digits >= 0) return true;
    if (digits < 0) {
        double unit = pow(10, -digits);
        return whole_value(render, round(double_of(&number) / unit) * unit, ret_value);
    }
    double result = decimal_of(&number, &decimal) ? round_decimal(decimal, digits) : number.number;
    if (digits == 0) return whole_value(render, round(result), ret_value);
    *ret_value = liquid_float(result);
    return true;
}
