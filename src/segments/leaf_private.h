/* segments/leaf_private.h: what the files that conclude leaves share. Private to segments/.
 *
 *     leaf.c            what a leaf keeps; counts, amounts, instants, ranks, traits
 *     leaf_sequence.c   one thing and then another
 *     leaf_rhythm.c     the time between occurrences
 */
#pragma once
#include "segments/leaf.h"

/* Orders Occurrences by person, then instant, then id: of two at the same instant the one that
 * came in later is the later. */
void leaf_occurrences_sort(GArray *list);

/* The occurrences of one person in a list so sorted: from *at on; moves *at behind them. */
const Occurrence *leaf_run(const GArray *list, uint32_t person, guint *at, guint *ret_count);

/* Whether a known number passes a comparison with numbers; exact. */
bool leaf_number_holds(const LeafNumber *number, const RuleTest *test);

/* Whether RULE_AMOUNT holds of its number. */
bool leaf_amount_holds(const Leaf *leaf, const LeafNumber *number);

/* Instants of one person, rising. */
typedef struct LeafInstants {
    const int64_t *at; /* UTC ms */
    guint count;
} LeafInstants;

/* On which days somebody did it. */
typedef struct LeafRhythm {
    guint days;          /* with an occurrence */
    int64_t last;        /* of them, days since 1970 */
    int64_t gap_doubled; /* twice the median of the days between; 0: fewer than two */
} LeafRhythm;

/* `ret_gaps` (of int64_t) becomes the days between. */
LeafRhythm leaf_rhythm(const Moment *moment, const LeafInstants *instants, GArray *ret_gaps);
/* The first day on which the days since the last are more than `times` (x 10^6) the usual gap;
 * INT64_MAX: never. The stage of somebody where `window` days count as active. */
int64_t leaf_rhythm_silent_day(const LeafRhythm *rhythm, int64_t times);
RuleStage leaf_rhythm_stage(const LeafRhythm *rhythm, int64_t today, int32_t window);
/* Whether RULE_GAP holds; `gaps` (of int64_t) is room. */
bool leaf_gap_holds(const Leaf *leaf, const LeafInstants *instants, GArray *gaps);
/* Whether the nth instant of RULE_MOMENT or RULE_ANNIVERSARY lies where it must. */
bool leaf_instant_holds(const Leaf *leaf, const LeafJudge *judge, int64_t at);

/* Where somebody stands in the draw of a seed; whether RULE_RANDOM holds there. */
uint64_t leaf_draw(int64_t person_id, const char *seed);
bool leaf_draw_holds(const Leaf *leaf, uint64_t draw);

/* Each sorts the leaf's lists and adds whom it holds for. */
void leaf_sequence_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
void leaf_gap_conclude(Leaf *leaf, PersonSet *set);
void leaf_lifecycle_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
void leaf_silent_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
