/* segments/model.h: a plain model of what rules mean, and random ones to ask. Not product.
 *
 * A history of random things that random people did is told to a store and kept beside it. Random
 * rules are made as text and, at once, as a Test; model_holds loops over everything that happened,
 * with its own calendar of Berlin. Times lie on the edges of windows, of days and of the two
 * changes of the clock; people are merged, orders cancelled and refunded.
 */
#pragma once
#include "segments/feed.h"
#include "segments/segments_fixture.h"

enum {
    PEOPLE_COUNT = 30,
    EVENTS = 600,
    ORDERS = 240,
    MERGES = 5,
#ifdef __SANITIZE_ADDRESS__ /* the same rules, fewer: what they mean is asked without it */
    ROUNDS = 20,
#else
    ROUNDS = 100,
#endif
    ROUND_RULES = 50, /* asked together */
    RULES = ROUNDS * ROUND_RULES,
    ERASED_MAX = 3,
    BATCH = 60,
    DEPTH_MAX = 3,
};
#define DAY  CLOCK_DAY_MS
#define HOUR ((int64_t)CLOCK_HOUR_MS)

typedef enum Name { VIEWED, ADDED, SIGNED, ORDERED, REFUNDED, NAMES } Name;

typedef struct Happened {
    int person; /* index of who it was told of */
    Name name;
    int64_t at;
    int category; /* of no order; -1: not said */
    int cents;    /* price, revenue or amount; -1: not said */
    bool counts;  /* false: of a cancelled order */
} Happened;

typedef struct ModelMerge {
    int winner, loser;
    int64_t merge_id;
} ModelMerge;

typedef struct Model {
    Shop shop;
    Segments *segments, *held; /* by SQL, and with columns */
    Feed *feed;
    GArray *history;          /* of Happened, in the order they were told */
    int root[PEOPLE_COUNT];   /* who they are now; -1: erased */
    GArray *merges;           /* of ModelMerge: those that stand */
    int orders, people, gone; /* told so far; people there are; erased */
    GString *batch;
    int batched;
    int64_t now;
} Model;

extern const char *const model_names[NAMES];
extern const char *const model_categories[3];

typedef enum Kind {
    DID,
    AMOUNT,
    MOMENT,
    SEQUENCE,
    SILENT,
    TOP,
    COMPUTED,
    GAP,
    RATIO,
    LIFECYCLE,
    KINDS
} Kind;
typedef enum Join { LEAF, AND, OR, NOT } Join;

typedef struct Test Test;
struct Test {
    Join join;
    Test *left, *right;
    Kind kind;
    Name name, then[RULE_STEPS_MAX - 1];
    int category;                     /* -1: any */
    int64_t from, to;                 /* of the window */
    int64_t span[RULE_STEPS_MAX - 1]; /* of each step that follows, in days; 0: none */
    int steps;                        /* that follow */
    bool not_then;
    int how, number, high; /* comparison and what with */
    int amount;            /* sum, average, minimum, maximum, count, distinct */
    int gap;               /* average, median, minimum, maximum */
    int64_t unit;          /* of a time between, in ms */
};

extern const char *const model_kind_names[KINDS];

/* model_history.c */
int model_below(int count); /* 0..count - 1 */
int64_t model_day_of(int64_t at);
int64_t model_midnight(int64_t day);
int64_t model_month_start(int64_t at, int months);
const Happened *model_at(const Model *model, guint i);
int64_t model_person(const Model *model, int person);
void model_open(Model *model, TestStore *test);
/* A little more happens: events and orders, often late; people are joined, parted or erased. */
void model_live(Model *model);
void model_close(Model *model);

/* model_make.c: appends the text of a random rule; the caller frees. */
Test *model_test_make(const Model *model, GString *text, int depth);
void model_test_free(Test *test);

/* model_means.c: whether it holds for a person who was not merged into another, at model->now. */
bool model_holds(const Model *model, const Test *test, int person);
