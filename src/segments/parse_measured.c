#include "segments/parse_private.h"

#include "segments/near.h"

/* ---- a number and what it is of ---- */

/* Reads what stands behind a number. */
typedef bool (*MeasureRead)(Parser *parser, RuleNode *node);

static bool measure_op(Parser *parser, RuleTest *test)
{
    for (test->op = RULE_EQUAL; test->op <= RULE_MORE_EQUAL; test->op++)
        if (syntax_take_sign(parser, rule_op_words[test->op])) return true;
    test->op = RULE_BETWEEN;
    if (syntax_take(parser, "between")) return true;
    return syntax_expected(parser, EXPECT_COMPARISON_SIGN);
}

static bool measure_number(Parser *parser, RuleValue *value)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_NUMBER) return syntax_expected(parser, EXPECT_NUMBER);
    if (token->micros < 0 || token->micros > (int64_t)RULE_TIMES_MAX * DECIMAL_SCALE)
        return rule_problem_set(parser->problem, token->at, "this number must be 0 to %d",
                                RULE_TIMES_MAX);
    *value = (RuleValue){.type = RULE_NUMBER, .micros = token->micros};
    parser->at++;
    return true;
}

/* `>= 20 %`, `between 1 and 2 days`; the measure may stand behind the first number too. */
static bool measure_read(Parser *parser, RuleNode *node, MeasureRead measure)
{
    RuleTest *test = &node->test;
    if (!measure_op(parser, test)) return false;
    test->value_count = test->op == RULE_BETWEEN ? 2 : 1;
    test->values = arena_new_items(parser->arena, RuleValue, test->value_count);
    if (!test->values) return syntax_limit(parser, "the rule is too large");
    if (!measure_number(parser, &test->values[0])) return false;
    if (test->op != RULE_BETWEEN) return measure(parser, node);
    bool named = !syntax_is(parser, 0, "and");
    if (named && !measure(parser, node)) return false;
    RuleNode first = *node;
    uint32_t at = syntax_token(parser, 0)->at;
    if (!syntax_want(parser, "and") || !measure_number(parser, &test->values[1])) return false;
    if (!measure(parser, node)) return false;
    if (!named || (first.unit == node->unit && first.percent == node->percent)) return true;
    return rule_problem_set(parser->problem, at, "write both numbers in the same unit");
}

/* The window before or behind the comparison. */
static RuleNode *measured_end(Parser *parser, RuleNode *node, MeasureRead measure)
{
    RuleWindow *window = &node->window;
    if (!syntax_at_comparison(parser) && !syntax_window_past(parser, window)) return NULL;
    if (!measure_read(parser, node, measure)) return NULL;
    if (window->kind == RULE_ALWAYS && !syntax_window_past(parser, window)) return NULL;
    return node;
}

/* ---- the time between occurrences ---- */

static bool gap_unit(Parser *parser, RuleNode *node)
{
    uint32_t at = syntax_token(parser, 0)->at;
    if (!syntax_unit(parser, &node->unit)) return false;
    return node->unit <= RULE_WEEK ||
           rule_problem_set(parser->problem, at,
                            "months and years are of several lengths: write 30 days");
}

static RuleNode *parse_gap(Parser *parser, RuleGap gap)
{
    RuleNode *node = syntax_node(parser, RULE_GAP);
    parser->at += 2;
    if (!node || !syntax_want(parser, "between")) return NULL;
    node->gap = gap;
    return syntax_event(parser, &node->event) ? measured_end(parser, node, gap_unit) : NULL;
}

/* ---- ratios ---- */

static bool ratio_unit(Parser *parser, RuleNode *node)
{
    node->percent = syntax_take_sign(parser, "%");
    return true;
}

static RuleNode *parse_ratio(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_RATIO);
    parser->at += 2;
    if (!node || !syntax_event(parser, &node->event) || !syntax_want(parser, "to")) return NULL;
    return syntax_event(parser, &node->to) ? measured_end(parser, node, ratio_unit) : NULL;
}

/* ---- stages ---- */

static RuleNode *parse_lifecycle(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_LIFECYCLE);
    parser->at++;
    if (!node) return NULL;
    const Token *token = syntax_token(parser, 0);
    for (node->stage = 0; node->stage < RULE_STAGES; node->stage++) {
        bool is = g_ascii_strcasecmp(rule_stage_words[node->stage], token->text) == 0;
        if (!is || token->kind != TOKEN_TEXT) continue;
        parser->at++;
        return node;
    }
    const char *near = near_find(token->text, rule_stage_words, RULE_STAGES);
    g_strlcpy(parser->problem->suggestion, near ? near : "", sizeof parser->problem->suggestion);
    rule_problem_set(
        parser->problem, token->at,
        "a stage is \"lead\", \"new\", \"active\" or \"lapsed\", in double quotes%s%s%s",
        near ? ": did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return NULL;
}

/* A stage, in quotes or forgotten ones; else the word is the name of a trait. */
static bool at_lifecycle(const Parser *parser)
{
    bool stage = syntax_token(parser, 1)->kind == TOKEN_TEXT;
    for (RuleStage i = 0; i < RULE_STAGES; i++)
        stage = stage || syntax_is(parser, 1, rule_stage_words[i]);
    return stage && syntax_is(parser, 0, "lifecycle");
}

/* ---- the whole ---- */

bool parse_measured(Parser *parser, RuleNode **ret_node)
{
    for (RuleGap gap = 0; gap < RULE_GAPS; gap++) {
        if (!syntax_is(parser, 0, rule_gap_words[gap]) || !syntax_is(parser, 1, "time")) continue;
        *ret_node = parse_gap(parser, gap);
        return true;
    }
    if (at_lifecycle(parser)) {
        *ret_node = parse_lifecycle(parser);
        return true;
    }
    if (!syntax_is(parser, 0, "ratio") || !syntax_is(parser, 1, "of")) return false;
    *ret_node = parse_ratio(parser);
    return true;
}
