/* The language alone: what is a rule, how it is written again, and what is refused, where and why.
 */
#include "segments/language.h"

#include "base/error.h"
#include "base/limits.h"
#include "net/reason.h"
#include "segments/match.h"
#include "segments/near.h"

#include <string.h>

/* Written canonically; NULL: as it stands. */
static void texts_become_canonical(void)
{
    static const char *const cases[][2] = {
        {"EVERYBODY", "everybody"},
        {"a=1 AND (b=2 and c=3)", "a = 1 and b = 2 and c = 3"},
        {"a = 1 or b = 2 and c = 3", "a = 1 or b = 2 and c = 3"},
        {"(a = 1 or b = 2) and c = 3", "(a = 1 or b = 2) and c = 3"},
        {"not (not a = 1)", "not not a = 1"},
        {"not did \"X\"", "did not \"X\""},
        {"not (did \"X\" then \"Y\")", "not (did \"X\" then \"Y\")"},
        {"a not in (1)", "not a in (1)"},
        {"a = 1.500000", "a = 1.5"},
        {"a = -0.000001", "a = -0.000001"},
        {"a = 5 EUR", "a = 5 EUR"},
        {"\"and\".b.\"c d\" exists", "\"and\".b.\"c d\" exists"},
        {"größe > 3", "größe > 3"},
        {"a = \"q\\\"b\\\\s\"", "a = \"q\\\"b\\\\s\""},
        {"did \"X\" in last 1 days at least 1 times", "did \"X\" at least 1 time in last 1 day"},
        {"did \"X\" between 25 and 35 days ago", "did \"X\" between 35 and 25 days ago"},
        {"did \"X\" between 2 and 3 times between 5 and 4 weeks ago",
         "did \"X\" between 2 and 3 times between 5 and 4 weeks ago"},
        {"sum(a.b) of \"X\" in last 3 days >= 2", "sum(a.b) of \"X\" >= 2 in last 3 days"},
        {"count of \"X\" between 1 and 2 between 9 and 8 days ago",
         "count of \"X\" between 1 and 2 between 9 and 8 days ago"},
        {"\"count\" = 3", "\"count\" = 3"},
        {"21st \"X\" today", "21st \"X\" today"},
        {"12th \"X\" before 2024-02-29", "12th \"X\" before 2024-02-29"},
        {"top 2.5 % by x.y", "top 2.5 % by x.y"},
        {"a between 2024-01-01 and 2024-01-31", "a between 2024-01-01 and 2024-01-31"},
        {"a in last 3 days # comment", "a in last 3 days"},
        {"average time between \"X\" <= 30.0 days", "average time between \"X\" <= 30 days"},
        {"median time between \"X\" where a = 1 today between 1 hours and 2 hours",
         "median time between \"X\" where a = 1 between 1 and 2 hours today"},
        {"maximum time between \"X\" != 1 weeks between 9 and 8 days ago",
         "maximum time between \"X\" != 1 week between 9 and 8 days ago"},
        {"ratio of \"X\" where a = 1 to \"Y\" in last 2 days >= 20%",
         "ratio of \"X\" where a = 1 to \"Y\" >= 20 % in last 2 days"},
        {"ratio of \"X\" to \"Y\" where (a=1 or b=2) between 0.5 and 1",
         "ratio of \"X\" to \"Y\" where (a = 1 or b = 2) between 0.5 and 1"},
        {"ratio of \"X\" to \"Y\" between 5 % and 10 % today",
         "ratio of \"X\" to \"Y\" between 5 and 10 % today"},
        {"ratio = 3", "ratio = 3"},
        {"lifecycle \"LAPSED\"", "lifecycle \"lapsed\""},
        {"lifecycle = 3 or lifecycle exists", "lifecycle = 3 or lifecycle exists"},
        {"did \"X\" where context.campaign.source = \"A\"",
         "did \"X\" where context.campaign.source = \"A\""},
        {"did \"X\" where \"context\".a = 1 or context = 2",
         "did \"X\" where \"context\".a = 1 or \"context\" = 2"},
        {"distinct(context.page.path) of \"X\" > 2", "distinct(context.page.path) of \"X\" > 2"},
        {"did \"X\" where a not in (1, 2)", "did \"X\" where (not a in (1, 2))"},
        {"median = 3 or time = 2", "median = 3 or time = 2"},
        {"did \"X\" today THEN \"Y\" where (a=1) within 1 days Then \"Z\" and not then \"X\" "
         "within "
         "90 minutes",
         "did \"X\" today then \"Y\" where a = 1 within 1 day then \"Z\" and not then \"X\" within "
         "90 minutes"},
        {"did \"X\" where (a = 1 or not (b = 2 and c exists))",
         "did \"X\" where (a = 1 or not (b = 2 and c exists))"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i][0]);
        g_autoptr(Rule) rule = rule_parse(slice_of(cases[i][0]), NULL, &error);
        g_assert_no_error(error);
        g_autofree char *text = rule_text(rule);
        g_assert_cmpstr(text, ==, cases[i][1]);
    }
}

