/* liquid/parser.h: what the parsers of tags share. Private to liquid/.
 *
 * A parser stops at the first error: every function here returns false or NULL once one was
 * found, and parser_fail keeps the first. Nodes go into the template's arena.
 *
 * A tag is one row of the table in tags.c: a name and a function that reads its markup (Words)
 * and, for a block, its bodies, and adds at most one node.
 */
#pragma once
#include <glib.h>

#include "base/error.h"
#include "liquid/ast.h"
#include "liquid/lexer.h"
#include "liquid/liquid.h"

typedef struct Parser {
    LiquidTemplate *template;
    Lexer *lexer;
    unsigned depth;
    Token token; /* the tag that ended the last body, or END */
    GError *error;
} Parser;

/* Sets the error unless there is one; returns false. */
bool parser_fail(Parser *parser, const char *at, KithError code, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* "line 3, column 12" of a place in a template, with the name of a partial before it. */
char *template_place(const LiquidTemplate *template, const char *at);

/* Zeroed memory of the template; NULL (and an error) over LIMIT_LIQUID_PARSE_BYTES. */
void *parser_alloc(Parser *parser, size_t size);
#define parser_new(parser, Type) ((Type *)parser_alloc((parser), sizeof(Type)))

/* One level deeper, or an error. Pairs with parser_leave. */
bool parser_enter(Parser *parser, const char *at);
void parser_leave(Parser *parser);

/* liquid_parse of a partial, whose name its errors bear. NULL: of a whole template. */
LiquidTemplate *liquid_parse_named(Slice source, const char *name, GError **error);

/* ── bodies (parser.c) ── */

/* Reads until a tag named in `stops` (NULL-terminated; left in parser->token), or, when `stops` is
 * NULL, to the end. `tag` is the one whose body this is: a missing end is reported there. */
bool parser_body(Parser *parser, const Token *tag, const char *const *stops, Body *body);
Body *parser_body_new(Parser *parser);
/* A new node at the end of a body. `blank`: it writes nothing but white space. */
Node *parser_add(Parser *parser, Body *body, NodeKind kind, const Token *tag);
/* White space of a body that writes nothing else is not written either. */
void body_strip(Body *body);

/* ── what stands in a tag (parser_words.c) ── */

const Expression *parser_expression(Parser *parser, Words *words);
bool parser_filtered(Parser *parser, Words *words, Filtered *ret_filtered);
Condition *parser_condition(Parser *parser, Words *words);
/* `key: value` pairs, commas before, between and behind them allowed. */
bool parser_pairs(Parser *parser, Words *words, Argument **ret_arguments);
/* The text is exactly one name; `what` says of what. Digits may come first. */
bool parser_name(Parser *parser, Slice markup, const char *what, Slice *ret_name);
bool words_is_sign(const Words *words, char sign);
bool words_is_name(const Words *words, const char *name);
/* Fails unless everything was read. */
bool parser_end(Parser *parser, const Words *words);
/* Fails naming what stands there instead of `wanted`. */
bool parser_expected(Parser *parser, const Words *words, const char *wanted);
/* A name follows, such as the variable of a loop. */
bool parser_variable(Parser *parser, Words *words, Slice *ret_name);

/* ── tags (tags.c, tags_loop.c, tags_partial.c) ── */

typedef bool (*TagParse)(Parser *parser, const Token *tag, Body *body);
typedef struct Tag {
    const char *name;
    TagParse parse;
} Tag;

/* The tag of that name, or NULL. */
const Tag *tag_find(Slice name);
/* The nearest name of a tag, or NULL when none is near. */
const char *tag_near(Slice name);

bool tag_for(Parser *parser, const Token *tag, Body *body);
bool tag_tablerow(Parser *parser, const Token *tag, Body *body);
bool tag_cycle(Parser *parser, const Token *tag, Body *body);
bool tag_include(Parser *parser, const Token *tag, Body *body);
bool tag_render(Parser *parser, const Token *tag, Body *body);

/* The index of the name nearest to `text` (edit distance at most a third of it), or -1. */
int names_near(Slice text, const char *const *names, size_t count);
