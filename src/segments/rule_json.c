#include "segments/language.h"

#include <string.h>

static json_t *node_json(const RuleNode *node);

/* Whole numbers as such, others as reals where a real is exact, else as text. */
static json_t *micros_json(int64_t micros)
{
    if (micros % DECIMAL_SCALE == 0) return json_integer(micros / DECIMAL_SCALE);
    if (micros > -(INT64_C(1) << 49) && micros < INT64_C(1) << 49)
        return json_real((double)micros / DECIMAL_SCALE);
    uint64_t size = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
    g_autofree char *text =
        g_strdup_printf("%s%" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT, micros < 0 ? "-" : "",
                        size / DECIMAL_SCALE, size % DECIMAL_SCALE);
    return json_pack("{s:s}", "number", text);
}

static json_t *value_json(const RuleValue *value)
{
    if (value->type == RULE_TEXT) return json_string(value->text);
    if (value->type == RULE_FLAG) return json_boolean(value->flag);
    if (value->type == RULE_DATE) return json_pack("{s:s}", "date", value->text);
    json_t *number = micros_json(value->micros);
    if (!value->currency[0]) return number;
    if (!json_is_object(number)) number = json_pack("{s:o}", "number", number);
    json_object_set_new(number, "currency", json_string(value->currency));
    return number;
}

static json_t *field_json(const RuleField *field)
{
    json_t *names = json_array();
    for (uint32_t i = 0; i < field->count; i++)
        json_array_append_new(names, json_string(field->names[i]));
    return names;
}

/* Under "field", or "context" with what stands behind that word. */
static void field_put(json_t *object, const RuleField *field)
{
    json_t *names = field_json(field);
    if (field->context) json_array_remove(names, 0);
    json_object_set_new(object, field->context ? "context" : "field", names);
}

static json_t *span_json(int64_t number, RuleUnit unit)
{
    return json_pack("{s:I, s:s}", "number", (json_int_t)number, "unit", rule_unit_words[unit]);
}

static const char *const window_keys[RULE_WINDOWS] = {
    [RULE_LAST] = "in_last",
    [RULE_NEXT] = "in_next",
    [RULE_MORE_AGO] = "more_than_ago",
    [RULE_LESS_AGO] = "less_than_ago",
    [RULE_SINCE] = "since",
    [RULE_BEFORE] = "before",
    [RULE_AFTER] = "after",
    [RULE_ON] = "on",
    [RULE_PERIOD] = "period",
};

static json_t *between_ago_json(const RuleWindow *window)
{
    return json_pack("{s:{s:I, s:I, s:s}}", "between_ago", "from", (json_int_t)window->from, "to",
                     (json_int_t)window->to, "unit", rule_unit_words[window->unit]);
}

static json_t *period_json(const RuleWindow *window)
{
    const char *plural = rule_unit_words[window->unit];
    g_autofree char *unit = g_strndup(plural, strlen(plural) - 1);
    return json_pack("{s:{s:s, s:i}}", "period", "unit", unit, "step", (int)window->step);
}

static json_t *window_json(const RuleWindow *window)
{
    switch (window->kind) {
    case RULE_LAST:
    case RULE_NEXT:
    case RULE_MORE_AGO:
    case RULE_LESS_AGO:
        return json_pack("{s:o}", window_keys[window->kind], span_json(window->from, window->unit));
    case RULE_BETWEEN_AGO:
        return between_ago_json(window);
    case RULE_SINCE:
    case RULE_BEFORE:
    case RULE_AFTER:
    case RULE_ON:
        return json_pack("{s:s}", window_keys[window->kind], window->date);
    case RULE_BETWEEN_DATE:
        return json_pack("{s:{s:s, s:s}}", "between", "from", window->date, "to", window->until);
    case RULE_PERIOD:
        return period_json(window);
    case RULE_ALWAYS:
    case RULE_WINDOWS:
        break;
    }
    return NULL;
}

static void window_put(json_t *object, const RuleWindow *window)
{
    if (window->kind != RULE_ALWAYS) json_object_set_new(object, "window", window_json(window));
}

static void test_put(json_t *object, const RuleTest *test)
{
    json_t *values = json_array();
    for (uint32_t i = 0; i < test->value_count; i++)
        json_array_append_new(values, value_json(&test->values[i]));
    json_object_set_new(object, "is", json_string(rule_op_words[test->op]));
    if (test->value_count == 1 && test->op != RULE_IN)
        json_object_set(object, "value", json_array_get(values, 0));
    else if (test->value_count > 0)
        json_object_set(object, "values", values);
    json_decref(values);
}

static json_t *event_json(const RuleEvent *event)
{
    json_t *object = json_pack("{s:s}", "event", event->name);
    if (event->where) json_object_set_new(object, "where", node_json(event->where));
    return object;
}

static json_t *times_json(const RuleTimes *times)
{
    static const char *const keys[] = {
        [RULE_AT_LEAST] = "at_least", [RULE_AT_MOST] = "at_most", [RULE_EXACTLY] = "exactly"};
    if (times->kind != RULE_BETWEEN_TIMES)
        return json_pack("{s:I}", keys[times->kind], (json_int_t)times->low);
    return json_pack("{s:{s:I, s:I}}", "between", "from", (json_int_t)times->low, "to",
                     (json_int_t)times->high);
}