typedef struct Mistake {
    const char *text;
    uint32_t line, column;
    const char *says;
} Mistake;

static const Mistake mistakes[] = {
    {"", 1, 1, "the rule ends where a condition was expected"},
    {"a =", 1, 4, "the rule ends where a value was expected"},
    {"count = 3", 1, 1, "stands in double quotes"},
    {"a = b", 1, 5, "texts stand in double quotes"},
    {"a = 'b'", 1, 5, "double quotes"},
    {"a = \"b", 1, 5, "no closing quote"},
    {"ä = 1 and\n  b ~ 2", 2, 5, "no meaning"},
    {"did \"X\" atleast 3 times", 1, 9, "expected and, or, or the end"},
    {"did \"X\" at leest 3 times", 1, 12, "did you mean least?"},
    {"did \"X\" in last 3 dayz", 1, 19, "did you mean days?"},
    {"did \"X\" in last 3.5 days", 1, 17, "a whole one"},
    {"did \"X\" on 2023-02-29", 1, 12, "there is no date 2023-02-29"},
    {"did \"X\" between 2024-02-02 and 2024-02-01", 1, 17, "lies after"},
    {"did \"X\" between 5 and 5 days ago", 1, 17, "two equal ages"},
    {"did \"X\" in next 5 days", 1, 9, "events lie in the past"},
    {"did \"X\" at least 2 times then \"Y\"", 1, 26, "a sequence begins with did"},
    {"did \"X\" and not then \"Y\" then \"Z\"", 1, 26, "is the last step of a sequence"},
    {"did \"X\" then \"Y\" in last 2 days", 1, 18, "takes within 2 days"},
    {"ratio of \"X\" to \"Y\" >= \"a\"", 1, 24, "a number"},
    {"ratio of \"X\" >= 2", 1, 14, "\"to\""},
    {"ratio of \"X\" to >= 2", 1, 17, "the name of an event"},
    {"ratio of \"X\" to \"Y\" between 5 % and 10", 1, 33, "in the same unit"},
    {"ratio of \"X\" to \"Y\" >= 2000000", 1, 24, "0 to 1000000"},
    {"did \"X\" where context.ip = 1", 1, 15, "are kept"},
    {"did \"X\" where context.campain.source = 1", 1, 15, "did you mean campaign?"},
    {"did \"X\" where context.page.ulr = 1", 1, 15, "did you mean url?"},
    {"did \"X\" where context.page exists", 1, 15, "are kept"},
    {"lifecycle \"activ\"", 1, 11, "did you mean \"active\"?"},
    {"lifecycle active", 1, 11, "in double quotes"},
    {"average time between \"X\" <= 30", 1, 31, "minutes, hours"},
    {"average time between \"X\" <= 30 day5", 1, 32, "did you mean days?"},
    {"average time between \"X\" <= 3 months", 1, 31, "write 30 days"},
    {"average time between \"X\" in (3) days", 1, 26, "a comparison"},
    {"average time between \"X\" contains 3", 1, 26, "a comparison"},
    {"average time between \"X\" < -1 days", 1, 28, "0 to 1000000"},
    {"average time between \"X\" between 1 hour and 2 days", 1, 41, "in the same unit"},
    {"average time of \"X\" < 1 day", 1, 14, "\"between\""},
    {"average time between X < 1 day", 1, 22, "the name of an event"},
    {"average time between \"X\" < 1 day in next 2 days", 1, 34, "lie in the past"},
    {"did \"X\" then \"Y\" within 2", 1, 26, "minutes, hours"},
    {"did \"X\" then Y", 1, 14, "the name of an event"},
    {"did not \"X\" then \"Y\"", 1, 13, "write not (did"},
    {"birthday in last 3 hours", 1, 10, "lie in days"},
    {"birthday", 1, 9, "when"},
    {"a contains 3", 1, 3, "takes a text"},
    {"a < true", 1, 3, "have no order"},
    {"a between 1 and \"b\"", 1, 3, "two values of one kind"},
    {"sum(a) of \"X\" contains \"b\"", 1, 15, "an amount is compared with"},
    {"sum(a) of \"X\" = \"b\"", 1, 15, "an amount is compared with a number"},
    {"average(a) / 0 > 1", 1, 12, "no meaning"},
    {"top 101 % by a", 1, 5, "0 to 100 %"},
    {"top 1.5 by a", 1, 5, "a whole number of people"},
    {"random 200 % seed \"x\"", 1, 8, "0 to 100"},
    {"silent longer than 0 times usual", 1, 20, "over 0"},
    {"consent fax", 1, 9, "a channel"},
    {"consent emial", 1, 9, "did you mean email?"},
    {"(a = 1", 1, 7, "\")\""},
    {"a = 1)", 1, 6, "the end of the rule"},
    {"a = 99999999999999999999", 1, 5, "too large"},
    {"a = 0.0000001", 1, 5, "more than 6 decimals"},
    {"3x = 1", 1, 1, "cannot begin with a digit"},
    {"a = 1 \xff", 1, 1, "not UTF-8"},
};

