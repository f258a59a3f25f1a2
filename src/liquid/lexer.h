/* liquid/lexer.h: cuts a template into text, `{{ outputs }}` and `{% tags %}`, and what stands
 * inside them into words.
 *
 * As in Shopify's, `}}` and `%}` end a tag wherever they stand, also inside quotes. White space
 * control (`{{-`, `-%}`) is done here. Inside `{% liquid %}` every line is one tag.
 */
#pragma once
#include <stdbool.h>

#include "base/slice.h"
#include "liquid/value.h"

typedef enum TokenKind { TOKEN_TEXT, TOKEN_OUTPUT, TOKEN_TAG, TOKEN_END, TOKEN_BAD } TokenKind;

typedef struct Token {
    TokenKind kind;
    const char *at;      /* where it begins; BAD: what is wrong begins here */
    Slice name;          /* TAG: its first word */
    Slice markup;        /* TEXT: the text; OUTPUT, TAG: what is inside, behind the name */
    const char *problem; /* BAD: what to do */
} Token;

typedef struct Lexer {
    const char *at, *end;
    bool lines;      /* inside `{% liquid %}` */
    bool trim_after; /* the last tag ended with "-": white space that follows is dropped */
} Lexer;

void lexer_init(Lexer *lexer, Slice source, bool lines);
Token lexer_next(Lexer *lexer);

/* Reads on to `{% end %}`, taking everything before it as text. False when it is missing. */
bool lexer_verbatim(Lexer *lexer, const char *end, Slice *ret_text);

/* Reads on to the end of a comment; comments nest. False when it is missing. */
bool lexer_comment(Lexer *lexer);

typedef enum WordKind {
    WORD_END,
    WORD_NAME,       /* person, some-thing, vip? */
    WORD_VALUE,      /* a number or a quoted text, in `value` */
    WORD_COMPARISON, /* == != <> < > <= >= */
    WORD_DOTS,       /* .. */
    WORD_SIGN,       /* one of . | : , [ ] ( ) =, in `sign` */
    WORD_BAD
} WordKind;

/* Reads the words inside a tag. */
typedef struct Words {
    const char *end; /* of the markup */
    const char *at;  /* behind the current word */
    /* the current word */
    WordKind kind;
    char sign;
    Slice text;
    LiquidValue value;
    const char *problem; /* BAD */
} Words;

/* Starts at the first word. */
void words_init(Words *words, Slice markup);
void words_next(Words *words);
