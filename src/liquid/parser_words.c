#include "liquid/filters.h"
#include "liquid/parser.h"

#include <string.h>

bool words_is_sign(const Words *words, char sign)
{
    return words->kind == WORD_SIGN && words->sign == sign;
}

bool words_is_name(const Words *words, const char *name)
{
    return words->kind == WORD_NAME && slice_is(words->text, name);
}

bool parser_expected(Parser *parser, const Words *words, const char *wanted)
{
    if (words->kind == WORD_BAD)
        return parser_fail(parser, words->text.data, KITH_ERROR_INVALID, "%s", words->problem);
    if (words->kind == WORD_END)
        return parser_fail(parser, words->text.data, KITH_ERROR_INVALID, "expected %s here",
                           wanted);
    return parser_fail(parser, words->text.data, KITH_ERROR_INVALID, "expected %s, not \"%.*s\"",
                       wanted, (int)MIN(words->text.size, 40), words->text.data);
}

bool parser_end(Parser *parser, const Words *words)
{
    return words->kind == WORD_END || parser_expected(parser, words, "nothing more");
}

bool parser_name(Parser *parser, Slice markup, const char *what, Slice *ret_name)
{
    size_t size = 0;
    bool quoted = markup.size > 2 && strchr("'\"", markup.data[0]) &&
                  markup.data[markup.size - 1] == *markup.data;
    if (quoted) markup = (Slice){markup.data + 1, markup.size - 2};
    while (size < markup.size &&
           (g_ascii_isalnum(markup.data[size]) || strchr("_-", markup.data[size]) ||
            (unsigned char)markup.data[size] >= 0x80))
        size++;
    if (size == 0 || size < markup.size || markup.data[0] == '-')
        return parser_fail(parser, markup.data, KITH_ERROR_INVALID,
                           "\"%.*s\" is no name for %s: use letters, digits, _ and -",
                           (int)MIN(markup.size, 40), markup.data, what);
    *ret_name = markup;
    return true;
}

bool parser_variable(Parser *parser, Words *words, Slice *ret_name)
{
    if (words->kind != WORD_NAME) return parser_expected(parser, words, "a name");
    *ret_name = words->text;
    words_next(words);
    return true;
}

/* ── expressions ─────────────────────────────────────────────────────────────────────────────── */

static Expression *expression_new(Parser *parser, const Words *words, ExpressionKind kind)
{
    Expression *expression = parser_new(parser, Expression);
    if (!expression) return NULL;
    expression->kind = kind;
    expression->at = words->text.data;
    return expression;
}

static bool sign_take(Parser *parser, Words *words, char sign)
{
    char wanted[] = {'"', sign, '"', '\0'};
    if (!words_is_sign(words, sign)) return parser_expected(parser, words, wanted);
    words_next(words);
    return true;
}

/* `[index]`, at the bracket. */
static const Expression *bracket_parse(Parser *parser, Words *words)
{
    if (!parser_enter(parser, words->text.data)) return NULL;
    words_next(words);
    const Expression *index = parser_expression(parser, words);
    parser_leave(parser);
    return index && sign_take(parser, words, ']') ? index : NULL;
}

/* What follows the root of a path: `.name` and `[index]`, any number of them. */
static bool steps_parse(Parser *parser, Words *words, PathStep **ret_steps)
{
    while (words_is_sign(words, '.') || words_is_sign(words, '[')) {
        PathStep *step = parser_new(parser, PathStep);
        if (!step) return false;
        if (words->sign == '[') {
            step->index = bracket_parse(parser, words);
            if (!step->index) return false;
        } else {
            words_next(words);
            if (!parser_variable(parser, words, &step->name)) return false;
        }
        *ret_steps = step;
        ret_steps = &step->next;
    }
    return true;
}

