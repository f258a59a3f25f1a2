#include "segments/parse_private.h"

#include "segments/near.h"

#include <string.h>

/* ---- windows ---- */

bool syntax_unit(Parser *parser, RuleUnit *ret_unit)
{
    static const struct {
        const char *singular;
        RuleUnit unit;
    } units[] = {{"minute", RULE_MINUTE}, {"hour", RULE_HOUR},   {"day", RULE_DAY},
                 {"week", RULE_WEEK},     {"month", RULE_MONTH}, {"year", RULE_YEAR}};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        bool plural = syntax_is(parser, 0, rule_unit_words[units[i].unit]);
        if (!plural && !syntax_is(parser, 0, units[i].singular)) continue;
        *ret_unit = units[i].unit;
        parser->at++;
        return true;
    }
    return syntax_expected_of(parser, EXPECT_UNIT, rule_unit_words, RULE_UNITS);
}

static bool span_read(Parser *parser, RuleWindow *window, RuleWindowKind kind)
{
    window->kind = kind;
    return syntax_whole(parser, 0, RULE_SPAN_MAX, &window->from) &&
           syntax_unit(parser, &window->unit);
}

/* Behind `in`. */
static bool in_read(Parser *parser, RuleWindow *window)
{
    if (syntax_take(parser, "last")) return span_read(parser, window, RULE_LAST);
    if (syntax_take(parser, "next")) return span_read(parser, window, RULE_NEXT);
    static const char *const words[] = {"last", "next"};
    return syntax_expected_of(parser, EXPECT_LAST_NEXT, words, G_N_ELEMENTS(words));
}

static bool ago_read(Parser *parser, RuleWindow *window, RuleWindowKind kind)
{
    return syntax_want(parser, "than") && span_read(parser, window, kind) &&
           syntax_want(parser, "ago");
}

static bool date_take(Parser *parser, const char **ret_date)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_DATE) return syntax_expected(parser, EXPECT_DATE);
    *ret_date = token->text;
    parser->at++;
    return true;
}

static bool dates_read(Parser *parser, RuleWindow *window)
{
    uint32_t at = syntax_token(parser, 0)->at;
    window->kind = RULE_BETWEEN_DATE;
    if (!date_take(parser, &window->date) || !syntax_want(parser, "and")) return false;
    if (!date_take(parser, &window->until)) return false;
    if (strncmp(window->date, window->until, 10) <= 0) return true;
    return rule_problem_set(parser->problem, at, "%s lies after %s", window->date, window->until);
}

/* Behind `between`. */
static bool between_read(Parser *parser, RuleWindow *window)
{
    if (syntax_token(parser, 0)->kind == TOKEN_DATE) return dates_read(parser, window);
    uint32_t at = syntax_token(parser, 0)->at;
    window->kind = RULE_BETWEEN_AGO;
    if (!syntax_whole(parser, 0, RULE_SPAN_MAX, &window->from)) return false;
    if (!syntax_want(parser, "and")) return false;
    if (!syntax_whole(parser, 0, RULE_SPAN_MAX, &window->to)) return false;
    if (!syntax_unit(parser, &window->unit) || !syntax_want(parser, "ago")) return false;
    if (window->from == window->to)
        return rule_problem_set(parser->problem, at, "nothing lies between two equal ages");
    if (window->from > window->to) return true;
    int64_t older = window->to;
    window->to = window->from;
    window->from = older;
    return true;
}

/* Behind this, last or next. */
static bool period_read(Parser *parser, RuleWindow *window, int32_t step)
{
    static const struct {
        const char *word;
        RuleUnit unit;
    } units[] = {
        {"week", RULE_WEEK}, {"month", RULE_MONTH}, {"quarter", RULE_QUARTER}, {"year", RULE_YEAR}};
    static const char *const words[] = {"week", "month", "quarter", "year"};
    *window = (RuleWindow){.kind = RULE_PERIOD, .step = step};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        window->unit = units[i].unit;
        if (syntax_take(parser, units[i].word)) return true;
    }
    return syntax_expected_of(parser, EXPECT_PERIOD, words, G_N_ELEMENTS(words));
}

