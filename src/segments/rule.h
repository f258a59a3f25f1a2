/* segments/rule.h: a rule over people, as a tree: what a text or a JSON object means.
 *
 * Plain structs, made by segments/language.h and never changed after. A node bears the members of
 * its kind; all others are zero.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/money.h"

typedef enum RuleKind {
    RULE_AND,         /* all of `items` */
    RULE_OR,          /* any of `items` */
    RULE_NOT,         /* not items[0] */
    RULE_EVERYBODY,   /* every person */
    RULE_FIELD,       /* `field` `test`: a trait, or inside `where` a property of the event */
    RULE_DID,         /* did `event` `times` `window` */
    RULE_AMOUNT,      /* `amount` of `event` `test` `window` */
    RULE_MOMENT,      /* the `nth` (0 = last) occurrence of `event` lies in `window` */
    RULE_SEQUENCE,    /* did `event` `window`, then each of `steps`, the last perhaps not */
    RULE_TOP,         /* top `number` [%] by `field`, or by `amount` of `event` `window` */
    RULE_BIRTHDAY,    /* of the trait `birthday`, in `window` */
    RULE_ANNIVERSARY, /* of the `nth` `event`, or of the date `field`, in `window` */
    RULE_GAP,         /* `gap` time between `event` `window` `test`, in `unit`s */
    RULE_RATIO,       /* times of `event` by times of `to`, both in `window`, `test` [in %] */
    RULE_SILENT,      /* silent longer than `number` times usual [of `event`] */
    RULE_LIFECYCLE,   /* is in the stage `stage` */
    RULE_TAG,         /* bears the tag `text` */
    RULE_CONSENT,     /* may be written to on channel `text` about `topic` */
    RULE_BOUNCED,     /* mail to them came back */
    RULE_SEGMENT,     /* in the saved segment `text` */
    RULE_RANDOM,      /* a share of `number` % of all people, by the seed `text` */
    RULE_KINDS
} RuleKind;

typedef enum RuleOp {
    RULE_EQUAL,
    RULE_NOT_EQUAL, /* exactly the negation of RULE_EQUAL: also holds where there is no value */
    RULE_LESS,
    RULE_LESS_EQUAL,
    RULE_MORE,
    RULE_MORE_EQUAL,
    RULE_CONTAINS,
    RULE_STARTS,
    RULE_ENDS,
    RULE_MATCHES, /* `*` stands for any run of characters */
    RULE_IN,      /* any of the values */
    RULE_BETWEEN, /* values[0] <= x <= values[1] */
    RULE_EXISTS,
    RULE_MISSING,
    RULE_LIES, /* a date that lies in the node's window */
    RULE_OPS
} RuleOp;

typedef enum RuleValueType { RULE_TEXT, RULE_NUMBER, RULE_FLAG, RULE_DATE } RuleValueType;

typedef struct RuleValue {
    RuleValueType type;
    bool flag;
    int64_t micros;               /* a number x 10^6 */
    char currency[CURRENCY_SIZE]; /* of a number; "" = none given */
    const char *text;             /* as written; dates as ISO 8601 */
    const char *fold;             /* of a text: the form that is compared */
} RuleValue;

/* A way into nested values: country, or products.category. */
typedef struct RuleField {
    const char **names; /* NULL: no field */
    uint32_t count;
    bool context; /* of an event's context: names[0] is "context", and the rest is kept there */
} RuleField;

typedef struct RuleTest {
    RuleOp op;
    RuleValue *values;
    uint32_t value_count;
} RuleTest;

typedef enum RuleUnit {
    RULE_MINUTE,
    RULE_HOUR,
    RULE_DAY,
    RULE_WEEK,
    RULE_MONTH,
    RULE_QUARTER, /* only in calendar periods */
    RULE_YEAR,
    RULE_UNITS
} RuleUnit;

