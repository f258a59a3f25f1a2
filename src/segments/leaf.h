/* segments/leaf.h: the parts of a rule that look at data, and what each remembers of every person.
 *
 * A leaf is filled by taps (event by event, in any order) or from a table of traits, tags or
 * consents, and then says whom it holds for. What it keeps per person is what its kind needs: a
 * count, a sum, one instant, or the list of all instants. Private to segments/; one thread.
 *
 * When may a leaf flip though nothing new was heard? At the instants at which an occurrence enters
 * or leaves the window of its node (for a window by units: its own instant plus the span; for a
 * calendar word: the next boundary of the calendar), and for some kinds at further ones:
 *
 *     RULE_SEQUENCE   only occurrences of the first step count so; `within` never flips anything,
 *                     as what did not follow yet counts as not having followed
 *     RULE_GAP        none
 *     RULE_LIFECYCLE  the local midnight at which the silence becomes longer than the window; and
 *                     whenever the shop's window changes, as any order may change it: like
 *                     RULE_TOP it is judged over everybody (leaf_is_shared)
 *     RULE_RATIO      none; occurrences of both events count so
 */
#pragma once
#include <jansson.h>

#include "segments/match.h"
#include "segments/set.h"

__extension__ typedef __int128 Wide; /* sums of millionths cannot overflow it */

/* The current value of one trait (or what the list shows) of every person. It has no cells before
 * one is written: where columns answer instead, none ever is. */
typedef struct TraitColumn {
    const char *name;
    bool shown; /* of the summary row: name, email, phone, country, created_at */
    uint32_t size;
    bool told; /* some cell has a value */
    struct TraitCell {
        char *json; /* owned; NULL = none */
        int64_t occurred_at, received_at;
        int32_t trust;
        bool confirmed;
    } * cells; /* of `size` people; NULL: nobody has a value */
} TraitColumn;

TraitColumn *trait_column_new(const char *name, uint32_t size);
void trait_column_free(TraitColumn *column);
/* The cell of a person, to be written; makes all of them first, empty, unless they are there. */
struct TraitCell *trait_column_cell(TraitColumn *column, uint32_t person);
/* The value of a person, NULL = none. */
static inline const char *trait_column_json(const TraitColumn *column, uint32_t person)
{
    return column->cells ? column->cells[person].json : NULL;
}

/* One occurrence as a leaf hears of it. */
typedef struct Occurrence {
    uint32_t person; /* index in the crowd */
    int64_t at, id;  /* UTC ms; rising with receipt */
    bool has_value;
    bool aside;    /* changes the sum without making it known: a refund is no purchase */
    int64_t value; /* micros, or a fingerprint for distinct */
} Occurrence;

typedef struct Leaf {
    const RuleNode *node;
    RuleKind kind;     /* how it is filled and judged; RULE_AMOUNT also for computed traits */
    RuleAmount amount; /* of amounts and ranks by amount */
    uint32_t size;     /* people in the crowd */
    Range range;       /* of RULE_MOMENT: where the nth must lie */
    uint32_t *counts;  /* occurrences, or values for all amounts but count */
    uint32_t *others;  /* of RULE_RATIO: occurrences of `to` */
    Wide *sums;
    int64_t *bounds;                     /* first or last instant; least or greatest value */
    GArray *occurrences[RULE_STEPS_MAX]; /* of Occurrence: of `event`, of each of `steps` */
    TraitColumn *column;                 /* not owned */
    GHashTable *tagged;                  /* not used but by RULE_TAG: indexes */
    PersonSet *set;                      /* filled directly: tags, consents, bounces, lists */
    int64_t list_id;                     /* of RULE_SEGMENT: the list it is filled from, or 0 */
    bool filled;                         /* by columns: its taps are told nothing more */
} Leaf;

/* A leaf for a node, with room for what it keeps. The range of its taps is the caller's. */
Leaf *leaf_new(const RuleNode *node, RuleKind kind, RuleAmount amount, uint32_t size);
void leaf_free(Leaf *leaf);

/* Tells of one occurrence; `step` 0 = the event, from 1 on = the steps behind it. */
void leaf_take(Leaf *leaf, unsigned step, const Occurrence *occurrence);

/* What some occurrences of one person add to a leaf that only counts and sums. */
typedef struct LeafShare {
    uint32_t count, other; /* other: of the second count of a ratio */
    Wide sum;
} LeafShare;

/* Whether all that it is told is added up, so that shares may be told instead. */
bool leaf_adds(const Leaf *leaf);
void leaf_share_take(const Leaf *leaf, unsigned step, const Occurrence *occurrence,
                     LeafShare *share);
void leaf_share_add(Leaf *leaf, uint32_t person, const LeafShare *share);

/* Makes what the leaf keeps of people, unless it is there: leaf_take does before the first one. */
void leaf_room(Leaf *leaf);

/* Gives the leaf its set, which it owns from now on: it is judged by that alone. */
void leaf_settle(Leaf *leaf, PersonSet *set);

/* Puts what was decided elsewhere into a leaf: from now on it is judged by its set alone. */
void leaf_decide(Leaf *leaf, uint32_t person, bool holds);

/* A number of one person: numerator / denominator. */
typedef struct LeafNumber {
    bool known; /* false: nothing to compute it from */
    Wide numerator;
    int64_t denominator; /* > 0 */
} LeafNumber;

/* The number of an amount or a rank. */
LeafNumber leaf_number(const Leaf *leaf, uint32_t person);

/* Whether everybody else decides too: such a condition cannot be judged from one person alone. */
static inline bool leaf_is_shared(const Leaf *leaf)
{
    return leaf->kind == RULE_TOP || leaf->kind == RULE_LIFECYCLE;
}

/* What a filled leaf judges by. */
typedef struct LeafJudge {
    const Moment *moment;
    const int64_t *people; /* ids of the crowd */
    int64_t gap_days;      /* usual days between purchases, by the business; 0: not set */
} LeafJudge;

/* Whether a leaf about a trait holds for a value, resp. the number it ranks by; NULL: none. */
bool leaf_value_holds(const Leaf *leaf, const LeafJudge *judge, const json_t *value);
bool leaf_value_number(const Leaf *leaf, const json_t *value, int64_t *ret_micros);

/* Whom a filled leaf holds for; the caller's. */
PersonSet *leaf_conclude(Leaf *leaf, const LeafJudge *judge);

/* Of a filled leaf about silence: the local day (days since 1970) from which on the silence of each
 * person is long if nothing happens; INT64_MAX: never. `ret_days` has room for `size`. */
void leaf_silent_days(Leaf *leaf, const LeafJudge *judge, int64_t *ret_days);

/* A day that comes again every year. */
typedef struct LeafYearly {
    int month, day, born; /* it counts in the years after `born` */
} LeafYearly;

/* The day of one person, of a concluded leaf about birthdays or anniversaries; false: none. */
bool leaf_yearly(const Leaf *leaf, const LeafJudge *judge, uint32_t person, LeafYearly *ret_yearly);
/* Whether it falls on one of these days (since 1970). 29 February is kept on the 28th of other
 * years: never missed, never late. */
bool leaf_yearly_lies(const LeafYearly *yearly, const Range *days);
