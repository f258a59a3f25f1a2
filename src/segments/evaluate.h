/* segments/evaluate.h: one question under way: its plan, and the data its leaves are filled with.
 *
 *     plan_rule      takes a rule apart into leaves, taps (which occurrences a leaf hears of) and
 *                    trait columns; looks event names up, puts saved segments in their place
 *     load_all       runs the scans that the plan needs, chunk by chunk
 *     evaluate_set   joins what the leaves say
 *
 * Private to segments/; one thread.
 */
#pragma once
#include "segments/facts.h"
#include "segments/feed.h"
#include "segments/leaf.h"
#include "segments/segments.h"

struct Segments {
    SegmentsOptions options;
    struct Ranks *ranks;
    struct Watch *watch; /* NULL: no record is kept */
    GMutex crowd_lock;
    struct KernelCrowd *crowd; /* the last one; with crowd_lock */
};

typedef struct Tap {
    Leaf *leaf;
    unsigned step; /* 0: the event of the node, from 1 on: its steps */
    TapSource source;
    int64_t name_id;       /* of TAP_EVENTS */
    const RuleNode *where; /* NULL: all */
    const RuleField *value;
    bool fingerprint; /* the value is one of equality only */
    bool negative;    /* the value is taken off: refunds in what somebody spent */
    bool lines;       /* asks for the products of an order */
    bool payload;     /* asks for properties that only the order's event has */
    Range range;
} Tap;

/* Whether the database still has to tell it; taps without a leaf are those of a feed. */
static inline bool tap_is_open(const Tap *tap) { return !tap->leaf || !tap->leaf->filled; }

/* What is read from the database, by what it is for. */
typedef enum LoadKind {
    LOAD_ORDERS,
    LOAD_EVENTS,
    LOAD_TRAITS,
    LOAD_TAGS,
    LOAD_PICKS,
    LOAD_KINDS
} LoadKind;

typedef struct Evaluation {
    Segments *segments;
    Moment moment;
    char currency[CURRENCY_SIZE]; /* the business's, "" while empty */
    int64_t gap_days;             /* usual days between purchases, by the business; 0: not set */
    GArray *people;               /* of int64_t: the crowd, rising */
    const GArray *stems;          /* of int64_t: only theirs is read; NULL: everybody's */
    GPtrArray *texts; /* of saved segments once read: folded name, rule, id if a list; or NULL */
    Facts *facts;     /* what is read is kept here, the leaves are not told; or NULL */
    void (*sink)(void *data, const Seen *seen); /* the same for occurrences told on; or NULL */
    const FactSink *fact_sink; /* the same for traits, tags and what lists show; or NULL */
    void *sink_data;
    GPtrArray *leaves, *taps, *columns;
    FeedRead read;                     /* of the columns; zeroed: SQL answers everything */
    uint32_t kernels[SEGMENT_KERNELS]; /* leaves filled by each */
    GHashTable *leaf_of;               /* const RuleNode * -> Leaf * */
    GHashTable *inner_of;              /* const RuleNode * of RULE_SEGMENT -> Rule * */
    GArray *shared;       /* leaves by canonical text: nodes that ask the same share one; NULL: each
                             has its own */
    GPtrArray *path;      /* folded names of the segments being read: circles */
    GHashTable *parts;    /* const RuleNode * -> PersonSet *, or NULL */
    int64_t newest_order; /* before the moment; INT64_MIN: none, or orders were not looked at */
    uint64_t rows_read;   /* from the database so far, the crowd left out */
    uint64_t rows_of[LOAD_KINDS];
    RuleProblem problem; /* of what a store does not know */
    const Rule *asked;   /* the rule that is being planned */
} Evaluation;

void evaluation_init(Evaluation *evaluation, Segments *segments, int64_t at);
void evaluation_clear(Evaluation *evaluation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Evaluation, evaluation_clear)

/* Reads zone and currency of the business. */
bool evaluation_business(Evaluation *evaluation, GError **error);

/* Number of people; the index of a stem's person, or -1 when it is nobody of the crowd. */
static inline uint32_t evaluation_size(const Evaluation *evaluation)
{
    return evaluation->people->len;
}
int64_t evaluation_index(const Evaluation *evaluation, int64_t stem);

