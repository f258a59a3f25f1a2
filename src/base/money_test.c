#include "base/money.h"

#include "base/error.h"

static void reads_decimals(void)
{
    static const struct {
        const char *why, *text;
        DecimalStyle style;
        bool good;
        int64_t want;
    } cases[] = {
        {"plain", "2.55", DECIMAL_POINT, true, 2550000},
        {"whole", "17850", DECIMAL_POINT, true, 17850000000},
        {"negative", "-0.5", DECIMAL_POINT, true, -500000},
        {"minus behind", "12.50-", DECIMAL_POINT, true, -12500000},
        {"accounting brackets", "(1,234.50)", DECIMAL_POINT, true, -1234500000},
        {"groups", "1,234,567.89", DECIMAL_POINT, true, 1234567890000},
        {"German", "1.234,50", DECIMAL_COMMA, true, 1234500000},
        {"comma only", "2,55", DECIMAL_COMMA, true, 2550000},
        {"Swiss", "1'234.50", DECIMAL_POINT, true, 1234500000},
        {"French spaces", "1 234,50", DECIMAL_COMMA, true, 1234500000},
        {"narrow no-break space", "1\u202F234,50", DECIMAL_COMMA, true, 1234500000},
        {"sign in front", "£2.55", DECIMAL_POINT, true, 2550000},
        {"minus and sign", "-£2.55", DECIMAL_POINT, true, -2550000},
        {"sign behind", "2,55 €", DECIMAL_COMMA, true, 2550000},
        {"code", "EUR 2.55", DECIMAL_POINT, true, 2550000},
        {"no digit in front", ".5", DECIMAL_POINT, true, 500000},
        {"seven decimals are rounded", "0.0000005", DECIMAL_POINT, true, 1},
        {"the largest", "9223372036854.775807", DECIMAL_POINT, true, INT64_MAX},
        {"over the range", "9223372036854.775808", DECIMAL_POINT, false, 0},
        {"far over", "99999999999999999999", DECIMAL_POINT, false, 0},
        {"a group of two", "1,23", DECIMAL_POINT, false, 0},
        {"two marks", "1.2.3", DECIMAL_POINT, false, 0},
        {"two signs", "--1", DECIMAL_POINT, false, 0},
        {"letters", "abc", DECIMAL_POINT, false, 0},
        {"exponent", "1e5", DECIMAL_POINT, false, 0},
        {"empty", "", DECIMAL_POINT, false, 0},
        {"only a sign", "-", DECIMAL_POINT, false, 0},
        {"words around", "about 5", DECIMAL_POINT, false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t micros = 0;
        g_test_message("%s: %s", cases[i].why, cases[i].text);
        bool good = decimal_parse(slice_of(cases[i].text), cases[i].style, &micros, NULL);
        g_assert_cmpint(good, ==, cases[i].good);
        if (good) g_assert_cmpint(micros, ==, cases[i].want);
    }
}

static void multiplies_and_rounds_once(void)
{
    static const struct {
        const char *why;
        int64_t a, b;
        int digits;
        bool good;
        int64_t want;
    } cases[] = {
        {"6 x 2.55", 6000000, 2550000, 2, true, 1530},
        {"half goes up", 500000, 10000, 2, true, 1},
        {"negative half goes up too: floor(x + 0.5)", -500000, 10000, 2, true, 0},
        {"three halves below zero", -1500000, 10000, 2, true, -1},
        {"yen", 3000000, 1500000, 0, true, 5},
        {"dinar", 1000000, 1234500, 3, true, 1235},
        {"overflow", INT64_MAX, INT64_MAX, 2, false, 0},
        {"large, fits", 9000000000000000, 1000000, 2, true, 900000000000},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t minor = 0;
        g_test_message("%s", cases[i].why);
        bool good = money_multiply(cases[i].a, cases[i].b, cases[i].digits, &minor);
        g_assert_cmpint(good, ==, cases[i].good);
        if (good) g_assert_cmpint(minor, ==, cases[i].want);
    }
    int64_t base;
    g_assert_true(money_convert(1000, 2, 1170000000, 2, &base)); /* 10.00 GBP at 1.17 EUR */
    g_assert_cmpint(base, ==, 1170);
    g_assert_true(money_convert(1000, 0, 6100000, 2, &base)); /* 1000 JPY at 0.0061 EUR */
    g_assert_cmpint(base, ==, 610);
    g_assert_true(money_convert(610, 2, 163934426230, 0, &base)); /* 6.10 EUR in JPY */
    g_assert_cmpint(base, ==, 1000);
    g_assert_false(money_convert(INT64_MAX, 0, INT64_MAX, 2, &base));
}

static void knows_currencies(void)
{
    char code[CURRENCY_SIZE];
    g_assert_cmpint(currency_digits("GBP"), ==, 2);
    g_assert_cmpint(currency_digits("JPY"), ==, 0);
    g_assert_cmpint(currency_digits("KWD"), ==, 3);
    g_assert_cmpint(currency_digits("XYZ"), ==, -1);
    g_assert_cmpint(currency_digits("P G"), ==, -1);
    g_assert_cmpint(currency_digits(""), ==, -1);
    g_assert_true(currency_parse(SLICE(" eur "), code, NULL));
    g_assert_cmpstr(code, ==, "EUR");
    g_assert_true(currency_parse(SLICE("£"), code, NULL));
    g_assert_cmpstr(code, ==, "GBP");
    g_autoptr(GError) error = NULL;
    g_assert_false(currency_parse(SLICE("DOUBLOON"), code, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
}

static void guesses_and_writes(void)
{
    Slice german[] = {SLICE("5"), SLICE("1.234,50"), SLICE("2,5")};
    Slice plain[] = {SLICE("5"), SLICE("1,234.50"), SLICE("2.5")};
    Slice open[] = {SLICE("5"), SLICE("17")};
    bool certain;
    g_assert_cmpint(decimal_style_guess(german, 3, &certain), ==, DECIMAL_COMMA);
    g_assert_true(certain);
    g_assert_cmpint(decimal_style_guess(plain, 3, &certain), ==, DECIMAL_POINT);
    g_assert_true(certain);
    g_assert_cmpint(decimal_style_guess(open, 2, &certain), ==, DECIMAL_POINT);
    g_assert_false(certain);
    static const struct {
        int64_t minor;
        int digits;
        const char *want;
    } cases[] = {{891140790, 2, "8911407.90"},
                 {-5, 2, "-0.05"},
                 {0, 2, "0.00"},
                 {50, 2, "0.50"},
                 {7, 0, "7"},
                 {1234, 3, "1.234"},
                 {INT64_MIN, 2, "-92233720368547758.08"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char text[MONEY_TEXT_SIZE];
        money_format(cases[i].minor, cases[i].digits, text);
        g_assert_cmpstr(text, ==, cases[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/money/decimals", reads_decimals);
    g_test_add_func("/money/multiply", multiplies_and_rounds_once);
    g_test_add_func("/money/currencies", knows_currencies);
    g_test_add_func("/money/guess_write", guesses_and_writes);
    return g_test_run();
}