/* The stable code of a sentence; NULL: it has none. The caller frees. */
static char *reason_of(const char *sentence)
{
    json_t *reason = reason_json(sentence);
    char *code = g_strdup(json_string_value(json_object_get(reason, "code")));
    json_decref(reason);
    return code;
}

static void mistakes_are_placed(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        RuleProblem problem;
        g_autoptr(GError) error = NULL;
        g_autoptr(Rule) rule = rule_parse(slice_of(mistakes[i].text), &problem, &error);
        g_test_message("%u: %s", (unsigned)i, error ? error->message : "read");
        g_assert_null(rule);
        g_assert_nonnull(strstr(problem.message, mistakes[i].says));
        g_autofree char *code = reason_of(problem.message);
        g_assert_nonnull(code);
        g_assert_true(!problem.expected == !g_str_has_prefix(code, "rule-e"));
        g_assert_cmpuint(problem.line, ==, mistakes[i].line);
        g_assert_cmpuint(problem.column, ==, mistakes[i].column);
    }
}

/* ---- limits, on both sides ---- */

static char *repeated(const char *before, const char *middle, const char *after, unsigned count)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++)
        g_string_append(text, before);
    g_string_append(text, middle);
    for (unsigned i = 0; i < count; i++)
        g_string_append(text, after);
    return g_string_free(text, FALSE);
}

static void limit_check(char *steal_text, bool fits)
{
    g_autofree char *text = steal_text;
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_test_message("%.40s… (%zu bytes): %s", text, strlen(text), error ? error->message : "read");
    if (fits)
        g_assert_no_error(error);
    else
        g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
}