static json_t *step_json(const RuleStep *step)
{
    json_t *object = event_json(&step->event);
    if (step->span.kind != RULE_ALWAYS)
        json_object_set_new(object, "within", span_json(step->span.from, step->span.unit));
    return object;
}

static void steps_put(json_t *object, const RuleNode *node)
{
    uint32_t then = node->step_count - node->not_then;
    json_t *steps = json_array();
    for (uint32_t i = 0; i < then; i++)
        json_array_append_new(steps, step_json(&node->steps[i]));
    if (then > 0) json_object_set(object, "then", steps);
    if (node->not_then) json_object_set_new(object, "not_then", step_json(&node->steps[then]));
    json_decref(steps);
}

static json_t *did_json(const RuleNode *node)
{
    json_t *object = json_pack("{s:o}", "did", event_json(&node->event));
    if (node->times.kind != RULE_ANY_TIMES)
        json_object_set_new(object, "times", times_json(&node->times));
    window_put(object, &node->window);
    if (node->kind == RULE_SEQUENCE) steps_put(object, node);
    return object;
}

static json_t *amount_json(const RuleNode *node)
{
    json_t *object = json_pack("{s:s, s:o}", "amount", rule_amount_words[node->amount], "of",
                               event_json(&node->event));
    if (node->amount != RULE_COUNT) field_put(object, &node->field);
    window_put(object, &node->window);
    return object;
}

static json_t *ratio_json(const RuleNode *node)
{
    json_t *object =
        json_pack("{s:o, s:o}", "ratio", event_json(&node->event), "to", event_json(&node->to));
    test_put(object, &node->test);
    if (node->percent) json_object_set_new(object, "percent", json_true());
    window_put(object, &node->window);
    return object;
}

static json_t *gap_json(const RuleNode *node)
{
    json_t *object = json_pack("{s:s, s:o, s:s}", "time_between", rule_gap_words[node->gap], "of",
                               event_json(&node->event), "unit", rule_unit_words[node->unit]);
    test_put(object, &node->test);
    window_put(object, &node->window);
    return object;
}

static json_t *field_node_json(const RuleNode *node)
{
    json_t *object = json_object();
    field_put(object, &node->field);
    test_put(object, &node->test);
    window_put(object, &node->window);
    return object;
}

static json_t *moment_json(const RuleNode *node)
{
    return json_pack("{s:i, s:o}", "nth", (int)node->nth, "of", event_json(&node->event));
}

static json_t *top_json(const RuleNode *node)
{
    json_t *by = node->event.name ? amount_json(node)
                                  : json_pack("{s:o}", "field", field_json(&node->field));
    return json_pack("{s:o, s:b, s:o}", "top", micros_json(node->number), "percent",
                     (int)node->percent, "by", by);
}

static json_t *anniversary_json(const RuleNode *node)
{
    json_t *what = node->event.name ? moment_json(node)
                                    : json_pack("{s:o}", "field", field_json(&node->field));
    json_t *object = json_pack("{s:o}", "anniversary", what);
    window_put(object, &node->window);
    return object;
}

static json_t *list_json(const RuleNode *node)
{
    json_t *items = json_array();
    for (uint32_t i = 0; i < node->item_count; i++)
        json_array_append_new(items, node_json(node->items[i]));
    return json_pack("{s:o}", node->kind == RULE_AND ? "and" : "or", items);
}

static json_t *with_window(json_t *steal, const RuleNode *node)
{
    window_put(steal, &node->window);
    return steal;
}

static json_t *node_json(const RuleNode *node)
{
    json_t *object;
    switch (node->kind) {
    case RULE_AND:
    case RULE_OR:
        return list_json(node);
    case RULE_NOT:
        return json_pack("{s:o}", "not", node_json(node->items[0]));
    case RULE_EVERYBODY:
        return json_pack("{s:b}", "everybody", 1);
    case RULE_FIELD:
        return field_node_json(node);
    case RULE_DID:
    case RULE_SEQUENCE:
        return did_json(node);
    case RULE_AMOUNT:
        object = amount_json(node);
        test_put(object, &node->test);
        return object;
    case RULE_MOMENT:
        return with_window(moment_json(node), node);
    case RULE_TOP:
        return top_json(node);
    case RULE_BIRTHDAY:
        return with_window(json_pack("{s:b}", "birthday", 1), node);
    case RULE_ANNIVERSARY:
        return anniversary_json(node);
    case RULE_GAP:
        return gap_json(node);
    case RULE_RATIO:
        return ratio_json(node);
    case RULE_SILENT:
        object = json_pack("{s:o}", "silent", micros_json(node->number));
        if (node->event.name) json_object_set_new(object, "of", event_json(&node->event));
        return object;
    case RULE_LIFECYCLE:
        return json_pack("{s:s}", "lifecycle", rule_stage_words[node->stage]);
    case RULE_TAG:
        return json_pack("{s:s}", "tag", node->text);
    case RULE_CONSENT:
        return json_pack("{s:s, s:s*}", "consent", node->text, "topic", node->topic);
    case RULE_BOUNCED:
        return json_pack("{s:s}", "bounced", node->text);
    case RULE_SEGMENT:
        return json_pack("{s:s}", "segment", node->text);
    case RULE_RANDOM:
        return json_pack("{s:o, s:s}", "random", micros_json(node->number), "seed", node->text);
    case RULE_KINDS:
        break;
    }
    g_assert_not_reached();
}

json_t *rule_to_json(const Rule *rule) { return node_json(rule->root); }
