#include "segments/near.h"
#include "segments/parse_private.h"

/* The codes are of the API and of the catalogues, for ever. */
static const struct {
    const char *code, *words;
} expectations[SYNTAX_EXPECTS] = {
    [EXPECT_WORD] = {"word", NULL},
    [EXPECT_CONDITION] = {"condition", "a condition"},
    [EXPECT_CONDITION_QUOTED] = {"condition-quoted",
                                 "a condition (a trait of this name stands in double quotes)"},
    [EXPECT_JOIN] = {"join", "and, or, or the end of the rule"},
    [EXPECT_NAME] = {"name", "a name"},
    [EXPECT_COMPARISON] = {"comparison", "a comparison"},
    [EXPECT_COMPARISON_NUMBER] = {"comparison-number", "a comparison with a number"},
    [EXPECT_COMPARISON_SIGN] = {"comparison-sign", "a comparison: = != < <= > >= or between"},
    [EXPECT_VALUE] = {"value", "a value"},
    [EXPECT_VALUE_QUOTED] = {"value-quoted", "a value (texts stand in double quotes)"},
    [EXPECT_NUMBER] = {"number", "a number"},
    [EXPECT_WHOLE] = {"whole", "a whole number"},
    [EXPECT_FACTOR] = {"factor", "a number over 0, at most 1000"},
    [EXPECT_PERCENTAGE] = {"percentage", "a percentage"},
    [EXPECT_EVENT] = {"event", "the name of an event in double quotes"},
    [EXPECT_NTH] = {"nth", "first, last or 2nd, 3rd …"},
    [EXPECT_LEAST_MOST] = {"least-most", "least or most"},
    [EXPECT_WHEN] = {"when", "when: more than 60 days ago, this month, before 2024-01-01"},
    [EXPECT_WHEN_DAYS] = {"when-days", "when: today, this month, in next 7 days"},
    [EXPECT_LAST_NEXT] = {"last-next", "last or next"},
    [EXPECT_UNIT] = {"unit", "minutes, hours, days, weeks, months or years"},
    [EXPECT_PERIOD] = {"period", "week, month, quarter or year (or: in last 30 days)"},
    [EXPECT_DATE] = {"date", "a date such as 2024-03-31"},
    [EXPECT_TAG] = {"tag", "a tag in double quotes"},
    [EXPECT_SEGMENT] = {"segment", "the name of a segment in double quotes"},
    [EXPECT_CHANNEL] = {"channel", "a channel (email, sms, phone, whatsapp, post, push)"},
    [EXPECT_TOPIC] = {"topic", "a topic in double quotes"},
    [EXPECT_SEED] = {"seed", "a seed in double quotes"},
};

/* `words`: what a certain word or sign is, in quotes; NULL: those of the expectation. */
static bool found_here(Parser *parser, SyntaxExpect expect, const char *words,
                       const char *suggestion)
{
    const Token *token = syntax_token(parser, 0);
    RuleProblem *problem = parser->problem;
    const char *what = words ? words : expectations[expect].words;
    problem->expected = expectations[expect].code;
    g_strlcpy(problem->suggestion, suggestion ? suggestion : "", sizeof problem->suggestion);
    g_autofree char *hint =
        suggestion ? g_strdup_printf(": did you mean %s?", suggestion) : g_strdup("");
    switch (token->kind) {
    case TOKEN_END:
        return rule_problem_set(problem, token->at, "the rule ends where %s was expected", what);
    case TOKEN_TEXT:
        return rule_problem_set(problem, token->at, "expected %s, not \"%.60s\"%s", what,
                                token->text, hint);
    case TOKEN_WORD:
    case TOKEN_DATE:
    case TOKEN_SIGN:
        return rule_problem_set(problem, token->at, "expected %s, not %.60s%s", what, token->text,
                                hint);
    case TOKEN_NUMBER:
    case TOKEN_ORDINAL:
        break;
    }
    return rule_problem_set(problem, token->at, "expected %s, not a number", what);
}

bool syntax_expected(Parser *parser, SyntaxExpect what)
{
    return found_here(parser, what, NULL, NULL);
}

bool syntax_expected_of(Parser *parser, SyntaxExpect what, const char *const *words, size_t count)
{
    const Token *token = syntax_token(parser, 0);
    const char *near = token->kind == TOKEN_WORD ? near_find(token->text, words, count) : NULL;
    return found_here(parser, what, NULL, near);
}

bool syntax_want(Parser *parser, const char *word)
{
    if (syntax_take(parser, word)) return true;
    const Token *token = syntax_token(parser, 0);
    g_autofree char *what = g_strdup_printf("\"%s\"", word);
    const char *near = token->kind == TOKEN_WORD ? near_find(token->text, &word, 1) : NULL;
    return found_here(parser, EXPECT_WORD, what, near);
}

bool syntax_want_sign(Parser *parser, const char *sign)
{
    if (syntax_take_sign(parser, sign)) return true;
    g_autofree char *what = g_strdup_printf("\"%s\"", sign);
    return found_here(parser, EXPECT_WORD, what, NULL);
}
