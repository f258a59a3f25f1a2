/* Sentences as the house says them, and the codes the catalogues of the UI know them by. */
#include "net/reason.h"

#include "base/dates.h"
#include "base/error.h"
#include "base/money.h"

static char *told(const char *sentence)
{
    json_t *json = reason_json(sentence);
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    char *copy = g_strdup(text);
    free(text);
    json_decref(json);
    return copy;
}

static void sentences_have_codes(void)
{
    static const struct {
        const char *why, *sentence, *want;
    } cases[] = {
        {"no value", "is required", "{\"code\":\"required\",\"values\":[]}"},
        {"two values", "must be 1 to 9", "{\"code\":\"range\",\"values\":[\"1\",\"9\"]}"},
        {"a value at the end", "must be one of: a, b",
         "{\"code\":\"choice\",\"values\":[\"a, b\"]}"},
        {"a value that looks like the sentence", "date \"a\": not a date\": not a date",
         "{\"code\":\"date-unreadable\",\"values\":[\"a\\\": not a date\"]}"},
        {"a value at the start", "tax: the amount is too large",
         "{\"code\":\"amount-large\",\"values\":[\"tax\"]}"},
        {"nothing for a value", "line : the order is too large",
         "{\"code\":\"order-large\",\"values\":[\"\"]}"},
        {"a cut letter", "date \"\xc3\": not a date",
         "{\"code\":\"date-unreadable\",\"values\":[\"\xef\xbf\xbd\"]}"},
        {"a rule's mistake at its place", "line 2, column 10: there is no date 2023-02-29",
         "{\"code\":\"rule-date\",\"values\":[\"2023-02-29\"]}"},
        {"a place alone", "line 2, column 10: ", "null"},
        {"no place", "line x, column 10: there is no date 2023-02-29", "null"},
        {"more than the sentence", "is required, really", "null"},
        {"less than the sentence", "is require", "null"},
        {"not listed", "the moon is full", "null"},
        {"none", NULL, "null"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *got = told(cases[i].sentence);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
    g_autofree char *long_one = g_strnfill(REASON_SENTENCE_MAX + 1, '*');
    g_autofree char *got = told(long_one);
    g_assert_cmpstr(got, ==, "null");
}

/* What base says of dates, numbers and currencies, as it says it. */
static void what_base_says_is_listed(void)
{
    static const char *const dates[] = {"soon", "2026-02-30", "1066-10-14"};
    const Zone *utc = zone_find(slice_of("UTC"), NULL);
    int64_t micros;
    char currency[4];
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(date_parse(slice_of(dates[i]), DATE_YMD, utc, &micros, &error));
        g_autofree char *got = told(error->message);
        g_assert_true(g_str_has_prefix(got, "{\"code\":\"date-"));
    }
    for (DecimalStyle style = DECIMAL_POINT; style <= DECIMAL_COMMA; style++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(decimal_parse(slice_of("12 bottles"), style, &micros, &error));
        g_prefix_error(&error, "price: ");
        g_autofree char *got = told(error->message);
        g_assert_true(g_str_has_prefix(got, "{\"code\":\"number-"));
    }
    g_autoptr(GError) error = NULL;
    g_assert_false(currency_parse(slice_of("florins"), currency, &error));
    g_autofree char *got = told(error->message);
    g_assert_cmpstr(got, ==, "{\"code\":\"currency-unknown\",\"values\":[\"florins\"]}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/reason/codes", sentences_have_codes);
    g_test_add_func("/net/reason/base", what_base_says_is_listed);
    return g_test_run();
}
