/* liquid/ast.h: the tree of a parsed template. Everything lies in the template's arena and never
 * changes after parsing; slices point into its copy of the source, `at` of every part too, so that
 * an error can say line and column.
 */
#pragma once
#include "base/arena.h"
#include "base/slice.h"
#include "liquid/value.h"

typedef struct Expression Expression;
typedef struct Node Node;
typedef struct Filter Filter;

typedef enum ExpressionKind { EXPRESSION_VALUE, EXPRESSION_PATH, EXPRESSION_RANGE } ExpressionKind;

/* `.name` (index NULL) or `[index]`. */
typedef struct PathStep {
    struct PathStep *next;
    Slice name;
    const Expression *index;
} PathStep;

struct Expression {
    ExpressionKind kind;
    const char *at;
    LiquidValue value;       /* VALUE */
    Slice name;              /* PATH: its root, when `first` is NULL */
    const Expression *first; /* PATH: the root in brackets; RANGE: start */
    const Expression *last;  /* RANGE: end */
    PathStep *steps;         /* PATH */
};

/* One argument of a filter or a partial; `name` is empty for positional ones. */
typedef struct Argument {
    struct Argument *next;
    Slice name;
    const Expression *value;
} Argument;

typedef struct FilterCall {
    struct FilterCall *next;
    const Filter *filter;
    const char *at;
    Argument *arguments;
} FilterCall;

/* An expression and the filters behind it. `base` is NULL for `{{ }}`. */
typedef struct Filtered {
    const Expression *base;
    FilterCall *filters;
} Filtered;

typedef enum Comparison {
    COMPARE_NONE, /* the left side alone: is it truthy? */
    COMPARE_EQUAL,
    COMPARE_UNEQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
    COMPARE_CONTAINS
} Comparison;

/* One test and how it is joined to the next. `and` and `or` bind alike, from the right. */
typedef struct Condition {
    struct Condition *next;
    bool is_or; /* to the next one */
    Comparison comparison;
    const Expression *left, *right;
} Condition;

typedef struct Body {
    Node *first;
    Node **end;
    bool blank; /* writes nothing but white space */
} Body;

/* One arm of if, unless or case. */
typedef struct Branch {
    struct Branch *next;
    bool is_else;
    Condition *condition;   /* if, elsif */
    const Expression *when; /* case; several values of one `when` share the body */
    Body *body;
} Branch;

typedef enum NodeKind {
    NODE_TEXT,
    NODE_OUTPUT,
    NODE_ASSIGN,
    NODE_CAPTURE,
    NODE_IF,
    NODE_CASE,
    NODE_FOR,
    NODE_TABLEROW,
    NODE_CYCLE,
    NODE_INCREMENT,
    NODE_DECREMENT,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_IFCHANGED,
    NODE_INCLUDE,
    NODE_RENDER
} NodeKind;

typedef struct LoopNode {
    Slice variable;
    Slice title; /* "item-shop.items": forloop.name, and what `offset: continue` goes on from */
    const Expression *collection, *limit, *offset, *columns;
    bool offset_continue, reversed;
    Body *body, *otherwise; /* otherwise: NULL without else */
} LoopNode;

typedef struct CycleNode {
    const Expression *name; /* NULL: the values themselves are the name */
    Slice title;
    Argument *values;
    size_t count;
} CycleNode;

typedef struct PartialNode {
    const Expression *name, *bound; /* bound: of `with` or `for`, or NULL */
    bool each;                      /* `for` */
    Slice alias;                    /* of `as`, or empty */
    Argument *arguments;
} PartialNode;

struct Node {
    NodeKind kind;
    bool negated; /* IF: an unless */
    const char *at;
    Node *next;
    Slice name; /* of ASSIGN, CAPTURE, INCREMENT, DECREMENT; the text of TEXT */
    union {
        Filtered output; /* OUTPUT, ASSIGN */
        Body *body;      /* CAPTURE, IFCHANGED */
        struct {
            const Expression *subject; /* CASE */
            Branch *branches;
        } choice;
        LoopNode loop;
        CycleNode cycle;
        PartialNode partial;
    };
};

struct LiquidTemplate {
    Arena *arena;
    Slice source;
    const char *name; /* of a partial, or NULL */
    Body *body;
};
