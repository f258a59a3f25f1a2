#include "segments/lexer.h"

#include <string.h>

static void node_print(GString *out, const RuleNode *node);

static void quoted_print(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

/* Millionths as the shortest decimal. */
static void micros_print(GString *out, int64_t micros)
{
    uint64_t size = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
    g_string_append_printf(out, "%s%" G_GUINT64_FORMAT, micros < 0 ? "-" : "",
                           size / DECIMAL_SCALE);
    if (size % DECIMAL_SCALE == 0) return;
    g_string_append_printf(out, ".%06" G_GUINT64_FORMAT, size % DECIMAL_SCALE);
    while (out->str[out->len - 1] == '0')
        g_string_truncate(out, out->len - 1);
}

static void field_print(GString *out, const RuleField *field)
{
    for (uint32_t i = 0; i < field->count; i++) {
        bool other = i == 0 && !field->context && strcmp(field->names[0], "context") == 0;
        if (i > 0) g_string_append_c(out, '.');
        if (rule_name_is_plain(field->names[i]) && !other)
            g_string_append(out, field->names[i]);
        else
            quoted_print(out, field->names[i]);
    }
}

static void value_print(GString *out, const RuleValue *value)
{
    switch (value->type) {
    case RULE_TEXT:
        quoted_print(out, value->text);
        return;
    case RULE_NUMBER:
        micros_print(out, value->micros);
        if (value->currency[0]) g_string_append_printf(out, " %s", value->currency);
        return;
    case RULE_FLAG:
        g_string_append(out, value->flag ? "true" : "false");
        return;
    case RULE_DATE:
        g_string_append(out, value->text);
        return;
    }
}

/* ---- windows ---- */

static void span_print(GString *out, int64_t number, RuleUnit unit)
{
    const char *plural = rule_unit_words[unit];
    int size = (int)strlen(plural) - (number == 1);
    g_string_append_printf(out, "%" G_GINT64_FORMAT " %.*s", number, size, plural);
}

static void period_print(GString *out, const RuleWindow *window)
{
    static const char *const days[] = {"yesterday", "today", "tomorrow"};
    static const char *const steps[] = {"last", "this", "next"};
    if (window->unit == RULE_DAY) {
        g_string_append(out, days[window->step + 1]);
        return;
    }
    const char *plural = rule_unit_words[window->unit];
    g_string_append_printf(out, "%s %.*s", steps[window->step + 1], (int)strlen(plural) - 1,
                           plural);
}

static void window_print(GString *out, const RuleWindow *window)
{
    static const char *const words[RULE_WINDOWS] = {
        [RULE_LAST] = "in last ",
        [RULE_NEXT] = "in next ",
        [RULE_MORE_AGO] = "more than ",
        [RULE_LESS_AGO] = "less than ",
        [RULE_BETWEEN_AGO] = "between ",
        [RULE_SINCE] = "since ",
        [RULE_BEFORE] = "before ",
        [RULE_AFTER] = "after ",
        [RULE_ON] = "on ",
        [RULE_BETWEEN_DATE] = "between ",
    };
    if (words[window->kind]) g_string_append(out, words[window->kind]);
    switch (window->kind) {
    case RULE_LAST:
    case RULE_NEXT:
        span_print(out, window->from, window->unit);
        return;
    case RULE_MORE_AGO:
    case RULE_LESS_AGO:
        span_print(out, window->from, window->unit);
        g_string_append(out, " ago");
        return;
    case RULE_BETWEEN_AGO:
        g_string_append_printf(out, "%" G_GINT64_FORMAT " and ", window->from);
        span_print(out, window->to, window->unit);
        g_string_append(out, " ago");
        return;
    case RULE_SINCE:
    case RULE_BEFORE:
    case RULE_AFTER:
    case RULE_ON:
        g_string_append(out, window->date);
        return;
    case RULE_BETWEEN_DATE:
        g_string_append_printf(out, "%s and %s", window->date, window->until);
        return;
    case RULE_PERIOD:
        period_print(out, window);
        return;
    case RULE_ALWAYS:
    case RULE_WINDOWS:
        return;
    }
}

static void window_append(GString *out, const RuleWindow *window)
{
    if (window->kind == RULE_ALWAYS) return;
    g_string_append_c(out, ' ');
    window_print(out, window);
}

/* ---- comparisons and events ---- */

static void list_print(GString *out, const RuleTest *test)
{
    g_string_append(out, " in (");
    for (uint32_t i = 0; i < test->value_count; i++) {
        if (i > 0) g_string_append(out, ", ");
        value_print(out, &test->values[i]);
    }
    g_string_append_c(out, ')');
}

static void test_print(GString *out, const RuleTest *test, const RuleWindow *window)
{
    if (test->op == RULE_LIES) {
        window_append(out, window);
        return;
    }
    if (test->op == RULE_IN) {
        list_print(out, test);
        return;
    }
    g_string_append_printf(out, " %s", rule_op_words[test->op]);
    for (uint32_t i = 0; i < test->value_count; i++) {
        g_string_append(out, i > 0 ? " and " : " ");
        value_print(out, &test->values[i]);
    }
}

static void event_print(GString *out, const RuleEvent *event)
{
    quoted_print(out, event->name);
    if (!event->where) return;
    bool bare = event->where->kind == RULE_FIELD;
    g_string_append(out, bare ? " where " : " where (");
    node_print(out, event->where);
    if (!bare) g_string_append_c(out, ')');
}

static void times_print(GString *out, const RuleTimes *times)
{
    static const char *const words[] = {[RULE_AT_LEAST] = "at least",
                                        [RULE_AT_MOST] = "at most",
                                        [RULE_EXACTLY] = "exactly",
                                        [RULE_BETWEEN_TIMES] = "between"};
    if (times->kind == RULE_ANY_TIMES) return;
    g_string_append_printf(out, " %s %" G_GINT64_FORMAT, words[times->kind], times->low);
    if (times->kind == RULE_BETWEEN_TIMES)
        g_string_append_printf(out, " and %" G_GINT64_FORMAT, times->high);
    bool one = times->low == 1 && times->kind != RULE_BETWEEN_TIMES;
    g_string_append(out, one ? " time" : " times");
}

static void did_print(GString *out, const RuleNode *node, const char *did)
{
    g_string_append(out, did);
    event_print(out, &node->event);
    times_print(out, &node->times);
    window_append(out, &node->window);
}

static void sequence_print(GString *out, const RuleNode *node)
{
    did_print(out, node, "did ");
    for (uint32_t i = 0; i < node->step_count; i++) {
        const RuleStep *step = &node->steps[i];
        bool last = i + 1 == node->step_count;
        g_string_append(out, last && node->not_then ? " and not then " : " then ");
        event_print(out, &step->event);
        if (step->span.kind == RULE_ALWAYS) continue;
        g_string_append(out, " within ");
        span_print(out, step->span.from, step->span.unit);
    }
}

static void amount_print(GString *out, const RuleNode *node)
{
    g_string_append(out, rule_amount_words[node->amount]);
    if (node->amount != RULE_COUNT) {
        g_string_append_c(out, '(');
        field_print(out, &node->field);
        g_string_append_c(out, ')');
    }
    g_string_append(out, " of ");
    event_print(out, &node->event);
}

static void nth_print(GString *out, uint32_t nth)
{
    const char *ending = "th";
    if (nth % 10 == 2 && nth % 100 != 12) ending = "nd";
    if (nth % 10 == 3 && nth % 100 != 13) ending = "rd";
    if (nth % 10 == 1 && nth % 100 != 11) ending = "st";
    if (nth <= 1)
        g_string_append(out, nth ? "first " : "last ");
    else
        g_string_append_printf(out, "%u%s ", nth, ending);
}

/* ---- people ---- */

static void top_print(GString *out, const RuleNode *node)
{
    g_string_append(out, "top ");
    micros_print(out, node->number);
    g_string_append(out, node->percent ? " % by " : " by ");
    if (node->event.name)
        amount_print(out, node);
    else
        field_print(out, &node->field);
    window_append(out, &node->window);
}

static void anniversary_print(GString *out, const RuleNode *node)
{
    g_string_append(out, "anniversary of ");
    if (node->event.name) {
        nth_print(out, node->nth);
        event_print(out, &node->event);
    } else {
        field_print(out, &node->field);
    }
    window_append(out, &node->window);
}

static void silent_print(GString *out, const RuleNode *node)
{
    g_string_append(out, "silent longer than ");
    micros_print(out, node->number);
    g_string_append(out, " times usual");
    if (!node->event.name) return;
    g_string_append(out, " of ");
    event_print(out, &node->event);
}

/* A comparison whose unit stands behind its last number. */
static void gap_print(GString *out, const RuleNode *node)
{
    const RuleTest *test = &node->test;
    const RuleValue *last = &test->values[test->value_count - 1];
    const char *plural = rule_unit_words[node->unit];
    g_string_append_printf(out, "%s time between ", rule_gap_words[node->gap]);
    event_print(out, &node->event);
    test_print(out, test, NULL);
    int size = (int)strlen(plural) - (last->micros == DECIMAL_SCALE);
    g_string_append_printf(out, " %.*s", size, plural);
    window_append(out, &node->window);
}

static void ratio_print(GString *out, const RuleNode *node)
{
    g_string_append(out, "ratio of ");
    event_print(out, &node->event);
    g_string_append(out, " to ");
    event_print(out, &node->to);
    test_print(out, &node->test, NULL);
    if (node->percent) g_string_append(out, " %");
    window_append(out, &node->window);
}

static void consent_print(GString *out, const RuleNode *node)
{
    g_string_append_printf(out, "consent %s", node->text);
    if (!node->topic) return;
    g_string_append_c(out, ' ');
    quoted_print(out, node->topic);
}

static void list_items_print(GString *out, const RuleNode *node)
{
    for (uint32_t i = 0; i < node->item_count; i++) {
        const RuleNode *item = node->items[i];
        bool bracket = node->kind == RULE_AND && item->kind == RULE_OR;
        if (i > 0) g_string_append(out, node->kind == RULE_AND ? " and " : " or ");
        if (bracket) g_string_append_c(out, '(');
        node_print(out, item);
        if (bracket) g_string_append_c(out, ')');
    }
}

static void not_print(GString *out, const RuleNode *item)
{
    bool bracket = item->kind == RULE_AND || item->kind == RULE_OR || item->kind == RULE_SEQUENCE;
    if (item->kind == RULE_DID) {
        did_print(out, item, "did not ");
        return;
    }
    g_string_append(out, bracket ? "not (" : "not ");
    node_print(out, item);
    if (bracket) g_string_append_c(out, ')');
}

static void named_print(GString *out, const char *words, const char *text)
{
    g_string_append(out, words);
    quoted_print(out, text);
}

/* What a person is, apart from what they did. */
static void state_print(GString *out, const RuleNode *node)
{
    switch (node->kind) {
    case RULE_LIFECYCLE:
        named_print(out, "lifecycle ", rule_stage_words[node->stage]);
        return;
    case RULE_TAG:
        named_print(out, "tag ", node->text);
        return;
    case RULE_CONSENT:
        consent_print(out, node);
        return;
    case RULE_BOUNCED:
        g_string_append_printf(out, "bounced %s", node->text);
        return;
    case RULE_SEGMENT:
        named_print(out, "in segment ", node->text);
        return;
    case RULE_RANDOM:
        g_string_append(out, "random ");
        micros_print(out, node->number);
        named_print(out, " % seed ", node->text);
        return;
    default:
        g_assert_not_reached();
    }
}

static void node_print(GString *out, const RuleNode *node)
{
    switch (node->kind) {
    case RULE_AND:
    case RULE_OR:
        list_items_print(out, node);
        return;
    case RULE_NOT:
        not_print(out, node->items[0]);
        return;
    case RULE_EVERYBODY:
        g_string_append(out, "everybody");
        return;
    case RULE_FIELD:
        field_print(out, &node->field);
        test_print(out, &node->test, &node->window);
        return;
    case RULE_DID:
        did_print(out, node, "did ");
        return;
    case RULE_AMOUNT:
        amount_print(out, node);
        test_print(out, &node->test, NULL);
        window_append(out, &node->window);
        return;
    case RULE_MOMENT:
        nth_print(out, node->nth);
        event_print(out, &node->event);
        window_append(out, &node->window);
        return;
    case RULE_SEQUENCE:
        sequence_print(out, node);
        return;
    case RULE_TOP:
        top_print(out, node);
        return;
    case RULE_BIRTHDAY:
        g_string_append(out, "birthday");
        window_append(out, &node->window);
        return;
    case RULE_ANNIVERSARY:
        anniversary_print(out, node);
        return;
    case RULE_GAP:
        gap_print(out, node);
        return;
    case RULE_RATIO:
        ratio_print(out, node);
        return;
    case RULE_SILENT:
        silent_print(out, node);
        return;
    case RULE_LIFECYCLE:
    case RULE_TAG:
    case RULE_CONSENT:
    case RULE_BOUNCED:
    case RULE_SEGMENT:
    case RULE_RANDOM:
        state_print(out, node);
        return;
    case RULE_KINDS:
        break;
    }
    g_assert_not_reached();
}

char *rule_node_text(const RuleNode *node)
{
    GString *out = g_string_new(NULL);
    node_print(out, node);
    return g_string_free(out, FALSE);
}

char *rule_text(const Rule *rule) { return rule_node_text(rule->root); }
