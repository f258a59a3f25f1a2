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
int leaf_occurrence_compare(const void *a, const void *b);

/* The occurrences of one person in a list so sorted: from *at on; moves *at behind them. */
const Occurrence *leaf_run(const GArray *list, uint32_t person, guint *at, guint *ret_count);

/* Whether a known number passes a comparison with numbers; exact. */
bool leaf_number_holds(const LeafNumber *number, const RuleTest *test);

/* Each sorts the leaf's lists and adds whom it holds for. */
void leaf_sequence_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
void leaf_gap_conclude(Leaf *leaf, PersonSet *set);
void leaf_lifecycle_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
void leaf_silent_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set);