typedef struct WindowWord {
    const char *word;
    RuleWindowKind kind;
    int32_t step;
} WindowWord;

static bool word_read(Parser *parser, const WindowWord *word, RuleWindow *window)
{
    switch (word->kind) {
    case RULE_LAST:
        return in_read(parser, window);
    case RULE_MORE_AGO:
    case RULE_LESS_AGO:
        return ago_read(parser, window, word->kind);
    case RULE_BETWEEN_AGO:
        return between_read(parser, window);
    case RULE_SINCE:
    case RULE_BEFORE:
    case RULE_AFTER:
    case RULE_ON:
        window->kind = word->kind;
        return date_take(parser, &window->date);
    case RULE_NEXT: /* today and its neighbours */
        *window = (RuleWindow){.kind = RULE_PERIOD, .unit = RULE_DAY, .step = word->step};
        return true;
    case RULE_PERIOD:
        return period_read(parser, window, word->step);
    case RULE_ALWAYS:
    case RULE_BETWEEN_DATE:
    case RULE_WINDOWS:
        break;
    }
    g_assert_not_reached();
}

bool syntax_window(Parser *parser, RuleWindow *ret_window)
{
    static const WindowWord words[] = {
        {"in", RULE_LAST},
        {"more", RULE_MORE_AGO},
        {"less", RULE_LESS_AGO},
        {"since", RULE_SINCE},
        {"before", RULE_BEFORE},
        {"after", RULE_AFTER},
        {"on", RULE_ON},
        {"between", RULE_BETWEEN_AGO},
        {"today", RULE_NEXT, 0},
        {"yesterday", RULE_NEXT, -1},
        {"tomorrow", RULE_NEXT, 1},
        {"this", RULE_PERIOD, 0},
        {"last", RULE_PERIOD, -1},
        {"next", RULE_PERIOD, 1},
    };
    *ret_window = (RuleWindow){.kind = RULE_ALWAYS};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!syntax_take(parser, words[i].word)) continue;
        return word_read(parser, &words[i], ret_window);
    }
    return true;
}

/* Events lie in the past. */
static bool past_check(Parser *parser, const RuleWindow *window, uint32_t at)
{
    bool ahead = window->kind == RULE_NEXT || (window->kind == RULE_PERIOD && window->step > 0);
    return !ahead || rule_problem_set(parser->problem, at,
                                      "events lie in the past: only dates, "
                                      "birthdays and anniversaries lie ahead");
}

bool syntax_window_past(Parser *parser, RuleWindow *window)
{
    uint32_t at = syntax_token(parser, 0)->at;
    return syntax_window(parser, window) && past_check(parser, window, at);
}

/* Birthdays and anniversaries are judged by whole days near today. */
static bool window_calendar(Parser *parser, RuleWindow *window)
{
    uint32_t at = syntax_token(parser, 0)->at;
    if (!syntax_window(parser, window)) return false;
    if (window->kind == RULE_ALWAYS) return syntax_expected(parser, EXPECT_WHEN_DAYS);
    bool spans = window->kind == RULE_LAST || window->kind == RULE_NEXT;
    bool dates = window->kind == RULE_ON || window->kind == RULE_BETWEEN_DATE;
    bool days = spans && window->unit >= RULE_DAY;
    if (days || dates || window->kind == RULE_PERIOD) return true;
    return rule_problem_set(parser->problem, at,
                            "birthdays and anniversaries lie in days: today, this month, in next "
                            "7 days, on 2024-03-31");
}

RuleNode *parse_birthday(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_BIRTHDAY);
    parser->at++;
    return node && window_calendar(parser, &node->window) ? node : NULL;
}

/* ---- events ---- */

