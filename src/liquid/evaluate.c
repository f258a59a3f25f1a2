#include "liquid/filters.h"

/* ── paths ───────────────────────────────────────────────────────────────────────────────────── */

/* Innermost first: loops and arguments, assigned variables, counters, the data. */
static bool variable_value(Render *render, Slice name, LiquidValue *ret_value)
{
    const Frame *frame = render->frame;
    Binding *binding = binding_find(render, frame->bound, name);
    if (!binding) binding = binding_find(render, frame->assigned, name);
    if (!binding) binding = binding_find(render, frame->counters, name);
    if (render->error) return false;
    if (!binding) return value_member(render, &render->data, name, ret_value);
    *ret_value = binding->value;
    return true;
}

/* The data is no object of its own: `size` and `first` of it are plain names. */
static bool root_value(Render *render, Slice name, LiquidValue *ret_value)
{
    static const char *const own[] = {"first", "last", "size"};
    if (!variable_value(render, name, ret_value)) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
        bool made_up = slice_is(name, own[i]) &&
                       !binding_find(render, render->frame->bound, name) &&
                       !binding_find(render, render->frame->assigned, name) &&
                       !binding_find(render, render->frame->counters, name);
        LiquidValue key = liquid_text(name);
        if (made_up) return value_index(render, &render->data, &key, ret_value);
    }
    return !render->error;
}

static bool step_value(Render *render, const PathStep *step, LiquidValue *in_out)
{
    LiquidValue from = *in_out, key;
    if (!step->index) return value_member(render, &from, step->name, in_out);
    return expression_value(render, step->index, &key) && value_index(render, &from, &key, in_out);
}

static bool path_value(Render *render, const Expression *path, LiquidValue *ret_value)
{
    LiquidValue value, name;
    Slice root = path->name;
    if (path->first) {
        if (!expression_value(render, path->first, &name)) return false;
        if (!value_text(render, &name, &root)) return false;
    }
    if (!root_value(render, root, &value)) return false;
    for (const PathStep *step = path->steps; step; step = step->next)
        if (!step_value(render, step, &value)) return false;
    *ret_value = value;
    return true;
}

/* ── ranges ──────────────────────────────────────────────────────────────────────────────────── */

/* Floats are cut to whole numbers; a text counts by its leading digits, all else as 0. */
static bool bound_value(Render *render, const Expression *expression, int64_t *ret_bound)
{
    LiquidValue value;
    if (!expression_value(render, expression, &value)) return false;
    LiquidValue number = value_number(&value);
    *ret_bound = number.kind == LIQUID_INT  ? number.integer
                 : number.number >= 9.2e18  ? INT64_MAX
                 : number.number <= -9.2e18 ? INT64_MIN
                                            : (int64_t)number.number;
    return true;
}

bool expression_value(Render *render, const Expression *expression, LiquidValue *ret_value)
{
    int64_t first, last;
    switch (expression->kind) {
    case EXPRESSION_VALUE:
        *ret_value = expression->value;
        return true;
    case EXPRESSION_PATH:
        return path_value(render, expression, ret_value);
    case EXPRESSION_RANGE:
        break;
    }
    if (!bound_value(render, expression->first, &first)) return false;
    if (!bound_value(render, expression->last, &last)) return false;
    *ret_value = liquid_range(first, last);
    return true;
}

/* ── filters ─────────────────────────────────────────────────────────────────────────────────── */

static bool filter_apply(Render *render, const FilterCall *call, LiquidValue *in_out)
{
    FilterInput in = {.input = *in_out};
    for (const Argument *argument = call->arguments; argument; argument = argument->next) {
        LiquidValue *slot = argument->name.size > 0 ? &in.keyword : &in.arguments[in.count++];
        if (!expression_value(render, argument->value, slot)) return false;
    }
    render->at = call->at;
    return render_cost(render, 1) && call->filter->run(render, &in, in_out);
}

bool filtered_value(Render *render, const Filtered *filtered, LiquidValue *ret_value)
{
    *ret_value = liquid_nil();
    if (!filtered->base) return true;
    const char *at = render->at;
    if (!expression_value(render, filtered->base, ret_value)) return false;
    for (const FilterCall *call = filtered->filters; call; call = call->next)
        if (!filter_apply(render, call, ret_value)) return false;
    render->at = at;
    return true;
}

/* ── conditions ──────────────────────────────────────────────────────────────────────────────── */

