/* segments/model.h: a plain model of what rules mean, and random ones to ask. Not product.
 *
 * A history of random things that random people did, and of what was said of them, is told to a
 * store and kept beside it. Random rules are made as text and, at once, as a Test; model_holds
 * loops over everything that happened, with its own calendar of Berlin, its own comparison of texts
 * and numbers and its own reading of the ledger. Times lie on the edges of windows, of days and of
 * the two changes of the clock; people are merged, parted and erased, orders cancelled and
 * refunded. What a rule is compared with is drawn from what people have, so that most rules hold
 * for some and not for all.
 */
#pragma once
#include "people/consent.h"
#include "people/trust.h"
#include "segments/feed.h"
#include "segments/segments_fixture.h"

enum {
    PEOPLE_COUNT = 30,
    SELDOM = 20, /* from this one on they hardly buy */
    EVENTS = 600,
    ORDERS = 240,
    FACTS = 500, /* values of traits */
    SAYS = 200,  /* of who may be written to */
    SAVED = 8,   /* segments that rules can name */
    MERGES = 5,
#ifdef __SANITIZE_ADDRESS__ /* the same rules, fewer: what they mean is asked without it */
    ROUNDS = 10,
#else
    ROUNDS = 50,
#endif
    ROUND_RULES = 100, /* asked together */
    RULES = ROUNDS * ROUND_RULES,
    ERASED_MAX = 3,
    BATCH = 60,
    DEPTH_MAX = 3,
    ITEMS_MAX = 3, /* of a list */
    MICROS = 1000000,
    MODEL_TEXT = 32,       /* bytes of a text */
    MODEL_CHUNK_ROWS = 67, /* so that every scan goes in several */
};
#define DAY  CLOCK_DAY_MS
#define HOUR ((int64_t)CLOCK_HOUR_MS)

__extension__ typedef __int128 Big; /* products of what is compared */

typedef struct Value {
    enum { NUMBER, TEXT, FLAG } type;
    int64_t number; /* × 10^6 */
    bool flag;
    char text[MODEL_TEXT], fold[MODEL_TEXT]; /* as it is told; in small letters */
    bool dated;                              /* the text is a date or an instant: [from, to) */
    int64_t from, to;
} Value;

typedef struct Values {
    int count; /* 0: nothing */
    bool list;
    Value items[ITEMS_MAX];
} Values;

typedef enum Name { VIEWED, ADDED, SIGNED, ORDERED, REFUNDED, BOUNCED, NAMES } Name;

typedef enum Property {
    CATEGORY,
    PRICE,
    TAGS,
    BOX,
    DUE,
    SOURCE,
    COUPON,
    REVENUE,
    LINE_NAME,
    LINE_QUANTITY,
    REFUND,
    BOUNCE,
    PROPERTIES
} Property;

typedef struct Happened {
    int person; /* index of who it was told of */
    Name name;
    int64_t at;
    bool counts; /* false: of a cancelled order */
    Values values[PROPERTIES];
} Happened;

typedef enum TraitName {
    SIZE,
    NICK,
    VIP,
    LIKES,
    SINCE,
    SCORES,
    HOME,
    PETS,
    MIXED,
    BIRTHDAY,
    COUNTRY,
    TRAITS
} TraitName;

typedef struct ModelFact { /* one value of one trait */
    int person;
    TraitName trait;
    int64_t at;
    Trust trust;
    Values values;        /* of HOME: city, floor */
    int month, day, born; /* of BIRTHDAY; born 0: not said */
} ModelFact;

typedef struct ModelSay { /* one row of the ledger; of email and sms by their own address */
    int person, channel, topic;
    ConsentState state;
    bool bounced, by_person;
    int64_t at, expires_at;
} ModelSay;

typedef struct ModelMerge {
    int winner, loser;
    int64_t merge_id;
} ModelMerge;

typedef struct Test Test;

typedef struct Model {
    Shop shop;
    Segments *segments, *held; /* by SQL, and with columns */
    Feed *feed;
    GArray *history;              /* of Happened, in the order they were told */
    GArray *facts, *says;         /* of ModelFact, ModelSay */
    GArray *theirs[PEOPLE_COUNT]; /* of guint: places in the history, by who they are now */
    GArray *said[PEOPLE_COUNT];   /* the same of facts */
    int root[PEOPLE_COUNT];       /* who they are now; -1: erased */
    int64_t ids[PEOPLE_COUNT];    /* of stems */
    unsigned tags[PEOPLE_COUNT];  /* bits, of a stem */
    Test *saved[SAVED];
    int saved_count;
    GArray *merges;           /* of ModelMerge: those that stand */
    int orders, people, gone; /* told so far; people there are; erased */
    GString *batch;
    int batched;
    int64_t now;
    bool drawing; /* shares are by index, not by id: the same rules are drawn each time */
} Model;

extern const char *const model_names[NAMES];
extern const char *const model_trait_names[TRAITS];
extern const char *const model_channels[4]; /* email, sms, post, push */
extern const char *const model_topics[3];   /* newsletter, offers, * */
extern const char *const model_tags[4];

/* model_calendar.c */
int64_t model_offset(int64_t at);
int64_t model_day_of(int64_t at);
int64_t model_midnight(int64_t day);
int64_t model_month_start(int64_t at, int months);
int64_t model_last_sunday(int year, int month); /* a day */
/* The same local time so many months on. */
int64_t model_shift(int64_t at, int64_t months);
int64_t model_utc(int64_t local);

/* model_history.c */
int model_below(int count); /* 0..count - 1 */
const Happened *model_at(const Model *model, guint i);
int64_t model_person(const Model *model, int person);
int model_somebody(const Model *model); /* who is not erased */
int64_t model_time(void);               /* in the last 420 days, often on an edge */
void model_open(Model *model, TestStore *test);
/* A little more happens: events and orders, often late; traits and permissions; people are joined,
 * parted or erased. */
void model_live(Model *model);
void model_close(Model *model);

/* model_people.c: what is said of people: traits, tags, permissions. */
void model_fact_tell(Model *model, int person, TraitName trait);
void model_say_tell(Model *model);
void model_tag_tell(Model *model, int person);
void model_values_make(Values *values, int type, bool list); /* a Value type, or -1: any */
void model_date_make(Value *value);
void model_values_print(const Values *values, GString *json);

/* What is said now of the trait of a person who was not merged into another; NULL: nothing. */
const ModelFact *model_fact(const Model *model, int person, TraitName trait);
const Happened *model_theirs(const Model *model, int person, guint i); /* NULL: no more */