static void limits_hold(void)
{
    limit_check(repeated("(", "a = 1", ")", LIMIT_RULE_DEPTH), true);
    limit_check(repeated("(", "a = 1", ")", LIMIT_RULE_DEPTH + 1), false);
    limit_check(repeated("not ", "a = 1", "", LIMIT_RULE_DEPTH), true);
    limit_check(repeated("not ", "a = 1", "", LIMIT_RULE_DEPTH + 1), false);
    limit_check(repeated("(", "a = 1", ")", 8000), false); /* within the bytes */
    limit_check(repeated("not ", "a = 1", "", 10000), false);
    limit_check(repeated(" ", "a = 1", "", LIMIT_RULE_BYTES - 5), true);
    limit_check(repeated(" ", "a = 1", "", LIMIT_RULE_BYTES - 4), false);
    limit_check(repeated("a = 1 or ", "a = 1", "", 1024 * 1024 / 9), false);
    limit_check(repeated("a=1 or ", "a=1", "", LIMIT_RULE_PARTS - 2), true);
    limit_check(repeated("a=1 or ", "a=1", "", LIMIT_RULE_PARTS), false);
    g_autofree char *list = repeated("1,", "1", "", LIMIT_RULE_LIST - 1);
    limit_check(g_strdup_printf("a in (%s)", list), true);
    limit_check(g_strdup_printf("a in (1,%s)", list), false);
    limit_check(repeated("", "did \"X\"", " then \"X\"", RULE_STEPS_MAX - 1), true);
    limit_check(repeated("", "did \"X\"", " then \"X\"", RULE_STEPS_MAX), false);
    limit_check(g_strdup("a.b.c.d.e.f.g.h = 1"), true);
    limit_check(g_strdup("a.b.c.d.e.f.g.h.i = 1"), false);
}

/* ---- JSON ---- */

static void json_is_refused(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    g_assert_nonnull(json);
    g_autoptr(Rule) rule = rule_from_json(json, &error);
    g_test_message("%s: %s", text, error ? error->message : "read");
    g_assert_null(rule);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    json_decref(json);
}