static RuleNode *negation(Parser *parser, RuleNode *node)
{
    RuleNode *outer = syntax_node(parser, RULE_NOT);
    if (!outer) return NULL;
    outer->items = arena_new_items(parser->arena, RuleNode *, 1);
    if (!outer->items) return NULL;
    outer->items[0] = node;
    outer->item_count = 1;
    outer->at = node->at;
    return outer;
}

/* One condition on a property: the names need no quotes unless they are no words. */
static RuleNode *parse_property(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_FIELD);
    if (!node || !syntax_property(parser, &node->field)) return NULL;
    bool negate = syntax_is(parser, 0, "not") && syntax_is(parser, 1, "in");
    parser->at += negate;
    if (!syntax_test(parser, &node->test, &node->window)) return NULL;
    return negate ? negation(parser, node) : node;
}

static RuleNode *where_read(Parser *parser)
{
    bool bracket = syntax_is_sign(parser, 0, "(");
    if (!bracket) return parse_property(parser);
    parser->at++;
    if (!syntax_deeper(parser)) return NULL;
    RuleNode *node = syntax_expression(parser, parse_property);
    if (!node || !syntax_want_sign(parser, ")")) return NULL;
    parser->depth--;
    return node;
}

bool syntax_event(Parser *parser, RuleEvent *ret_event)
{
    ret_event->at = syntax_token(parser, 0)->at;
    ret_event->name = syntax_text(parser, EXPECT_EVENT);
    if (!ret_event->name) return false;
    if (!syntax_take(parser, "where")) return true;
    ret_event->where = where_read(parser);
    return ret_event->where != NULL;
}

/* ---- did ---- */

static bool number_of_times(Parser *parser, RuleTimes *times, RuleTimesKind kind)
{
    times->kind = kind;
    if (!syntax_whole(parser, 0, RULE_TIMES_MAX, &times->low)) return false;
    times->high = times->low;
    if (kind == RULE_BETWEEN_TIMES) {
        if (!syntax_want(parser, "and")) return false;
        if (!syntax_whole(parser, times->low, RULE_TIMES_MAX, &times->high)) return false;
    }
    return syntax_take(parser, "time") || syntax_want(parser, "times");
}

/* `at least 3 times`, when it begins here. */
static bool times_read(Parser *parser, RuleTimes *times, bool *ret_taken)
{
    bool between = syntax_is(parser, 0, "between") && syntax_is(parser, 4, "times");
    *ret_taken = true;
    if (syntax_is(parser, 0, "at") && syntax_is(parser, 1, "least")) {
        parser->at += 2;
        return number_of_times(parser, times, RULE_AT_LEAST);
    }
    if (syntax_is(parser, 0, "at") && syntax_is(parser, 1, "most")) {
        parser->at += 2;
        return number_of_times(parser, times, RULE_AT_MOST);
    }
    if (syntax_is(parser, 0, "at")) {
        static const char *const words[] = {"least", "most"};
        parser->at++;
        return syntax_expected_of(parser, EXPECT_LEAST_MOST, words, G_N_ELEMENTS(words));
    }
    if (syntax_take(parser, "exactly")) return number_of_times(parser, times, RULE_EXACTLY);
    parser->at += between;
    if (between) return number_of_times(parser, times, RULE_BETWEEN_TIMES);
    *ret_taken = false;
    return true;
}

/* How often and when, in either order. */
static bool did_rest(Parser *parser, RuleNode *node)
{
    for (;;) {
        bool taken = false;
        if (node->times.kind == RULE_ANY_TIMES && !times_read(parser, &node->times, &taken))
            return false;
        if (!taken && node->window.kind == RULE_ALWAYS) {
            if (!syntax_window_past(parser, &node->window)) return false;
            taken = node->window.kind != RULE_ALWAYS;
        }
        if (!taken) return true;
    }
}