static bool keyword_value(Slice name, LiquidValue *ret_value)
{
    static const struct {
        const char *name;
        LiquidValue value;
    } keywords[] = {
        {"nil", {.kind = LIQUID_NIL}},          {"null", {.kind = LIQUID_NIL}},
        {"true", {LIQUID_BOOL, .truth = true}}, {"false", {LIQUID_BOOL, .truth = false}},
        {"empty", {.kind = LIQUID_EMPTY}},      {"blank", {.kind = LIQUID_BLANK}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++) {
        if (!slice_is(name, keywords[i].name)) continue;
        *ret_value = keywords[i].value;
        return true;
    }
    return false;
}

static const Expression *path_parse(Parser *parser, Words *words)
{
    Expression *path = expression_new(parser, words, EXPRESSION_PATH);
    if (!path) return NULL;
    if (words_is_sign(words, '[')) {
        path->first = bracket_parse(parser, words);
        if (!path->first) return NULL;
    } else {
        path->name = words->text;
        words_next(words);
    }
    bool is_keyword = !words_is_sign(words, '.') && !words_is_sign(words, '[') && !path->first &&
                      keyword_value(path->name, &path->value);
    if (is_keyword) path->kind = EXPRESSION_VALUE;
    return is_keyword || steps_parse(parser, words, &path->steps) ? path : NULL;
}

/* `(first..last)`, at the bracket. */
static const Expression *range_parse(Parser *parser, Words *words)
{
    Expression *range = expression_new(parser, words, EXPRESSION_RANGE);
    if (!range || !parser_enter(parser, range->at)) return NULL;
    words_next(words);
    range->first = parser_expression(parser, words);
    if (!range->first) return NULL;
    if (words->kind != WORD_DOTS) {
        parser_expected(parser, words, "\"..\" of a range such as (1..5)");
        return NULL;
    }
    words_next(words);
    range->last = parser_expression(parser, words);
    parser_leave(parser);
    return range->last && sign_take(parser, words, ')') ? range : NULL;
}

const Expression *parser_expression(Parser *parser, Words *words)
{
    if (words->kind == WORD_VALUE) {
        Expression *expression = expression_new(parser, words, EXPRESSION_VALUE);
        if (expression) expression->value = words->value;
        words_next(words);
        return expression;
    }
    if (words->kind == WORD_NAME || words_is_sign(words, '[')) return path_parse(parser, words);
    if (words_is_sign(words, '(')) return range_parse(parser, words);
    parser_expected(parser, words, "a value");
    return NULL;
}

/* ── filters ─────────────────────────────────────────────────────────────────────────────────── */

/* Whether a name stands here with a colon behind it. */
static bool words_at_key(const Words *words)
{
    if (words->kind != WORD_NAME) return false;
    Words next = *words;
    words_next(&next);
    return words_is_sign(&next, ':');
}

static Argument *argument_parse(Parser *parser, Words *words)
{
    Argument *argument = parser_new(parser, Argument);
    if (!argument) return NULL;
    if (words_at_key(words)) {
        argument->name = words->text;
        words_next(words);
        words_next(words);
    }
    argument->value = parser_expression(parser, words);
    return argument->value ? argument : NULL;
}

static bool arguments_parse(Parser *parser, Words *words, Argument **ret_arguments)
{
    do {
        words_next(words); /* the colon or comma */
        Argument *argument = argument_parse(parser, words);
        if (!argument) return false;
        *ret_arguments = argument;
        ret_arguments = &argument->next;
    } while (words_is_sign(words, ','));
    return true;
}

static bool filter_known(Parser *parser, Words *words, FilterCall *call)
{
    if (words->kind != WORD_NAME) return parser_expected(parser, words, "the name of a filter");
    call->at = words->text.data;
    call->filter = filter_find(words->text);
    if (call->filter) return true;
    const char *near = filter_near(words->text);
    return parser_fail(parser, call->at, KITH_ERROR_INVALID, "unknown filter \"%.*s\"%s%s%s",
                       (int)MIN(words->text.size, 40), words->text.data,
                       near ? ": did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* Whether the filter takes that many arguments of these names. */
static bool filter_check(Parser *parser, const FilterCall *call)
{
    const Filter *filter = call->filter;
    size_t count = 0;
    for (const Argument *argument = call->arguments; argument; argument = argument->next) {
        if (argument->name.size == 0)
            count++;
        else if (!filter->keyword || !slice_is(argument->name, filter->keyword))
            return parser_fail(parser, argument->name.data, KITH_ERROR_INVALID,
                               "filter \"%s\" knows no \"%.*s\"", filter->name,
                               (int)MIN(argument->name.size, 40), argument->name.data);
    }
    if (count >= filter->arguments_min && count <= filter->arguments_max) return true;
    return parser_fail(parser, call->at, KITH_ERROR_INVALID,
                       "filter \"%s\" takes %s: it was given %zu", filter->name, filter->usage,
                       count);
}

static FilterCall *filter_parse(Parser *parser, Words *words)
{
    words_next(words); /* the bar */
    FilterCall *call = parser_new(parser, FilterCall);
    if (!call || !filter_known(parser, words, call)) return NULL;
    words_next(words);
    if (words_is_sign(words, ':') && !arguments_parse(parser, words, &call->arguments)) return NULL;
    return filter_check(parser, call) ? call : NULL;
}

bool parser_filtered(Parser *parser, Words *words, Filtered *ret_filtered)
{
    if (words->kind == WORD_END) return true;
    ret_filtered->base = parser_expression(parser, words);
    if (!ret_filtered->base) return false;
    FilterCall **link = &ret_filtered->filters;
    while (words_is_sign(words, '|')) {
        *link = filter_parse(parser, words);
        if (!*link) return false;
        link = &(*link)->next;
    }
    return true;
}

bool parser_pairs(Parser *parser, Words *words, Argument **ret_arguments)
{
    while (words->kind != WORD_END) {
        if (words_is_sign(words, ',')) {
            words_next(words);
            continue;
        }
        if (!words_at_key(words)) return parser_expected(parser, words, "name: value");
        Argument *argument = argument_parse(parser, words);
        if (!argument) return false;
        *ret_arguments = argument;
        ret_arguments = &argument->next;
    }
    return true;
}

/* ── conditions ──────────────────────────────────────────────────────────────────────────────── */

static Comparison words_comparison(const Words *words)
{
    static const struct {
        const char *text;
        Comparison comparison;
    } signs[] = {
        {"==", COMPARE_EQUAL},      {"!=", COMPARE_UNEQUAL}, {"<>", COMPARE_UNEQUAL},
        {"<=", COMPARE_LESS_EQUAL}, {"<", COMPARE_LESS},     {">=", COMPARE_GREATER_EQUAL},
        {">", COMPARE_GREATER},
    };
    if (words_is_name(words, "contains")) return COMPARE_CONTAINS;
    for (size_t i = 0; words->kind == WORD_COMPARISON && i < G_N_ELEMENTS(signs); i++)
        if (slice_is(words->text, signs[i].text)) return signs[i].comparison;
    return COMPARE_NONE;
}

/* One test; `ret_joined`: another one follows "and" or "or". */
static Condition *test_parse(Parser *parser, Words *words, bool *ret_joined)
{
    Condition *test = parser_new(parser, Condition);
    if (!test) return NULL;
    test->left = parser_expression(parser, words);
    if (!test->left) return NULL;
    test->comparison = words_comparison(words);
    if (test->comparison != COMPARE_NONE) {
        words_next(words);
        test->right = parser_expression(parser, words);
        if (!test->right) return NULL;
    }
    test->is_or = words_is_name(words, "or");
    *ret_joined = test->is_or || words_is_name(words, "and");
    if (*ret_joined) words_next(words);
    return test;
}

Condition *parser_condition(Parser *parser, Words *words)
{
    Condition *first = NULL, **link = &first;
    for (bool joined = true; joined; link = &(*link)->next) {
        *link = test_parse(parser, words, &joined);
        if (!*link) return NULL;
    }
    if (words->kind == WORD_END) return first;
    parser_expected(parser, words, "a comparison, \"and\" or \"or\"");
    return NULL;
}
