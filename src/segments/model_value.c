#include "segments/model_rule.h"

/* Tests of values, of traits and of what happened: as text, and as what they mean. */

/* ---- what they mean ---- */

static bool glob(const char *pattern, const char *text)
{
    if (*pattern == '*') return glob(pattern + 1, text) || (*text && glob(pattern, text + 1));
    return *pattern == *text && (!*text || glob(pattern + 1, text + 1));
}

enum { APART = 2 };

static int order_of(const Value *value, const Value *with)
{
    if (with->dated) {
        if (!value->dated) return APART;
        return value->from < with->from ? -1 : value->from >= with->to;
    }
    if (value->type != with->type) return APART;
    if (value->type == TEXT) return strcmp(value->fold, with->fold) != 0; /* or after: not asked */
    int64_t a = value->type == NUMBER ? value->number : value->flag;
    int64_t b = value->type == NUMBER ? with->number : with->flag;
    return (a > b) - (a < b);
}

static bool text_passes(const Condition *condition, const Value *value)
{
    const char *with = condition->with[0].fold;
    if (value->type != TEXT) return false;
    if (condition->op == RULE_CONTAINS) return strstr(value->fold, with) != NULL;
    if (condition->op == RULE_STARTS) return g_str_has_prefix(value->fold, with);
    if (condition->op == RULE_ENDS) return g_str_has_suffix(value->fold, with);
    return glob(with, value->fold);
}

static bool value_passes(const Model *model, const Condition *condition, const Value *value)
{
    int64_t from, to;
    int orders[ITEMS_MAX] = {APART, APART, APART};
    for (int i = 0; i < condition->count; i++)
        orders[i] = order_of(value, &condition->with[i]);
    switch ((int)condition->op) {
    case RULE_EQUAL:
    case RULE_NOT_EQUAL:
        return orders[0] == 0;
    case RULE_LESS:
        return orders[0] == -1;
    case RULE_LESS_EQUAL:
        return orders[0] <= 0;
    case RULE_MORE:
        return orders[0] == 1;
    case RULE_MORE_EQUAL:
        return orders[0] == 0 || orders[0] == 1;
    case RULE_BETWEEN:
        return (orders[0] == 0 || orders[0] == 1) && orders[1] <= 0;
    case RULE_IN:
        return orders[0] == 0 || orders[1] == 0 || orders[2] == 0;
    case RULE_EXISTS:
    case RULE_MISSING:
        return true;
    case RULE_LIES:
        model_window_range(model, &condition->window, &from, &to);
        return value->dated && value->from >= from && value->from < to;
    default:
        return text_passes(condition, value);
    }
}

bool model_condition_holds(const Model *model, const Condition *condition, const Values *values,
                           int item)
{
    bool any = false, negative = condition->op == RULE_NOT_EQUAL || condition->op == RULE_MISSING ||
                                 condition->not_in;
    for (int i = 0; i < values->count; i++)
        any = any || ((item < 0 || item == i) && value_passes(model, condition, &values->items[i]));
    return any != negative;
}

bool model_where_holds(const Model *model, const Where *where, const Happened *one)
{
    if (!where) return true;
    if (where->join == NOT) return !model_where_holds(model, where->left, one);
    if (where->join == LEAF)
        return model_condition_holds(model, &where->condition, &one->values[where->property], -1);
    bool left = model_where_holds(model, where->left, one);
    bool right = model_where_holds(model, where->right, one);
    return where->join == AND ? left && right : left || right;
}

/* ---- as text ---- */