static bool at_then(const Parser *parser)
{
    bool negated = syntax_is(parser, 0, "and") && syntax_is(parser, 1, "not");
    return syntax_is(parser, 0, "then") || (negated && syntax_is(parser, 2, "then"));
}

static bool step_read(Parser *parser, RuleStep *step)
{
    *step = (RuleStep){0};
    if (!syntax_event(parser, &step->event)) return false;
    if (syntax_take(parser, "within") && !span_read(parser, &step->span, RULE_LAST)) return false;
    if (!syntax_begins_window(parser)) return true;
    return rule_problem_set(parser->problem, syntax_token(parser, 0)->at,
                            "the window of a sequence stands behind its first step; a later one "
                            "takes within 2 days");
}

static bool steps_read(Parser *parser, RuleNode *node)
{
    RuleStep steps[RULE_STEPS_MAX - 1];
    while (at_then(parser)) {
        if (node->not_then)
            return rule_problem_set(parser->problem, syntax_token(parser, 0)->at,
                                    "and not then is the last step of a sequence");
        if (node->step_count == G_N_ELEMENTS(steps))
            return syntax_limit(parser, "a sequence has at most 5 steps");
        node->not_then = syntax_is(parser, 0, "and");
        parser->at += node->not_then ? 3 : 1;
        if (!step_read(parser, &steps[node->step_count++])) return false;
    }
    node->steps = arena_new_items(parser->arena, RuleStep, node->step_count);
    if (!node->steps) return syntax_limit(parser, "the rule is too large");
    memcpy(node->steps, steps, node->step_count * sizeof *steps);
    return true;
}

static bool then_read(Parser *parser, RuleNode *node, uint32_t at, bool negate)
{
    node->kind = RULE_SEQUENCE;
    if (negate || node->times.kind != RULE_ANY_TIMES)
        return rule_problem_set(parser->problem, at,
                                "a sequence begins with did, without not and without a number of "
                                "times: write not (did … then …)");
    return steps_read(parser, node);
}

RuleNode *parse_did(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_DID);
    if (!node) return NULL;
    parser->at++;
    bool negate = syntax_take(parser, "not");
    if (!syntax_event(parser, &node->event) || !did_rest(parser, node)) return NULL;
    uint32_t at = syntax_token(parser, 0)->at;
    if (at_then(parser) && !then_read(parser, node, at, negate)) return NULL;
    return negate ? negation(parser, node) : node;
}

/* ---- amounts, moments, ranks ---- */

RuleAmount syntax_amount(const Parser *parser)
{
    for (RuleAmount amount = 0; amount < RULE_AMOUNTS; amount++) {
        bool bracket = syntax_is_sign(parser, 1, "(");
        bool counted = amount == RULE_COUNT && syntax_is(parser, 1, "of");
        if ((bracket || counted) && syntax_is(parser, 0, rule_amount_words[amount])) return amount;
    }
    return RULE_AMOUNTS;
}

/* `sum(revenue) of "Order Completed" where …` */
static bool amount_head(Parser *parser, RuleNode *node, RuleAmount amount)
{
    node->amount = amount;
    parser->at++;
    if (amount != RULE_COUNT) {
        if (!syntax_want_sign(parser, "(") || !syntax_property(parser, &node->field)) return false;
        if (!syntax_want_sign(parser, ")")) return false;
    }
    return syntax_want(parser, "of") && syntax_event(parser, &node->event);
}

bool syntax_at_comparison(const Parser *parser)
{
    bool between = syntax_is(parser, 0, "between") && syntax_token(parser, 1)->kind == TOKEN_NUMBER;
    if (between) return !syntax_is(parser, 5, "ago");
    if (syntax_is(parser, 0, "in")) return syntax_is_sign(parser, 1, "(");
    return syntax_token(parser, 0)->kind == TOKEN_SIGN;
}

