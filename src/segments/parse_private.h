/* segments/parse_private.h: what the files of the parser share. Private to segments/.
 *
 * Recursive descent over the tokens. Every function either returns its result, or NULL (false)
 * with the problem set; nothing is freed, the arena goes as a whole.
 */
#pragma once
#include "segments/lexer.h"

typedef struct Parser {
    Arena *arena;
    const Token *tokens;
    uint32_t at;     /* of the token at hand */
    unsigned depth;  /* of the node at hand */
    unsigned parts;  /* nodes made */
    bool over_limit; /* the problem is a limit */
    RuleProblem *problem;
} Parser;

/* The token at hand and those behind it (the last one repeats). */
const Token *syntax_token(const Parser *parser, unsigned ahead);

/* A new node at the token at hand; NULL over LIMIT_RULE_PARTS or out of memory. */
RuleNode *syntax_node(Parser *parser, RuleKind kind);

/* Is the token `ahead` this keyword (any case), resp. this sign? */
bool syntax_is(const Parser *parser, unsigned ahead, const char *word);
bool syntax_is_sign(const Parser *parser, unsigned ahead, const char *sign);
/* The same for the token at hand, and goes on when it is. */
bool syntax_take(Parser *parser, const char *word);
bool syntax_take_sign(Parser *parser, const char *sign);
/* Goes on or fails with "expected …". */
bool syntax_want(Parser *parser, const char *word);
bool syntax_want_sign(Parser *parser, const char *sign);

/* What may be missed at a place; parse_expect.c has each one's code and words. */
typedef enum SyntaxExpect {
    EXPECT_WORD, /* a certain word or sign of the language */
    EXPECT_CONDITION,
    EXPECT_CONDITION_QUOTED,
    EXPECT_JOIN,
    EXPECT_NAME,
    EXPECT_COMPARISON,
    EXPECT_COMPARISON_NUMBER,
    EXPECT_COMPARISON_SIGN,
    EXPECT_VALUE,
    EXPECT_VALUE_QUOTED,
    EXPECT_NUMBER,
    EXPECT_WHOLE,
    EXPECT_FACTOR,
    EXPECT_PERCENTAGE,
    EXPECT_EVENT,
    EXPECT_NTH,
    EXPECT_LEAST_MOST,
    EXPECT_WHEN,
    EXPECT_WHEN_DAYS,
    EXPECT_LAST_NEXT,
    EXPECT_UNIT,
    EXPECT_PERIOD,
    EXPECT_DATE,
    EXPECT_TAG,
    EXPECT_SEGMENT,
    EXPECT_CHANNEL,
    EXPECT_TOPIC,
    EXPECT_SEED,
    SYNTAX_EXPECTS
} SyntaxExpect;

/* Fails at the token at hand; the text goes on with what was found there. */
bool syntax_expected(Parser *parser, SyntaxExpect what);
/* The same where one of several words was expected: suggests the nearest. */
bool syntax_expected_of(Parser *parser, SyntaxExpect what, const char *const *words, size_t count);
bool syntax_limit(Parser *parser, const char *message);

/* A text in quotes that is not empty. */
const char *syntax_text(Parser *parser, SyntaxExpect what);
/* A whole number in low..high. */
bool syntax_whole(Parser *parser, int64_t low, int64_t high, int64_t *ret_number);

/* `country`, `products.category`, `"favourite colour"`. */
bool syntax_field(Parser *parser, RuleField *ret_field);
/* A property of an event, or `context.campaign.source`: of its context, and of that what is kept.
 */
bool syntax_property(Parser *parser, RuleField *ret_field);
/* The comparison behind a field or amount; `window` takes that of RULE_LIES, NULL: a number is
 * compared and nothing else. */
bool syntax_test(Parser *parser, RuleTest *ret_test, RuleWindow *window);

/* Whether a comparison begins here, and not `between 9 and 8 days ago`. */
bool syntax_at_comparison(const Parser *parser);

/* One step of nesting deeper; false over LIMIT_RULE_DEPTH. Undone by parser->depth--. */
bool syntax_deeper(Parser *parser);

/* `and` and `or` of `primary`s, with brackets and `not`. */
typedef RuleNode *(*ParsePrimary)(Parser *parser);
RuleNode *syntax_expression(Parser *parser, ParsePrimary primary);

/* `"Order Completed" [where …]`. */
bool syntax_event(Parser *parser, RuleEvent *ret_event);

/* A window, when one begins here; else RULE_ALWAYS. */
bool syntax_begins_window(const Parser *parser);
bool syntax_window(Parser *parser, RuleWindow *ret_window);
/* The same where only the past will do: what happened does not lie ahead. */
bool syntax_window_past(Parser *parser, RuleWindow *ret_window);
bool syntax_unit(Parser *parser, RuleUnit *ret_unit);

/* parse_event.c: what begins with did; an amount; first, last, 2nd; top. */
RuleNode *parse_did(Parser *parser);
RuleNode *parse_birthday(Parser *parser);
RuleNode *parse_amount(Parser *parser, RuleAmount amount);
RuleNode *parse_moment(Parser *parser);
RuleNode *parse_top(Parser *parser);
RuleNode *parse_anniversary(Parser *parser);
RuleNode *parse_silent(Parser *parser);
/* parse_measured.c: counts and times that are compared with a number of units or percents. Their
 * first words are no keywords, as traits may be named so; false: none begins here. */
bool parse_measured(Parser *parser, RuleNode **ret_node);
/* RULE_AMOUNTS when the token at hand is no amount's word. */
RuleAmount syntax_amount(const Parser *parser);