static const struct {
    RuleOp op;
    const char *words;
    Form form;
} ops[] = {{RULE_EQUAL, " = ", FORM_EQUAL},
           {RULE_NOT_EQUAL, " != ", FORM_NOT_EQUAL},
           {RULE_IN, " in (", FORM_IN},
           {RULE_EXISTS, " exists", FORM_EXISTS},
           {RULE_MISSING, " is missing", FORM_MISSING},
           {RULE_LESS, " < ", FORM_LESS}, /* from here on not of flags */
           {RULE_LESS_EQUAL, " <= ", FORM_LESS_EQUAL},
           {RULE_MORE, " > ", FORM_MORE},
           {RULE_MORE_EQUAL, " >= ", FORM_MORE_EQUAL},
           {RULE_BETWEEN, " between ", FORM_BETWEEN},
           {RULE_CONTAINS, " contains ", FORM_CONTAINS}, /* from here on of texts */
           {RULE_STARTS, " starts with ", FORM_STARTS},
           {RULE_ENDS, " ends with ", FORM_ENDS},
           {RULE_MATCHES, " matches ", FORM_MATCHES}};
enum { OF_ALL = 5, OF_NUMBERS = 10 };

static void value_print(Test *test, const Value *value, bool money, GString *text)
{
    int64_t cents = ABS(value->number) / (MICROS / 100);
    if (value->dated) {
        bool timed = value->to == value->from + 1;
        test->forms[timed ? FORM_INSTANT : FORM_DATE] = true;
        g_string_append(text, value->text);
    } else if (value->type == TEXT) {
        g_autofree char *loud = g_utf8_strup(value->text, -1);
        g_string_append_printf(text, "\"%s\"", model_below(2) ? loud : value->text);
    } else if (value->type == FLAG) {
        test->forms[FORM_FLAG] = true;
        g_string_append(text, value->flag ? "true" : "false");
    } else {
        g_string_append_printf(text, "%s%d.%02d%s", value->number < 0 ? "-" : "",
                               (int)(cents / 100), (int)(cents % 100), money ? " EUR" : "");
        if (money) test->forms[FORM_MONEY] = true;
    }
}

/* A part of a text: its beginning, its end, something inside, or with `*` between. */
static void part_make(RuleOp op, Value *value)
{
    glong size = g_utf8_strlen(value->fold, -1);
    glong from = op == RULE_STARTS ? 0 : model_below((int)size);
    glong to = op == RULE_ENDS ? size : from + 1 + model_below((int)(size - from));
    g_autofree char *part = g_utf8_substring(value->fold, from, to);
    g_autofree char *first = g_utf8_substring(value->fold, 0, 1);
    g_autofree char *last = g_utf8_substring(value->fold, size - 1, size);
    char *shapes[] = {g_strdup_printf("*%s*", part), g_strdup_printf("%s*%s", first, last),
                      g_strdup_printf("%s*", first), g_strdup_printf("*%s*%s", part, last)};
    const char *made = op == RULE_MATCHES ? shapes[model_below(4)] : part;
    g_strlcpy(value->text, made, MODEL_TEXT);
    g_strlcpy(value->fold, made, MODEL_TEXT);
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
        g_free(shapes[i]);
}

/* Something of the same kind, near. */
static void near_make(const Value *like, Value *value)
{
    *value = *like;
    if (like->dated) {
        model_date_make(value);
        return;
    }
    Values other;
    model_values_make(&other, like->type, false);
    *value = other.items[0];
    if (like->type == NUMBER && model_below(2))
        value->number = like->number + model_below(3) * MICROS;
}

static void operands_make(Test *test, Condition *condition, const Value *like, GString *text)
{
    bool money = like->type == NUMBER && !like->dated && model_below(4) == 0;
    condition->count = condition->op == RULE_BETWEEN ? 2 : condition->op == RULE_IN ? 3 : 1;
    condition->with[0] = *like;
    if (condition->op >= RULE_CONTAINS && condition->op <= RULE_MATCHES)
        part_make(condition->op, &condition->with[0]);
    for (int i = 1; i < condition->count; i++)
        near_make(like, &condition->with[i]);
    for (int i = 0; i < condition->count; i++) {
        const char *between = condition->op == RULE_IN ? ", " : " and ";
        g_string_append(text, i ? between : "");
        value_print(test, &condition->with[i], money, text);
    }
    if (condition->op == RULE_IN) g_string_append_c(text, ')');
}