RuleNode *parse_amount(Parser *parser, RuleAmount amount)
{
    RuleNode *node = syntax_node(parser, RULE_AMOUNT);
    if (!node || !amount_head(parser, node, amount)) return NULL;
    if (!syntax_at_comparison(parser) && !syntax_window_past(parser, &node->window)) return NULL;
    if (!syntax_test(parser, &node->test, NULL)) return NULL;
    if (node->window.kind == RULE_ALWAYS && !syntax_window_past(parser, &node->window)) return NULL;
    return node;
}

static bool nth_read(Parser *parser, RuleNode *node)
{
    const Token *token = syntax_token(parser, 0);
    node->nth = 1;
    if (syntax_take(parser, "first")) return true;
    node->nth = 0;
    if (syntax_take(parser, "last")) return true;
    if (token->kind != TOKEN_ORDINAL) return syntax_expected(parser, EXPECT_NTH);
    int64_t nth = token->micros / DECIMAL_SCALE;
    if (nth < 1 || nth > RULE_NTH_MAX)
        return rule_problem_set(parser->problem, token->at, "this must be 1st to %dth",
                                RULE_NTH_MAX);
    node->nth = (uint32_t)nth;
    parser->at++;
    return true;
}

RuleNode *parse_moment(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_MOMENT);
    if (!node || !nth_read(parser, node) || !syntax_event(parser, &node->event)) return NULL;
    if (!syntax_window_past(parser, &node->window)) return NULL;
    if (node->window.kind != RULE_ALWAYS) return node;
    syntax_expected(parser, EXPECT_WHEN);
    return NULL;
}

static bool top_number(Parser *parser, RuleNode *node)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_NUMBER) return syntax_expected(parser, EXPECT_NUMBER);
    node->percent = syntax_is_sign(parser, 1, "%");
    node->number = token->micros;
    int64_t most = node->percent ? 100 : INT64_C(1000000000);
    bool fits = node->number >= 0 && node->number <= most * DECIMAL_SCALE;
    if (!fits || (!node->percent && !token->whole))
        return rule_problem_set(parser->problem, token->at,
                                "top takes a whole number of people, or 0 to 100 %%");
    parser->at += node->percent ? 2 : 1;
    return syntax_want(parser, "by");
}

RuleNode *parse_top(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_TOP);
    parser->at++;
    if (!node || !top_number(parser, node)) return NULL;
    RuleAmount amount = syntax_amount(parser);
    if (amount == RULE_AMOUNTS) return syntax_field(parser, &node->field) ? node : NULL;
    if (!amount_head(parser, node, amount)) return NULL;
    return syntax_window_past(parser, &node->window) ? node : NULL;
}

RuleNode *parse_anniversary(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_ANNIVERSARY);
    parser->at++;
    if (!node || !syntax_want(parser, "of")) return NULL;
    bool event = syntax_is(parser, 0, "first") || syntax_is(parser, 0, "last") ||
                 syntax_token(parser, 0)->kind == TOKEN_ORDINAL;
    if (event && (!nth_read(parser, node) || !syntax_event(parser, &node->event))) return NULL;
    if (!event && !syntax_field(parser, &node->field)) return NULL;
    return window_calendar(parser, &node->window) ? node : NULL;
}

RuleNode *parse_silent(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_SILENT);
    parser->at++;
    if (!node || !syntax_want(parser, "longer") || !syntax_want(parser, "than")) return NULL;
    const Token *token = syntax_token(parser, 0);
    bool fits = token->kind == TOKEN_NUMBER && token->micros > 0 &&
                token->micros <= (int64_t)RULE_FACTOR_MAX * DECIMAL_SCALE;
    if (!fits) {
        syntax_expected(parser, EXPECT_FACTOR);
        return NULL;
    }
    node->number = token->micros;
    parser->at++;
    if (!syntax_want(parser, "times") || !syntax_want(parser, "usual")) return NULL;
    if (syntax_take(parser, "of") && !syntax_event(parser, &node->event)) return NULL;
    return node;
}