typedef enum RuleWindowKind {
    RULE_ALWAYS,
    RULE_LAST,         /* in last `from` units: [now - from, now) */
    RULE_NEXT,         /* in next `from` units, of dates that come again or lie ahead */
    RULE_MORE_AGO,     /* more than `from` units ago */
    RULE_LESS_AGO,     /* less than `from` units ago: as RULE_LAST */
    RULE_BETWEEN_AGO,  /* between `from` and `to` units ago: [now - from, now - to) */
    RULE_SINCE,        /* since `date` */
    RULE_BEFORE,       /* before `date` */
    RULE_AFTER,        /* after `date`: a bare day ends first */
    RULE_ON,           /* on the day `date` */
    RULE_BETWEEN_DATE, /* between `date` and `until`: [date, end of until) */
    RULE_PERIOD,       /* the calendar `unit` that lies `step` units from the present one */
    RULE_WINDOWS
} RuleWindowKind;

typedef struct RuleWindow {
    RuleWindowKind kind;
    RuleUnit unit;
    int32_t step;     /* -1 last (yesterday), 0 this (today), 1 next (tomorrow) */
    int64_t from, to; /* whole numbers of units, 0..RULE_SPAN_MAX */
    const char *date, *until;
} RuleWindow;

typedef enum RuleTimesKind {
    RULE_ANY_TIMES,
    RULE_AT_LEAST,
    RULE_AT_MOST,
    RULE_EXACTLY,
    RULE_BETWEEN_TIMES
} RuleTimesKind;

typedef struct RuleTimes {
    RuleTimesKind kind;
    int64_t low, high; /* 0..RULE_TIMES_MAX */
} RuleTimes;

typedef enum RuleAmount {
    RULE_SUM,
    RULE_AVERAGE,
    RULE_MINIMUM,
    RULE_MAXIMUM,
    RULE_DISTINCT,
    RULE_COUNT, /* of occurrences: needs no property */
    RULE_AMOUNTS
} RuleAmount;

/* Where a customer's relation stands; everybody is in exactly one. */
typedef enum RuleStage {
    RULE_STAGE_LEAD,   /* never bought */
    RULE_STAGE_NEW,    /* one purchase day, not silent for too long since */
    RULE_STAGE_ACTIVE, /* several, the same */
    RULE_STAGE_LAPSED, /* silent for too long */
    RULE_STAGES
} RuleStage;

/* Of the times between one occurrence and the next. */
typedef enum RuleGap {
    RULE_GAP_AVERAGE,
    RULE_GAP_MEDIAN,
    RULE_GAP_MINIMUM,
    RULE_GAP_MAXIMUM,
    RULE_GAPS
} RuleGap;

typedef struct RuleNode RuleNode;

typedef struct RuleEvent {
    const char *name;      /* NULL: no event */
    const RuleNode *where; /* over its properties; NULL: any */
    uint32_t at;           /* byte of the rule's text where its name stands */
} RuleEvent;

enum {
    RULE_TIMES_MAX = 1000000,
    RULE_SPAN_MAX = 100000, /* of any unit */
    RULE_NTH_MAX = 1000,
    RULE_FIELD_NAMES_MAX = 8,
    RULE_FACTOR_MAX = 1000, /* times usual */
    RULE_STEPS_MAX = 5,     /* of a sequence, the first one too */
};

typedef struct RuleStep { /* what must follow in a sequence */
    RuleEvent event;
    RuleWindow span; /* RULE_LAST with the longest time since the step before, or RULE_ALWAYS */
} RuleStep;

struct RuleNode {
    RuleKind kind;
    uint32_t at; /* byte of the rule's text; 0 when it was read from JSON */
    RuleNode **items;
    uint32_t item_count;
    RuleField field;
    RuleTest test;
    RuleEvent event;
    RuleEvent to;        /* of RULE_RATIO: what is divided by */
    RuleStep *steps;     /* of RULE_SEQUENCE: those behind the first */
    uint32_t step_count; /* of them: 1..RULE_STEPS_MAX - 1 */
    bool not_then;       /* of RULE_SEQUENCE: the last of them did not follow */
    RuleTimes times;
    RuleAmount amount;
    RuleGap gap;
    RuleStage stage;
    RuleUnit unit; /* of RULE_GAP: what `test` counts; at most weeks */
    uint32_t nth;  /* 0 = last, 1 = first … */
    RuleWindow window;
    int64_t number; /* x 10^6 */
    bool percent;
    const char *text, *topic;
};