/* plan.c */
GArray *shared_leaves_new(void);
bool plan_rule(Evaluation *evaluation, const Rule *rule, GError **error);
/* Gives a planned evaluation, of which no leaf was told anything yet, another crowd. */
void plan_crowd(Evaluation *evaluation, const GArray *people);

/* load.c, load_orders.c, load_traits.c. A chunk reads on from where the one before ended;
 * `ret_more` tells whether there is another. */
typedef bool (*LoadChunk)(void *load, Db *db, bool *ret_more, GError **error);
bool load_chunks(Evaluation *evaluation, LoadChunk chunk, void *load, GError **error);

/* Where a scan by (person, id) has come to, and the last person it reads. */
typedef struct LoadAt {
    int64_t person, id; /* INT64_MIN: at the beginning */
    int64_t last;
} LoadAt;
/* Runs the chunks over all people, or over each of `stems`; sets `at` before each. */
bool load_spans(Evaluation *evaluation, LoadChunk chunk, void *load, LoadAt *at, GError **error);
static inline int64_t load_rows(const Evaluation *evaluation)
{
    int64_t rows = evaluation->segments->options.chunk_rows;
    return rows > 0 ? rows : SEGMENTS_CHUNK_ROWS;
}
bool load_people(Evaluation *evaluation, GError **error);
bool load_all(Evaluation *evaluation, GError **error);
bool load_events(Evaluation *evaluation, GError **error);
bool load_orders(Evaluation *evaluation, GError **error);
bool load_traits(Evaluation *evaluation, GError **error);
/* All rows of `trait` resp. what lists show resp. tags, whatever is asked for. */
bool load_trait_rows(Evaluation *evaluation, GError **error);
bool load_shown_rows(Evaluation *evaluation, GError **error);
bool load_tags(Evaluation *evaluation, GError **error);
bool load_consents(Evaluation *evaluation, GError **error);
/* One person as at the moment of sending; a channel that needs no address asks the person. */
typedef struct ConsentAsk {
    const Leaf *leaf; /* of RULE_CONSENT or RULE_BOUNCED */
    int64_t person_id, at;
} ConsentAsk;
bool load_consent(People *people, Db *db, const ConsentAsk *ask, bool *ret_holds, GError **error);
bool load_picks(Evaluation *evaluation, GError **error);
/* On the list at a moment: put on it before, and not taken off before. */
bool pick_holds(const FactPick *pick, int64_t at);
bool evaluation_has(const Evaluation *evaluation, TapSource source);

/* Tells every tap of a source (and name) that lets the occurrence through. `payload` may be NULL
 * when no tap of it looks inside. */
void evaluation_tell(Evaluation *evaluation, const Seen *seen);
/* Whether a tap lets an occurrence through. */
bool evaluation_hears(const Evaluation *evaluation, const Tap *tap, const Seen *seen);

/* The value of an occurrence that a tap hears of, where it asks for one. */
void evaluation_value(const Tap *tap, const Seen *seen, Occurrence *occurrence);

/* The stored payload of an event as rules see it: a new reference, or NULL. */
json_t *event_payload(const char *stored, int64_t flags);

/* Tells the columns resp. leaves of a row of `trait`, `person_tag` or `person_summary`. */
void evaluation_tell_trait(Evaluation *evaluation, const FactTrait *trait);
void evaluation_tell_tag(Evaluation *evaluation, const FactTag *tag);
void evaluation_tell_pick(Evaluation *evaluation, const FactPick *pick);
void evaluation_tell_shown(Evaluation *evaluation, const FactShown *shown);
/* Takes a value where it comes before the one that is there. */
void trait_cell_take(struct TraitCell *cell, const FactTrait *trait);
/* After the last trait: an unconfirmed value is shown, never current. */
void evaluation_traits_end(Evaluation *evaluation);

/* Whom a node holds for; the caller's. */
PersonSet *evaluate_set(Evaluation *evaluation, const RuleNode *node);

/* saved.c: the rule of a saved segment by its name in any case; NULL and no error when there is
 * none. The caller frees. Of a list `ret_list_id` (may be NULL) is its id, else 0. */
char *saved_rule_find(Segments *segments, const char *name, int64_t *ret_list_id, GError **error);
/* Names of all saved segments; NULL-terminated array of owned texts. */
GPtrArray *saved_names(Segments *segments, GError **error);