static void wrong_json_is_refused(void)
{
    static const char *const cases[] = {
        "{}",
        "[]",
        "null",
        "3",
        "{\"and\":[]}",
        "{\"and\":{}}",
        "{\"not\":3}",
        "{\"did\":3}",
        "{\"did\":{\"event\":\"\"}}",
        "{\"field\":[],\"is\":\"=\",\"value\":1}",
        "{\"field\":[\"a\"],\"is\":\"~\",\"value\":1}",
        "{\"field\":[\"a\"],\"is\":\"=\"}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":{\"date\":\"2023-02-29\"}}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":1e300}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":{\"number\":\"1 or everybody\"}}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":{\"date\":\"2024-01-01 or everybody\"}}",
        "{\"consent\":\"email or everybody\"}",
        "{\"random\":5}",
        "{\"everybody\":false}",
        "{\"did\":{\"event\":\"X\"},\"window\":{\"period\":{\"unit\":\"month\",\"step\":7}}}",
        "{\"did\":{\"event\":\"X\"},\"window\":{\"in_last\":{\"number\":1,\"unit\":\"eons\"}}}",
        "{\"did\":{\"event\":\"X\"},\"window\":{}}",
        "{\"nth\":-1,\"of\":{\"event\":\"X\"}}",
        "{\"did\":{\"event\":\"X\"},\"then\":[]}",
        "{\"lifecycle\":3}",
        "{\"lifecycle\":\"gone\"}",
        "{\"ratio\":{\"event\":\"X\"},\"is\":\"=\",\"value\":1}",
        "{\"ratio\":{\"event\":\"X\"},\"to\":3,\"is\":\"=\",\"value\":1}",
        "{\"did\":{\"event\":\"X\",\"where\":{\"context\":[\"ip\"],\"is\":\"=\",\"value\":1}}}",
        "{\"time_between\":\"sum\",\"of\":{\"event\":\"X\"},\"is\":\"=\",\"value\":1}",
        "{\"time_between\":\"average\",\"of\":{\"event\":\"X\"},\"is\":\"=\",\"value\":1}",
        "{\"did\":{\"event\":\"X\"},\"then\":3}",
        "{\"did\":{\"event\":\"X\"},\"then\":[{\"where\":{}}]}",
        "{\"did\":{\"event\":\"X\"},\"within\":{\"number\":2,\"unit\":\"days\"}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        json_is_refused(cases[i]);
}

/* What would be passed over might have been meant to narrow the rule. */
static void json_that_says_too_much_is_refused(void)
{
    static const char *const cases[] = {
        "{\"everybody\":true,\"tag\":\"x\"}",
        "{\"and\":[{\"everybody\":true}],\"or\":[{\"everybody\":true}]}",
        "{\"did\":{\"event\":\"X\"},\"windw\":{\"period\":{\"unit\":\"day\",\"step\":0}}}",
        "{\"did\":{\"event\":\"X\"},\"\":1}",
        "{\"did\":{\"event\":\"X\"},\"times window\":1}",
        "{\"did\":{\"event\":\"X\",\"were\":{\"field\":[\"a\"],\"is\":\"exists\"}}}",
        "{\"did\":{\"event\":\"X\",\"within\":{\"number\":2,\"unit\":\"days\"}}}",
        "{\"did\":{\"event\":\"X\"},\"times\":{\"at_least\":1,\"at_most\":2}}",
        "{\"did\":{\"event\":\"X\"},\"window\":{\"since\":\"2024-01-01\",\"before\":\"2025-01-01\"}"
        "}",
        "{\"did\":{\"event\":\"X\"},\"window\":{\"in_last\":{\"number\":1,\"unit\":\"days\",\"x\":"
        "1}}}",
        "{\"did\":{\"event\":\"X\"},\"then\":[{\"event\":\"Y\",\"times\":{\"at_least\":2}}]}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":1,\"values\":[1,2]}",
        "{\"field\":[\"a\"],\"is\":\"in\",\"value\":1,\"values\":[1,2]}",
        "{\"field\":[\"a\"],\"is\":\"exists\",\"value\":1}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":{\"number\":1,\"currency\":5}}",
        "{\"field\":[\"a\"],\"is\":\"=\",\"value\":{\"date\":\"2024-01-01\",\"number\":1}}",
        "{\"ratio\":{\"event\":\"X\"},\"to\":{\"event\":\"Y\"},\"is\":\"=\",\"value\":1,"
        "\"percent\":\"yes\"}",
        "{\"top\":10,\"percent\":1,\"by\":{\"field\":[\"spent\"]}}",
        "{\"top\":10,\"by\":{\"field\":[\"spent\"],\"window\":{\"on\":\"2024-01-01\"}}}",
        "{\"birthday\":false,\"window\":{\"on\":\"2024-01-01\"}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        json_is_refused(cases[i]);
}

static void deep_json_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = repeated("{\"not\":", "{\"everybody\":true}", "}", 1000);
    json_t *json = json_loads(text, 0, NULL);
    g_autoptr(Rule) rule = rule_from_json(json, &error);
    g_assert_null(rule);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    json_decref(json);
}

/* ---- words ---- */

static void stars_match_without_going_back(void)
{
    static const struct {
        const char *pattern, *text;
        bool holds;
    } cases[] = {
        {"*", "", true},
        {"", "", true},
        {"a*c", "abbbc", true},
        {"a*c", "abbb", false},
        {"*b*", "abc", true},
        {"a", "ab", false},
        {"*@*.de", "x@y.de", true},
        {"**a", "ba", true},
        {"a*b*c", "acb", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(match_glob(cases[i].pattern, cases[i].text), ==, cases[i].holds);
    /* What takes a backtracking matcher longer than the universe: it would not return. */
    g_autofree char *text = g_strnfill(8000, 'a');
    g_autofree char *pattern = repeated("*a", "b", "", 200);
    g_assert_false(match_glob(pattern, text));
}

static void near_names_are_found(void)
{
    static const char *const names[] = {"Order Completed", "Order Cancelled", "Page Viewed"};
    static const char *const cases[][2] = {
        {"Oder Completed", "Order Completed"},
        {"order complete", "Order Completed"},
        {"Order Canceled", "Order Cancelled"},
        {"Paeg Viewed", "Page Viewed"},
        {"Refund", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(near_find(cases[i][0], names, G_N_ELEMENTS(names)), ==, cases[i][1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/segments/language/canonical", texts_become_canonical);
    g_test_add_func("/segments/language/mistakes", mistakes_are_placed);
    g_test_add_func("/segments/language/limits", limits_hold);
    g_test_add_func("/segments/language/json", wrong_json_is_refused);
    g_test_add_func("/segments/language/json-more", json_that_says_too_much_is_refused);
    g_test_add_func("/segments/language/json-depth", deep_json_is_refused);
    g_test_add_func("/segments/language/matches", stars_match_without_going_back);
    g_test_add_func("/segments/language/near", near_names_are_found);
    return g_test_run();
}
