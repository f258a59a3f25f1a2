/* segments/model_rule.h: random conditions of the model, as what they mean. Not product. */
#pragma once
#include "segments/model.h"
#include "segments/model_form.h"

typedef struct Window {
    RuleWindowKind kind;
    RuleUnit unit;
    int step;
    int64_t low, high; /* numbers of units; or the days or instants of the dates */
    bool timed;        /* the date is an instant */
} Window;

typedef struct Condition { /* on a value */
    RuleOp op;
    bool not_in;
    int count;
    Value with[ITEMS_MAX];
    Window window; /* of RULE_LIES */
} Condition;

typedef enum Join { LEAF, AND, OR, NOT } Join;

typedef struct Where Where;
struct Where {
    Join join;
    Where *left, *right;
    Property property;
    Condition condition;
};

typedef struct Told { /* an event, perhaps with a where */
    Name name;
    Where *where;
} Told;

typedef enum Kind {
    TRAIT,
    COMPUTED,
    DID,
    AMOUNT,
    MOMENT,
    SEQUENCE,
    GAP,
    RATIO,
    LIFECYCLE,
    SILENT,
    TOP,
    DAYS,
    ANNIVERSARY,
    RANDOM,
    TAGGED,
    CONSENT,
    BOUNCE_OF,
    SEGMENT,
    EVERYBODY,
    KINDS
} Kind;

typedef struct TraitPath {
    const char *path;
    TraitName trait;
    int item; /* of an object; -1: all */
    Form form;
} TraitPath;

struct Test {
    Join join;
    Test *left, *right;
    bool forms[FORMS];
    Kind kind;
    Told told, steps[RULE_STEPS_MAX - 1]; /* of RATIO: steps[0] is what is divided by */
    Window window, spans[RULE_STEPS_MAX - 1];
    int step_count;
    bool not_then, negated;
    RuleTimesKind times;
    RuleAmount amount;
    Property property; /* of AMOUNT, and of TOP by one */
    RuleGap gap;
    int computed; /* of COMPUTED, and of TOP: orders, spent, …; -1 */
    const TraitPath *path;
    Condition condition;
    RuleOp op;
    int64_t low, high; /* what numbers are compared with, × 100; numbers of times */
    int64_t unit;      /* ms, of GAP */
    bool percent;
    int number; /* nth; stage; tag; channel; saved segment; first … */
    int topic;  /* -1: not said */
    char seed[8];
};

extern const TraitPath model_paths[];
extern const int model_path_count;

/* model_window.c: makes a window and appends its text; `inside` is an instant that it shall hold.
 */
typedef enum WindowUse { PAST, ANY_DATE, WHOLE_DAYS } WindowUse;
typedef struct WindowWish {
    WindowUse use;
    int64_t inside;
} WindowWish;
void model_window_make(const Model *model, Test *test, Window *window, WindowWish wish,
                       GString *text);
void model_span_make(Test *test, Window *span, GString *text); /* " within 3 days", or nothing */
void model_window_range(const Model *model, const Window *window, int64_t *from, int64_t *to);
void model_window_days(const Model *model, const Window *window, int64_t *from, int64_t *to);
int64_t model_span_end(const Window *span, int64_t from);
void model_date_print(int64_t at, bool timed, GString *text);

/* model_value.c: a test of a value like `like`; appends its text. */
void model_condition_make(const Model *model, Test *test, Condition *condition, const Value *like,
                          GString *text);
bool model_condition_holds(const Model *model, const Condition *condition, const Values *values,
                           int item);
Where *model_where_make(const Model *model, Test *test, Name name, GString *text, int depth);
void model_where_free(Where *where);
bool model_where_holds(const Model *model, const Where *where, const Happened *one);

/* model_make.c: appends the text of a random rule; the caller frees. */
Test *model_test_make(const Model *model, GString *text, int depth);
void model_test_free(Test *test);

/* model_means.c: whether it holds for a person who was not merged into another, at model->now. */
bool model_holds(const Model *model, const Test *test, int person);
int model_count(const Model *model, const Test *test); /* for how many */
/* What a number is for somebody: numerator / denominator. False: nothing to compute it from. */
bool model_number(const Model *model, const Test *test, int person, Big *num, Big *den);
bool model_is_told(const Model *model, const Told *told, const Happened *one);
/* model_person.c: the same of what is said of people. */
bool model_person_holds(const Model *model, const Test *test, int person);
