/* Any bytes as a rule: refused with a place inside the text, or read, written as text and as JSON,
 * and read again from both as the same rule. */
#include "base/error.h"
#include "segments/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_again(const Rule *rule)
{
    g_autofree char *text = rule_text(rule);
    /* The canonical text may be longer than what was typed, and then over the limit. */
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) again = rule_parse(slice_of(text), NULL, &error);
    if (!again) {
        g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
        return;
    }
    g_autofree char *second = rule_text(again);
    g_assert_cmpstr(text, ==, second);
    json_t *json = rule_to_json(rule);
    g_autoptr(Rule) from_json = rule_from_json(json, &error);
    json_decref(json);
    if (!from_json) {
        g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
        return;
    }
    g_autofree char *third = rule_text(from_json);
    g_assert_cmpstr(text, ==, third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    RuleProblem problem;
    Slice text = {(const char *)data, size};
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(text, &problem, &error);
    if (rule) {
        same_again(rule);
        return 0;
    }
    g_assert_nonnull(error);
    g_assert_cmpuint(problem.offset, <=, size);
    g_assert_true(problem.line >= 1 && problem.column >= 1);
    g_assert_true(g_utf8_validate(problem.message, -1, NULL));
    return 0;
}
