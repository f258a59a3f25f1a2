/* segments/lexer.h: cuts the text of a rule into tokens.
 *
 * Words are names and keywords alike (letters, digits, `_`, `-`, `$` and everything beyond ASCII;
 * they begin with no digit). Texts stand in double quotes, with \" and \\ inside. A `#` begins a
 * comment that ends with its line. Dates are YYYY-MM-DD, with THH:MM[:SS[.mmm]] and Z or +HH:MM
 * behind if need be. Pure; everything lives in the arena.
 */
#pragma once
#include "segments/language.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_TEXT,    /* `text` is what stands between the quotes, unescaped */
    TOKEN_NUMBER,  /* `micros`; `whole` when it has no fraction */
    TOKEN_ORDINAL, /* 2nd: `micros` is 2 x 10^6 */
    TOKEN_DATE,    /* `text` as written, a date that exists */
    TOKEN_SIGN     /* = != < <= > >= ( ) , . % */
} TokenKind;

typedef struct Token {
    TokenKind kind;
    uint32_t at, end; /* bytes of the rule's text */
    const char *text;
    int64_t micros;
    bool whole;
} Token;

/* Appends all tokens, TOKEN_END last, to a GArray of Token. False: `problem` says where and why;
 * `offset` is set. */
bool rule_lexer_run(Arena *arena, Slice text, GArray *tokens, RuleProblem *problem);

/* Sets message and offset; returns false. */
bool rule_problem_set(RuleProblem *problem, uint32_t at, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Whether a date of a rule exists: what TOKEN_DATE and the dates of JSON must be. */
bool rule_date_check(const char *text);

/* Whether a name can be written as a word that is no keyword, without quotes. */
bool rule_name_is_plain(const char *name);