static bool sequence_contains(Render *render, const LiquidValue *left, const LiquidValue *right,
                              bool *ret_truth)
{
    Sequence sequence;
    if (!sequence_open(render, left, &sequence)) return false;
    for (int64_t i = 0; i < sequence.size && !*ret_truth; i++) {
        LiquidValue item;
        if (!sequence_at(render, &sequence, i, &item)) return false;
        *ret_truth = value_equal(render, &item, right);
        if (render->error) return false;
    }
    return true;
}

static bool contains_value(Render *render, const LiquidValue *left, const LiquidValue *right,
                           bool *ret_truth)
{
    Slice part;
    LiquidValue member;
    *ret_truth = false;
    if (!value_truthy(right)) return true;
    if (left->kind == LIQUID_TEXT) {
        if (!render_cost_text(render, left->text) || !value_text(render, right, &part))
            return false;
        *ret_truth = part.size == 0 ||
                     memmem(left->text.data, left->text.size, part.data, part.size) != NULL;
    } else if (left->kind == LIQUID_OBJECT) {
        *ret_truth =
            right->kind == LIQUID_TEXT &&
            left->object.type->get(left->object.source, right->text, render->arena, &member);
    } else if (left->kind == LIQUID_RANGE) {
        *ret_truth = right->kind == LIQUID_INT && right->integer >= left->range.first &&
                     right->integer <= left->range.last;
    } else if (left->kind == LIQUID_ARRAY) {
        return sequence_contains(render, left, right, ret_truth);
    }
    return true;
}

static bool is_number(const LiquidValue *value)
{
    return value->kind == LIQUID_INT || value->kind == LIQUID_FLOAT;
}

static int number_order(const LiquidValue *a, const LiquidValue *b)
{
    if (a->kind == LIQUID_INT && b->kind == LIQUID_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    double left = a->kind == LIQUID_INT ? (double)a->integer : a->number;
    double right = b->kind == LIQUID_INT ? (double)b->integer : b->number;
    return (left > right) - (left < right);
}

static int text_order(Slice a, Slice b)
{
    size_t size = MIN(a.size, b.size);
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Numbers with numbers, texts with texts; with nil, truth or lists nothing is more or less. */
static bool order_value(Render *render, const LiquidValue *a, const LiquidValue *b, int *ret_order,
                        bool *ret_ordered)
{
    bool numbers = is_number(a) && is_number(b);
    bool texts = a->kind == LIQUID_TEXT && b->kind == LIQUID_TEXT;
    *ret_ordered = numbers || texts;
    if (numbers) *ret_order = number_order(a, b);
    if (texts) {
        if (!render_cost_text(render, a->text)) return false;
        *ret_order = text_order(a->text, b->text);
    }
    bool mixed =
        (is_number(a) && b->kind == LIQUID_TEXT) || (a->kind == LIQUID_TEXT && is_number(b));
    return !mixed || render_fail(render, KITH_ERROR_INVALID,
                                 "a number cannot be compared with a text: make the text a number "
                                 "with \"| plus: 0\"");
}

static bool comparison_value(Render *render, const Condition *test, bool *ret_truth)
{
    LiquidValue left, right;
    int order = 0;
    bool ordered = false;
    if (!expression_value(render, test->left, &left)) return false;
    *ret_truth = value_truthy(&left);
    if (test->comparison == COMPARE_NONE) return true;
    if (!expression_value(render, test->right, &right)) return false;
    if (test->comparison == COMPARE_CONTAINS)
        return contains_value(render, &left, &right, ret_truth);
    if (test->comparison == COMPARE_EQUAL || test->comparison == COMPARE_UNEQUAL) {
        *ret_truth = value_equal(render, &left, &right) == (test->comparison == COMPARE_EQUAL);
        return !render->error;
    }
    if (!order_value(render, &left, &right, &order, &ordered)) return false;
    bool less = test->comparison == COMPARE_LESS || test->comparison == COMPARE_LESS_EQUAL;
    bool equal =
        test->comparison == COMPARE_LESS_EQUAL || test->comparison == COMPARE_GREATER_EQUAL;
    *ret_truth = ordered && ((order == 0 && equal) || (less ? order < 0 : order > 0));
    return true;
}

/* `a and b or c` is `a and (b or c)`: the first test that decides, decides. */
bool condition_value(Render *render, const Condition *condition, bool *ret_truth)
{
    for (const Condition *test = condition; test; test = test->next) {
        if (!render_cost(render, 1) || !comparison_value(render, test, ret_truth)) return false;
        if (*ret_truth == test->is_or) return true;
    }
    return true;
}