void model_condition_make(const Model *model, Test *test, Condition *condition, const Value *like,
                          GString *text)
{
    bool plain = like->type == TEXT && !like->dated;
    int count = like->dated || like->type == NUMBER ? OF_NUMBERS : OF_ALL, which;
    *condition = (Condition){0};
    if (like->dated && model_below(3) == 0) {
        condition->op = RULE_LIES;
        test->forms[FORM_LIES] = true;
        model_window_make(model, test, &condition->window, (WindowWish){ANY_DATE, like->from},
                          text);
        return;
    }
    which = plain && model_below(2) ? OF_NUMBERS + model_below(4) : model_below(count);
    condition->op = ops[which].op;
    condition->not_in = condition->op == RULE_IN && model_below(3) == 0;
    test->forms[condition->not_in ? FORM_NOT_IN : ops[which].form] = true;
    if (condition->not_in) g_string_append(text, " not");
    g_string_append(text, ops[which].words);
    if (condition->op != RULE_EXISTS && condition->op != RULE_MISSING)
        operands_make(test, condition, like, text);
}

/* ---- where ---- */

static const struct {
    const char *path;
    Form form;
} properties[PROPERTIES] = {
    [CATEGORY] = {"category", FORM_WHERE},
    [PRICE] = {"price", FORM_WHERE_MIXED},
    [TAGS] = {"tags", FORM_WHERE_LIST},
    [BOX] = {"box.size", FORM_WHERE_PATH},
    [DUE] = {"due", FORM_WHERE},
    [SOURCE] = {"context.campaign.source", FORM_WHERE_CONTEXT},
    [COUPON] = {"coupon", FORM_WHERE_ORDER},
    [REVENUE] = {"revenue", FORM_WHERE_ORDER},
    [LINE_NAME] = {"products.name", FORM_WHERE_LINES},
    [LINE_QUANTITY] = {"products.quantity", FORM_WHERE_LINES},
    [REFUND] = {"amount", FORM_WHERE},
    [BOUNCE] = {"type", FORM_WHERE},
};

/* A value that some occurrence of this name has; which property it is of. NULL: tried in vain. */
static const Value *some_value(const Model *model, Name name, Property *ret_property)
{
    for (int i = 0; i < 400; i++) {
        const Happened *one = model_at(model, (guint)model_below((int)model->history->len));
        Property property = (Property)model_below(PROPERTIES);
        const Values *values = &one->values[property];
        if (one->name != name || values->count == 0) continue;
        *ret_property = property;
        return &values->items[model_below(values->count)];
    }
    return NULL;
}

static Where *where_leaf(const Model *model, Test *test, Name name, GString *text)
{
    Where *where = g_new0(Where, 1);
    Property property = CATEGORY;
    Value none = {.type = TEXT, .text = "nothing", .fold = "nothing"};
    const Value *like = some_value(model, name, &property);
    where->property = property;
    g_string_append(text, properties[property].path);
    test->forms[FORM_WHERE] = true;
    test->forms[properties[property].form] = true;
    model_condition_make(model, test, &where->condition, like ? like : &none, text);
    return where;
}

Where *model_where_make(const Model *model, Test *test, Name name, GString *text, int depth)
{
    static const Form forms[] = {FORM_WHERE, FORM_WHERE_AND, FORM_WHERE_OR, FORM_WHERE_NOT};
    Join join = depth < 2 && model_below(3) == 0 ? (Join)(1 + model_below(3)) : LEAF;
    if (join == LEAF) return where_leaf(model, test, name, text);
    Where *where = g_new0(Where, 1);
    where->join = join;
    test->forms[forms[join]] = true;
    g_string_append(text, join == NOT ? "(not " : "(");
    where->left = model_where_make(model, test, name, text, depth + 1);
    if (join != NOT) {
        g_string_append(text, join == AND ? " and " : " or ");
        where->right = model_where_make(model, test, name, text, depth + 1);
    }
    g_string_append_c(text, ')');
    return where;
}

void model_where_free(Where *where)
{
    if (!where) return;
    model_where_free(where->left);
    model_where_free(where->right);
    g_free(where);
}
